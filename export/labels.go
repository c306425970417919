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
	foreign          bool   // some part of the names is in another language than the reader's
}

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

// singles maps "dimension/code" to its names, written with plain and with percent-encoded codes.
func singles(dimensions []diagnosis.Dimension) map[string]named {
	m := map[string]named{}
	for _, dim := range dimensions {
		for _, c := range dim.Categories {
			n := named{dim.Label, c.Label, dim.Code}
			m[dim.Code+"/"+c.Code] = n
			m[token(dim.Code)+"/"+token(c.Code)] = n
		}
	}
	return m
}

// token is a code as categories write it: every byte but letters, digits, "-", ".", "_" and "~" as %XX.
func token(code string) string { return strings.ReplaceAll(url.QueryEscape(code), "+", "%20") }

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
		label, foreign2 := b.text(n.label)
		dimensions, labels = append(dimensions, or(dimension, n.code)), append(labels, or(label, part))
		g.foreign = g.foreign || foreign || foreign2
		if len(parts) == 1 {
			g.code = n.code
		}
	}
	g.dimension, g.label = strings.Join(dimensions, " × "), strings.Join(labels, " × ")
	return g
}

// or gives the code where a form has no wording at all.
func or(wording, code string) string {
	if wording == "" {
		return code
	}
	return wording
}

// mark puts the names of groups in italics when they are in another language, and counts them.
func (s *sheet) mark(g *group, l look) look {
	if g.foreign {
		s.b.fallbacks++
		l.italic = true
	}
	return l
}
