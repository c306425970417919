package xlsform

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"opengate/survey"
)

var roles = []string{
	"consent", "screen", "group", "need", "severity", "needed", "unmet", "barrier", "experience", "ground", "reported",
	"report_reason", "awareness", "trust", "participation", "priority", "weight", "open", "meta", "item", "none",
}

// selectRoles only make sense where answers are choice codes.
var selectRoles = []survey.Role{
	survey.RoleGroup, survey.RoleNeeded, survey.RoleUnmet, survey.RoleBarrier, survey.RoleExperience,
	survey.RoleGround, survey.RoleReported, survey.RoleReportReason, survey.RoleAwareness, survey.RoleParticipation, survey.RolePriority,
}

const byChoice = "by_choice"

// readChoicePlan reads the og_ columns of the choices.
func (im *importer) readChoicePlan() {
	for _, name := range sortedKeys(im.out.Lists) {
		l := im.out.Lists[name]
		for _, c := range l.Choices {
			if r := im.listRows[c]; r != nil {
				im.readChoiceRow(l, c, r)
			}
		}
	}
	for q := range walk(im.out.Body) {
		im.addExclusives(q)
	}
}

func (im *importer) readChoiceRow(l *survey.List, c *survey.Choice, r *row) {
	if score, ok := im.number(r, "og_score"); ok {
		c.Score = &score
	}
	if state := im.oneOf(r, "og_missing", []string{"dk", "pnts", "na"}); state != "" {
		c.Missing, _ = survey.ParseState(state)
		if c.Score != nil {
			im.fail(r.at("og_score"), "score_of_missing", fmt.Sprintf("the choice %s is %s, which is a state and never a score", c.Code, state), "clear og_score or og_missing")
		}
	}
	c.Exclusive = im.flag(r, "og_exclusive")
	c.Other = im.flag(r, "og_other") || c.Other
	c.Area = im.area(r, "og_area")
	c.Rollup = r.get("og_rollup")
	if c.Rollup == "" {
		return
	}
	switch target := l.Choice(c.Rollup); {
	case target == nil:
		im.fail(r.at("og_rollup"), "unknown_og_value", "the list "+l.Name+" has no choice "+c.Rollup, im.didYouMean(c.Rollup, codes(l)))
	case target == c:
		im.fail(r.at("og_rollup"), "rollup_to_itself", "the choice "+c.Code+" is rolled up into itself", "clear the cell")
	case im.listRows[target] != nil && im.listRows[target].get("og_rollup") != "":
		im.fail(r.at("og_rollup"), "rollup_chain", "the choice "+c.Rollup+" is itself rolled up", "roll both up into "+im.listRows[target].get("og_rollup"))
	}
}

func codes(l *survey.List) []string {
	cs := make([]string, len(l.Choices))
	for i, c := range l.Choices {
		cs[i] = c.Code
	}
	return cs
}

// addExclusives adds the choices marked og_exclusive, and those that are a state instead of an answer: nobody can
// have answered and preferred not to say.
func (im *importer) addExclusives(q *survey.Question) {
	if l := im.out.Lists[q.List]; l != nil && q.Kind == survey.KindSelectMultiple {
		for _, c := range l.Choices {
			if (c.Exclusive || c.Missing != survey.NotAsked) && !slices.Contains(q.Exclusive, c.Code) {
				q.Exclusive = append(q.Exclusive, c.Code)
			}
		}
	}
}

// readRoles fills in what the og_ columns say of each question, and the defaults.
func (im *importer) readRoles() {
	for _, d := range im.drafts {
		if d.out {
			continue
		}
		d.Analysis = survey.Analysis{Role: defaultRole(d), NeedAt: 3, SevereAt: 4, Higher: survey.HigherIsWorse}
		if d.relevant == "" {
			im.readRole(d)
		} else {
			d.Analysis.Special = yes(d.row.get("og_special")) // the free text says as much as the choice
		}
	}
}

func defaultRole(d *draft) survey.Role {
	switch {
	case d.Selects() && slices.Contains(d.Groups, "groups"):
		return survey.RoleGroup
	case d.Selects():
		return survey.RoleItem
	case d.Kind == survey.KindText:
		return survey.RoleOpen
	}
	return survey.RoleNone
}

var recallShape = regexp.MustCompile(`^[a-z0-9_]+$`)

