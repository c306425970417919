package xlsform

import (
	"strings"

	"opengate/survey"
	"opengate/survey/expr"
)

// leaveOut carries on what Lenient left out: what stands inside it, and what cannot mean the same without it. A
// question keeps its place when only a check or a text refers to something left out; then that goes.
func (im *importer) leaveOut() {
	im.keepReferredDevices()
	for changed := true; changed; {
		changed = false
		for _, d := range im.drafts {
			if !d.out && im.falls(d) {
				d.out, changed = true, true
			}
		}
	}
	for _, d := range im.drafts {
		if !d.out {
			im.dropChecks(d)
			im.dropTextRefs(d)
		}
	}
	for _, name := range sortedKeys(im.out.Lists) {
		for _, c := range im.out.Lists[name].Choices {
			if r := im.listRows[c]; r != nil {
				c.Label = im.withoutRefs(c.Label, r.at("label"))
			}
		}
	}
}

// falls says whether a question goes because of another one, and lists it.
func (im *importer) falls(d *draft) bool {
	if d.parent != nil && d.parent.out {
		im.omit(d, d.row.at("name"), "inside_left_out", d.Name+" stands inside "+d.parent.Name+", which is left out")
		return true
	}
	for _, s := range slots {
		if e := *s.to(d.Question); s.vital && e != nil {
			if name := im.firstOut(e.Refs()); name != "" {
				im.omit(d, d.row.at(s.column), "depends_on_left_out", d.Name+" is left out, because its "+s.column+" refers to "+name+", which is left out")
				return true
			}
		}
	}
	return false
}

func (im *importer) omit(_ *draft, at place, code, message string) {
	im.leftOut = append(im.leftOut, at.problem(SeverityWarning, code, message, ""))
}

// firstOut gives the first of the names that is left out.
func (im *importer) firstOut(names []string) string {
	for _, name := range names {
		if found := im.byName[name]; len(found) > 0 && found[0].out {
			return name
		}
	}
	return ""
}

func (im *importer) dropChecks(d *draft) {
	for _, s := range slots {
		e := s.to(d.Question)
		if s.vital || *e == nil {
			continue
		}
		if name := im.firstOut((*e).Refs()); name != "" {
			im.omit(d, d.row.at(s.column), "check_on_left_out", "the "+s.column+" of "+d.Name+" is dropped, because it refers to "+name+", which is left out")
			*e = nil
		}
	}
}

func (im *importer) dropTextRefs(d *draft) {
	for _, t := range texts(d.Question) {
		*t.text = im.withoutRefs(*t.text, d.row.at(t.column))
	}
}

// withoutRefs puts an ellipsis where a text refers to something left out.
func (im *importer) withoutRefs(t survey.Text, at place) survey.Text {
	for _, name := range textRefs(t) {
		bare := strings.TrimSuffix(name, "}")
		if im.firstOut([]string{bare}) == "" {
			continue
		}
		im.omit(nil, at, "text_on_left_out", "the text shows … instead of ${"+bare+"}, which is left out")
		changed := survey.Text{}
		for lang, s := range t {
			changed[lang] = reference.ReplaceAllStringFunc(s, func(m string) string {
				if strings.TrimSpace(strings.Trim(m, "${}")) == bare {
					return "…"
				}
				return m
			})
		}
		t = changed
	}
	return t
}

// keepReferredDevices turns device identifiers that something refers to into a blank calculation, so that the form
// still works; the others go. Nothing about a device is ever stored.
func (im *importer) keepReferredDevices() {
	used := im.referred()
	for _, d := range im.drafts {
		if !d.covert {
			continue
		}
		if !used[d.Name] {
			d.out = true
			continue
		}
		blank, err := expr.Parse("''")
		if err != nil {
			panic(err)
		}
		d.Kind, d.Calculation = survey.KindCalculate, blank
	}
}

func (im *importer) referred() map[string]bool {
	used := map[string]bool{}
	for _, d := range im.drafts {
		for _, s := range slots {
			if e := *s.to(d.Question); e != nil {
				for _, name := range e.Refs() {
					used[name] = true
				}
			}
		}
		for _, t := range texts(d.Question) {
			for _, name := range textRefs(*t.text) {
				used[strings.TrimSuffix(name, "}")] = true
			}
		}
	}
	return used
}

// assemble hangs what is left into the form. A group with nothing left in it disappears.
func (im *importer) assemble() {
	var build func(ds []*draft) []*survey.Question
	build = func(ds []*draft) []*survey.Question {
		var qs []*survey.Question
		for _, d := range ds {
			if d.out {
				continue
			}
			if d.Kind == survey.KindGroup {
				if d.Children = build(d.children); len(d.Children) == 0 {
					d.out = true
					continue
				}
			}
			qs = append(qs, d.Question)
		}
		return qs
	}
	var top []*draft
	for _, d := range im.drafts {
		if d.parent == nil {
			top = append(top, d)
		}
	}
	im.out.Body = build(top)
	if len(im.out.Body) == 0 && !im.failed() {
		im.fail(place{sheet: im.survey.sheet}, "nothing_left", "no question of this form can be asked", "")
	}
}

func lowerKey(d *draft) string {
	return strings.ToLower(strings.Join(d.Groups, "/") + "/" + d.Name)
}
