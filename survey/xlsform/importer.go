package xlsform

import (
	"fmt"
	"strings"

	"opengate/survey"
	"opengate/survey/xlsform/workbook"
)

// importer carries one workbook through the steps of form.
type importer struct {
	*report
	opts Options
	book *workbook.Book

	settings *row // first row of the settings sheet, nil without one
	survey   *table
	choices  []*table // choices and external_choices
	def      survey.Lang
	out      *survey.Form

	listRows   map[*survey.Choice]*row
	drafts     []*draft // in form order, parents before children
	byName     map[string][]*draft
	nameList   []string
	duplicates bool // allow_choice_duplicates

	unreadable bool             // the choices sheet lacks the columns that make lists
	lacking    map[string][]int // lists that are used and have no choices → rows that use them
}

// form reads the sheets in the order in which they need one another. It gives nil when the workbook has no usable
// survey sheet; otherwise the caller still has to look for errors.
func (im *importer) form() *survey.Form {
	im.sheets = append([]string{""}, im.book.Sheets...)
	im.out = &survey.Form{Lists: map[string]*survey.List{}}
	im.readSettings()
	if !im.readTables() {
		return nil
	}
	if !im.readLanguages() {
		return nil
	}
	im.readTitle()
	im.readLists()
	im.readSurvey()
	im.addOthers()
	im.nameQuestions()
	im.readExpressions()
	im.leaveOut()
	im.assemble()
	im.findExclusives()
	im.orderQuestions()
	im.readPlan()
	im.lint()
	if im.failed() {
		return nil
	}
	im.out.Index()
	return im.out
}

func (im *importer) readSettings() {
	t := im.read("settings", settingsSchema, cleaning{})
	if t == nil || len(t.rows) == 0 {
		return
	}
	im.settings = t.rows[0]
	im.duplicates = yes(im.setting("allow_choice_duplicates"))
	if im.setting("public_key") != "" {
		im.unsupported(im.settings.at("public_key"), "encryption_key",
			"public_key asks for encrypted answers, which this service does not give, because it must read answers to check and count them",
			"remove public_key; answers are protected by the service's own keys")
	}
}

func (im *importer) setting(key string) string {
	if im.settings == nil {
		return ""
	}
	return im.settings.get(key)
}

// readTables loads the survey and its choices. A workbook with a single sheet is a survey whatever the sheet's name.
func (im *importer) readTables() bool {
	name := "survey"
	if im.sheetNamed(name) < 0 {
		if len(im.book.Sheets) != 1 {
			im.missingSheet()
			return false
		}
		name = strings.TrimSpace(im.book.Sheets[0])
	}
	clean := cleaning{collapse: im.setting("clean_text_values") == "" || yes(im.setting("clean_text_values"))}
	im.survey = im.read(name, surveySchema, clean)
	if !im.survey.has("type") {
		if !im.failed() {
			im.fail(place{sheet: im.survey.sheet, row: 1}, "no_type_column", "the sheet has no column named type", "put the column names type, name and label into row 1")
		}
		return false
	}
	for _, sheet := range []string{"choices", "external_choices"} {
		if t := im.read(sheet, choicesSchema, cleaning{}); t != nil {
			im.choices = append(im.choices, t)
		}
	}
	for _, sheet := range []string{"entities", "osm"} {
		if i := im.sheetNamed(sheet); i >= 0 {
			im.warn(place{sheet: im.book.Sheets[i]}, "sheet_ignored", "the sheet "+im.book.Sheets[i]+" is ignored", "")
		}
	}
	if s := im.misspeltSheet("settings"); s != "" {
		im.warn(place{sheet: s}, "sheet_ignored", "the sheet "+s+" is ignored", "did you mean settings?")
	}
	return true
}

func (im *importer) missingSheet() {
	remedy := "name the sheet with the questions survey"
	if s := im.misspeltSheet("survey"); s != "" {
		remedy = "rename the sheet " + s + " to survey"
	}
	im.fail(place{}, "no_survey_sheet", "the workbook has no sheet named survey", remedy)
}

