package demo

import (
	"math/rand/v2"
	"strings"
)

// person is a made-up resident: what is true of them, before they decide what to answer.
type person struct {
	r *rand.Rand

	age, gender, trans, orientation string
	belonging, home, residence      string // home: the first language at home
	religion, housing, district     string
	caring, lone                    bool
	household, ends                 int
	difficulty                      map[string]int // question of the short set → 1 … 4
	disabled                        bool
	reticent                        bool // would rather not speak of oneself

	strain float64 // what burdens all areas of this one person's life alike, mean 0
}

// share is one possibility and its weight among the others.
type share struct {
	code   string
	weight float64
}

func pick(r *rand.Rand, shares ...share) string {
	sum := 0.0
	for _, s := range shares {
		sum += s.weight
	}
	x := r.Float64() * sum
	for _, s := range shares {
		if x -= s.weight; x < 0 {
			return s.code
		}
	}
	return shares[len(shares)-1].code
}

func (p *person) chance(probability float64) bool { return p.r.Float64() < probability }

// newPerson draws a resident. The shares are invented; only their order follows what is known of the city.
func newPerson(r *rand.Rand) *person {
	p := &person{r: r, strain: 0.5 * r.NormFloat64(), reticent: r.Float64() < .05}
	p.belonging = pick(r, share{"polish", 720}, share{"ukrainian", 160}, share{"belarusian", 35}, share{"russian", 8},
		share{"georgian", 7}, share{"roma", 12}, share{"jewish", 4}, share{"vietnamese", 4}, share{"indian", 18}, share{"arab", 16}, share{"other", 16})
	p.drawBody()
	p.drawOrigin()
	p.drawHousehold()
	return p
}

func (p *person) drawBody() {
	r := p.r
	ages := []share{{"16_17", 3}, {"18_24", 14}, {"25_34", 20}, {"35_44", 21}, {"45_54", 15}, {"55_64", 12}, {"65_74", 11}, {"75_more", 4}}
	if p.foreign() {
		ages = []share{{"16_17", 3}, {"18_24", 24}, {"25_34", 30}, {"35_44", 25}, {"45_54", 11}, {"55_64", 5}, {"65_74", 2}}
	}
	p.age = pick(r, ages...)
	p.gender = pick(r, share{"woman", 585}, share{"man", 395}, share{"nonbinary", 14}, share{"own", 4})
	p.trans = "no"
	if p.chance(0.008) || (p.gender == "nonbinary" || p.gender == "own") && p.chance(0.5) {
		p.trans = pick(r, share{"yes", 8}, share{"unsure", 2})
	}
	p.orientation = pick(r, share{"hetero", 880}, share{"gay", 40}, share{"bi", 50}, share{"other", 12}, share{"unsure", 18})
	p.difficulty = map[string]int{}
	burden := map[string]float64{"16_17": .03, "18_24": .04, "25_34": .04, "35_44": .05, "45_54": .08, "55_64": .13, "65_74": .2, "75_more": .38}[p.age]
	for _, q := range []string{"wg_see", "wg_hear", "wg_walk", "wg_remember", "wg_selfcare", "wg_talk"} {
		level := 1
		switch x := r.Float64(); {
		case x < 0.04*burden:
			level = 4
		case x < 0.4*burden:
			level = 3
		case x < 0.06+1.6*burden:
			level = 2
		}
		p.difficulty[q] = level
		p.disabled = p.disabled || level >= 3
	}
}

func (p *person) drawOrigin() {
	r := p.r
	p.home = map[string]string{
		"polish": "pl", "ukrainian": "uk", "belarusian": "ru", "russian": "ru", "georgian": "ka",
		"roma": "romani", "jewish": "pl", "vietnamese": "vi", "indian": "hi", "arab": "ar", "other": "en",
	}[p.belonging]
	if p.belonging == "belarusian" && p.chance(0.3) {
		p.home = "be"
	}
	if p.belonging == "polish" && p.chance(0.004) {
		p.home = "sign"
	}
	p.residence = "citizen"
	switch {
	case p.belonging == "ukrainian":
		p.residence = pick(r, share{"protection", 60}, share{"permit", 34}, share{"citizen", 6})
	case p.foreign():
		p.residence = pick(r, share{"permit", 64}, share{"protection", 12}, share{"eu", 10}, share{"citizen", 14})
	}
	switch p.belonging {
	case "ukrainian", "belarusian", "russian", "georgian":
		p.religion = pick(r, share{"orthodox", 60}, share{"none", 25}, share{"christian", 8}, share{"catholic", 7})
	case "arab":
		p.religion = pick(r, share{"muslim", 85}, share{"christian", 8}, share{"none", 7})
	case "jewish":
		p.religion = pick(r, share{"jewish", 70}, share{"none", 30})
	case "indian", "vietnamese":
		p.religion = pick(r, share{"other", 70}, share{"none", 20}, share{"christian", 10})
	default:
		p.religion = pick(r, share{"catholic", 62}, share{"none", 31}, share{"christian", 3}, share{"other", 2}, share{"orthodox", 1})
	}
}

