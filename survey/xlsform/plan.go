package xlsform

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"opengate/survey"
)

var planSheets = []string{"og_areas", "og_dimensions", "og_margins", "og_evidence", "og_settings"}

var (
	areasSchema = schema{columns: []string{"code", "order", "reference"}, texts: []string{"label"}, strict: true}
	dimsSchema  = schema{
		columns: []string{"code", "kind", "question", "category", "when", "of", "special"},
		texts:   []string{"label", "category_label"}, strict: true,
	}
	marginsSchema  = schema{columns: []string{"dimension", "category", "share", "count", "source", "date"}, strict: true}
	evidenceSchema = schema{columns: []string{"area", "kind", "source", "date"}, texts: []string{"statement"}, strict: true}
	keysSchema     = schema{columns: []string{"key"}, texts: []string{"value"}, strict: true}
)

// readPlan reads the og_ columns and sheets. Settings come first, because nothing else depends on them and their
// mistakes should show even in a broken plan.
func (im *importer) readPlan() {
	im.checkPlanSheets()
	im.out.Plan.Declared = im.declaresPlan()
	im.readPlanSettings()
	im.readAreas()
	im.readChoicePlan()
	im.readRoles()
	im.linkQuestions()
	im.checkRoles()
	im.readRanks()
	im.readDimensions()
	im.readMargins()
	im.readEvidence()
}

// checkPlanSheets refuses sheets that nobody reads: a misspelt plan must not be silently left out.
func (im *importer) checkPlanSheets() {
	for _, s := range im.book.Sheets {
		name := strings.ToLower(strings.TrimSpace(s))
		if strings.HasPrefix(name, "og_") && !slices.Contains(planSheets, name) {
			im.fail(place{sheet: s}, "unknown_og_sheet", "unknown sheet "+s, im.propose(name, planSheets))
		}
	}
}

func (im *importer) declaresPlan() bool {
	for _, s := range planSheets {
		if im.sheetNamed(s) >= 0 {
			return true
		}
	}
	for _, t := range append([]*table{im.survey}, im.choices...) {
		for _, c := range t.columns {
			if strings.HasPrefix(c.base, "og_") {
				return true
			}
		}
	}
	return false
}

// planRows reads a sheet of the plan; none when the workbook does not have it.
func (im *importer) planRows(sheet string, s schema) []*row {
	t := im.read(sheet, s, cleaning{})
	if t == nil {
		return nil
	}
	for _, c := range t.columns {
		if c.known && c.lang != "" && !im.out.Has(c.lang) {
			im.warn(place{t.sheet, 1, c.header}, "language_not_in_form", fmt.Sprintf("the questionnaire itself has no texts in %s", c.language), "write the language as in the headers of the survey sheet")
		}
	}
	for _, base := range s.texts {
		if base != "value" && t.has(base) { // settings say themselves which texts they need
			im.lintColumn(t, base)
		}
	}
	return t.rows
}

func (im *importer) readAreas() {
	rows := im.planRows("og_areas", areasSchema)
	if rows == nil {
		im.out.Plan.Areas = defaultAreas()
		return
	}
	order := map[string]float64{}
	for i, r := range rows {
		a := survey.Area{Code: r.get("code"), Label: r.text("label", im.def), Reference: r.get("reference")}
		if !im.needs(r, "code", a.Code) {
			continue
		}
		if _, twice := order[a.Code]; twice {
			im.fail(r.at("code"), "duplicate_area", "the area "+a.Code+" is declared twice", "remove one of them")
			continue
		}
		order[a.Code] = float64(i)
		if n, ok := im.number(r, "order"); ok {
			order[a.Code] = n
		}
		im.out.Plan.Areas = append(im.out.Plan.Areas, a)
	}
	slices.SortStableFunc(im.out.Plan.Areas, func(a, b survey.Area) int {
		switch x, y := order[a.Code], order[b.Code]; {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}

func (im *importer) areaCodes() []string {
	codes := make([]string, len(im.out.Plan.Areas))
	for i, a := range im.out.Plan.Areas {
		codes[i] = a.Code
	}
	return codes
}

// area reads a cell that names an area.
func (im *importer) area(r *row, base string, also ...string) string {
	return im.oneOf(r, base, append(im.areaCodes(), also...))
}

// oneOf reads a cell that must hold one of the known words; "" when blank or wrong.
func (im *importer) oneOf(r *row, base string, known []string) string {
	v := r.get(base)
	if v == "" || slices.Contains(known, v) {
		return v
	}
	im.fail(r.at(base), "unknown_og_value", fmt.Sprintf("%s cannot be %q", base, v), im.propose(v, known))
	return ""
}

// number reads a numeric cell; false when blank or wrong.
func (im *importer) number(r *row, base string) (float64, bool) {
	v := r.get(base)
	if v == "" {
		return 0, false
	}
	x, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		im.fail(r.at(base), "not_a_number", fmt.Sprintf("%s must be a number, not %q", base, v), "write digits with a decimal point")
		return 0, false
	}
	return x, true
}

// flag reads a cell that says yes or no; blank is no.
func (im *importer) flag(r *row, base string) bool {
	v := r.get(base)
	if v != "" && !yes(v) && !no(v) {
		im.fail(r.at(base), "unknown_og_value", fmt.Sprintf("%s must be yes or no, not %q", base, v), "write yes, or leave the cell blank")
	}
	return yes(v)
}

// needs reports a cell that must not be blank.
func (im *importer) needs(r *row, base, value string) bool {
	if value == "" {
		im.fail(place{r.sheet, r.number, base}, "missing_og_value", base+" is blank", "fill it in")
	}
	return value != ""
}
