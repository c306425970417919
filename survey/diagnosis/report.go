package diagnosis

import "fmt"

// Report says what a release did, for staff. It holds no count of people.
type Report struct {
	Schema   int
	Survey   string
	Wave     string
	Release  int
	AsOf     string
	Rows     []RowReport   // in the order of Cube.Rows
	Withheld []Withheld    // hidden cells of shown rows, and all cells of hidden ones
	Refused  []PlanProblem // what the plan asks for and no release will show, in the order of the plan
	Warnings []PlanProblem
}

// RowReport is what became of one row.
type RowReport struct {
	Category string
	Outcome  string // "refreshed", "carried", "hidden"
	Rule     string // that hid or held it, "" when refreshed
	Code     string // lasting; Explain says what it means and what to do
	Since    int    // release it was last computed in, 0 = never
}

// The outcomes of a RowReport.
const (
	OutcomeRefreshed = "refreshed"
	OutcomeCarried   = "carried"
	OutcomeHidden    = "hidden"
)

func (m *maker) report(cube *Cube) *Report {
	r := &Report{Schema: schema, Survey: cube.Survey, Wave: cube.Wave, Release: cube.Release, AsOf: cube.AsOf, Withheld: cube.Withheld}
	for i, row := range cube.Rows {
		x := RowReport{Category: row.Category, Outcome: OutcomeRefreshed, Since: row.Refreshed}
		switch {
		case !row.Shown:
			x.Outcome, x.Rule, x.Code = OutcomeHidden, ruleGate, CodeFewPeople
		case !m.fresh[i]:
			x.Outcome, x.Rule, x.Code = OutcomeCarried, ruleRefresh, CodeWaitsForRefresh
		}
		r.Rows = append(r.Rows, x)
	}
	for _, p := range m.catalogue.problems {
		if p.Severity == SeverityError {
			r.Refused = append(r.Refused, p)
		} else {
			r.Warnings = append(r.Warnings, p)
		}
	}
	for _, pair := range m.near {
		r.Warnings = append(r.Warnings, PlanProblem{SeverityWarning, "group " + pair[0], "R2", CodeNearlySame, "group " + pair[1]})
	}
	return r
}

// nearlySame finds pairs of published groups that fewer than k people tell apart: together they say more of those
// few than either alone (R2). Only rows that were both recomputed in this release are compared; between others the
// earlier finding stands, because one that follows every answer would tell of a single person (R4).
func (m *maker) nearlySame(before [][2]string) [][2]string {
	stands := map[[2]string]bool{}
	for _, pair := range before {
		stands[pair] = true
	}
	sizes := make([]int, len(m.rows))
	for i := range m.rows {
		sizes[i] = m.table.members[i].size()
	}
	var found [][2]string
	for i, a := range m.rows {
		for j := i + 1; j < len(m.rows); j++ {
			b := m.rows[j]
			pair := [2]string{a.Category, b.Category}
			switch {
			case !a.Shown || !b.Shown:
			case !m.fresh[i] || !m.fresh[j]:
				if stands[pair] {
					found = append(found, pair)
				}
			case sizes[i]-sizes[j] < minGroup && sizes[j]-sizes[i] < minGroup:
				both := m.table.members[i].common(m.table.members[j])
				if sizes[i]+sizes[j]-2*both < minGroup {
					found = append(found, pair)
				}
			}
		}
	}
	return found
}

// Encode gives the stored form of a report, the same bytes for the same report.
func (r *Report) Encode() ([]byte, error) { return pack(r) }

// DecodeReport reads what Report.Encode wrote.
func DecodeReport(data []byte) (*Report, error) {
	r := &Report{}
	if err := unpack(data, r); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if r.Schema != schema {
		return nil, fmt.Errorf("read report: schema %d, this version reads %d", r.Schema, schema)
	}
	return r, nil
}
