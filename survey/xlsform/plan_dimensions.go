package xlsform

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"opengate/survey"
	"opengate/survey/expr"
)

// readDimensions reads og_dimensions, or makes a dimension of every question with the role group.
func (im *importer) readDimensions() {
	rows := im.planRows("og_dimensions", dimsSchema)
	if len(im.opts.By) > 0 && im.out.Plan.Declared {
		im.fail(place{}, "by_with_plan", "the workbook declares its own plan, so no further dimensions can be named", "mark the questions in og_role or og_dimensions")
	}
	switch {
	case len(im.opts.By) > 0 && !im.out.Plan.Declared:
		im.dimensionsBy()
	case rows == nil:
		for _, d := range im.drafts {
			if !d.out && d.Analysis.Role == survey.RoleGroup && d.Selects() {
				im.addDimension(nil, im.dimensionOf(d))
			}
		}
	default:
		im.declaredDimensions(rows)
	}
}

// dimensionsBy makes dimensions of the questions named by the caller.
func (im *importer) dimensionsBy() {
	for _, name := range im.opts.By {
		found := im.byName[name]
		switch {
		case len(found) == 0:
			im.fail(place{sheet: im.survey.sheet}, "unknown_by", "there is no question "+name+" to divide people by",
				cmp.Or(im.didYouMean(name, im.names()), "name a question with choices"))
		case len(found) > 1:
			im.fail(place{sheet: im.survey.sheet}, "unknown_by", "several questions are named "+name, "give each question its own name")
		case found[0].out:
			im.fail(found[0].row.at("name"), "unknown_by", "the question "+name+" is left out, so people cannot be divided by it", "choose another question")
		case !found[0].Selects():
			im.fail(found[0].row.at("type"), "by_needs_choices", "people can only be divided by questions with choices, and "+name+" is "+string(found[0].Kind), "choose another question")
		default:
			found[0].Analysis.Role = survey.RoleGroup
			im.addDimension(nil, im.dimensionOf(found[0]))
		}
	}
}

// dimensionOf divides people by the choices of one question: roll-ups done, states that are no answer left aside.
func (im *importer) dimensionOf(d *draft) survey.Dimension {
	dim := survey.Dimension{Code: d.Name, Kind: survey.DimensionSingle, Label: d.Label, Question: d.ID, Special: d.Analysis.Special}
	if d.ID != d.Name {
		dim.Code = strings.ReplaceAll(d.ID, "/", ".") // a "/" parts dimension and category in a release
	}
	if d.Kind == survey.KindSelectMultiple {
		dim.Kind = survey.DimensionMulti
	}
	if l := im.out.Lists[d.List]; l != nil {
		for _, c := range l.Choices {
			if c.Missing == survey.NotAsked && c.Rollup == "" {
				dim.Categories = append(dim.Categories, survey.Category{Code: c.Code, Label: c.Label})
			}
		}
	}
	return dim
}

// addDimension appends a dimension whose code is new.
func (im *importer) addDimension(r *row, dim survey.Dimension) {
	if im.dimension(dim.Code) != nil {
		at := place{sheet: im.survey.sheet}
		if r != nil {
			at = r.at("code")
		}
		im.fail(at, "duplicate_dimension", "the dimension "+dim.Code+" is declared twice", "remove one of them")
		return
	}
	im.out.Plan.Dimensions = append(im.out.Plan.Dimensions, dim)
}

func (im *importer) dimension(code string) *survey.Dimension {
	for i := range im.out.Plan.Dimensions {
		if im.out.Plan.Dimensions[i].Code == code {
			return &im.out.Plan.Dimensions[i]
		}
	}
	return nil
}

// declaredDimensions reads the sheet. A derived dimension has one row per category; rows that repeat its code, or
// leave it blank, belong to it.
func (im *importer) declaredDimensions(rows []*row) {
	var current string
	for _, r := range rows {
		code := r.get("code")
		if (code == "" || code == current) && current != "" && r.get("category") != "" {
			im.addCategory(r, im.dimension(current))
			continue
		}
		if !im.needs(r, "code", code) {
			continue
		}
		if badCode(code) {
			im.fail(r.at("code"), "bad_code", fmt.Sprintf("%q cannot be a code", code), "leave out spaces, /, * and =")
			continue
		}
		current = ""
		if dim, ok := im.declaredDimension(r, code); ok {
			im.addDimension(r, dim)
			current = code
			if dim.Kind == survey.DimensionDerived {
				im.addCategory(r, im.dimension(code))
			}
		}
	}
	for i := range im.out.Plan.Dimensions {
		if d := &im.out.Plan.Dimensions[i]; d.Kind != survey.DimensionCross && len(d.Categories) == 0 && !im.lacksCategories(d) {
			im.fail(place{sheet: rows[0].sheet}, "dimension_without_categories", "the dimension "+d.Code+" has no categories", "add them, with when for derived dimensions")
		}
	}
}