func (im *importer) readRole(d *draft) {
	r, a := d.row, &d.Analysis
	if role := im.oneOf(r, "og_role", roles); role != "" {
		a.Role = survey.Role(role)
	}
	a.Area = im.area(r, "og_area", byChoice)
	if x, ok := im.number(r, "og_need_at"); ok {
		a.NeedAt = x
	}
	if x, ok := im.number(r, "og_severe_at"); ok {
		a.SevereAt = x
	}
	if v := im.oneOf(r, "og_direction", []string{string(survey.HigherIsWorse), string(survey.HigherIsBetter)}); v != "" {
		a.Higher = survey.Direction(v)
	}
	a.Recall = r.get("og_recall")
	if a.Recall != "" && !recallShape.MatchString(a.Recall) {
		im.fail(r.at("og_recall"), "unknown_og_value", fmt.Sprintf("og_recall cannot be %q", a.Recall), "write a short key such as now, 12m or 5y")
	}
	a.BaseAsked = im.oneOf(r, "og_base", []string{"answered", "asked"}) == "asked"
	a.Special = im.flag(r, "og_special")
	im.readPositive(d)
}

// readPositive reads og_positive: choice codes, or >=n or <=n over numbers or scores.
func (im *importer) readPositive(d *draft) {
	cell := d.row.get("og_positive")
	if cell == "" {
		return
	}
	at := d.row.at("og_positive")
	if sign := cell[:min(2, len(cell))]; sign == ">=" || sign == "<=" {
		x, err := strconv.ParseFloat(strings.TrimSpace(cell[2:]), 64)
		switch {
		case err != nil:
			im.fail(at, "unknown_og_value", fmt.Sprintf("no number follows %s in %q", sign, cell), "write for example "+sign+"4")
		case sign == ">=":
			d.Analysis.Positive.Min = &x
		default:
			d.Analysis.Positive.Max = &x
		}
		return
	}
	l := im.out.Lists[d.List]
	if l == nil && d.Selects() && im.lacks(d.List) {
		return
	}
	for _, code := range strings.FieldsFunc(cell, func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
		if l == nil {
			im.fail(at, "unknown_og_value", fmt.Sprintf("the question %s has no choices, so og_positive cannot be %q", d.Name, code), "write a bound such as >=4 or <=2")
			return
		}
		if l.Choice(code) == nil {
			im.fail(at, "unknown_og_value", fmt.Sprintf("the question %s has no choice %q", d.Name, code), im.propose(code, codes(l)))
			continue
		}
		d.Analysis.Positive.Codes = append(d.Analysis.Positive.Codes, code)
	}
}

// linkQuestions resolves og_of.
func (im *importer) linkQuestions() {
	for _, d := range im.drafts {
		if d.out || d.relevant != "" {
			continue
		}
		name := d.row.get("og_of")
		if name == "" {
			im.checkLinked(d)
			continue
		}
		if target := im.planTarget(d.row, "og_of", name); target != nil {
			d.Analysis.Of = target.ID
		}
	}
	im.checkLinkCycles()
}

// checkLinked wants og_of where the formula has no base without it.
func (im *importer) checkLinked(d *draft) {
	switch d.Analysis.Role {
	case survey.RoleUnmet, survey.RoleReported:
		im.fail(d.row.at("og_role"), "role_needs_of", fmt.Sprintf("the role %s has no base without og_of", d.Analysis.Role), "name in og_of the question that this one follows")
	default:
	}
}

// checkLinkCycles follows og_of from every question until its end; a question is walked once.
func (im *importer) checkLinkCycles() {
	byID := map[string]*draft{}
	for _, d := range im.drafts {
		byID[d.ID] = d
	}
	walk := map[*draft]int{} // number of the walk that came by
	for i, start := range im.drafts {
		d := start
		for d != nil && walk[d] == 0 {
			walk[d] = i + 1
			d = byID[d.Analysis.Of]
		}
		if d != nil && walk[d] == i+1 {
			im.fail(d.row.at("og_of"), "og_of_cycle", "og_of leads from "+d.Name+" back to itself", "clear one of the cells")
		}
	}
}

// planTarget finds the question that a cell of the plan names. One that was left out is listed, not refused.
func (im *importer) planTarget(r *row, base, name string) *draft {
	found := im.byName[name]
	switch {
	case len(found) == 0:
		im.fail(r.at(base), "unknown_reference", fmt.Sprintf("no question is named %q", name), im.didYouMean(name, im.names()))
		return nil
	case len(found) > 1:
		im.fail(r.at(base), "ambiguous_reference", fmt.Sprintf("the name %s could be row %d or row %d", name, found[0].Row, found[1].Row), "give each question its own name")
		return nil
	case found[0].out:
		im.leftOut = append(im.leftOut, r.at(base).problem(SeverityWarning, "plan_on_left_out", base+" refers to "+name+", which is left out", ""))
		return nil
	}
	return found[0]
}
