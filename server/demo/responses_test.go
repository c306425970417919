package demo

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"opengate/survey"
	"opengate/survey/xlsform"
)

const (
	answers = 3000
	seed    = 2023
)

// demoForm reads the questionnaire as anybody else's workbook is read.
func demoForm(t *testing.T) *survey.Form {
	t.Helper()
	raw, err := Workbook()
	if err != nil {
		t.Fatal(err)
	}
	res, err := xlsform.Read(raw, xlsform.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Problems {
		if p.Code == "made_up" || p.Code == "example_value" {
			continue // what a demonstration must say and a real survey must not
		}
		t.Errorf("%s!%d %s: %s: %s", p.Sheet, p.Row, p.Column, p.Severity, p.Message)
	}
	if res.Form == nil {
		t.Fatal("the demonstration questionnaire cannot be published")
	}
	res.Form.Slug, res.Form.Version = "demo", 1
	return res.Form
}

func TestQuestionnaire(t *testing.T) {
	form := demoForm(t)
	t.Run("says all that the law asks for", func(t *testing.T) {
		for _, p := range xlsform.Missing(form) {
			t.Errorf("%+v", p)
		}
	})
	t.Run("languages", func(t *testing.T) {
		want := []survey.Lang{"pl", "pl-simple", "en", "uk", "ru", "ar"}
		if got := form.Tags(); !slices.Equal(got, want) || form.Default != "pl" {
			t.Errorf("languages %v, default %s; want %v, pl", got, form.Default, want)
		}
	})
	t.Run("a hurried person's first twelve answers are one need in each of twelve areas", func(t *testing.T) {
		var areas []string
		for q := range form.All() {
			if q.Asks() && q.Analysis.Role != survey.RoleConsent && q.Analysis.Role != survey.RoleScreen && len(areas) < 12 {
				if q.Analysis.Role != survey.RoleNeed {
					t.Errorf("%s comes before the twelfth need", q.ID)
				}
				areas = append(areas, q.Analysis.Area)
			}
		}
		slices.Sort(areas)
		if n := len(slices.Compact(areas)); n != 12 {
			t.Errorf("the first twelve questions cover %d areas", n)
		}
	})
	t.Run("short pages", func(t *testing.T) {
		for _, p := range form.Pages() {
			n := 0
			for _, q := range survey.Shown(p.Questions) {
				if q.Asks() && q.Groups[len(q.Groups)-1] == p.Group.Name { // a table of places or bodies is one question
					n++
				}
			}
			if n > 7 {
				t.Errorf("page %s asks %d questions", p.Group.Name, n)
			}
		}
	})
	t.Run("nothing about oneself is required, and every such question can be refused", func(t *testing.T) {
		for q := range form.All() {
			about := q.Analysis.Role == survey.RoleGroup || q.Analysis.Special
			if !q.Asks() || !about {
				continue
			}
			if q.Required != nil {
				t.Errorf("%s is required", q.ID)
			}
			if form.Lists[q.List].Choice("pnts") == nil {
				t.Errorf("%s does not offer to say nothing", q.ID)
			}
		}
	})
}

func TestResponses(t *testing.T) {
	form := demoForm(t)
	all := slices.Collect(Responses(form, answers, seed))
	t.Run("same seed, same answers; another seed, others", func(t *testing.T) {
		if !reflect.DeepEqual(all, slices.Collect(Responses(form, answers, seed))) {
			t.Error("the same seed gave other answers")
		}
		other := slices.Collect(Responses(form, 10, seed+1))
		if reflect.DeepEqual(all[:10], other) {
			t.Error("another seed gave the same answers")
		}
	})
	t.Run("valid and complete", func(t *testing.T) {
		id := regexp.MustCompile(`^[a-z2-7]{26}$`)
		seen := map[string]bool{}
		for _, r := range all {
			if !id.MatchString(r.ID) || seen[r.ID] {
				t.Fatalf("identifier %q is malformed or not unique", r.ID)
			}
			seen[r.ID] = true
			day, err := time.Parse(time.DateOnly, r.Day)
			if err != nil {
				t.Fatal(err)
			}
			if r.Test || r.Survey != "demo" || r.Version != 1 || r.Wave != "2026" || r.Consent != "demo-1" || !form.Has(r.Language) {
				t.Fatalf("%+v", r)
			}
			for _, p := range survey.Check(form, r.Answers, survey.Now{Time: day, Langs: []survey.Lang{r.Language}}) {
				if r.Answers[p.Question].State != survey.NotReached {
					t.Fatalf("%s: %s at %s (%+v)", r.ID, p.Code, p.Question, r.Answers[p.Question])
				}
			}
			reached := r.Complete
			for _, v := range r.Answers {
				reached = reached || v.State == survey.NotReached
			}
			if !reached {
				t.Fatalf("%s was sent early and yet saw everything", r.ID)
			}
		}
	})
	t.Run("only what is asked is answered", func(t *testing.T) {
		for _, r := range all {
			view := survey.Evaluate(form, r.Answers, survey.Now{})
			for key, v := range r.Answers {
				if v.Given() && !view.Relevant(key) {
					t.Fatalf("%s: %s was not asked and is %q", r.ID, key, v.Text)
				}
			}
		}
	})
}

// tally counts responses by something.
func tally(all []survey.Response, of func(survey.Response) string) map[string]int {
	out := map[string]int{}
	for _, r := range all {
		out[of(r)]++
	}
	return out
}

func TestResponsesHaveSomethingToDiagnose(t *testing.T) {
	form := demoForm(t)
	all := slices.Collect(Responses(form, answers, seed))
	t.Run("every state, language, mode and channel occurs", func(t *testing.T) {
		states := map[survey.State]int{}
		for q := range form.All() {
			if q.Asks() {
				for _, r := range all {
					states[r.Answers[q.ID].State]++
				}
			}
		}
		for s := survey.NotAsked; s <= survey.NotReached; s++ {
			if states[s] == 0 {
				t.Errorf("nobody's answer is %s", s)
			}
		}
		languages := tally(all, func(r survey.Response) string { return string(r.Language) })
		for _, l := range form.Tags() {
			if languages[string(l)] == 0 {
				t.Errorf("nobody answered in %s", l)
			}
		}
		channels := tally(all, func(r survey.Response) string { return r.Channel + " " + string(r.Mode) })
		if n := len(channels); n != len(Links())+1 {
			t.Errorf("%d channels %v, want the open address and %d links", n, channels, len(Links()))
		}
		if days := tally(all, func(r survey.Response) string { return r.Day }); len(days) < 25 {
			t.Errorf("answers came on %d days only", len(days))
		}
	})
	t.Run("some groups are large enough to show and some too small", func(t *testing.T) {
		shown, hidden := 0, 0
		for q := range form.All() {
			if !q.Asks() || q.Analysis.Role != survey.RoleGroup {
				continue
			}
			for _, c := range form.Lists[q.List].Choices {
				n := 0
				for _, r := range all {
					if slices.Contains(r.Answers[q.ID].Codes(), c.Code) {
						n++
					}
				}
				switch {
				case n >= 30:
					shown++
				case n > 0 && n < 10:
					hidden++
				}
			}
		}
		if shown < 40 || hidden < 3 {
			t.Errorf("%d groups of 30 and more, %d of 1 to 9", shown, hidden)
		}
	})
	t.Run("groups differ as they should", func(t *testing.T) {
		disabled := func(r survey.Response) bool {
			for key, v := range r.Answers {
				if strings.HasPrefix(key, "wg_") && (v.Text == "3" || v.Text == "4") {
					return true
				}
			}
			return false
		}
		is := func(question, code string) func(survey.Response) bool {
			return func(r survey.Response) bool { return r.Answers[question].Text == code }
		}
		for _, c := range []struct {
			item  string
			group func(survey.Response) bool
			by    float64
		}{
			{"moving", disabled, .2},
			{"health", disabled, .1},
			{"identity", is("residence", "protection"), .1},
			{"home", is("residence", "protection"), .15},
			{"offices", is("residence", "protection"), .2},
			{"work", is("age", "18_24"), .1},
		} {
			in, out := prevalence(all, c.item, c.group)
			if in-out < c.by {
				t.Errorf("need in %s: %.2f in the group, %.2f in the rest; want a gap of %.2f", c.item, in, out, c.by)
			}
		}
	})
}

// prevalence is the share of scores of 3 and more among valid answers, in a group and outside it.
func prevalence(all []survey.Response, item string, group func(survey.Response) bool) (in, out float64) {
	var need, base [2]float64
	for _, r := range all {
		v := r.Answers[item]
		if v.State != survey.Answered {
			continue
		}
		g := 0
		if group(r) {
			g = 1
		}
		base[g]++
		if v.Text == "partly" || v.Text == "hardly" || v.Text == "not" {
			need[g]++
		}
	}
	return need[1] / base[1], need[0] / base[0]
}
