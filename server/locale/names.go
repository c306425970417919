package locale

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"opengate/survey"
)

// ownNames are the names people call their languages by. The library's data lacks several of them, and says
// "Arabic (modern standard)" where people say Arabic.
var ownNames = map[survey.Lang]string{
	"pl":        "Polski",
	"pl-simple": "Polski – łatwy do czytania",
	"en":        "English",
	"uk":        "Українська",
	"ru":        "Русский",
	"ar":        "العربية",
	"be":        "Беларуская",
	"vi":        "Tiếng Việt",
	"ka":        "ქართული",
	"hi":        "हिन्दी",
	"es":        "Español",
	"it":        "Italiano",
	"tr":        "Türkçe",
	"fa":        "فارسی",
	"ckb":       "کوردیی ناوەندی",
	"ku":        "Kurdî",
	"rom":       "Romani ćhib",
	"rmy":       "Romani ćhib",
	"csb":       "Kaszëbsczi",
	"szl":       "Ślōnskŏ gŏdka",
	"pso":       "Polski Język Migowy (PJM)",
	"ukl":       "Українська жестова мова",
}

// rightToLeft are the languages written from right to left, unless the tag names another script.
var rightToLeft = []survey.Lang{"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "nqo", "pa-arab", "prs", "ps", "sd", "syr", "ug", "ur", "yi"}

// OwnName is what speakers call the language, or the tag itself where nobody has told us.
func OwnName(l survey.Lang) string {
	if name := ownNames[l]; name != "" {
		return name
	}
	tag, err := language.Parse(string(l))
	if err != nil {
		return string(l)
	}
	if name := display.Self.Name(tag); name != "" {
		return name
	}
	return string(l)
}

// Dir is "rtl" for languages written from right to left, else "ltr".
func Dir(l survey.Lang) string {
	tag := survey.Lang(strings.ToLower(string(l)))
	switch {
	case strings.Contains(string(tag), "-latn"), strings.Contains(string(tag), "-cyrl"):
		return "ltr"
	case slices.Contains(rightToLeft, tag), slices.Contains(rightToLeft, Base(tag)), strings.Contains(string(tag), "-arab"):
		return "rtl"
	}
	return "ltr"
}

// Match finds the offered language that an Accept-Language header asks for. Exact tags win in the reader's order,
// then the library's matching. It is confident only where the library is: for "be, ru" against pl, uk, en it
// would rather name Ukrainian than nothing, and a reader must then be asked. Without an offer it gives "".
func Match(accept string, offered []survey.Lang) (l survey.Lang, confident bool) {
	if len(offered) == 0 {
		return "", false
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(wanted) == 0 {
		return offered[0], false
	}
	for _, w := range wanted {
		if i := slices.Index(offered, survey.Lang(strings.ToLower(w.String()))); i >= 0 {
			return offered[i], true
		}
	}
	tags, at := known(offered)
	if len(tags) == 0 {
		return offered[0], false
	}
	_, i, confidence := language.NewMatcher(tags).Match(wanted...)
	return offered[at[i]], confidence >= language.High
}

// known gives the tags that the library can read and their places in offered, plain languages before variants.
func known(offered []survey.Lang) (tags []language.Tag, at []int) {
	for i, l := range offered {
		if tag, err := language.Parse(string(l)); err == nil {
			tags, at = append(tags, tag), append(at, i)
		}
	}
	return tags, at
}
