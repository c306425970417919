package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"opengate/survey"
)

// recount counts one indicator by going over the responses, knowing nothing of columns and catalogues.
type recount struct {
	in  func(survey.Answers) bool // in the base
	yes func(survey.Answers) bool
}

func answeredWith(id string, codes ...string) func(survey.Answers) bool {
	return func(a survey.Answers) bool {
		return a[id].State == survey.Answered && slices.ContainsFunc(strings.Fields(a[id].Text), func(c string) bool { return slices.Contains(codes, c) })
	}
}

func given(id string) func(survey.Answers) bool {
	return func(a survey.Answers) bool { return a[id].State == survey.Answered }
}

func either(fs ...func(survey.Answers) bool) func(survey.Answers) bool {
	return func(a survey.Answers) bool {
		return slices.ContainsFunc(fs, func(f func(survey.Answers) bool) bool { return f(a) })
	}
}

func together(fs ...func(survey.Answers) bool) func(survey.Answers) bool {
	return func(a survey.Answers) bool {
		return !slices.ContainsFunc(fs, func(f func(survey.Answers) bool) bool { return !f(a) })
	}
}

func TestExactCountsEqualARecount(t *testing.T) {
	f := madeUp(t)
	rs := people(1500, 3, 0)
	got := exactFrequencies(t, input(f, rs))
	inNeed := []string{"partly", "hardly", "none"}
	needy := answeredWith("needed", "care", "law", "shelter")
	want := map[string]recount{
		"home=partly":                 {given("home"), answeredWith("home", "partly")},
		"heard=bad":                   {given("heard"), answeredWith("heard", "bad")},
		"needed=law":                  {given("needed"), answeredWith("needed", "law")},
		"needed=nothing":              {given("needed"), answeredWith("needed", "nothing")},
		"barrier=cost":                {together(needy, given("barrier")), together(needy, answeredWith("barrier", "cost"))},
		"worse_work=yes":              {given("worse_work"), answeredWith("worse_work", "yes")},
		"told=yes":                    {together(answeredWith("worse_work", "yes"), given("told")), together(answeredWith("worse_work", "yes"), answeredWith("told", "yes"))},
		"asked=3":                     {func(a survey.Answers) bool { return a["asked"].State != survey.NotAsked }, answeredWith("asked", "3")},
		"gender=nonbinary":            {given("gender"), answeredWith("gender", "nonbinary", "own")},
		"area:HOU=need":               {given("home"), answeredWith("home", inNeed...)},
		"area:HOU=severe":             {given("home"), answeredWith("home", "hardly", "none")},
		"area:HEA=need":               {either(given("doctor"), given("medicine")), either(answeredWith("doctor", inNeed...), answeredWith("medicine", inNeed...))},
		"area:PAR=need":               {given("heard"), answeredWith("heard", "so", "bad")},
		"area:PAR=severe":             {given("heard"), answeredWith("heard", "bad")},
		"share:trust=positive":        {given("trust"), answeredWith("trust", "4", "5")},
		"role:experience:ync:12m=any": {either(given("worse_work"), given("worse_shop")), either(answeredWith("worse_work", "yes"), answeredWith("worse_shop", "yes"))},
	}
	disabled := either(answeredWith("see", "3", "4"), answeredWith("hear", "3", "4"))
	rows := map[string]func(survey.Answers) bool{
		"all":                        func(survey.Answers) bool { return true },
		"gender/woman":               answeredWith("gender", "woman"),
		"gender/nonbinary":           answeredWith("gender", "nonbinary", "own"),
		"nation/roma":                answeredWith("nation", "roma"),
		"disability/yes":             disabled,
		"gender/nonbinary*nation/ua": together(answeredWith("gender", "nonbinary", "own"), answeredWith("nation", "ua")),
	}
	for id, w := range want {
		for category, member := range rows {
			var x exactCell
			for _, r := range rs {
				if member(r.Answers) && w.in(r.Answers) {
					x.base++
					if w.yes(r.Answers) {
						x.count++
					}
				}
			}
			have, ok := got[id][category]
			if !ok || have != x {
				t.Errorf("%s of %s: %+v (%v), want %+v", id, category, have, ok, x)
			}
		}
	}
}

