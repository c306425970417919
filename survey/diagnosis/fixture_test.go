package diagnosis

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"opengate/survey"
	"opengate/survey/expr"
)

// shared finds a file that comes with the project but not with the repository; the test is skipped without it.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("OPENGATE_SHARED")
	if dir == "" {
		root, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
				break
			}
			root = filepath.Dir(root)
		}
		dir = filepath.Join(root, "..", "shared")
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skip("set OPENGATE_SHARED to the folder with " + name)
	}
	return path
}

func ptr(x float64) *float64 { return &x }

func words(s string) survey.Text { return survey.Text{"en": s, "pl": "PL " + s} }

// list builds a choice list from "code", "code:score", "code!state" (dk, pnts, na), "code>rollup", "code*" (exclusive).
func list(name string, specs ...string) *survey.List {
	l := &survey.List{Name: name}
	for _, s := range specs {
		c := &survey.Choice{}
		switch {
		case strings.Contains(s, "!"):
			code, state, _ := strings.Cut(s, "!")
			c.Code = code
			c.Missing, _ = survey.ParseState(state)
		case strings.Contains(s, ">"):
			c.Code, c.Rollup, _ = strings.Cut(s, ">")
		case strings.Contains(s, ":"):
			code, score, _ := strings.Cut(s, ":")
			var x float64
			if _, err := fmt.Sscan(score, &x); err != nil {
				panic(err)
			}
			c.Code, c.Score = code, &x
		default:
			c.Code, c.Exclusive = strings.TrimSuffix(s, "*"), strings.HasSuffix(s, "*")
		}
		c.Label = words(c.Code)
		l.Choices = append(l.Choices, c)
	}
	return l
}

func question(id string, kind survey.Kind, list string, a survey.Analysis) *survey.Question {
	if a.Role == "" {
		a.Role = survey.RoleItem
	}
	if a.NeedAt == 0 {
		a.NeedAt, a.SevereAt = 3, 4
	}
	if a.Higher == "" {
		a.Higher = survey.HigherIsWorse
	}
	return &survey.Question{ID: id, Name: id, Kind: kind, List: list, Label: words(id), Analysis: a}
}