// lacksCategories says whether the dimension is made of a question whose list is missing, which is reported.
func (im *importer) lacksCategories(dim *survey.Dimension) bool {
	return slices.ContainsFunc(im.drafts, func(d *draft) bool { return dim.Question != "" && d.ID == dim.Question && im.lacks(d.List) })
}

func badCode(code string) bool { return strings.ContainsAny(code, " /*=\n\t") }

// declaredDimension reads the first row of a dimension; false when it is wrong or left out.
func (im *importer) declaredDimension(r *row, code string) (survey.Dimension, bool) {
	kind := im.oneOf(r, "kind", []string{"single", "multi", "derived", "cross"})
	if kind == "" {
		if r.get("kind") == "" {
			im.needs(r, "kind", "")
		}
		return survey.Dimension{}, false
	}
	dim := survey.Dimension{Code: code, Kind: survey.DimensionKind(kind), Label: r.text("label", im.def), Special: im.flag(r, "special")}
	switch dim.Kind {
	case survey.DimensionDerived:
		return dim, true
	case survey.DimensionCross:
		return im.cross(r, dim)
	default:
	}
	return im.fromQuestion(r, dim)
}

func (im *importer) fromQuestion(r *row, dim survey.Dimension) (survey.Dimension, bool) {
	name := r.get("question")
	if name == "" {
		name = dim.Code
	}
	d := im.planTarget(r, "question", name)
	if d == nil {
		return dim, false
	}
	made := im.dimensionOf(d)
	if !d.Selects() || made.Kind != dim.Kind {
		im.fail(r.at("kind"), "dimension_kind", fmt.Sprintf("the question %s is %s, which makes no %s dimension", name, d.Kind, dim.Kind), "write single for select_one, multi for select_multiple, and derived for all others")
		return dim, false
	}
	made.Code, made.Special = dim.Code, made.Special || dim.Special
	if !dim.Label.Empty() {
		made.Label = dim.Label
	}
	return made, true
}

// cross crosses two dimensions declared above it.
func (im *importer) cross(r *row, dim survey.Dimension) (survey.Dimension, bool) {
	of := strings.FieldsFunc(r.get("of"), func(c rune) bool { return c == ' ' || c == ',' || c == '*' || c == ';' })
	if len(of) != 2 || of[0] == of[1] {
		im.fail(r.at("of"), "cross_of_two", "a cross needs two different dimensions in of, and has "+fmt.Sprint(len(of)), "write two codes, such as gender age")
		return dim, false
	}
	for i, code := range of {
		part := im.dimension(code)
		if part == nil || part.Kind == survey.DimensionCross {
			if im.dimensionLeftOut(code) {
				im.leftOut = append(im.leftOut, r.at("of").problem(SeverityWarning, "plan_on_left_out", "the cross "+dim.Code+" refers to "+code+", which is left out", ""))
				return dim, false
			}
			im.fail(r.at("of"), "unknown_dimension", fmt.Sprintf("no dimension %q that can be crossed is declared above", code), im.propose(code, im.dimensionCodes()))
			return dim, false
		}
		dim.Of[i] = code
		dim.Special = dim.Special || part.Special
	}
	return dim, true
}

// dimensionLeftOut says whether the dimension was declared, but on a question that is left out.
func (im *importer) dimensionLeftOut(code string) bool {
	return im.lenient && im.firstOut([]string{code}) != ""
}

func (im *importer) dimensionCodes() []string {
	var cs []string
	for _, d := range im.out.Plan.Dimensions {
		cs = append(cs, d.Code)
	}
	return cs
}

// addCategory adds one group of a derived dimension. It is special-category data when what it is made of is.
func (im *importer) addCategory(r *row, dim *survey.Dimension) {
	code, when := r.get("category"), r.get("when")
	if dim == nil || !im.needs(r, "category", code) || !im.needs(r, "when", when) {
		return
	}
	if dim.Kind != survey.DimensionDerived {
		im.fail(r.at("category"), "category_of_question", "the categories of "+dim.Code+" are the choices of its question", "clear category and when")
		return
	}
	if badCode(code) || slices.ContainsFunc(dim.Categories, func(c survey.Category) bool { return c.Code == code }) {
		im.fail(r.at("category"), "bad_code", fmt.Sprintf("%q cannot be a code, or is used twice", code), "leave out spaces, /, * and =")
		return
	}
	e, err := expr.Parse(when)
	if err != nil {
		im.failSyntax(r, "when", err)
		return
	}
	if !im.checkRefs(r.at("when"), e.Refs()) {
		return
	}
	if name := im.firstOut(e.Refs()); name != "" {
		im.leftOut = append(im.leftOut, r.at("when").problem(SeverityWarning, "plan_on_left_out", "the category "+code+" refers to "+name+", which is left out", ""))
		return
	}
	for _, name := range e.TrueWhenBlank() {
		im.warn(r.at("when"), "blank_member", "who gave no answer to "+name+" is counted in the group "+code+", because a missing answer makes the condition true",
			"add and ${"+name+"} != '', or name the choices that belong with selected")
	}
	for _, name := range e.Refs() {
		dim.Special = dim.Special || im.byName[name][0].Analysis.Special
	}
	dim.Categories = append(dim.Categories, survey.Category{Code: code, Label: r.text("category_label", im.def), When: e})
}

