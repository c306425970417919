package diagnosis

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"opengate/survey"
)

// like makes n copies of a response in a later era, so that exactly its rows change.
func like(r survey.Response, n, era int) []survey.Response {
	var copies []survey.Response
	for i := range n {
		c := r
		c.ID, c.Era = fmt.Sprintf("%s-copy-%d-%d", r.ID, era, i), era
		copies = append(copies, c)
	}
	return copies
}

// published are a row and its cells.
func (m made) published(tb testing.TB, category string) (Row, []Cell) {
	tb.Helper()
	var cells []Cell
	for _, x := range m.Cells {
		if x.Category == category {
			cells = append(cells, x)
		}
	}
	return m.row(tb, category), cells
}

func sameRow(tb testing.TB, a, b made, category string) bool {
	tb.Helper()
	ra, ca := a.published(tb, category)
	rb, cb := b.published(tb, category)
	return ra == rb && slices.Equal(ca, cb)
}

func TestRowsChangeOnlyAfterTenChanges(t *testing.T) {
	f := madeUp(t)
	rs := people(500, 9, 0)
	man := rs[slices.IndexFunc(rs, func(r survey.Response) bool { return r.Answers["gender"].Text == "man" })]
	first := mustMake(t, input(f, rs))
	for joins := range 10 {
		m := mustMake(t, first.after(input(f, slices.Concat(rs, like(man, joins, 1)))))
		for _, r := range first.Rows {
			if !sameRow(t, first, m, r.Category) {
				t.Fatalf("%d joined: row %s changed", joins, r.Category)
			}
		}
		if !reflect.DeepEqual(m.Method, first.Method) {
			t.Fatalf("%d joined: method changed to %+v", joins, m.Method)
		}
		for _, r := range m.report.Rows {
			if r.Outcome == OutcomeRefreshed {
				t.Fatalf("%d joined: %+v", joins, r)
			}
		}
	}
	m := mustMake(t, first.after(input(f, slices.Concat(rs, like(man, 10, 1)))))
	for category, changes := range map[string]bool{everybody: true, "gender/man": true, "gender/woman": false} {
		if changed := !sameRow(t, first, m, category); changed != changes {
			t.Errorf("ten men joined: row %s changed: %v", category, changed)
		}
	}
	if r := m.row(t, "gender/man"); r.Refreshed != 2 || r.N != first.row(t, "gender/man").N+10 {
		t.Errorf("ten men joined: %+v before, %+v now", first.row(t, "gender/man"), r)
	}
}

func TestTheRoundingPointNeverMoves(t *testing.T) {
	f := madeUp(t)
	rs := people(500, 9, 0)
	first := mustMake(t, input(f, rs))
	for i := range 20 { // twenty people leave and come back with the same answers
		rs[i].Era = 1
	}
	second := mustMake(t, first.after(input(f, rs)))
	for _, r := range second.Rows {
		_, before := first.published(t, r.Category)
		_, now := second.published(t, r.Category)
		if r.N != first.row(t, r.Category).N || !slices.Equal(before, now) {
			t.Errorf("the same people of %s have other figures", r.Category)
		}
	}
	if second.row(t, everybody).Refreshed != 2 {
		t.Error("everybody was not recomputed, so this tests nothing")
	}
}

func TestChangesAddUpOverReleases(t *testing.T) {
	f := madeUp(t)
	rs := people(500, 9, 0)
	last := mustMake(t, input(f, rs))
	first := last
	for release := range 4 {
		rs = append(rs, like(rs[0], 3, release+1)...)
		m := mustMake(t, last.after(input(f, rs)))
		if changed := !sameRow(t, first, m, everybody); changed != (release == 3) {
			t.Fatalf("%d joined since the first release: changed: %v", 3*(release+1), changed)
		}
		last = m
	}
}

