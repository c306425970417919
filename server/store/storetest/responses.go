//nolint:thelper // these are tests, whose failures are to name their own lines
package storetest

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"opengate/server/store"
	"opengate/survey"
)

// Entry makes a response with that ID and one answer.
func Entry(id, answer string) store.Entry {
	hash := sha256.Sum256([]byte("receipt " + id))
	return store.Entry{ReceiptHash: hash[:], Response: survey.Response{
		ID: id, Survey: "s", Wave: "w", Version: 1, Language: "uk", Mode: survey.ModeSelf, Day: "2026-11-22", Consent: "1", Complete: true,
		Answers: survey.Answers{"q": {State: survey.Answered, Text: answer}},
	}}
}

func submit(tb testing.TB, s *store.Store, entries ...store.Entry) []store.Verdict {
	tb.Helper()
	v, err := s.AddResponses(tb.Context(), entries)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func walk(tb testing.TB, s *store.Store, f store.Filter) []survey.Response {
	tb.Helper()
	var out []survey.Response
	for r, err := range s.Responses(tb.Context(), "s", f) {
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func responseBack(t *testing.T, s *store.Store) {
	add(t, s, "s")
	e := Entry(rand.Text(), "tak")
	e.Response.Channel, e.Response.Era, e.Response.Fallback, e.Response.Version = "lib1", 3, 2, 4
	e.Response.Answers = survey.Answers{
		"q": {State: survey.Answered, Text: "tak"}, "multi": {State: survey.Answered, Text: "a b c"}, "empty": {State: survey.Answered},
		"dk": {State: survey.DontKnow, Text: "98"}, "no": {State: survey.Refused, Text: "99"}, "na": {State: survey.NotApplicable, Text: "97"},
		"skip": {State: survey.Skipped}, "unreached": {State: survey.NotReached}, "bad": {State: survey.Invalid}, "unasked": {},
		"child[2]": {State: survey.Answered, Text: "7.5"}, "visit[2.1]": {State: survey.Answered, Text: "2026-01-31"}, "a/b.c": {State: survey.Answered, Text: "x"}, "$odd": {State: survey.Skipped},
		"free": {State: survey.Answered, Text: "Żółć \u200fسلام\u200f 😀\n\x00end"},
	}
	submit(t, s, e)
	got, err := s.Response(t.Context(), e.Response.ID)
	if err != nil || !reflect.DeepEqual(got, e.Response) {
		t.Errorf("by id: %v\ngot  %+v\nwant %+v", err, got, e.Response)
	}
	if all := walk(t, s, store.Filter{}); len(all) != 1 || !reflect.DeepEqual(all[0], e.Response) {
		t.Errorf("in a walk: %+v", all)
	}
	if _, err := s.Response(t.Context(), "none"); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("no such response: %v", err)
	}
}

func sameAtOnce(t *testing.T, s *store.Store) {
	add(t, s, "s")
	verdicts := make([]store.Verdict, 16)
	var wg sync.WaitGroup
	for i := range verdicts {
		wg.Go(func() {
			v, err := s.AddResponses(t.Context(), []store.Entry{Entry("one", "a")})
			if err != nil {
				t.Error(err)
				return
			}
			verdicts[i] = v[0]
		})
	}
	wg.Wait()
	stored := 0
	for _, v := range verdicts {
		switch v {
		case store.Stored:
			stored++
		case store.Same:
		default:
			t.Errorf("verdict %d", v)
		}
	}
	if n := len(walk(t, s, store.Filter{})); stored != 1 || n != 1 {
		t.Errorf("%d say stored, %d are there", stored, n)
	}
}

func differs(t *testing.T, s *store.Store) {
	add(t, s, "s", "other")
	submit(t, s, Entry("one", "a"))
	later := Entry("one", "a")
	later.Response.Day, later.Response.Era, later.Response.Answers["unasked"] = "2026-11-23", 1, survey.Value{}
	elsewhere := Entry("one", "a")
	elsewhere.Response.Survey = "other"
	shifted := Entry("one", "")
	shifted.Response.Answers = survey.Answers{"qa": {State: survey.Answered}}
	got := submit(t, s, later, Entry("one", "b"), Entry("two", "a"), elsewhere, shifted)
	if want := []store.Verdict{store.Same, store.Differs, store.Stored, store.Differs, store.Differs}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !errors.Is(store.Differs.Err(), survey.ErrDuplicate) || store.Same.Err() != nil {
		t.Error("kinds of verdicts")
	}
	r, err := s.Response(t.Context(), "one")
	if err != nil || r.Answers["q"].Text != "a" || r.Day != "2026-11-22" {
		t.Errorf("the first one was changed: %+v, %v", r, err)
	}
}

// computed sends what was given again, with something else worked out from it.
func computed(t *testing.T, s *store.Store) {
	add(t, s, "s", "other")
	entry := func(given, today string) store.Entry {
		e := Entry("one", given)
		e.Given = survey.Answers{"q": e.Response.Answers["q"]}
		e.Response.Answers["today"] = survey.Value{State: survey.Answered, Text: today}
		return e
	}
	if _, err := s.Repeated(t.Context(), entry("a", "2026-11-22")); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("a first one: %v", err)
	}
	submit(t, s, entry("a", "2026-11-22"))
	bare, elsewhere := entry("a", "2026-11-23"), entry("a", "2026-11-22")
	bare.Response.Answers, elsewhere.Response.Survey = nil, "other"
	nothing := entry("a", "2026-11-22")
	nothing.Given = survey.Answers{}
	entries := []store.Entry{entry("a", "2026-11-23"), bare, entry("b", "2026-11-22"), elsewhere, nothing}
	want := []store.Verdict{store.Same, store.Same, store.Differs, store.Differs, store.Differs}
	if got := submit(t, s, entries...); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for i, e := range entries {
		if v, err := s.Repeated(t.Context(), e); err != nil || v != want[i] {
			t.Errorf("%d: %v, %v", i, v, err)
		}
	}
	if r, err := s.Response(t.Context(), "one"); err != nil || r.Answers["today"].Text != "2026-11-22" {
		t.Errorf("the first one was changed: %+v, %v", r, err)
	}
	if _, err := s.Withdraw(t.Context(), Entry("one", "").ReceiptHash, "2026-11-23"); err != nil {
		t.Fatal(err)
	}
	if v, err := s.Repeated(t.Context(), bare); err != nil || v != store.Gone {
		t.Errorf("withdrawn: %v, %v", v, err)
	}
}

func filters(t *testing.T, s *store.Store) {
	add(t, s, "s", "other")
	var entries []store.Entry
	for i := range 12 {
		e := Entry(fmt.Sprint("id", i), "a")
		e.Response.Wave = []string{"w1", "w2"}[i%2]
		e.Response.Era = i / 4
		e.Response.Test = i == 0
		if i == 11 {
			e.Response.Survey = "other"
		}
		entries = append(entries, e)
	}
	submit(t, s, entries...)
	for f, want := range map[store.Filter]int{
		{}: 10, {Wave: "w1"}: 5, {BeforeEra: 1}: 3, {Wave: "w2", BeforeEra: 2}: 4, {Test: true}: 1, {Wave: "none"}: 0,
	} {
		if got := len(walk(t, s, f)); got != want {
			t.Errorf("%+v: %d responses, want %d", f, got, want)
		}
	}
	if err := s.DropTests(t.Context(), "s"); err != nil {
		t.Fatal(err)
	}
	if n, m := len(walk(t, s, store.Filter{Test: true})), len(walk(t, s, store.Filter{})); n != 0 || m != 10 {
		t.Errorf("after dropping tests: %d tests, %d real", n, m)
	}
}

func walkSnapshot(t *testing.T, s *store.Store) {
	add(t, s, "s")
	var entries []store.Entry
	for i := range 2500 {
		entries = append(entries, Entry(fmt.Sprint("old", i), "a"))
	}
	submit(t, s, entries...)
	n := 0
	for r, err := range s.Responses(t.Context(), "s", store.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			var later []store.Entry
			for i := range 500 {
				later = append(later, Entry(fmt.Sprint("new", i), "a"))
			}
			submit(t, s, later...)
			if _, err := s.Withdraw(t.Context(), Entry("old7", "").ReceiptHash, "2026-11-22"); err != nil {
				t.Fatal(err)
			}
		}
		if r.ID[:3] == "new" {
			t.Fatal("a later response is seen")
		}
		n++
	}
	if n != 2500 {
		t.Errorf("%d responses are seen", n)
	}
}

