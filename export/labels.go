package export

import (
	"net/url"
	"strings"

	"opengate/survey"
	"opengate/survey/diagnosis"
)

// everybody is the category of the row that counts all responses.
const everybody = "all"

// group is a row of the catalogue with its names as the reader sees them. A cross has the names of both its parts.
type group struct {
	row              *diagnosis.Row
	dimension, label string
	code             string // of the dimension; "" for everybody and for crosses
	foreignDimension bool   // the name is in another language than the reader's
	foreignLabel     bool
}

// listed says whether the group has rows of its own in the frequencies; everybody always does.
func (g *group) listed() bool { return g.row.Shown || g.row.Category == everybody }

// labels finds indicators, groups and areas by the codes that figures carry.
type labels struct {
	indicators map[string]*diagnosis.Indicator
	groups     map[string]*group
	order      []*group // as in the release
	areas      map[string]survey.Text
}

type named struct {
	dimension, label survey.Text
	code             string
}

func newLabels(d *diagnosis.Diagnosis, b *book) *labels {
	l := &labels{
		indicators: make(map[string]*diagnosis.Indicator, len(d.Indicators)),
		groups:     make(map[string]*group, len(d.Rows)),
		areas:      map[string]survey.Text{},
	}
	for i := range d.Indicators {
		l.indicators[d.Indicators[i].ID] = &d.Indicators[i]
	}
	for _, area := range d.Areas {
		l.areas[area.Code] = area.Label
	}
	single := singles(d.Dimensions)
	for i := range d.Rows {
		row := &d.Rows[i]
		g := b.group(row.Category, single)
		if g == nil {
			b.fail("row %q: no such group among the dimensions", row.Category)
			return l
		}
		g.row = row
		l.groups[row.Category] = g
		l.order = append(l.order, g)
	}
	return l
}

// singles maps "dimension/code", as rows are named, and the whole name of a cross to their names.
func singles(dimensions []diagnosis.Dimension) map[string]named {
	m := map[string]named{}
	for _, dim := range dimensions {
		for _, c := range dim.Categories {
			if dim.Kind == survey.DimensionCross {
				m[c.Code] = named{dim.Label, c.Label, ""}
				continue
			}
			m[token(dim.Code)+"/"+token(c.Code)] = named{dim.Label, c.Label, dim.Code}
		}
	}
	return m
}

// token is a code as categories write it: every byte but letters, digits, "-", ".", "_" and "~" as %XX.
func token(code string) string { return strings.ReplaceAll(url.QueryEscape(code), "+", "%20") }

// group names a row; nil when the release has no such dimension or category.
func (b *book) group(category string, single map[string]named) *group {
	if category == everybody {
		return &group{dimension: b.say("group.all"), label: b.say("group.all")}
	}
	parts := []string{category}
	if _, ok := single[category]; !ok {
		parts = strings.Split(category, "*")
	}
	g := &group{}
	var dimensions, labels []string
	for _, part := range parts {
		n, ok := single[part]
		if !ok {
			return nil
		}
		dimension, foreign := b.text(n.dimension)
		label, foreignLabel := b.text(n.label)
		dimensions, labels = append(dimensions, or(dimension, n.code)), append(labels, or(label, part))
		g.foreignDimension, g.foreignLabel = g.foreignDimension || foreign, g.foreignLabel || foreignLabel
		if len(parts) == 1 {
			g.code = n.code
		}
	}
	g.dimension, g.label = strings.Join(dimensions, " × "), strings.Join(labels, " × ")
	return g
}

// answer is an indicator's own name: the wording of the option, or our words for a measure.
func (w words) answer(ind *diagnosis.Indicator) (ours string, theirs survey.Text) {
	if key := "measure." + ind.Measure; ind.Measure != "" && ind.Label.Empty() && w.has(key) {
		return w.say(key), nil
	}
	return "", ind.Label
}

// item is what an indicator is about: the wording of the question, the area, or our words for several questions.
func (w words) item(ind *diagnosis.Indicator) (ours string, theirs survey.Text) {
	if key := "item." + string(ind.Role); ind.Item.Empty() && w.has(key) {
		return w.say(key), nil
	}
	return "", ind.Item
}

// or gives the code where a form has no wording at all.
func or(wording, code string) string {
	if wording == "" {
		return code
	}
	return wording
}

// mark puts a wording in italics when it is in another language than the reader's, and counts it. A wording in the
// reader's language runs in the reader's direction even if it begins with a number; others find their own.
func (s *sheet) mark(foreign bool, l look) look {
	if foreign {
		s.b.fallbacks++
		l.italic, l.reading = true, 0
		return l
	}
	if l.reading == 0 {
		l.reading = s.reading()
	}
	return l
}

// either puts our own words, or else the survey's.
func (s *sheet) either(col int, ours string, theirs survey.Text, l look) {
	if ours != "" {
		s.put(col, ours, l)
		return
	}
	s.text(col, theirs, l)
}