func TestWithdrawalsCountAsChanges(t *testing.T) {
	f := madeUp(t)
	rs := people(500, 9, 0)
	first := mustMake(t, input(f, rs))
	for _, c := range []struct{ leave, join int }{{9, 0}, {10, 0}, {4, 5}, {5, 5}, {0, 9}} {
		m := mustMake(t, first.after(input(f, slices.Concat(rs[c.leave:], like(rs[499], c.join, 1)))))
		if changed := m.row(t, everybody).Refreshed == 2; changed != (c.leave+c.join >= 10) {
			t.Errorf("%d left, %d joined: refreshed %v", c.leave, c.join, changed)
		}
	}
}

func TestARowBelowTenDisappearsAtItsRefreshAndNotBefore(t *testing.T) {
	f := madeUp(t)
	rs := people(60, 9, 0)
	women := slices.DeleteFunc(slices.Clone(rs), func(r survey.Response) bool { return r.Answers["gender"].Text != "woman" })
	others := slices.DeleteFunc(slices.Clone(rs), func(r survey.Response) bool { return r.Answers["gender"].Text == "woman" })
	women = women[:15]
	first := mustMake(t, input(f, slices.Concat(women, others)))
	after9 := mustMake(t, first.after(input(f, slices.Concat(women[9:], others))))
	if !sameRow(t, first, after9, "gender/woman") || !after9.row(t, "gender/woman").Shown {
		t.Errorf("six of fifteen are left: %+v", after9.row(t, "gender/woman"))
	}
	gone := mustMake(t, after9.after(input(f, slices.Concat(women[10:], others))))
	row, cells := gone.published(t, "gender/woman")
	if row.Shown || row.N != 0 {
		t.Errorf("five of fifteen are left: %+v", row)
	}
	for _, x := range cells {
		if x.Hidden != ruleGate || x.Count != 0 || x.Base != 0 {
			t.Errorf("cell of a row that disappeared: %+v", x)
		}
	}
	if x := gone.cell(t, "gender=woman", everybody); x.Hidden != ruleGate {
		t.Errorf("the row of everybody tells of it: %+v", x)
	}
	back := mustMake(t, gone.after(input(f, slices.Concat(women[10:], others, like(women[0], 9, 3)))))
	if back.row(t, "gender/woman").Shown {
		t.Error("nine changes since it disappeared bring it back")
	}
	back = mustMake(t, gone.after(input(f, slices.Concat(women[10:], others, like(women[0], 10, 3)))))
	if !back.row(t, "gender/woman").Shown {
		t.Error("ten changes since it disappeared do not bring it back")
	}
}

func TestAnAddedItemWaitsForTheRefreshOfItsRow(t *testing.T) {
	f := madeUp(t)
	rs := people(500, 9, 0)
	for i := range rs {
		rs[i].Answers["new"] = survey.Value{State: survey.Answered, Text: "3"}
	}
	first := mustMake(t, input(f, rs))
	g := madeUp(t)
	g.Body = append(g.Body, question("new", survey.KindSelectOne, "five", survey.Analysis{}))
	g.Plan.Dimensions = append(g.Plan.Dimensions, survey.Dimension{Code: "trust", Kind: survey.DimensionSingle, Question: "trust"})
	g.Index()
	if err := Compatible(first.Cube, g, nil); err != nil {
		t.Fatalf("an addition is refused: %v", err)
	}
	m := mustMake(t, first.after(input(g, rs)))
	if x := m.cell(t, "new=3", everybody); x.Hidden != ruleRefresh || x.Base != 0 {
		t.Errorf("a new item in an old row: %+v", x)
	}
	if x := m.cell(t, "new=3", "trust/4"); x.Hidden != "" || x.Base == 0 {
		t.Errorf("a new item in a new row: %+v", x)
	}
	if !sameRow(t, first, m, "gender/woman") == (len(m.Cells) == len(first.Cells)) {
		t.Error("an old row lost its cells")
	}
	full := mustMake(t, first.after(input(g, slices.Concat(rs, like(rs[0], 10, 1)))))
	if x := full.cell(t, "new=3", everybody); x.Hidden != "" {
		t.Errorf("after its refresh: %+v", x)
	}
}

