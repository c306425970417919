package diagnosis

import (
	"maps"
	"slices"
)

// method fills in what the method sheet says of the responses as a whole.
func (m *maker) method() Method {
	all := m.rows[0]
	x := Method{K: minGroup, B: roundingBase, Responses: all.N}
	x.Channels, x.Modes, x.Languages = m.tallies(byChannel), m.tallies(byMode), m.tallies(byLanguage)
	switch {
	case !m.fresh[0] && m.in.Previous != nil:
		x.FirstDay, x.LastDay = m.in.Previous.Method.FirstDay, m.in.Previous.Method.LastDay
	case all.Shown:
		x.FirstDay, x.LastDay = m.table.months()
	}
	if m.catalogue.declaresWeights() {
		x.WeightNote = "weights_not_yet"
	}
	return x
}

// tallies publishes who answered by one of the ways in, by code. Languages of the form are always listed, other codes
// only where they are shown: that a code occurs at all would tell of its first person.
func (m *maker) tallies(kind int) []Tally {
	codes, declared := map[string]bool{}, map[string]bool{}
	if kind == byLanguage {
		for _, l := range m.catalogue.form.Tags() {
			codes[string(l)], declared[string(l)] = true, true
		}
	}
	for code := range m.before[kind] {
		codes[code] = true
	}
	for code := range m.table.tallies[kind] {
		codes[code] = true
	}
	var list []Tally
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		if t := m.tally(kind, code); t.Shown || declared[code] {
			list = append(list, t)
		}
	}
	return list
}

// tally publishes one way in as a row of its own, with its own rounding point and its own refresh (R4). It is shown
// only where everybody else is a group of k people too: else it would be a second draw of everybody, give or take a
// few, and two draws of one number say more than one (R2). Everybody else is held to the refresh rule like any row,
// so that nobody's coming or leaving on the other side shows in whether this number stands.
func (m *maker) tally(kind int, code string) Tally {
	row, others := tallyNames[kind]+"/"+token(code), tallyNames[kind]+"/!"+token(code) // no token holds a "!"
	var members set
	if s := m.table.tallies[kind][code]; s != nil {
		members = *s
	}
	last, fresh := m.refresh(row, members)
	rest, _ := m.refresh(others, m.table.members[0].without(members))
	switch {
	case !fresh:
		if before, ok := m.before[kind][code]; ok {
			return before
		}
		return Tally{Code: code}
	case last.Size < minGroup || rest.Size < minGroup:
		return Tally{Code: code}
	}
	definition := m.protector.canonical([]attr{{tallyNames[kind], token(code)}}, sizeOf)
	return Tally{Code: code, Count: m.protector.protect(last.Size, definition), Shown: true, Refreshed: last.Refreshed, AsOf: m.in.AsOf}
}

// otherChannel is the name of links that the input does not name.
const otherChannel = "other"

// channel is the name of the way in behind a link's code; the open address keeps the empty name unless it has one.
func (in Input) channel(code string) string {
	name := in.Channels[code]
	if name == "" && code != "" {
		return otherChannel
	}
	return name
}
