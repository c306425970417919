package web

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"opengate/survey"
)

// french is a form in two languages that the interface does not have.
var french = sheets{
	"survey": `
type|name|label::Français (fr)|label::فارسی (fa)|hint::Français (fr)|required|constraint|constraint_message::Français (fr)
begin_group|un|Première partie|بخش اول
integer|age|Votre âge|سن شما|En années|yes|. < 130|Entre 0 et 130, s'il vous plaît
select_one oui|enfants|Des enfants ?|فرزند دارید؟
end_group
begin_group|deux|Suite|ادامه
text|mot|Un mot ?
end_group
`,
	"choices": `
list_name|name|label::Français (fr)|label::فارسی (fa)
oui|oui|Oui|بله
oui|non|Non|نه
`,
	"settings": `
form_title::Français (fr)|form_title::فارسی (fa)|form_id|default_language
Enquête|نظرسنجی|fr1|Français (fr)
`,
	"og_settings": `
key|value
controller|Ville de Lyon
contact|contact@example.org
timezone|Europe/Paris
`,
}

// langOfNode is the language that a browser takes a node for.
func langOfNode(n *html.Node) string {
	for ; n != nil; n = n.Parent {
		if l := attr(n, "lang"); l != "" {
			return l
		}
	}
	return ""
}

// spoken is the language of the innermost element that holds the words, "" where nothing does.
func (r *reply) spoken(words string) string {
	found := ""
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode && strings.Contains(n.Data, words) && n.Parent.Data != "script" && n.Parent.Data != "title" {
			found = langOfNode(n)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(r.doc)
	return found
}

func TestAFormInLanguagesThatTheInterfaceDoesNotHave(t *testing.T) {
	s := newSite(t)
	s.publish("fr1", french.workbook(t), survey.StatusOpen)
	s.get("/s/fr1", "Accept-Language", "fr-FR").want(http.StatusOK).has("form[action='/fr/s/fr1']")
	intro := s.get("/fr/s/fr1").want(http.StatusOK).has("html[lang=en][dir=ltr]", "a[href='/fa/s/fr1'][lang=fa][dir=rtl]", "title[lang=fr]")
	says := func(page *reply, words map[string]string) {
		t.Helper()
		for text, lang := range words {
			if got := page.spoken(text); got != lang {
				t.Errorf("%q is in %q, want %q", text, got, lang)
			}
		}
	}
	says(intro, map[string]string{"Enquête": "fr", "Ville de Lyon": "fr", "Taking part": "en"})
	page := s.press(intro, "start", "consent", "yes").want(http.StatusOK)
	says(page, map[string]string{"Votre âge": "fr", "En années": "fr", "Oui": "fr", "Next": "en", "Part 1": "en"})
	bad := s.press(page, "next", "q:age", "200").want(http.StatusUnprocessableEntity)
	says(bad, map[string]string{"Entre 0 et 130": "fr", "Error:": "en"})
	says(s.press(bad, "next", "q:age", "").want(http.StatusUnprocessableEntity), map[string]string{"Please answer this question": "en"})
	v := page.fields()
	v.Set("do", "lang")
	persian := s.post("/fa/s/fr1", v).want(http.StatusOK).has("span[lang=fa][dir=rtl]", "form[action='/fa/s/fr1']")
	says(persian, map[string]string{"سن شما": "fa", "En années": "fr"})
	if banner := persian.text(".banner"); !strings.Contains(banner, "Français") && !strings.Contains(strings.ToLower(banner), "français") {
		t.Errorf("a text in another language is not announced: %q", banner)
	}
	check := s.press(s.press(page, "next", "q:age", "30", "q:enfants", "oui").want(http.StatusOK), "next").want(http.StatusOK)
	says(check, map[string]string{"Oui": "fr", "Nothing has been sent": "en"})
	receipt := s.press(check, "submit").want(http.StatusOK).has("#receipt", "a[href='/en/withdraw']")
	says(receipt, map[string]string{"Receipt code": "en"})
	if r := s.responses("fr1"); len(r) != 1 || r[0].Language != "fr" || r[0].Answers["age"].Text != "30" {
		t.Errorf("stored %+v", r)
	}
}

func TestTheControllersNameIsMarkedWhereThePageIsInAnotherLanguage(t *testing.T) {
	s := newSite(t)
	form := s.form("needs")
	name := strings.Fields(form.Plan.Settings.Controller)[0]
	for _, lang := range []string{"uk", string(form.Default)} {
		if got := s.get("/" + lang + "/s/needs").spoken(name); got != string(form.Default) {
			t.Errorf("page in %s: the controller's name is in %q, want %s", lang, got, form.Default)
		}
	}
}