func TestEditsOfTheCatalogueAreRefused(t *testing.T) {
	first := mustMake(t, input(madeUp(t), people(200, 1, 0)))
	for name, edit := range map[string]func(f *survey.Form){
		"dimension removed": func(f *survey.Form) { f.Plan.Dimensions = f.Plan.Dimensions[:3] },
		"condition changed": func(f *survey.Form) { f.Plan.Dimensions[2].Categories[0].When = parsed(t, "${see} >= 2") },
		"roll-up changed": func(f *survey.Form) {
			f.Lists["gender"] = list("gender", "woman", "man", "nonbinary", "own", "pnts!pnts")
		},
		"score changed": func(f *survey.Form) {
			f.Lists["f"] = list("f", "full:1", "mostly:3", "partly:3", "hardly:4", "none:5", "na!na", "dk!dk", "pnts!pnts")
		},
		"choice removed":                           func(f *survey.Form) { f.Lists["services"] = list("services", "care", "law", "nothing*", "pnts!pnts") },
		"choice now missing":                       func(f *survey.Form) { f.Lists["five"] = list("five", "1:1", "2:2", "3:3", "4:4", "5!na", "dk!dk") },
		"missing now a choice":                     func(f *survey.Form) { f.Lists["five"] = list("five", "1:1", "2:2", "3:3", "4:4", "5:5", "dk:6") },
		"the other answer of two now missing":      func(f *survey.Form) { f.Lists["yn"] = list("yn", "yes", "no!dk", "pnts!pnts") },
		"answer that a condition sees now missing": func(f *survey.Form) { f.Lists["wg"] = list("wg", "1", "2", "3", "4!dk", "dk!dk") },
		"threshold changed":                        func(f *survey.Form) { f.Body[1].Analysis.NeedAt = 4 },
		"base changed":                             func(f *survey.Form) { f.Body[11].Analysis.BaseAsked = false },
		"of changed":                               func(f *survey.Form) { f.Body[6].Analysis.Of = "" },
		"question removed":                         func(f *survey.Form) { f.Body = f.Body[:16:16][1:]; f.Body = slices.Delete(f.Body, 9, 10) },
	} {
		t.Run(name, func(t *testing.T) {
			f := madeUp(t)
			edit(f)
			f.Index()
			var edits *EditError
			if err := Compatible(first.Cube, f, nil); !errors.As(err, &edits) || len(edits.Edits) == 0 || edits.Error() == "" {
				t.Fatalf("allowed: %v", err)
			}
			_, _, _, err := Make(t.Context(), first.after(input(f, people(200, 1, 0))))
			if !errors.As(err, &edits) {
				t.Errorf("made: %v", err)
			}
		})
	}
	longer := madeUp(t)
	longer.Lists["five"] = list("five", "1:1", "2:2", "3:3", "4:4", "5:5", "dk!dk", "na!na", "0:0")
	longer.Lists["yn"] = list("yn", "yes", "no", "unsure", "pnts!pnts")
	longer.Index()
	if err := Compatible(first.Cube, longer, nil); err != nil {
		t.Errorf("choices may be added: %v", err)
	}
	relabelled := madeUp(t)
	relabelled.Body[1].Label = words("another wording")
	relabelled.Lists["f"].Choices[0].Label = words("another wording")
	if err := Compatible(first.Cube, relabelled, nil); err != nil {
		t.Errorf("labels may change: %v", err)
	}
}

