package xlsform

import (
	"fmt"
	"slices"

	"opengate/survey"
)

const otherCode = "other"

// The words of or_other, which XLSForm itself leaves in English. A form that has its own row named other keeps it.
var (
	otherLabel = survey.Text{
		"pl": "Inne", "en": "Other", "uk": "Інше", "ru": "Другое", "ar": "غير ذلك", "be": "Іншае", "vi": "Khác",
		"fr": "Autre", "es": "Otro", "und": "Other",
	}
	otherQuestion = survey.Text{
		"pl": "Proszę podać, jakie.", "en": "Please specify.", "uk": "Будь ласка, уточніть.",
		"ru": "Пожалуйста, уточните.", "ar": "يرجى التحديد.", "be": "Калі ласка, удакладніце.", "vi": "Vui lòng nêu rõ.",
		"fr": "Veuillez préciser.", "es": "Especifique, por favor.", "und": "Please specify.",
	}
)

// addOthers gives every or_other question its choice "other" and its free text behind it. All questions of the list
// get the choice, as in pyxform.
func (im *importer) addOthers() {
	for i := 0; i < len(im.drafts); i++ {
		d := im.drafts[i]
		if !d.other {
			continue
		}
		if d.row.get("choice_filter") != "" {
			im.fail(d.row.at("type"), "other_with_filter", "or_other cannot stand with a choice_filter, which would hide the added choice",
				"add a choice other and a text question by hand")
			continue
		}
		im.addOtherChoice(im.out.Lists[d.List])
		text := &draft{row: d.row, parent: d.parent, relevant: fmt.Sprintf("selected(${%s}, '%s')", d.Name, otherCode), Question: &survey.Question{
			Name: d.Name + "_other", Groups: d.Groups, Kind: survey.KindText, Label: im.inFormLanguages(otherQuestion), OtherOf: d.Name,
		}}
		if len(im.byName[text.Name]) > 0 {
			im.fail(d.row.at("type"), "duplicate_name", "or_other adds a question "+text.Name+", but the form has one already", "remove or_other, or rename that question")
			continue
		}
		im.drafts = slices.Insert(im.drafts, i+1, text)
		im.byName[text.Name] = []*draft{text}
		if p := d.parent; p != nil {
			p.children = slices.Insert(p.children, slices.Index(p.children, d)+1, text)
		}
	}
}

func (im *importer) addOtherChoice(l *survey.List) {
	if l == nil {
		return
	}
	c := l.Choice(otherCode)
	if c == nil {
		c = &survey.Choice{Code: otherCode, Label: im.inFormLanguages(otherLabel)}
		l.Choices = append(l.Choices, c)
	}
	c.Other = true
}

// inFormLanguages keeps the wordings for the form's languages; a form in none of them gets English.
func (im *importer) inFormLanguages(t survey.Text) survey.Text {
	kept := survey.Text{}
	for _, l := range im.out.Tags() {
		if s := t[l]; s != "" {
			kept[l] = s
		}
	}
	if len(kept) == 0 {
		kept["en"] = t["en"]
	}
	return kept
}

// nameQuestions settles IDs: the name, or the path where a name occurs in several groups.
func (im *importer) nameQuestions() {
	lower := map[string]*draft{}
	for _, d := range im.drafts {
		d.ID = d.Name
		if len(im.byName[d.Name]) > 1 {
			d.ID = ""
			for _, g := range d.Groups {
				d.ID += g + "/"
			}
			d.ID += d.Name
		}
		key := lowerKey(d)
		if other := lower[key]; other != nil && other.Name != d.Name {
			im.warn(d.row.at("name"), "names_differ_in_case", fmt.Sprintf("the names %s and %s differ in capital letters only", other.Name, d.Name), "rename one of them")
		}
		lower[key] = d
	}
	for _, d := range im.drafts {
		if d.OtherOf != "" {
			d.OtherOf = im.beside(d, d.OtherOf).ID
		}
	}
}

// beside finds the question of that name in the same group.
func (im *importer) beside(d *draft, name string) *draft {
	for _, o := range im.byName[name] {
		if o.parent == d.parent {
			return o
		}
	}
	return im.byName[name][0]
}
