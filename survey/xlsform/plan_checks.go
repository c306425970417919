package xlsform

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"opengate/survey"
	"opengate/survey/expr"
)

// checkRoles refuses a plan that contradicts itself.
func (im *importer) checkRoles() {
	for _, d := range im.drafts {
		if d.out || d.relevant != "" {
			continue
		}
		a := d.Analysis
		if slices.Contains(selectRoles, a.Role) && !d.Selects() {
			im.fail(d.row.at("og_role"), "role_needs_choices", fmt.Sprintf("the role %s needs a question with choices, and %s is %s", a.Role, d.Name, d.Kind),
				"use select_one or select_multiple, or declare a derived dimension")
		}
		if a.Role == survey.RoleNeed || a.Role == survey.RoleSeverity {
			im.checkNeed(d)
		}
		if a.Area == byChoice {
			im.checkByChoice(d)
		}
		if a.Special {
			im.checkSpecial(d)
		}
	}
}

// checkNeed wants a choice on either side of the threshold: otherwise everybody or nobody would be in need.
func (im *importer) checkNeed(d *draft) {
	a, r := d.Analysis, d.row
	if a.Area == "" {
		im.fail(r.at("og_area"), "need_without_area", "the need "+d.Name+" belongs to no rights area", "name the area in og_area")
	}
	if a.SevereAt < a.NeedAt {
		im.fail(r.at("og_severe_at"), "severe_below_need", fmt.Sprintf("severe need begins at %g, below need at %g", a.SevereAt, a.NeedAt), "raise og_severe_at")
	}
	l := im.out.Lists[d.List]
	if l == nil {
		return
	}
	low, high, scored := bounds(l)
	switch {
	case !scored:
		im.fail(r.at("type"), "need_without_scores", "the choices of "+d.Name+" have no og_score", "score them on the choices sheet")
	case high < a.NeedAt || low >= a.NeedAt: // a reversed scale has the same ends
		im.fail(r.at("og_need_at"), "need_threshold", fmt.Sprintf("scores go from %g to %g, so nobody can be on one side of %g", low, high, a.NeedAt),
			"give the list a choice at or above the threshold and one below, or change og_need_at")
	}
}

func bounds(l *survey.List) (low, high float64, scored bool) {
	for _, c := range l.Choices {
		if c.Score == nil {
			continue
		}
		if !scored {
			low, high, scored = *c.Score, *c.Score, true
		}
		low, high = min(low, *c.Score), max(high, *c.Score)
	}
	return low, high, scored
}

// checkByChoice wants an area of every choice that is one: not "none of these", refusals or other.
func (im *importer) checkByChoice(d *draft) {
	l := im.out.Lists[d.List]
	if l == nil && d.Selects() {
		return // the list is missing, which is reported
	}
	if l == nil {
		im.fail(d.row.at("og_area"), "area_by_choice", "by_choice needs a question with choices", "name one area")
		return
	}
	var lacking []string
	for _, c := range l.Choices {
		if c.Area == "" && c.Missing == survey.NotAsked && !c.Other && !c.Exclusive && c.Rollup == "" && !slices.Contains(d.Exclusive, c.Code) {
			lacking = append(lacking, c.Code)
		}
	}
	if len(lacking) > 0 {
		im.fail(d.row.at("og_area"), "area_by_choice", "the choices "+someOf(lacking)+" of the list "+l.Name+" have no og_area", "fill in og_area on the choices sheet, or mark them og_exclusive, og_missing or og_other")
	}
}

// checkSpecial holds special-category questions to GDPR Art. 9: free to leave, with a way to say so.
func (im *importer) checkSpecial(d *draft) {
	if e := d.Required; e != nil && (len(e.Refs()) > 0 || e.Bool(expr.Empty)) {
		im.fail(d.row.at("required"), "special_required", "the question "+d.Name+" is special-category data and must be optional", "clear required")
	}
	l := im.out.Lists[d.List]
	if l == nil {
		return
	}
	if !slices.ContainsFunc(l.Choices, func(c *survey.Choice) bool { return c.Missing == survey.Refused }) {
		im.fail(d.row.at("og_special"), "special_without_refusal", "the question "+d.Name+" is special-category data and offers no “prefer not to say”",
			"add such a choice to the list "+l.Name+" with og_missing = pnts")
	}
}

// readRanks gathers the questions that make one ranking.
func (im *importer) readRanks() {
	places := map[string][]*draft{}
	for _, d := range im.drafts {
		if d.out || d.relevant != "" || d.row.get("og_rank") == "" {
			continue
		}
		name, position, _ := strings.Cut(d.row.get("og_rank"), ":")
		n, err := strconv.Atoi(strings.TrimSpace(position))
		name = strings.TrimSpace(name)
		if err != nil || n < 1 || name == "" {
			im.fail(d.row.at("og_rank"), "unknown_og_value", fmt.Sprintf("og_rank cannot be %q", d.row.get("og_rank")), "write name:position, such as priority:1")
			continue
		}
		if d.Kind != survey.KindSelectOne {
			im.fail(d.row.at("og_rank"), "rank_needs_select_one", "each place of a ranking is a select_one question", "change the type, or clear og_rank")
			continue
		}
		d.Analysis.Rank, d.Analysis.Position = name, n
		places[name] = append(places[name], d)
	}
	for _, name := range sortedKeys(places) {
		im.checkRank(name, places[name])
	}
}

func (im *importer) checkRank(name string, ds []*draft) {
	slices.SortStableFunc(ds, func(a, b *draft) int { return cmp.Compare(a.Analysis.Position, b.Analysis.Position) })
	for i, d := range ds {
		if d.Analysis.Position != i+1 {
			im.fail(d.row.at("og_rank"), "rank_places", fmt.Sprintf("the places of the ranking %s do not run 1, 2, 3 …", name), fmt.Sprintf("write %s:%d", name, i+1))
			return
		}
		if d.List != ds[0].List {
			im.fail(d.row.at("type"), "rank_lists", fmt.Sprintf("the places of the ranking %s have different lists", name), "use the list "+ds[0].List)
		}
	}
}