func withdraw(t *testing.T, s *store.Store) {
	add(t, s, "s")
	submit(t, s, Entry("one", "a"), Entry("two", "a"))
	slug, err := s.Withdraw(t.Context(), Entry("one", "").ReceiptHash, "2026-11-22")
	if slug != "s" || err != nil {
		t.Fatal(slug, err)
	}
	if _, err := s.Withdraw(t.Context(), Entry("one", "").ReceiptHash, "2026-11-23"); !errors.Is(err, survey.ErrWithdrawn) {
		t.Errorf("again: %v", err)
	}
	for _, hash := range [][]byte{nil, {}, {1, 2, 3}} {
		if _, err := s.Withdraw(t.Context(), hash, "2026-11-22"); !errors.Is(err, survey.ErrNotFound) {
			t.Errorf("receipt %v: %v", hash, err)
		}
	}
	if got := submit(t, s, Entry("one", "a"), Entry("one", "b")); !slices.Equal(got, []store.Verdict{store.Gone, store.Gone}) {
		t.Errorf("repeats: %v", got)
	}
	if _, err := s.Response(t.Context(), "one"); !errors.Is(err, survey.ErrWithdrawn) {
		t.Errorf("read: %v", err)
	}
	if all := walk(t, s, store.Filter{}); len(all) != 1 || all[0].ID != "two" {
		t.Errorf("walk: %v", all)
	}
}

