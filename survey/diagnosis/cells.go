package diagnosis

import (
	"slices"

	"opengate/survey"
)

// The rules that hide a cell.
const (
	ruleGate    = "R1" // fewer than k people
	ruleRefresh = "R4" // new in the catalogue; its row has not been recomputed since
)

// cells publishes every indicator for every row, indicator-major. Cells that would say again what the rows or the
// crosses say are absent.
func (m *maker) cells() []Cell {
	byRow := make([][]counts, len(m.rows))
	for i := range m.rows {
		if !m.fresh[i] || !m.rows[i].Shown {
			continue
		}
		byRow[i] = make([]counts, len(m.catalogue.items))
		for at, it := range m.catalogue.items {
			if !m.redundantForRow(i, it) {
				byRow[i][at] = m.table.count(at, m.table.members[i])
			}
		}
	}
	var cells []Cell
	for at, it := range m.catalogue.items {
		for o := range it.options {
			for i := range m.rows {
				if m.redundantForRow(i, it) || m.redundantForCell(i, it.options[o]) {
					continue
				}
				x := counts{}
				if byRow[i] != nil {
					x = byRow[i][at]
				}
				cells = append(cells, m.cell(i, it, o, x))
			}
		}
	}
	return cells
}

// redundantForRow says whether an item tells nothing new about row i: the row is made of the answers to the item's own
// question, of which nobody could tick several (R5).
func (m *maker) redundantForRow(i int, it *item) bool {
	p := m.catalogue.rows[i]
	if p.dimension < 0 {
		return false
	}
	d := m.catalogue.dimensions[p.dimension]
	of := []int{p.dimension}
	if d.Kind == survey.DimensionCross {
		of = d.of[:]
	}
	for _, k := range of {
		if slices.Contains(it.dimensions, k) && m.catalogue.dimensions[k].Kind != survey.DimensionMulti {
			return true
		}
	}
	return false
}

// redundantForCell says whether a cell would be the row itself (R5), or would add a third group attribute to the two of
// a cross (R1).
func (m *maker) redundantForCell(i int, o option) bool {
	if o.row < 0 || i == 0 {
		return false
	}
	p := m.catalogue.rows[i]
	return i == o.row || m.catalogue.dimensions[p.dimension].Kind == survey.DimensionCross
}

// cell publishes one count with its base: protected anew where the row is fresh, else as it was.
func (m *maker) cell(i int, it *item, o int, exact counts) Cell {
	p, opt := m.catalogue.rows[i], it.options[o]
	x := Cell{Indicator: opt.indicator.ID, Category: p.category}
	switch {
	case !m.rows[i].Shown:
		x.Hidden = ruleGate
		return x
	case !m.fresh[i]:
		if before, ok := m.carried[[2]string{x.Indicator, x.Category}]; ok {
			return before
		}
		x.Hidden = ruleRefresh
		return x
	case exact.base < minGroup:
		x.Hidden = ruleGate
		return x
	}
	if opt.row >= 0 && !m.rows[opt.row].Shown {
		x.Hidden = ruleGate // all or part of a group that is too small to show
		return x
	}
	x.Base = m.protector.protect(exact.base, m.protector.canonical(p.attrs, it.base))
	count := exact.options[o]
	if opt.mirror {
		count = exact.base - count
	}
	attrs, what := p.attrs, opt.canonical
	if opt.row >= 0 { // the same people as a row, or as the overlap of two rows: the same secret
		attrs, what = append(slices.Clone(attrs), m.catalogue.rows[opt.row].attrs...), sizeOf
	}
	x.Count = m.protector.protect(count, m.protector.canonical(attrs, what))
	if opt.mirror {
		x.Count = max(0, x.Base-x.Count)
	}
	return x
}