func (p *person) drawHousehold() {
	r := p.r
	p.caring = p.chance(map[string]float64{"16_17": .04, "18_24": .1, "25_34": .35, "35_44": .62, "45_54": .5, "55_64": .3, "65_74": .22, "75_more": .12}[p.age])
	p.lone = p.caring && p.age != "75_more" && p.chance(0.16)
	p.household = 1 + min(r.IntN(4), r.IntN(4))
	if p.caring {
		p.household = 2 + r.IntN(3) + r.IntN(2)
	}
	hard := 1.9 + 1.1*r.NormFloat64() + p.strain
	for _, worse := range []struct {
		when bool
		by   float64
	}{{p.residence == "protection", .8}, {p.lone, .7}, {p.disabled, .6}, {p.belonging == "roma", .9}, {p.old(), .3}, {p.young(), .2}} {
		if worse.when {
			hard += worse.by
		}
	}
	p.ends = min(5, max(1, int(hard+.5)))
	switch {
	case p.foreign() || p.age == "18_24":
		p.housing = pick(r, share{"rent", 66}, share{"shared", 17}, share{"family", 9}, share{"own", 7}, share{"homeless", 1})
	case p.ends >= 4:
		p.housing = pick(r, share{"own", 40}, share{"rent", 28}, share{"council", 22}, share{"family", 8}, share{"homeless", 2})
	default:
		p.housing = pick(r, share{"own", 68}, share{"rent", 22}, share{"family", 6}, share{"council", 4})
	}
	p.district = pick(r, share{"centre", 24}, share{"krowodrza", 24}, share{"podgorze", 27}, share{"nowa_huta", 19}, share{"outside", 6})
}

func (p *person) foreign() bool {
	return strings.Contains(" ukrainian belarusian russian georgian vietnamese indian arab other ", " "+p.belonging+" ")
}

func (p *person) old() bool { return p.age == "65_74" || p.age == "75_more" }

func (p *person) young() bool { return p.age == "16_17" || p.age == "18_24" }

func (p *person) queer() bool {
	return p.trans == "yes" || p.gender == "nonbinary" || p.orientation == "gay" || p.orientation == "bi"
}

func (p *person) visibleMinority() bool {
	return p.belonging == "roma" || p.belonging == "arab" || p.belonging == "indian" || p.belonging == "vietnamese"
}

// language is the one the person answers in.
func (p *person) language() string {
	plain := share{"pl", 1}
	switch p.belonging {
	case "ukrainian":
		return pick(p.r, share{"uk", 76}, share{"pl", 12}, share{"ru", 8}, share{"en", 4})
	case "belarusian", "russian", "georgian":
		return pick(p.r, share{"ru", 58}, share{"pl", 32}, share{"en", 10})
	case "arab":
		return pick(p.r, share{"ar", 62}, share{"en", 28}, share{"pl", 10})
	case "indian", "vietnamese", "other":
		return pick(p.r, share{"en", 86}, share{"pl", 14})
	case "roma":
		return pick(p.r, share{"pl", 70}, share{"pl-simple", 30})
	}
	if p.difficulty["wg_remember"] >= 3 || p.difficulty["wg_talk"] >= 3 {
		return pick(p.r, share{"pl-simple", 60}, share{"pl", 40})
	}
	if p.chance(0.03) {
		return "pl-simple"
	}
	return plain.code
}

// link is the way the answers came in; the zero Link is the open address.
func (p *person) link() Link {
	links := Links()
	switch {
	case p.foreign() && p.chance(0.3):
		return links[1]
	case p.disabled && p.chance(0.3):
		return links[2]
	case p.old() && p.chance(0.25):
		return links[4]
	case p.age == "18_24" && p.chance(0.3):
		return links[3]
	case p.chance(0.1):
		return links[0]
	}
	return Link{}
}