// readMargins reads population shares. A dimension has them for all its categories or not at all, and never when it
// is special-category data: no register of such groups exists that people agreed to.
func (im *importer) readMargins() {
	var order []string
	first := map[string]*row{}
	for _, r := range im.planRows("og_margins", marginsSchema) {
		m, ok := im.margin(r)
		if !ok {
			continue
		}
		if first[m.Dimension] == nil {
			first[m.Dimension] = r
			order = append(order, m.Dimension)
		}
		im.out.Plan.Margins = append(im.out.Plan.Margins, m)
	}
	for _, code := range order {
		im.checkMargins(first[code], im.dimension(code))
	}
}

func (im *importer) margin(r *row) (survey.Margin, bool) {
	m := survey.Margin{Dimension: r.get("dimension"), Category: r.get("category"), Source: r.get("source"), Date: r.get("date")}
	dim := im.dimension(m.Dimension)
	switch {
	case !im.needs(r, "dimension", m.Dimension) || !im.needs(r, "category", m.Category):
		return m, false
	case dim == nil:
		if im.dimensionLeftOut(m.Dimension) {
			im.leftOut = append(im.leftOut, r.at("dimension").problem(SeverityWarning, "plan_on_left_out", "the margin refers to "+m.Dimension+", which is left out", ""))
			return m, false
		}
		im.fail(r.at("dimension"), "unknown_dimension", fmt.Sprintf("no dimension %q is declared", m.Dimension), im.propose(m.Dimension, im.dimensionCodes()))
		return m, false
	case dim.Special:
		im.fail(r.at("dimension"), "margin_special", "the dimension "+dim.Code+" is special-category data and has no population margins", "remove the rows")
		return m, false
	case dim.Kind == survey.DimensionMulti || dim.Kind == survey.DimensionCross:
		im.fail(r.at("dimension"), "margin_overlap", "margins need groups that do not overlap, and "+dim.Code+" is "+string(dim.Kind), "use a single or derived dimension")
		return m, false
	case im.lacksCategories(dim):
		return m, false
	case !slices.ContainsFunc(dim.Categories, func(c survey.Category) bool { return c.Code == m.Category }):
		im.fail(r.at("category"), "unknown_category", fmt.Sprintf("the dimension %s has no category %q", dim.Code, m.Category), im.propose(m.Category, categoryCodes(dim)))
		return m, false
	}
	share, hasShare := im.number(r, "share")
	count, hasCount := im.number(r, "count")
	if hasShare == hasCount || hasShare && (share <= 0 || share > 1) || hasCount && count <= 0 {
		im.fail(r.at("share"), "margin_value", "a margin is either a share between 0 and 1, or a count of people", "fill in one of share and count, and merge groups that nobody belongs to")
		return m, false
	}
	m.Share, m.Count = share, count
	return m, true
}

func categoryCodes(d *survey.Dimension) []string {
	var cs []string
	for _, c := range d.Categories {
		cs = append(cs, c.Code)
	}
	return cs
}

// checkMargins wants one margin per category, all shares or all counts, and shares that add up.
func (im *importer) checkMargins(r *row, dim *survey.Dimension) {
	given := map[string]int{}
	var sum float64
	shares, counts := 0, 0
	for _, m := range im.out.Plan.Margins {
		if m.Dimension != dim.Code {
			continue
		}
		given[m.Category]++
		sum += m.Share
		if m.Count > 0 {
			counts++
		} else {
			shares++
		}
	}
	at := r.at("dimension")
	for _, c := range dim.Categories {
		if given[c.Code] != 1 {
			im.fail(at, "margins_incomplete", fmt.Sprintf("the category %s of %s has %d margins", c.Code, dim.Code, given[c.Code]), "give each category exactly one")
		}
	}
	switch {
	case shares > 0 && counts > 0:
		im.fail(at, "margin_value", "the margins of "+dim.Code+" mix shares and counts", "use one of them")
	case shares > 0 && math.Abs(sum-1) > 0.01:
		im.fail(at, "margins_sum", fmt.Sprintf("the shares of %s add up to %.3g, not 1", dim.Code, sum), "correct them")
	}
}

func (im *importer) readEvidence() {
	for _, r := range im.planRows("og_evidence", evidenceSchema) {
		e := survey.Evidence{
			Area: im.area(r, "area"), Kind: im.oneOf(r, "kind", []string{"structure", "process", "outcome", "qualitative"}),
			Statement: r.text("statement", im.def), Source: r.get("source"), Date: r.get("date"),
		}
		im.needs(r, "area", r.get("area"))
		im.needs(r, "kind", r.get("kind"))
		if e.Statement.Empty() {
			im.needs(r, "statement", "")
		}
		im.out.Plan.Evidence = append(im.out.Plan.Evidence, e)
	}
}