func TestAnotherKeyIsRefused(t *testing.T) {
	f, rs := madeUp(t), people(200, 1, 0)
	first := mustMake(t, input(f, rs))
	in := first.after(input(f, rs))
	in.Key = bytes.Repeat([]byte{7}, keySize)
	if _, _, _, err := Make(t.Context(), in); !errors.Is(err, ErrKey) {
		t.Errorf("another key of the same name: %v", err)
	}
	in = first.after(input(f, rs))
	in.KeyID = "k2"
	if _, _, _, err := Make(t.Context(), in); !errors.Is(err, ErrKey) {
		t.Errorf("another key: %v", err)
	}
	in = first.after(input(f, rs))
	in.PreviousSealed = append([]byte(nil), in.PreviousSealed...)
	in.PreviousSealed[20] ^= 1
	if _, _, _, err := Make(t.Context(), in); !errors.Is(err, ErrKey) {
		t.Errorf("tampered sizes: %v", err)
	}
	if bytes.Contains(first.sealed, []byte("gender")) {
		t.Error("sealed sizes can be read")
	}
}

func TestVerifyRecomputesARelease(t *testing.T) {
	f, rs := madeUp(t), people(300, 1, 0)
	first := mustMake(t, input(f, rs))
	more := slices.Concat(rs, people(40, 2, 1))
	second := mustMake(t, first.after(input(f, more)))
	if err := Verify(first.after(input(f, more)), second.Cube); err != nil {
		t.Errorf("a true release: %v", err)
	}
	stuffed := slices.Concat(more, people(1, 3, 1))
	if err := Verify(first.after(input(f, stuffed)), second.Cube); !errors.Is(err, ErrDiffers) {
		t.Errorf("one answer more: %v", err)
	}
	forged := *second.Cube
	forged.Cells = slices.Clone(forged.Cells)
	forged.Cells[0].Count += roundingBase
	if err := Verify(first.after(input(f, more)), &forged); !errors.Is(err, ErrDiffers) {
		t.Errorf("a forged figure: %v", err)
	}
	in := first.after(input(f, more))
	in.Software = "another"
	if err := Verify(in, second.Cube); !errors.Is(err, ErrDiffers) {
		t.Errorf("another software: %v", err)
	}
}

func TestCubeAndReportSurviveStorage(t *testing.T) {
	m := mustMake(t, input(madeUp(t), people(300, 1, 0)))
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(data)
	if err != nil || !reflect.DeepEqual(back, m.Cube) {
		t.Errorf("the cube changed in storage: %v", err)
	}
	again, err := back.Encode()
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("its bytes changed: %v", err)
	}
	data, err = m.report.Encode()
	if err != nil {
		t.Fatal(err)
	}
	report, err := DecodeReport(data)
	if err != nil || !reflect.DeepEqual(report, m.report) {
		t.Errorf("the report changed in storage: %v", err)
	}
	for _, bad := range [][]byte{nil, []byte("x"), data} {
		if _, err := Decode(bad); err == nil {
			t.Errorf("%d bytes of something else are read as a cube", len(bad))
		}
	}
}

func TestWrongInputIsRefused(t *testing.T) {
	f, rs := madeUp(t), people(50, 1, 0)
	first := mustMake(t, input(f, rs))
	for name, spoil := range map[string]func(*Input){
		"short key":            func(in *Input) { in.Key = in.Key[:16] },
		"release 0":            func(in *Input) { in.Release = 0 },
		"no form":              func(in *Input) { in.Forms = nil },
		"no responses":         func(in *Input) { in.Responses = nil },
		"previous of a wave":   func(in *Input) { *in = first.after(*in); in.Wave = "w2" },
		"previous not earlier": func(in *Input) { *in = first.after(*in); in.Release = 1 },
		"broken snapshot": func(in *Input) {
			in.Responses = func(yield func(survey.Response, error) bool) { yield(survey.Response{}, errors.New("disk")) }
		},
	} {
		in := input(f, rs)
		spoil(&in)
		if _, _, _, err := Make(t.Context(), in); err == nil {
			t.Errorf("%s: made", name)
		}
	}
}