func parsed(tb testing.TB, src string) *expr.Expr {
	tb.Helper()
	e, err := expr.Parse(src)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// madeUp is a small questionnaire with every kind of item and dimension.
func madeUp(tb testing.TB) *survey.Form {
	tb.Helper()
	one, many := survey.KindSelectOne, survey.KindSelectMultiple
	f := &survey.Form{
		Slug: "city", Version: 1, Title: words("City"), Default: "en",
		Languages: []survey.Language{{Tag: "en", Name: "English"}, {Tag: "pl", Name: "polski"}},
		Lists:     map[string]*survey.List{},
		Body: []*survey.Question{
			question("ok", one, "yn", survey.Analysis{Role: survey.RoleConsent}),
			question("home", one, "f", survey.Analysis{Role: survey.RoleNeed, Area: "HOU", Recall: "now"}),
			question("doctor", one, "f", survey.Analysis{Role: survey.RoleNeed, Area: "HEA", Recall: "now"}),
			question("medicine", one, "f", survey.Analysis{Role: survey.RoleNeed, Area: "HEA", Recall: "now"}),
			question("heard", one, "three", survey.Analysis{Role: survey.RoleNeed, Area: "PAR"}),
			question("needed", many, "services", survey.Analysis{Role: survey.RoleNeeded}),
			question("barrier", many, "barriers", survey.Analysis{Role: survey.RoleBarrier, Of: "needed"}),
			question("worse_work", one, "ync", survey.Analysis{Role: survey.RoleExperience, Recall: "12m", Positive: survey.Positive{Codes: []string{"yes"}}}),
			question("worse_shop", one, "ync", survey.Analysis{Role: survey.RoleExperience, Recall: "12m", Positive: survey.Positive{Codes: []string{"yes"}}}),
			question("told", one, "yn", survey.Analysis{Role: survey.RoleReported, Of: "worse_work"}),
			question("trust", one, "five", survey.Analysis{Role: survey.RoleTrust, Higher: survey.HigherIsBetter, Positive: survey.Positive{Min: ptr(4)}}),
			question("asked", one, "five", survey.Analysis{BaseAsked: true}),
			question("gender", one, "gender", survey.Analysis{Role: survey.RoleGroup}),
			question("nation", many, "nation", survey.Analysis{Role: survey.RoleGroup, Special: true}),
			question("see", one, "wg", survey.Analysis{Role: survey.RoleNone}),
			question("hear", one, "wg", survey.Analysis{Role: survey.RoleNone}),
			question("wish", survey.KindText, "", survey.Analysis{Role: survey.RoleOpen}),
		},
	}
	for _, l := range []*survey.List{
		list("yn", "yes", "no", "pnts!pnts"),
		list("ync", "yes", "no", "none!na", "dk!dk"),
		list("f", "full:1", "mostly:2", "partly:3", "hardly:4", "none:5", "na!na", "dk!dk", "pnts!pnts"),
		list("three", "fine:1", "so:3", "bad:5", "dk!dk"),
		list("services", "care", "law", "shelter", "nothing*", "pnts!pnts"),
		list("barriers", "cost", "language", "fear", "no_barrier*"),
		list("five", "1:1", "2:2", "3:3", "4:4", "5:5", "dk!dk"),
		list("gender", "woman", "man", "nonbinary", "own>nonbinary", "pnts!pnts"),
		list("nation", "pl", "ua", "roma", "pnts!pnts"),
		list("wg", "1", "2", "3", "4", "dk!dk"),
	} {
		f.Lists[l.Name] = l
	}
	f.Plan = survey.Plan{
		Declared: true,
		Areas:    []survey.Area{{Code: "HOU", Label: words("housing")}, {Code: "HEA", Label: words("health")}, {Code: "PAR", Label: words("voice")}},
		Dimensions: []survey.Dimension{
			{Code: "gender", Kind: survey.DimensionSingle, Question: "gender", Label: words("gender")},
			{Code: "nation", Kind: survey.DimensionMulti, Question: "nation", Label: words("belonging")},
			{Code: "disability", Kind: survey.DimensionDerived, Label: words("disability"), Categories: []survey.Category{
				{Code: "yes", Label: words("yes"), When: parsed(tb, "${see} >= 3 or ${hear} >= 3")},
			}},
			{Code: "gender_nation", Kind: survey.DimensionCross, Of: [2]string{"gender", "nation"}},
		},
	}
	f.Index()
	return f
}

// people makes up n responses to madeUp, different for every seed.
func people(n int, seed uint64, era int) []survey.Response {
	r := rand.New(rand.NewPCG(seed, 7))
	pick := func(codes ...string) string { return codes[r.IntN(len(codes))] }
	ticks := func(alone string, codes ...string) string {
		var chosen []string
		for _, c := range codes {
			if r.IntN(3) == 0 {
				chosen = append(chosen, c)
			}
		}
		if len(chosen) == 0 {
			return alone
		}
		return strings.Join(chosen, " ")
	}
	states := map[string]survey.State{"dk": survey.DontKnow, "pnts": survey.Refused, "na": survey.NotApplicable}
	var all []survey.Response
	for i := range n {
		a := survey.Answers{}
		give := func(id, v string) {
			switch {
			case r.IntN(12) == 0:
				a[id] = survey.Value{State: survey.Skipped}
			case v == "none" && strings.HasPrefix(id, "worse"):
				a[id] = survey.Value{State: survey.NotApplicable, Text: v}
			case states[v] != survey.NotAsked:
				a[id] = survey.Value{State: states[v], Text: v}
			default:
				a[id] = survey.Value{State: survey.Answered, Text: v}
			}
		}
		give("ok", "yes")
		for _, id := range []string{"home", "doctor", "medicine"} {
			give(id, pick("full", "full", "mostly", "partly", "hardly", "none", "na", "dk", "pnts"))
		}
		give("heard", pick("fine", "so", "bad", "dk"))
		give("needed", ticks("nothing", "care", "law", "shelter"))
		if slices.ContainsFunc(a["needed"].Codes(), func(c string) bool { return c != "nothing" }) || r.IntN(20) == 0 {
			give("barrier", ticks("no_barrier", "cost", "language", "fear"))
		}
		give("worse_work", pick("yes", "no", "no", "none", "dk"))
		give("worse_shop", pick("yes", "no", "no", "none"))
		if a["worse_work"].Text == "yes" || r.IntN(8) == 0 { // imported answers do not follow the routing
			give("told", pick("yes", "no", "pnts"))
		}
		give("trust", pick("1", "2", "3", "4", "5", "dk"))
		give("asked", pick("1", "2", "3", "4", "5", "dk"))
		give("gender", pick("woman", "woman", "woman", "man", "man", "nonbinary", "own", "pnts"))
		give("nation", ticks("pl", "pl", "ua", "roma"))
		give("see", pick("1", "1", "1", "2", "3", "dk"))
		give("hear", pick("1", "1", "1", "2", "4", "dk"))
		a["wish"] = survey.Value{State: survey.Answered, Text: "x"}
		all = append(all, survey.Response{
			ID: fmt.Sprintf("r%d-%d", seed, i), Survey: "city", Wave: "w1", Version: 1,
			Language: survey.Lang(pick("en", "pl")), Channel: pick("", "ngo"), Mode: survey.ModeSelf,
			Day: fmt.Sprintf("2026-0%d-1%d", 1+r.IntN(3), r.IntN(9)), Era: era, Complete: true, Answers: a,
		})
	}
	return all
}

// stream yields responses as a store does.
func stream(rs []survey.Response) iter.Seq2[survey.Response, error] {
	return func(yield func(survey.Response, error) bool) {
		for _, r := range rs {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// testKey is 0, 1, … 31, as in the golden vectors.
func testKey() []byte {
	key := make([]byte, keySize)
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

// input is a first release of the responses.
func input(f *survey.Form, rs []survey.Response) Input {
	return Input{
		Survey: "city", Wave: "w1", Forms: map[int]*survey.Form{1: f}, Current: 1, Responses: stream(rs), Key: testKey(),
		KeyID: "k1", Release: 1, AsOf: "2026-05-01", Software: "test", Channels: map[string]string{"ngo": "NGO"},
	}
}

// made is a release with what the next one needs.
type made struct {
	*Cube
	sealed []byte
	report *Report
}

func mustMake(tb testing.TB, in Input) made {
	tb.Helper()
	cube, sealed, report, err := Make(tb.Context(), in)
	if err != nil {
		tb.Fatal(err)
	}
	return made{cube, sealed, report}
}

// after is the release that follows m.
func (m made) after(in Input) Input {
	in.Release, in.Previous, in.PreviousSealed = m.Release+1, m.Cube, m.sealed
	return in
}

func (m made) row(tb testing.TB, category string) Row {
	tb.Helper()
	for _, r := range m.Rows {
		if r.Category == category {
			return r
		}
	}
	tb.Fatalf("no row %s", category)
	return Row{}
}

func (m made) cell(tb testing.TB, indicator, category string) Cell {
	tb.Helper()
	x, ok := m.find(indicator, category)
	if !ok {
		tb.Fatalf("no cell %s of %s", indicator, category)
	}
	return x
}

func (m made) find(indicator, category string) (Cell, bool) {
	for _, x := range m.Cells {
		if x.Indicator == indicator && x.Category == category {
			return x, true
		}
	}
	return Cell{}, false
}

// exactCell is an unprotected count; it exists in tests only.
type exactCell struct{ count, base int }

// exactFrequencies counts every indicator in every row without protection, by the code that releases use.
func exactFrequencies(tb testing.TB, in Input) map[string]map[string]exactCell {
	tb.Helper()
	c := newCatalogue(in.versions(), in.By)
	tab, err := read(tb.Context(), c, in)
	if err != nil {
		tb.Fatal(err)
	}
	all := map[string]map[string]exactCell{}
	for at, it := range c.items {
		for i, p := range c.rows {
			n := tab.count(at, tab.members[i])
			for o, opt := range it.options {
				id := opt.indicator.ID
				if all[id] == nil {
					all[id] = map[string]exactCell{}
				}
				all[id][p.category] = exactCell{n.options[o], n.base}
			}
		}
	}
	return all
}
