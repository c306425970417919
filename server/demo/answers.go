package demo

import (
	"slices"
	"strconv"

	"opengate/survey"
)

// answer gives what the person picks or types at a question, nothing when they leave it out. view shows the answers
// given so far, and thereby the choices that are offered.
func (p *person) answer(q *survey.Question, view *survey.View, out survey.Response) []string {
	if role := q.Analysis.Role; role == survey.RoleConsent || role == survey.RoleScreen {
		return []string{"yes"}
	}
	if view.Required(q.ID) {
		return p.offered(q, view, p.choose(q, view, out))
	}
	left := 0.012 // left out on the way
	if out.Mode == survey.ModePaper {
		left = 0.035
	}
	if p.chance(left) {
		return nil
	}
	if q.Analysis.Special && (p.chance(0.012) || p.reticent && p.chance(0.7)) {
		return p.offered(q, view, []string{"pnts"})
	}
	return p.offered(q, view, p.choose(q, view, out))
}

// offered keeps the codes that can be picked now; for a select of which none is left it gives nothing.
func (p *person) offered(q *survey.Question, view *survey.View, given []string) []string {
	if !q.Selects() {
		return given
	}
	var out []string
	for _, c := range view.Choices(q.ID) {
		if slices.Contains(given, c.Code) {
			out = append(out, c.Code)
		}
	}
	return out
}

func (p *person) choose(q *survey.Question, view *survey.View, out survey.Response) []string {
	if q.Analysis.Role == survey.RoleNeed {
		return []string{p.holds(q.Analysis.Area)}
	}
	if fixed := p.fact(q.Name); fixed != nil {
		return fixed
	}
	switch q.Analysis.Role {
	case survey.RoleExperience:
		return []string{p.experience(q)}
	case survey.RoleTrust:
		return []string{p.trust(q.Analysis.Area)}
	case survey.RolePriority:
		return p.priority(q, view)
	default: // by name
	}
	switch q.Name {
	case "needed":
		return p.needed(view.Choices(q.ID))
	case "unmet":
		return p.unmet(view.Choices(q.ID))
	case "barrier":
		return p.several(.14, .5, "none", likely{
			"language": p.home != "pl", "access": p.disabled, "cost": p.ends >= 4,
			"duties": p.caring, "online": p.old(), "papers": p.foreign(),
		}, view.Choices(q.ID))
	case "ground":
		return p.several(.02, .45, "dk", p.grounds(), view.Choices(q.ID))
	case "attack_kind":
		return p.several(.14, .5, "words", likely{"words": true, "online": p.young()}, view.Choices(q.ID))
	case "report_reason":
		return p.several(.16, .4, "useless", likely{"language": p.foreign(), "distrust": p.visibleMinority(), "fear": p.queer()}, view.Choices(q.ID))
	case "reported":
		return []string{pick(p.r, share{"no", 80}, share{"yes", 17}, share{"pnts", 3})}
	case "aware_bodies":
		return p.aware(view.Choices(q.ID))
	case "aware_law":
		return []string{pick(p.r, share{"yes", 62}, share{"no", 10}, share{"dk", 27}, share{"pnts", 1})}
	case "taking_part":
		return p.several(.08, .38, "none", likely{"budget": !p.foreign()}, view.Choices(q.ID))
	case "change":
		return p.change(out.Language)
	case "gender_own":
		return nil // a word of one's own would be the makers' word, not a person's
	}
	return p.anything(q, view)
}

// fact gives what is simply true of the person, nil for every other question.
func (p *person) fact(name string) []string {
	yesNo := map[bool]string{true: "yes", false: "no"}
	switch name {
	case "age":
		return []string{p.age}
	case "gender":
		return []string{p.gender}
	case "trans":
		return []string{p.trans}
	case "orientation":
		return []string{p.orientation}
	case "belonging":
		if p.belonging != "polish" && p.residence == "citizen" && p.chance(0.5) {
			return []string{"polish", p.belonging}
		}
		return []string{p.belonging}
	case "home_languages":
		if p.home != "pl" && p.chance(0.35) {
			return []string{"pl", p.home}
		}
		return []string{p.home}
	case "residence":
		return []string{p.residence}
	case "religion":
		return []string{p.religion}
	case "caring":
		return []string{yesNo[p.caring]}
	case "lone_parent":
		return []string{yesNo[p.lone]}
	case "household":
		return []string{strconv.Itoa(p.household)}
	case "ends_meet":
		return []string{strconv.Itoa(p.ends)}
	case "housing":
		return []string{p.housing}
	case "district":
		return []string{p.district}
	}
	if level := p.difficulty[name]; level > 0 {
		return []string{strconv.Itoa(level)}
	}
	return nil
}

// anything answers a question that is not part of the original questionnaire.
func (p *person) anything(q *survey.Question, view *survey.View) []string {
	if q.Selects() {
		if choices := view.Choices(q.ID); len(choices) > 0 {
			return []string{choices[p.r.IntN(len(choices))].Code}
		}
		return nil
	}
	switch q.Kind {
	case survey.KindInteger, survey.KindDecimal, survey.KindRange:
		return []string{strconv.Itoa(1 + p.r.IntN(5))}
	default:
		return nil
	}
}
