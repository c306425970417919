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
	Audits   []Audit // of the finished cube (R8); none yet
}

// RowReport is what became of one row.
type RowReport struct {
	Category string
	Outcome  string // "refreshed", "carried", "hidden"
	Rule     string // that hid or held it, "" when refreshed
	Code     string // lasting; Explain says what it means and what to do
	Since    int    // release it was last computed in, 0 = never
}

// Audit is one test of a finished cube.
type Audit struct {
	Rule   string
	Passed bool
	Object string
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
	r.Warnings = append(r.Warnings, m.nearlySame()...)
	return r
}

// nearlySame finds pairs of published groups that fewer than k people tell apart: together they say more of those
// few than either alone (R2).
func (m *maker) nearlySame() []PlanProblem {
	var found []PlanProblem
	for i, a := range m.rows {
		for j, b := range m.rows[i+1:] {
			j += i + 1
			if !a.Shown || !b.Shown || m.exact[i]-m.exact[j] >= minGroup || m.exact[j]-m.exact[i] >= minGroup {
				continue
			}
			both := m.table.members[i].common(m.table.members[j])
			if m.exact[i]+m.exact[j]-2*both < minGroup {
				found = append(found, PlanProblem{SeverityWarning, "group " + a.Category, "R2", CodeNearlySame, "group " + b.Category})
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
