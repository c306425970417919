package xlsform

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"opengate/survey"
	"opengate/survey/expr"
)

// lint warns of what works, but probably not as the author expects.
func (im *importer) lint() {
	for _, d := range im.drafts {
		if d.out || d.covert || d.relevant != "" {
			continue
		}
		for _, s := range slots {
			if e := *s.to(d.Question); e != nil {
				im.lintExpression(d, s, e)
			}
		}
		im.lintDefault(d)
		im.lintTable(d)
	}
	for _, t := range append([]*table{im.survey}, im.choices...) {
		im.lintTranslations(t)
	}
}

func (im *importer) lintExpression(d *draft, s slot, e *expr.Expr) {
	at := d.row.at(s.column)
	for _, h := range e.Lint() {
		if h.Code == expr.HintBareReference && (s.column == "calculation" || s.column == "default") {
			continue // copying an answer is what these columns are for
		}
		if h.Code == expr.HintSum && !im.inRepeat(e.Refs()) {
			continue // one answer has no blank among others
		}
		remedy := h.Remedy
		if h.Repaired != "" {
			remedy = "write " + h.Repaired
		}
		im.warn(at, h.Code, h.Message, remedy)
	}
	for _, name := range comparedMultiples(e.Source()) {
		if found := im.byName[name]; len(found) == 1 && found[0].Kind == survey.KindSelectMultiple {
			im.warn(at, "equals_on_multiple", fmt.Sprintf("${%s} can hold several choices, so = is true only when exactly that one is ticked", name),
				fmt.Sprintf("write selected(${%s}, '…')", name))
		}
	}
	if s.column == "choice_filter" {
		return
	}
	for _, name := range e.Columns() {
		if len(im.byName[name]) > 0 {
			im.warn(at, "bare_name", fmt.Sprintf("%s is not a reference to the question of that name, and is always blank", name), "write ${"+name+"}")
		}
	}
}

// inRepeat says whether one of the names stands inside a repeat, where it has several answers.
func (im *importer) inRepeat(names []string) bool {
	for _, name := range names {
		for _, d := range im.byName[name] {
			for p := d.parent; p != nil; p = p.parent {
				if p.Kind == survey.KindRepeat {
					return true
				}
			}
		}
	}
	return false
}

var comparison = regexp.MustCompile(`\$\{\s*([^{}]+?)\s*\}\s*!?=\s*['"][^'"]`)

// comparedMultiples are the names compared by = or != with a text that is not blank.
func comparedMultiples(source string) []string {
	var names []string
	for _, m := range comparison.FindAllStringSubmatch(source, -1) {
		if !has(names, m[1]) {
			names = append(names, m[1])
		}
	}
	return names
}

// lintDefault drops a default that is no choice: it would be stored without anybody having chosen it.
func (im *importer) lintDefault(d *draft) {
	l := im.out.Lists[d.List]
	if l == nil || d.Default == "" {
		return
	}
	for _, code := range strings.Fields(d.Default) {
		if l.Choice(code) == nil {
			im.warn(d.row.at("default"), "default_not_a_choice", fmt.Sprintf("the default %s is no choice of the list %s and is dropped", code, l.Name), "write the name of a choice")
			d.Default = ""
			return
		}
	}
}

// lintTable checks that a table-list is a table: one list, no filters.
func (im *importer) lintTable(d *draft) {
	if d.Kind != survey.KindGroup || !d.Has("table-list") {
		return
	}
	list := ""
	for _, q := range d.Children {
		switch {
		case q.List == "":
		case q.Filter != nil:
			im.fail(place{im.survey.sheet, q.Row, "choice_filter"}, "table_filter", "a table-list cannot have a choice_filter", "remove it, or the appearance table-list of the group "+d.Name)
		case list == "":
			list = q.List
		case q.List != list:
			im.fail(place{im.survey.sheet, q.Row, "type"}, "table_lists", "the questions of a table-list share one list, here "+list, "use the same list, or remove the appearance table-list of the group "+d.Name)
		}
	}
}

// lintTranslations counts the texts that are written in some language and not in another: one warning per column and
// language, naming the first rows.
func (im *importer) lintTranslations(t *table) {
	for _, base := range []string{"label", "hint", "guidance_hint", "constraint_message", "required_message"} {
		if !t.has(base) {
			continue
		}
		im.lintColumn(t, base)
	}
}

func (im *importer) lintColumn(t *table, base string) {
	lacking := make([][]int, len(im.out.Languages))
	total := 0
	for _, r := range t.rows {
		text := r.text(base, im.def)
		if text.Empty() {
			continue
		}
		total++
		for i, l := range im.out.Languages {
			if text[l.Tag] == "" {
				lacking[i] = append(lacking[i], r.number)
			}
		}
	}
	for i, rows := range lacking {
		if len(rows) > 0 {
			im.warn(place{t.sheet, rows[0], base}, "missing_translation",
				fmt.Sprintf("%d of %d texts in the column %s are not written in %s (%s)", len(rows), total, base, languageName(im.out.Languages[i]), someRows(rows)),
				"translate them; until then readers see another language, marked as such")
		}
	}
}

// someRows lists the first three and how many more there are.
func someRows(rows []int) string {
	if len(rows) == 1 {
		return "row " + strconv.Itoa(rows[0])
	}
	var names []string
	for _, n := range rows {
		names = append(names, strconv.Itoa(n))
	}
	return "rows " + someOf(names)
}

func languageName(l survey.Language) string {
	if l.Name == "" {
		return string(l.Tag)
	}
	return l.Name
}