// misspeltSheet finds the last sheet that was probably meant to have that name; "" when there is one of that name. A
// leading _ says that a sheet is the author's own.
func (im *importer) misspeltSheet(name string) string {
	found := ""
	for _, s := range im.book.Sheets {
		if im.sheetNamed(name) < 0 && !strings.HasPrefix(s, "_") && likely(strings.TrimSpace(s), []string{name}) != "" {
			found = s
		}
	}
	return found
}

// readLanguages lists the languages of questions and choices in sheet order and settles the default one. Columns
// without a language belong to default_language; where that is not set, to the first language of the survey sheet,
// unless the sheet has a label column without one, whose language nobody told: "und".
func (im *importer) readLanguages() bool {
	bare := false
	tables := append([]*table{im.survey}, im.choices...)
	for _, t := range tables {
		for _, c := range t.columns {
			if c.known && c.lang != "" {
				im.addLanguage(t, c)
			}
			bare = bare || t == im.survey && c.known && c.base == "label" && c.lang == ""
		}
	}
	switch name := im.setting("default_language"); {
	case name != "" && !strings.EqualFold(name, "default"):
		im.def = tagOf(name)
		if !im.out.Has(im.def) {
			im.out.Languages = append([]survey.Language{{Tag: im.def, Name: name, Reviewed: true}}, im.out.Languages...)
			if !bare {
				im.warn(im.settings.at("default_language"), "default_language_unused", "no column is written in the default language "+name, "name one of the languages in the headers")
			}
		}
	case bare || len(im.out.Languages) == 0:
		im.def = "und"
		im.out.Languages = append([]survey.Language{{Tag: im.def, Name: "", Reviewed: true}}, im.out.Languages...)
		im.warn(place{sheet: im.survey.sheet, row: 1, column: "label"}, "language_unknown",
			"nobody says in which language the columns without a language are written, so pages cannot mark it",
			"set default_language on the settings sheet, such as English (en)")
	default:
		im.def = im.out.Languages[0].Tag
	}
	im.out.Default = im.def
	if n := len(im.out.Languages); n > maxLanguages {
		im.fail(place{sheet: im.survey.sheet, row: 1}, "too_many_languages", fmt.Sprintf("%d languages, more than %d", n, maxLanguages), "name each language alike in every header")
		return false
	}
	return true
}

const maxLanguages = 60

func (im *importer) addLanguage(t *table, c column) {
	for _, l := range im.out.Languages {
		if l.Tag != c.lang {
			continue
		}
		if !strings.EqualFold(l.Name, c.language) {
			im.warn(place{t.sheet, 1, c.header}, "near_duplicate_language",
				fmt.Sprintf("the columns of %q and %q are both read as language %s", l.Name, c.language, c.lang), "write the language alike in every header; two languages need two codes, such as Serbian (sr-latn)")
		}
		return
	}
	im.out.Languages = append(im.out.Languages, survey.Language{Tag: c.lang, Name: c.language, Reviewed: true})
	if strings.HasPrefix(string(c.lang), "x-") {
		im.warn(place{t.sheet, 1, c.header}, "unknown_language", fmt.Sprintf("no language named %q is known", c.language),
			"add its code, such as label::Hausa (ha)")
	}
}

func (im *importer) readTitle() {
	im.out.ID = im.setting("form_id")
	im.out.Edition = im.setting("version")
	if im.settings != nil {
		im.out.Title = im.settings.text("form_title", im.def)
	}
	if im.out.Title.Empty() && im.out.ID != "" {
		im.out.Title = survey.Text{im.def: im.out.ID}
	}
}

// yes reads the spellings of a constant yes.
func yes(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "yes", "true", "true()", "1", "y":
		return true
	}
	return false
}

// no reads the spellings of a constant no; blank is no answer.
func no(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "no", "false", "false()", "0", "n":
		return true
	}
	return false
}
