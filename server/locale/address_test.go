package locale

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestPeopleAreAddressedAlikeThroughout: politely and in one form, as the questionnaires do.
func TestPeopleAreAddressedAlikeThroughout(t *testing.T) {
	word := regexp.MustCompile(`[\p{L}\p{M}’']+`)
	you := map[string]func(w string) bool{
		"uk": regexp.MustCompile(`^(ви|вас|вам|вами|ваш.*)$`).MatchString, // with a capital
		"ru": regexp.MustCompile(`^(вы|вас|вам|вами|ваш.*)$`).MatchString,
		"pl": regexp.MustCompile(`(?i)^(ty|ciebie|tobie|tw[oó]j.*|masz|możesz|chcesz|dostaniesz|\p{L}+[aeiy]sz)$`).MatchString,
		"ar": func(w string) bool { // the polite plural
			one := []string{"أرسل", "أرسلها", "ابدأ", "اختر", "حاول", "راجع", "انتقل", "غادر", "حدّث", "أظهر", "سجّل", "احفظ", "امحُ", "انسَه", "تريد", "توقفت", "كتبته", "قمت", "تحصل"}
			return slices.Contains(one, w) || strings.HasSuffix(w, "ك") && !slices.Contains([]string{"ذلك", "ولذلك", "بذلك", "تلك"}, w)
		},
	}
	for lang, wrong := range you {
		for key, forms := range read(t, lang+".json") {
			for _, text := range forms {
				for _, w := range word.FindAllString(text, -1) {
					if wrong(w) {
						t.Errorf("%s, %s: %q in %q", lang, key, w, text)
					}
				}
			}
		}
	}
	if hint := read(t, "uk.json")["withdraw.hint"]["other"]; strings.Contains(hint, "пропуски") || !strings.Contains(hint, "пробіли") {
		t.Errorf("the Ukrainian hint: %q", hint)
	}
}
