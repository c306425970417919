package main

import (
	"fmt"

	"opengate/server/release"
	"opengate/survey/diagnosis"
)

type releaseJSON struct {
	Survey   string         `json:"survey"`
	Release  int            `json:"release"`
	AsOf     string         `json:"as_of"`
	Rows     []rowJSON      `json:"rows"`
	Withheld []withheldJSON `json:"withheld"`
	Refused  []refusedJSON  `json:"refused"`
	Warnings []refusedJSON  `json:"warnings"`
}

type rowJSON struct {
	Category string `json:"category"`
	Outcome  string `json:"outcome"`
	Rule     string `json:"rule,omitempty"`
	Why      string `json:"why,omitempty"`
	Since    int    `json:"since"`
}

type withheldJSON struct {
	Rule  string `json:"rule"`
	Cells int    `json:"cells"`
}

type refusedJSON struct {
	Object string `json:"object"`
	Rule   string `json:"rule,omitempty"`
	Code   string `json:"code"`
	Why    string `json:"why"`
}

func releaseReport(slug string, res release.Result) releaseJSON {
	out := releaseJSON{
		Survey: slug, Release: res.Number, AsOf: res.Day, Rows: []rowJSON{}, Withheld: []withheldJSON{},
		Refused: refused(res.Report.Refused), Warnings: refused(res.Report.Warnings),
	}
	for _, r := range res.Report.Rows {
		out.Rows = append(out.Rows, rowJSON{r.Category, r.Outcome, r.Rule, diagnosis.Explain(r.Code), r.Since})
	}
	for _, w := range res.Report.Withheld {
		out.Withheld = append(out.Withheld, withheldJSON{w.Rule, w.Cells})
	}
	return out
}

func refused(problems []diagnosis.PlanProblem) []refusedJSON {
	out := []refusedJSON{}
	for _, p := range problems {
		out = append(out, refusedJSON{p.Object, p.Rule, p.Code, diagnosis.Explain(p.Code)})
	}
	return out
}

// printRelease says what was refreshed, carried forward, hidden and refused, and why.
func printRelease(t *terminal, slug string, res release.Result) {
	t.printf("release %d of %s, as of %s\n", res.Number, slug, res.Day)
	byOutcome := map[string][]diagnosis.RowReport{}
	for _, r := range res.Report.Rows {
		byOutcome[r.Outcome] = append(byOutcome[r.Outcome], r)
	}
	for _, outcome := range []string{diagnosis.OutcomeRefreshed, diagnosis.OutcomeCarried, diagnosis.OutcomeHidden} {
		rows := byOutcome[outcome]
		if len(rows) == 0 {
			continue
		}
		t.printf("%s: %d groups", outcome, len(rows))
		if rows[0].Rule != "" {
			t.printf(" (rule %s: %s)", rows[0].Rule, diagnosis.Explain(rows[0].Code))
		}
		t.printf("\n")
		if outcome != diagnosis.OutcomeRefreshed {
			for _, r := range rows {
				t.printf("  %s\n", r.Category)
			}
		}
	}
	switch {
	case len(byOutcome[diagnosis.OutcomeRefreshed]) > 0:
	case len(byOutcome[diagnosis.OutcomeCarried]) > 0:
		t.printf("No group has changed by ten people, so every figure is as it was.\n")
	default:
		t.printf("Fewer than ten people have answered, so there is no figure to show yet.\n")
	}
	if len(res.Report.Rows) == 1 {
		fmt.Fprintln(t.err, "This survey divides nobody into groups: its figures are of everybody only. Groups can be added with form publish --by, or with og_ columns.")
	}
	for _, w := range res.Report.Withheld {
		t.printf("withheld: %d figures by rule %s\n", w.Cells, w.Rule)
	}
	for _, p := range res.Report.Refused {
		t.printf("refused: %s: %s\n", p.Object, diagnosis.Explain(p.Code))
	}
	for _, p := range res.Report.Warnings {
		t.printf("note: %s: %s\n", p.Object, diagnosis.Explain(p.Code))
	}
	t.printf("Write the workbook with: diagnose %s --out FILE.xlsx\n", slug)
}