func TestOneAnswerOfTwoIsPublishedAndNoMissingStates(t *testing.T) {
	m := mustMake(t, input(madeUp(t), people(400, 1, 0)))
	ids := map[string]bool{}
	for _, i := range m.Indicators {
		ids[i.ID] = true
	}
	for _, id := range []string{"worse_work=yes", "told=yes", "home=none", "needed=nothing"} {
		if !ids[id] {
			t.Errorf("%s is missing", id)
		}
	}
	for _, id := range []string{"worse_work=no", "told=no", "home=dk", "home=pnts", "home=na", "needed=pnts", "gender=own", "ok=yes", "see=1", "wish=x"} {
		if ids[id] {
			t.Errorf("%s is published", id)
		}
	}
}

func TestVersionsAreMergedByCode(t *testing.T) {
	old, now := madeUp(t), madeUp(t)
	old.Lists["nation"] = list("nation", "pl", "ua", "lemko", "pnts!pnts")
	old.Index()
	now.Version = 2
	rs := people(300, 5, 0)
	for i := range rs {
		rs[i].Answers["nation"] = survey.Value{State: survey.Answered, Text: "lemko"}
		rs[i].Version = 1 + i%2
	}
	in := input(now, rs)
	in.Forms, in.Current = map[int]*survey.Form{1: old, 2: now}, 2
	m := mustMake(t, in)
	if r := m.row(t, "nation/lemko"); !r.Shown || r.N < 296 || r.N > 304 {
		t.Errorf("a choice of an older version: %+v", r)
	}
}

func TestAnswersCountAsTheirCodesMeanToday(t *testing.T) {
	f := madeUp(t)
	rs := people(200, 5, 0)
	for i := range rs {
		state := survey.Answered
		if i%2 == 0 {
			state = survey.DontKnow // as an earlier plan had it
		}
		rs[i].Answers["home"] = survey.Value{State: state, Text: "partly"}
		rs[i].Answers["doctor"] = survey.Value{State: survey.Answered, Text: "dk"}
		rs[i].Answers["trust"] = survey.Value{State: survey.Answered, Text: "never heard of"}
		rs[i].Answers["heard"] = survey.Value{State: survey.Invalid}
	}
	got := exactFrequencies(t, input(f, rs))
	for id, want := range map[string]exactCell{"home=partly": {200, 200}, "doctor=none": {0, 0}, "trust=5": {0, 0}, "heard=bad": {0, 0}} {
		if got[id][everybody] != want {
			t.Errorf("%s: %+v, want %+v", id, got[id][everybody], want)
		}
	}
}

func TestTestsAndOtherWavesStayOut(t *testing.T) {
	f := madeUp(t)
	rs := people(100, 1, 0)
	for i := range 40 {
		rs[i].Test = true
		rs[99-i].Wave = "w2"
	}
	rs[50].Era = 1 // came while the release was being made
	in := input(f, rs)
	tab, err := read(t.Context(), newCatalogue(in.versions(), nil), in)
	if err != nil || tab.n != 19 {
		t.Errorf("%d responses, %v; want 19", tab.n, err)
	}
	in.MadeUp = true
	tab, err = read(t.Context(), newCatalogue(in.versions(), nil), in)
	if err != nil || tab.n != 19 {
		t.Errorf("demonstration: %d responses, %v; want 19: tests are never counted", tab.n, err)
	}
}

func TestWideListsNeedTwoBytes(t *testing.T) {
	var specs []string
	for i := range 700 {
		specs = append(specs, fmt.Sprint("c", i))
	}
	f := &survey.Form{
		Version: 1, Default: "en", Lists: map[string]*survey.List{"l": list("l", specs...)},
		Body: []*survey.Question{question("place", survey.KindSelectOne, "l", survey.Analysis{})},
	}
	f.Index()
	var rs []survey.Response
	for i := range 3000 {
		rs = append(rs, survey.Response{ID: specs[i%700], Wave: "w1", Answers: survey.Answers{"place": {State: survey.Answered, Text: specs[i%700]}}})
	}
	got := exactFrequencies(t, input(f, rs))
	for i, s := range specs {
		want := exactCell{4, 3000}
		if i < 200 {
			want.count = 5
		}
		if x := got["place="+s][everybody]; x != want {
			t.Fatalf("%s: %+v, want %+v", s, x, want)
		}
	}
}
