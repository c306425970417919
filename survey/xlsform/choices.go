package xlsform

import (
	"fmt"
	"strings"

	"opengate/survey"
)

// readLists builds the choice lists. A list may stand on either of the two sheets; rows of one list need not be
// neighbours.
func (im *importer) readLists() {
	im.listRows = map[*survey.Choice]*row{}
	for _, t := range im.choices {
		if len(t.rows) > 0 && (!t.has("list_name") || !t.has("name")) {
			im.fail(place{sheet: t.sheet, row: 1}, "no_list_columns", "the sheet needs the columns list_name and name", "name them in row 1")
			im.unreadable = true
			continue
		}
		seen := map[string]int{}
		for _, r := range t.rows {
			im.readChoice(r, seen)
		}
	}
}

func (im *importer) readChoice(r *row, seen map[string]int) {
	list, code := r.get("list_name"), r.get("name")
	if list == "" {
		if code != "" {
			im.warn(r.at("list_name"), "choice_without_list", "the choice "+code+" belongs to no list and is ignored", "fill in list_name")
		}
		return
	}
	if code == "" {
		if r.text("label", im.def).Empty() {
			return // a comment or a blank line inside the list
		}
		im.fail(r.at("name"), "choice_without_name", "a choice of the list "+list+" has no name", "give it a short code, unique in the list")
		return
	}
	key := list + "\x00" + code
	if first := seen[key]; first > 0 && !im.duplicates {
		im.fail(r.at("name"), "duplicate_choice", fmt.Sprintf("the list %s has the choice %s twice, first in row %d", list, code, first),
			"give each choice its own name, or set allow_choice_duplicates to yes on the settings sheet")
		return
	}
	if seen[key] == 0 {
		seen[key] = r.number
	}
	c := &survey.Choice{Code: code, Label: r.text("label", im.def), Columns: im.extras(r), Row: r.number}
	if c.Label.Empty() {
		im.warn(r.at("label"), "choice_without_label", "the choice "+code+" has no label; its name is shown", "")
	}
	im.listRows[c] = r
	l := im.out.Lists[list]
	if l == nil {
		l = &survey.List{Name: list}
		im.out.Lists[list] = l
	}
	l.Choices = append(l.Choices, c)
}

// extras are the further columns, which choice filters read by their headers.
func (im *importer) extras(r *row) map[string]string {
	var extra map[string]string
	for i, c := range r.columns {
		if c.known || r.values[i] == "" || strings.HasPrefix(c.base, "og_") {
			continue
		}
		if extra == nil {
			extra = map[string]string{}
		}
		extra[c.base] = r.values[i]
	}
	return extra
}

// filterColumns are the columns that a choice filter may name.
func (im *importer) filterColumns() map[string]bool {
	known := map[string]bool{"name": true, "label": true, "list_name": true}
	for _, t := range im.choices {
		for _, c := range t.columns {
			known[c.base] = true
		}
	}
	return known
}

// reportLacking makes one error of each list that is used and has no choices, or of the whole sheet when it is missing.
// What would only follow from them is not reported: see lacks.
func (im *importer) reportLacking(order []string) {
	if len(order) == 0 || im.unreadable {
		return
	}
	if len(im.choices) == 0 {
		remedy := "add it with the columns list_name, name and label"
		if s := im.misspeltSheet("choices"); s != "" {
			remedy = "rename the sheet " + s + " to choices"
		}
		n := 0
		for _, list := range order {
			n += len(im.lacking[list])
		}
		im.fail(place{sheet: "choices"}, "no_choices_sheet", fmt.Sprintf("the sheet choices is missing, and %d of the questions take their choices from it", n), remedy)
		return
	}
	for _, list := range order {
		rows := im.lacking[list]
		remedy := "write its choices on the choices sheet"
		if guess := im.didYouMean(list, sortedKeys(im.out.Lists)); guess != "" {
			remedy = guess
		}
		use := someRows(rows) + " use it"
		if len(rows) == 1 {
			use = someRows(rows) + " uses it"
		}
		im.fail(place{im.survey.sheet, rows[0], "type"}, "unknown_list", "the list "+list+" has no choices, and "+use, remedy)
	}
}

// lacks says whether the choices of a list are known to be missing, which is reported once.
func (im *importer) lacks(list string) bool {
	return im.lacking[list] != nil || len(im.lacking) > 0 && (im.unreadable || len(im.choices) == 0)
}
