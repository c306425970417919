package demo

import "opengate/survey"

// likely names the choices that this person has reason to pick.
type likely map[string]bool

// several picks from a list of which any number can be chosen: likely choices with the probability often, all others
// with rarely; when none comes up, otherwise. Exclusive choices and refusals are not drawn.
func (p *person) several(rarely, often float64, otherwise string, more likely, choices []*survey.Choice) []string {
	var out []string
	for _, c := range choices {
		if c.Exclusive || c.Missing != survey.NotAsked {
			continue
		}
		x := rarely
		if more[c.Code] {
			x = often
		}
		if p.chance(x) {
			out = append(out, c.Code)
		}
	}
	if len(out) == 0 {
		return []string{otherwise}
	}
	return out
}

// needed picks services by the burden in their area.
func (p *person) needed(choices []*survey.Choice) []string {
	var out []string
	for _, c := range choices {
		if c.Area == "" {
			continue
		}
		x := .12 + .12*max(0, p.burden(c.Area))
		if c.Code == "help_polish" && !p.foreign() || c.Code == "help_move" && !p.disabled && !p.old() || c.Code == "help_child" && !p.caring {
			x = .01
		}
		if p.chance(min(.8, x)) {
			out = append(out, c.Code)
		}
	}
	if len(out) == 0 {
		return []string{"none"}
	}
	return out
}

// unmet picks, of the services that were needed, those not received.
func (p *person) unmet(choices []*survey.Choice) []string {
	var out []string
	for _, c := range choices {
		if c.Area != "" && p.chance(min(.85, .25+.18*max(0, p.burden(c.Area)))) {
			out = append(out, c.Code)
		}
	}
	if len(out) == 0 {
		return []string{"none"}
	}
	return out
}

func (p *person) exposure() float64 {
	x := .04
	for _, more := range []struct {
		when bool
		by   float64
	}{{p.visibleMinority(), .18}, {p.queer(), .07}, {p.disabled, .07}, {p.foreign(), .07}, {p.trans == "yes", .12}, {p.ends >= 4, .03}, {p.gender == "woman", .01}} {
		if more.when {
			x += more.by
		}
	}
	return x
}

// experience answers "treated worse" by place, and "insulted or attacked".
func (p *person) experience(q *survey.Question) string {
	if q.Name == "attacked" {
		switch x := p.r.Float64(); {
		case x < .7*p.exposure():
			return "more"
		case x < 1.7*p.exposure():
			return "once"
		}
		return "never"
	}
	away := map[string]float64{"treated_work": .2, "treated_home": .55, "treated_school": .5, "treated_health": .12, "treated_office": .25, "treated_police": .6}[q.Name]
	factor := map[string]float64{"treated_work": 1.3, "treated_home": 1.6, "treated_health": .9, "treated_office": 1.1, "treated_street": 1.2}[q.Name]
	if factor == 0 {
		factor = .7
	}
	switch {
	case p.chance(away):
		return "nocontact"
	case p.chance(factor * p.exposure()):
		return "yes"
	case p.chance(.02):
		return "pnts"
	}
	return "no"
}

func (p *person) grounds() likely {
	return likely{
		"sex": p.gender == "woman", "age": p.young() || p.old(), "disability": p.disabled, "origin": p.visibleMinority(),
		"nationality": p.foreign(), "language": p.foreign(), "belief": p.religion == "muslim" || p.religion == "jewish",
		"orientation": p.orientation == "gay" || p.orientation == "bi", "trans": p.trans == "yes", "money": p.ends >= 4,
	}
}

func (p *person) aware(choices []*survey.Choice) []string {
	knows := map[string]float64{"rpo": .72, "city": .24, "police": .2, "legal_aid": .46, "centre": .22}
	var out []string
	for _, c := range choices {
		x := knows[c.Code]
		if p.foreign() && c.Code == "centre" {
			x = .55
		} else if p.foreign() {
			x *= .4
		}
		if p.chance(x) {
			out = append(out, c.Code)
		}
	}
	if len(out) == 0 {
		return []string{"none"}
	}
	return out
}

// trust gives 1 … 5 or don't know: less where the person has met more trouble.
func (p *person) trust(area string) string {
	if p.chance(.06) {
		return "dk"
	}
	x := 3.4 - .5*p.burden(area) - 2*p.exposure() + .9*p.r.NormFloat64()
	return string('0' + rune(min(5, max(1, int(x+.5)))))
}

// priority names the area, of those still offered, where the burden and some chance weigh most.
func (p *person) priority(q *survey.Question, view *survey.View) []string {
	if q.Analysis.Position > 1 && p.chance(.08) {
		return nil
	}
	best, most := "", -1e9
	for _, c := range view.Choices(q.ID) {
		x := p.burden(c.Area) + .9*p.r.NormFloat64()
		if c.Area == "HOU" || c.Area == "HEA" {
			x += .5 // what people call most urgent is not only what they lack
		}
		if x > most {
			best, most = c.Code, x
		}
	}
	return []string{best}
}

// change is what people write, plainly made up: the same few sentences, in the language of the answers.
func (p *person) change(lang survey.Lang) []string {
	said := sentences[lang]
	if len(said) == 0 || !p.chance(.3) {
		return nil
	}
	return []string{said[p.r.IntN(len(said))]}
}

var sentences = map[survey.Lang][]string{
	"pl":        {"Tańsze mieszkania na wynajem.", "Krótsze kolejki do lekarza.", "Więcej ławek na przystankach.", "Pisma z urzędu prostym językiem.", "Czystsze powietrze zimą."},
	"pl-simple": {"Windy, które działają.", "Pomoc w urzędzie.", "Praca."},
	"en":        {"Letters from offices in plain language.", "A fair chance to rent a home.", "Polish lessons in the evening."},
	"uk":        {"Доступне житло.", "Більше уроків польської мови.", "Допомога з документами."},
	"ru":        {"Понятные письма из учреждений.", "Доступное жильё."},
	"ar":        {"سكن بسعر معقول.", "مساعدة في ترجمة الوثائق."},
}
