package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"opengate/survey"
	"opengate/survey/expr"
)

// ruled has rules that hang on answers of two pages, on a look-up, on labels and on what no browser can work out.
var ruled = sheets{
	"survey": `
type|name|label::English (en)|label::Arabic (ar)|relevant|calculation
begin_group|one|One
select_one region|region|Region|المنطقة
text|nick|Name
end_group
begin_group|two|Two
integer|n|How many?
select_one region|second|Second region|منطقة أخرى
calculate|more||||$N + count(instance('region')/root/item[name = $R])
calculate|guess||||pow(2, $N)
calculate|named||||concat(jr:choice-name($R, '$R'), '/', jr:choice-name($S, '$S'))
text|many|Many, are they?||$M > 3
text|big|Big, is it?||$G > 3
text|both|Both north?||$L = 'North/North'
end_group
`,
	"choices": `
list_name|name|label::English (en)|label::Arabic (ar)
region|n|North|الشمال
region|s|South|الجنوب
`,
	"settings": `
form_title|form_id|default_language
Rules|ruled|English (en)
`,
	"og_settings": `
key|value
timezone|Asia/Kathmandu
`,
}

func ruledForm(t *testing.T) []byte {
	t.Helper()
	sh := sheets{}
	names := strings.NewReplacer("$N", "${n}", "$R", "${region}", "$S", "${second}", "$M", "${more}", "$G", "${guess}", "$L", "${named}")
	for name, text := range ruled {
		sh[name] = names.Replace(text)
	}
	return sh.workbook(t)
}

func (r *reply) rules() pageRules {
	r.t.Helper()
	var rules pageRules
	must(r.t, json.Unmarshal([]byte(words(r.all("script#rules")[0])), &rules))
	return rules
}

func TestAPagesRulesHoldNothingThatABrowserCannotWorkOut(t *testing.T) {
	s := newSite(t)
	s.publish("ruled", ruledForm(t), survey.StatusOpen)
	page := s.press(s.get("/en/s/ruled").want(http.StatusOK), "start", "consent", "yes").want(http.StatusOK)
	page = s.press(page, "next", "q:region", "n").want(http.StatusOK)
	rules := page.rules()
	sent := map[string]*expr.Expr{}
	for name, e := range rules.Computed {
		sent["calculation "+name] = e
	}
	for _, q := range rules.Questions {
		sent["relevance of "+q.Name] = q.Relevant
	}
	for name, e := range sent {
		if e.ServerOnly() {
			t.Errorf("%s is for the server only: %s", name, e.Source())
		}
	}
	if rules.Computed["more"] == nil || rules.Computed["guess"] != nil {
		t.Errorf("calculations %v: the look-up is settled, the power is not", sortedKeys(rules.Computed))
	}
	page.has("#w-many[hidden]", "#w-both[hidden]", "!#w-big", "!input[name='q:big']")
	s.press(page, "next", "q:n", "3").want(http.StatusOK).has("input[name='q:many']:not([disabled])", "input[name='q:big']")
}

func TestAPagesRulesNameChoicesInItsLanguageAndKnowTheZone(t *testing.T) {
	s := newSite(t)
	s.publish("ruled", ruledForm(t), survey.StatusOpen)
	for lang, north := range map[string]string{"en": "North", "ar": "الشمال"} {
		page := s.press(s.get("/"+lang+"/s/ruled").want(http.StatusOK), "start", "consent", "yes").want(http.StatusOK)
		rules := s.press(page, "next", "q:region", "n").want(http.StatusOK).rules()
		for _, question := range []string{"region", "second"} { // of another page, and of this one
			if got := rules.Labels[question]["n"]; got != north {
				t.Errorf("%s: %s n is %q", lang, question, got)
			}
		}
		if rules.Zone != "Asia/Kathmandu" || !strings.HasSuffix(rules.Now, "+05:45") {
			t.Errorf("zone %q, now %q", rules.Zone, rules.Now)
		}
	}
}