// withdrawRace sends repeats of a response while it is being withdrawn. Whatever the order, nothing comes back.
func withdrawRace(t *testing.T, s *store.Store) {
	add(t, s, "s")
	for round := range 10 {
		id := fmt.Sprint("r", round)
		submit(t, s, Entry(id, "a"))
		start := make(chan struct{})
		var wg sync.WaitGroup
		var withdrawn sync.Map
		for i := range 12 {
			wg.Go(func() {
				<-start
				if i%3 == 0 {
					_, err := s.Withdraw(t.Context(), Entry(id, "").ReceiptHash, "2026-11-22")
					if err == nil {
						withdrawn.Store(i, true)
					} else if !errors.Is(err, survey.ErrWithdrawn) {
						t.Error(err)
					}
					return
				}
				v, err := s.AddResponses(t.Context(), []store.Entry{Entry(id, "a")})
				if err != nil || v[0] != store.Same && v[0] != store.Gone {
					t.Errorf("repeat: %v, %v", v, err)
				}
			})
		}
		close(start)
		wg.Wait()
		n := 0
		withdrawn.Range(func(any, any) bool { n++; return true })
		if n != 1 {
			t.Errorf("%d withdrawals say that they did it", n)
		}
		if _, err := s.Response(t.Context(), id); !errors.Is(err, survey.ErrWithdrawn) {
			t.Errorf("round %d: the answers are back: %v", round, err)
		}
	}
	if all := walk(t, s, store.Filter{}); len(all) != 0 {
		t.Errorf("%d responses are back", len(all))
	}
}

func noSurvey(t *testing.T, s *store.Store) {
	if _, err := s.AddResponses(t.Context(), []store.Entry{Entry("one", "a")}); !errors.Is(err, survey.ErrNotFound) {
		t.Error(err)
	}
}

func bands(t *testing.T, s *store.Store) {
	add(t, s, "s")
	var entries []store.Entry
	for i := range 57 {
		e := Entry(fmt.Sprint(i), "a")
		if i < 19 {
			e.Response.Channel = "lib"
		}
		e.Response.Test = i == 56
		entries = append(entries, e)
	}
	n := 0
	for _, step := range []struct{ upTo, want int }{{9, 0}, {10, 10}, {19, 10}, {20, 20}, {49, 20}, {50, 50}, {57, 50}} {
		submit(t, s, entries[n:step.upTo]...)
		n = step.upTo
		if got, err := s.CountBand(t.Context(), "s"); got != step.want || err != nil {
			t.Errorf("%d responses: band %d, %v", n, got, err)
		}
	}
	if got, err := s.LinkBand(t.Context(), "s", "lib"); got != 10 || err != nil {
		t.Errorf("19 by link: band %d, %v", got, err)
	}
}
