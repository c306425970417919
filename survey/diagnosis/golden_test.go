package diagnosis

import (
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"opengate/survey"
)

func golden[T any](t *testing.T, name string) T {
	t.Helper()
	data, err := os.ReadFile(shared(t, "oracle/statistics/golden/"+name))
	if err != nil {
		t.Fatal(err)
	}
	var g T
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

type vectors struct {
	Key   string `json:"key_hex"`
	Table []struct {
		Pop       [][2]string `json:"pop"`
		N         int         `json:"n"`
		Canonical string      `json:"canonical"`
		Offset    int         `json:"offset"`
		Published bool        `json:"published"`
		NPub      *int        `json:"n_pub"`
		Cells     []struct {
			Answer    string
			X         int
			Canonical string
			Offset    int
			XPub      *int `json:"x_pub"`
			Display   string
			Pct       *float64
		} `json:"cells"`
		Base struct {
			N         int
			Canonical string
			Offset    int
			NPub      *int `json:"n_pub"`
		} `json:"item_base"`
	} `json:"table"`
	Monotone struct {
		Canonical string
		X         []int
		XPub      []int `json:"x_pub"`
	} `json:"monotone"`
	Refresh []struct {
		N    int  `json:"n_true"`
		NPub *int `json:"n_pub"`
	} `json:"refresh"`
}

func TestRoundingPointsEqualTheGoldenVectors(t *testing.T) {
	g := golden[vectors](t, "g10_sdc_vectors.json")
	key, err := hex.DecodeString(g.Key)
	if err != nil {
		t.Fatal(err)
	}
	p := protector{key, "w1"}
	check := func(canonical string, got string, offset int) {
		t.Helper()
		if got != canonical {
			t.Errorf("canonical %s, want %s", got, canonical)
		}
		if o := p.offset(got); o != offset {
			t.Errorf("offset of %s = %d, want %d", canonical, o, offset)
		}
	}
	for _, row := range g.Table {
		var pop []attr
		for _, a := range row.Pop {
			pop = append(pop, attr{token(a[0]), token(a[1])})
		}
		check(row.Canonical, p.canonical(pop, sizeOf), row.Offset)
		check(row.Base.Canonical, p.canonical(pop, "vote="+baseOf), row.Base.Offset)
		for _, c := range row.Cells {
			check(c.Canonical, p.canonical(pop, "vote="+token(c.Answer)), c.Offset)
			if c.XPub != nil && p.protect(c.X, c.Canonical) != *c.XPub {
				t.Errorf("protect(%d, %s) = %d, want %d", c.X, c.Canonical, p.protect(c.X, c.Canonical), *c.XPub)
			}
		}
	}
	for i, x := range g.Monotone.X {
		if got := p.protect(x, g.Monotone.Canonical); got != g.Monotone.XPub[i] {
			t.Errorf("protect(%d) = %d, want %d", x, got, g.Monotone.XPub[i])
		}
	}
}

// chile is the form and the answers behind the golden table.
func chile(t *testing.T) (*survey.Form, []survey.Response) {
	t.Helper()
	file, err := os.Open(shared(t, "oracle/statistics/data/g3_chile.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	f := &survey.Form{Slug: "city", Version: 1, Default: "en", Languages: []survey.Language{{Tag: "en"}}, Lists: map[string]*survey.List{}}
	names := []string{"sex", "region", "education", "vote"}
	codes := map[string][]string{}
	var rs []survey.Response
	for i, record := range records[1:] {
		r := survey.Response{ID: strconv.Itoa(i), Wave: "w1", Version: 1, Day: "2026-01-01", Answers: survey.Answers{}}
		for _, name := range names {
			v := record[slices.Index(records[0], name)]
			if v == "" {
				r.Answers[name] = survey.Value{State: survey.Skipped}
				continue
			}
			if !slices.Contains(codes[name], v) {
				codes[name] = append(codes[name], v)
			}
			r.Answers[name] = survey.Value{State: survey.Answered, Text: v}
		}
		rs = append(rs, r)
	}
	for _, name := range names {
		f.Lists[name] = list(name, codes[name]...)
		role := survey.RoleGroup
		if name == "vote" {
			role = survey.RoleItem
		} else {
			f.Plan.Dimensions = append(f.Plan.Dimensions, survey.Dimension{Code: name, Kind: survey.DimensionSingle, Question: name})
		}
		f.Body = append(f.Body, question(name, survey.KindSelectOne, name, survey.Analysis{Role: role}))
	}
	f.Plan.Dimensions = append(f.Plan.Dimensions, survey.Dimension{Code: "sr", Kind: survey.DimensionCross, Of: [2]string{"sex", "region"}})
	f.Index()
	return f, rs
}

func TestReleaseEqualsTheGoldenTable(t *testing.T) {
	g := golden[vectors](t, "g10_sdc_vectors.json")
	f, rs := chile(t)
	m := mustMake(t, input(f, rs))
	d := m.Diagnosis()
	compared := 0
	for _, want := range g.Table {
		if len(want.Pop) > 2 {
			continue // three group attributes are not published
		}
		var parts []string
		for _, a := range want.Pop {
			parts = append(parts, a[0]+"/"+a[1])
		}
		category := strings.Join(parts, "*")
		if category == "" {
			category = everybody
		}
		row := m.row(t, category)
		if row.Shown != want.Published || want.NPub != nil && row.N != *want.NPub {
			t.Errorf("%s: %+v, want %v", category, row, *want.NPub)
		}
		for _, c := range want.Cells {
			x := m.cell(t, "vote="+c.Answer, category)
			if c.XPub == nil {
				if x.Hidden != ruleGate || x.Count != 0 || x.Base != 0 {
					t.Errorf("%s %s: %+v, want hidden", category, c.Answer, x)
				}
				continue
			}
			if x.Count != *c.XPub || x.Base != *want.Base.NPub {
				t.Errorf("%s %s: %d of %d, want %d of %d", category, c.Answer, x.Count, x.Base, *c.XPub, *want.Base.NPub)
			}
			for _, f := range d.Figures {
				if f.Indicator == x.Indicator && f.Category == category && c.Pct != nil && math.Round(*f.Estimate*100) != *c.Pct {
					t.Errorf("%s %s: %v, want %v %%", category, c.Answer, *f.Estimate, *c.Pct)
				}
			}
			compared++
		}
	}
	if compared < 20 {
		t.Errorf("compared %d cells", compared)
	}
}

func TestRowRefreshFollowsTheGoldenLog(t *testing.T) {
	g := golden[vectors](t, "g10_sdc_vectors.json")
	f, _ := chile(t)
	var last *made
	var present []survey.Response
	for i, event := range g.Refresh {
		if event.N > len(present) {
			present = append(present, survey.Response{
				ID: strconv.Itoa(i), Wave: "w1", Version: 1, Era: i,
				Answers: survey.Answers{"sex": {State: survey.Answered, Text: "F"}},
			})
		} else {
			present = present[1:] // somebody who came long ago withdraws
		}
		in := input(f, present)
		in.Release = i + 1
		if last != nil {
			in = last.after(in)
		}
		m := mustMake(t, in)
		row := m.row(t, "sex/F")
		if row.Shown != (event.NPub != nil) || row.Shown && row.N != *event.NPub {
			t.Fatalf("event %d, %d people: %+v, want %v", i, event.N, row, event.NPub)
		}
		last = &m
	}
}

func TestIntervalsEqualTheGoldenGrid(t *testing.T) {
	type grid struct {
		Rows []struct {
			Base   int
			N      int `json:"n_pub"`
			X      int `json:"x_pub"`
			Deff   float64
			Lo, Hi float64
		}
	}
	for _, r := range golden[grid](t, "g9_published_ci.json").Rows {
		low, high := rounded{count: r.X, size: r.N, base: r.Base, draws: 1, deff: r.Deff}.interval()
		if math.Abs(low-r.Lo) > 1e-9 || math.Abs(high-r.Hi) > 1e-9 {
			t.Errorf("%+v: %.12f–%.12f", r, low, high)
		}
	}
}

func TestWilsonEqualsR(t *testing.T) {
	type g5 struct {
		Grid []struct {
			N, X   float64
			Wilson [2]float64 `json:"wilson95"`
		} `json:"wilson_grid"`
	}
	for _, r := range golden[g5](t, "g5_small_cells.json").Grid {
		low, high := wilson(r.X/r.N, r.N)
		if math.Abs(low-r.Wilson[0]) > 1e-9 || math.Abs(high-r.Wilson[1]) > 1e-9 {
			t.Errorf("%v of %v: %v–%v, want %v", r.X, r.N, low, high, r.Wilson)
		}
	}
	type g1 struct {
		Cells []struct {
			P      *float64
			Kish   *float64    `json:"neff_kish"`
			Wilson *[2]float64 `json:"ci_wilson_kish"`
		}
		Gaps []struct {
			Item string
			P    *float64 `json:"p_value"`
			Q    *float64 `json:"q_bh"`
		}
	}
	g := golden[g1](t, "g1_ces11_weighted_props.json")
	for _, c := range g.Cells {
		if c.P == nil || c.Wilson == nil {
			continue
		}
		low, high := wilson(*c.P, *c.Kish)
		if math.Abs(low-c.Wilson[0]) > 1e-8 || math.Abs(high-c.Wilson[1]) > 1e-8 {
			t.Errorf("%v of %v: %v–%v, want %v", *c.P, *c.Kish, low, high, *c.Wilson)
		}
	}
	var p, q []float64
	for _, x := range g.Gaps {
		if x.P != nil && x.Q != nil {
			p, q = append(p, *x.P), append(q, *x.Q)
		}
	}
	if len(q) == 0 {
		t.Fatal("no false discovery rates to compare")
	}
	for i, got := range adjust(p) {
		if math.Abs(got-q[i]) > 1e-8 {
			t.Errorf("rate %d = %v, want %v", i, got, q[i])
		}
	}
}
