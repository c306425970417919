// Package demo is the demonstration survey: a needs questionnaire in six languages with its whole analysis plan, and
// made-up answers to it. The questionnaire is kept as text tables, so that a change to it can be read as a diff, and
// is built into a real XLSForm workbook that also serves as a template. It knows no store, HTTP or clock.
// Entry points: [Workbook] and [Responses].
package demo

import "opengate/survey"

// Link is an address under which some of the made-up answers came in.
type Link struct {
	Code string // the Channel of its responses
	Name string
	Kind string // ngo, library, museum, school, office, other
	Mode survey.Mode
}

// Links lists the made-up channels in a fixed order, so that a demonstration can show them as links.
func Links() []Link {
	return []Link{
		{Code: "demo-library", Name: "Example: city library", Kind: "library", Mode: survey.ModeKiosk},
		{Code: "demo-migrants", Name: "Example: migrants’ association", Kind: "ngo", Mode: survey.ModeAssisted},
		{Code: "demo-access", Name: "Example: disability organisation", Kind: "ngo", Mode: survey.ModeAssisted},
		{Code: "demo-university", Name: "Example: university", Kind: "school", Mode: survey.ModeSelf},
		{Code: "demo-seniors", Name: "Example: senior citizens’ club", Kind: "other", Mode: survey.ModePaper},
	}
}
