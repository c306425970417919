package xlsform

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"opengate/survey"
)

// settingKeys are the keys of og_settings in the order in which they are offered as corrections.
var settingKeys = []string{
	"timezone", "controller", "contact", "dpo", "purpose", "consent_version", "min_age", "retention_days", "support",
	"expected_answers", "wave", "made_up", "team_microdata", "draft_languages",
}

func (im *importer) readPlanSettings() {
	rows := im.planRows("og_settings", keysSchema)
	seen := map[string]bool{}
	for _, r := range rows {
		key := im.oneOf(r, "key", settingKeys)
		if key == "" {
			if r.get("key") == "" {
				im.needs(r, "key", "")
			}
			continue
		}
		if seen[key] {
			im.fail(r.at("key"), "duplicate_key", "the key "+key+" occurs twice", "remove one of them")
			continue
		}
		seen[key] = true
		im.readPlanSetting(r, key)
	}
	im.checkDemonstration(rows)
	if rows != nil && !seen["timezone"] {
		im.fail(place{rows[0].sheet, 0, "key"}, "no_timezone", "the key timezone is missing", "add it with an IANA name such as Europe/Warsaw")
	}
	if rows == nil {
		im.warn(place{sheet: "og_settings"}, "no_timezone", "the workbook names no time zone, so days begin at midnight UTC", "add a sheet og_settings with the key timezone")
	}
}

func (im *importer) readPlanSetting(r *row, key string) {
	s := &im.out.Plan.Settings
	text := r.text("value", im.def)
	value, _ := text.In(append([]survey.Lang{im.def}, im.out.Tags()...)...)
	switch key {
	case "timezone":
		s.Timezone = im.zone(r, value)
	case "controller":
		s.Controller = value
	case "contact":
		s.Contact = value
	case "dpo":
		s.DPO = value
	case "purpose":
		s.Purpose = text
	case "support":
		s.Support = text
	case "consent_version":
		s.ConsentVersion = value
	case "wave":
		s.Wave = value
	case "min_age":
		s.MinAge = im.count(r, key, value)
	case "retention_days":
		s.RetentionDays = im.count(r, key, value)
	case "expected_answers":
		s.ExpectedAnswers = im.count(r, key, value)
	case "made_up":
		s.MadeUp = im.settingFlag(r, key, value)
	case "team_microdata":
		s.TeamMicrodata = im.settingFlag(r, key, value)
	case "draft_languages":
		im.markDrafts(r, strings.FieldsFunc(value, func(c rune) bool { return c == ' ' || c == ',' }))
	}
}

var example = regexp.MustCompile(`(?i)\bexample\.(com|org|net)\b|\.example\b|\bdemonstration\b`)

// checkDemonstration warns of what a template says to residents and a real survey must not.
func (im *importer) checkDemonstration(rows []*row) {
	for _, r := range rows {
		value, _ := r.text("value", im.def).In(append([]survey.Lang{im.def}, im.out.Tags()...)...)
		switch key := r.get("key"); key {
		case "made_up":
			if yes(value) {
				im.warn(r.at("value"), "made_up", "residents are told that the data are made up", "remove made_up before a real survey")
			}
		case "controller", "contact", "dpo":
			if example.MatchString(value) {
				im.warn(r.at("value"), "example_value", fmt.Sprintf("residents are shown the example %q as %s", value, key), "write whom they can really reach")
			}
		}
	}
}

// markDrafts marks the languages whose translation nobody has reviewed. The key is OpenGate's own: an XLSForm has no
// other place to say it.
func (im *importer) markDrafts(r *row, tags []string) {
	for _, tag := range tags {
		i := slices.IndexFunc(im.out.Languages, func(l survey.Language) bool { return strings.EqualFold(string(l.Tag), tag) })
		if i < 0 {
			im.fail(r.at("value"), "unknown_language", fmt.Sprintf("the form has no language %q", tag), "write the codes of its languages, such as uk ar")
			continue
		}
		im.out.Languages[i].Reviewed = false
	}
}

func (im *importer) zone(r *row, name string) string {
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		im.fail(r.at("value"), "unknown_timezone", fmt.Sprintf("no time zone is named %q", name), "write an IANA name such as Europe/Warsaw")
		return ""
	}
	return name
}

func (im *importer) count(r *row, key, value string) int {
	n, err := strconv.Atoi(value)
	if value != "" && (err != nil || n < 0) {
		im.fail(r.at("value"), "not_a_number", fmt.Sprintf("%s must be a whole number, not %q", key, value), "write digits only")
		return 0
	}
	return n
}

func (im *importer) settingFlag(r *row, key, value string) bool {
	if value != "" && !yes(value) && !no(value) {
		im.fail(r.at("value"), "unknown_og_value", fmt.Sprintf("%s must be yes or no, not %q", key, value), "write yes or no")
	}
	return yes(value)
}

// Missing lists what people must be told before they answer (GDPR Art. 13) and the workbook does not say, in every
// language of the form, in the order of settingKeys. A survey that is not a test must not be published with any.
func Missing(form *survey.Form) []Problem {
	s := form.Plan.Settings
	var ps []Problem
	lack := func(key, what, remedy string) {
		ps = append(ps, place{sheet: "og_settings", column: "key"}.problem(SeverityError, "missing_"+key, what, remedy))
	}
	if s.Timezone == "" {
		lack("timezone", "the time zone is missing", "add the key timezone with an IANA name such as Europe/Warsaw")
	}
	if s.Controller == "" {
		lack("controller", "who is responsible for the data is missing (Art. 13(1)(a))", "add the key controller with name and address")
	}
	if s.Contact == "" {
		lack("contact", "how to reach the controller is missing (Art. 13(1)(a))", "add the key contact")
	}
	if s.DPO == "" {
		lack("dpo", "the data protection officer is missing (Art. 13(1)(b))", "add the key dpo with contact details, or say that there is none")
	}
	if langs := lackingLanguages(form, s.Purpose); len(langs) > 0 {
		lack("purpose", "the purpose is missing in "+strings.Join(langs, ", ")+" (Art. 13(1)(c))", "fill in value::Language of the key purpose")
	}
	if s.ConsentVersion == "" {
		lack("consent_version", "the version of the consent text is missing (Art. 7(1))", "add the key consent_version, such as 1")
	}
	if s.RetentionDays == 0 {
		lack("retention_days", "how long answers are kept is missing (Art. 13(2)(a))", "add the key retention_days")
	}
	return ps
}

// lackingLanguages are the names of the form's languages in which a text is not written.
func lackingLanguages(form *survey.Form, t survey.Text) []string {
	var names []string
	for _, l := range form.Languages {
		if strings.TrimSpace(t[l.Tag]) == "" {
			name := l.Name
			if name == "" {
				name = string(l.Tag)
			}
			names = append(names, name)
		}
	}
	return names
}
