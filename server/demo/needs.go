package demo

// burden gives, for a rights area, how much harder than average life there is for the person, in units in which one
// is a whole step on the five-step scale, before chance. All numbers are invented so that a diagnosis has something
// to find: people with disabilities meet barriers in moving, refugees in language, housing and offices, young people
// in work, and hardship goes through everything.
func (p *person) burden(area string) float64 {
	sum := p.strain
	for _, e := range effects {
		if e.holds(p) {
			sum += e.by[area]
		}
	}
	return sum
}

type effect struct {
	name  string
	holds func(*person) bool
	by    map[string]float64 // area code → steps
}

var effects = []effect{
	{
		"everybody", func(*person) bool { return true },
		map[string]float64{"HOU": .1, "HEA": .2, "EDU": -.3, "WRK": -.1, "SOC": .1, "MOB": -.4, "INF": -.2, "SAF": -.4, "LAN": -.6, "FAM": .1, "ENV": .3, "CUL": -.1, "PAR": .5},
	},
	{
		"disability", func(p *person) bool { return p.disabled },
		map[string]float64{"MOB": 1.3, "HEA": .8, "WRK": .5, "CUL": .6, "SOC": .3, "INF": .4, "SAF": .3, "EDU": .3},
	},
	{
		"refugee", func(p *person) bool { return p.residence == "protection" },
		map[string]float64{"LAN": .9, "HOU": 1, "INF": 1, "WRK": .4, "HEA": .5, "SOC": .3, "PAR": .5, "EDU": .4},
	},
	{
		"permit", func(p *person) bool { return p.residence == "permit" },
		map[string]float64{"INF": .8, "LAN": .6, "HOU": .6, "PAR": .7},
	},
	{"young", (*person).young, map[string]float64{"WRK": .9, "HOU": .6, "SOC": .1}},
	{"old", (*person).old, map[string]float64{"MOB": .5, "INF": .4, "CUL": .3, "HOU": -.5}},
	{"woman", func(p *person) bool { return p.gender == "woman" }, map[string]float64{"SAF": .5, "FAM": .4, "WRK": .1}},
	{"queer", (*person).queer, map[string]float64{"SAF": .6, "LAN": .8, "HEA": .2}},
	{"caring", func(p *person) bool { return p.caring }, map[string]float64{"FAM": .4, "CUL": .3}},
	{"lone parent", func(p *person) bool { return p.lone }, map[string]float64{"FAM": .7, "HOU": .4, "WRK": .4, "SOC": .3}},
	{
		"hardship", func(p *person) bool { return p.ends >= 4 },
		map[string]float64{"HOU": .6, "CUL": .6, "HEA": .4, "SOC": .6, "WRK": .4, "EDU": .3, "PAR": .2},
	},
	{
		"roma", func(p *person) bool { return p.belonging == "roma" },
		map[string]float64{"HOU": .7, "EDU": .8, "WRK": .7, "SAF": .6, "PAR": .5},
	},
	{
		"minority belief", func(p *person) bool { return p.religion == "muslim" || p.religion == "jewish" },
		map[string]float64{"LAN": .7, "SAF": .5},
	},
	{"Nowa Huta", func(p *person) bool { return p.district == "nowa_huta" }, map[string]float64{"ENV": .7}},
	{"centre", func(p *person) bool { return p.district == "centre" }, map[string]float64{"ENV": .4}},
	{"outside", func(p *person) bool { return p.district == "outside" }, map[string]float64{"MOB": .6, "ENV": -.4, "CUL": .3}},
	{
		"insecure home", func(p *person) bool { return p.housing == "shared" || p.housing == "homeless" || p.housing == "family" },
		map[string]float64{"HOU": .9},
	},
}

// holds gives the answer to "how far does this hold for you": fully, mostly, partly, hardly, not, or a missing state.
func (p *person) holds(area string) string {
	switch {
	case area == "WRK" && p.old() && p.chance(0.7), area == "FAM" && !p.caring && p.chance(0.5), area == "EDU" && p.old() && p.chance(0.4):
		return "na"
	case p.chance(0.015):
		return "dk"
	case p.chance(0.008):
		return "pnts"
	}
	x := p.burden(area) + 0.8*p.r.NormFloat64()
	for i, limit := range []float64{-.2, .8, 1.5, 2.2} {
		if x < limit {
			return []string{"fully", "mostly", "partly", "hardly"}[i]
		}
	}
	return "not"
}
