package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"opengate/server/store"
	"opengate/survey"
)

// RunStore checks the typed store over an engine. open gives an empty one.
func RunStore(t *testing.T, open func(t *testing.T) store.Engine) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, *store.Store){
		"a response comes back as it was":                      responseBack,
		"identical answers at once are stored once":            sameAtOnce,
		"other answers under one id differ":                    differs,
		"responses are chosen by wave, era and test":           filters,
		"a walk does not see answers that come later":          walkSnapshot,
		"withdrawn answers are gone for good":                  withdraw,
		"a repeat at the moment of withdrawal changes nothing": withdrawRace,
		"no answers without a survey":                          noSurvey,
		"counts come in bands":                                 bands,
		"surveys change by revision":                           surveys,
		"forms of any size come back":                          versions,
		"drafts change by revision and expire":                 drafts,
		"links":                                                links,
		"users have one address each, whatever its case":       users,
		"releases":                        releases,
		"keys are made once and stay":     keys,
		"an erased survey leaves nothing": erase,
		"answers on their way to an erased survey do not return": eraseLate,
		"erasures are replayed":                                  replay,
		"sessions are found by token and end":                    sessions,
		"the audit trail is whole":                               audits,
		"a lease is held until it is given back":                 storeLease,
	} {
		t.Run(name, func(t *testing.T) { test(t, openStore(t, open(t))) })
	}
	t.Run("another master key is refused", func(t *testing.T) { lostKey(t, open(t)) })
}

func openStore(t *testing.T, e store.Engine) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), e, store.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// add makes the survey "s" ready for answers.
func add(t *testing.T, s *store.Store, slugs ...string) {
	t.Helper()
	for _, slug := range slugs {
		if err := s.AddSurvey(t.Context(), store.Survey{Slug: slug, Status: survey.StatusOpen, Version: 1, Wave: "w"}); err != nil {
			t.Fatal(err)
		}
	}
}

// Entry makes a response with that ID and one answer.
func Entry(id, answer string) store.Entry {
	hash := sha256.Sum256([]byte("receipt " + id))
	return store.Entry{ReceiptHash: hash[:], Response: survey.Response{
		ID: id, Survey: "s", Wave: "w", Version: 1, Language: "uk", Mode: survey.ModeSelf, Day: "2026-11-22", Consent: "1", Complete: true,
		Answers: survey.Answers{"q": {State: survey.Answered, Text: answer}},
	}}
}

func submit(t testing.TB, s *store.Store, entries ...store.Entry) []store.Verdict {
	t.Helper()
	v, err := s.AddResponses(t.Context(), entries)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func walk(t testing.TB, s *store.Store, f store.Filter) []survey.Response {
	t.Helper()
	var out []survey.Response
	for r, err := range s.Responses(t.Context(), "s", f) {
		if err != nil {
			t.Fatal(err)
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
		"free": {State: survey.Answered, Text: "Żółć ‏سلام‏ 😀\n\x00end"},
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

func surveys(t *testing.T, s *store.Store) {
	ctx := t.Context()
	want := store.Survey{
		Slug: "b", Title: survey.Text{"pl": "Tytuł", "ar": "عنوان"}, Status: survey.StatusTest, Version: 2, Wave: "w", Era: 3, By: []string{"x", "y"},
		Lenient: true, MadeUp: true, Machine: true, Opened: "2026-01-01", Closed: "2026-02-02",
	}
	if err := s.AddSurvey(ctx, want); err != nil {
		t.Fatal(err)
	}
	if err := s.AddSurvey(ctx, store.Survey{Slug: "b"}); !errors.Is(err, survey.ErrDuplicate) {
		t.Errorf("twice: %v", err)
	}
	want.Rev = 1
	got, err := s.Survey(ctx, "b")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
	got.Era++
	if err := s.UpdateSurvey(ctx, got); err != nil {
		t.Fatal(err)
	}
	if err := s.UpdateSurvey(ctx, got); !errors.Is(err, survey.ErrConflict) {
		t.Errorf("an old revision: %v", err)
	}
	if err := s.UpdateSurvey(ctx, store.Survey{Slug: "none"}); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("no survey: %v", err)
	}
	add(t, s, "c", "a")
	var slugs []string
	for v, err := range s.Surveys(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		slugs = append(slugs, v.Slug)
	}
	if !slices.Equal(slugs, []string{"a", "b", "c"}) {
		t.Error(slugs)
	}
}

func versions(t *testing.T, s *store.Store) {
	ctx := t.Context()
	big := make([]byte, 17<<20)
	_, _ = rand.Read(big)
	want := store.FormVersion{
		Slug: "s", Version: 3, Hash: "h", Workbook: []byte("small"), Lenient: true, By: []string{"q"}, Day: "2026-11-22",
		Media: map[string][]byte{"film.mp4": big, "a.csv": []byte("x,y"), "empty.csv": nil},
	}
	if err := s.AddVersion(ctx, want); err != nil {
		t.Fatal(err)
	}
	got, err := s.Version(ctx, "s", 3)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("another form came back: %v", err)
	}
	want.Workbook = big
	if err := s.AddVersion(ctx, want); !errors.Is(err, survey.ErrDuplicate) {
		t.Errorf("twice: %v", err)
	}
	if again, err := s.Version(ctx, "s", 3); err != nil || !reflect.DeepEqual(again, got) {
		t.Errorf("the second attempt changed the form: %v", err)
	}
	if _, err := s.Version(ctx, "s", 4); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("no such version: %v", err)
	}
}

func drafts(t *testing.T, s *store.Store) {
	ctx := t.Context()
	d := store.Draft{ID: "d", Survey: "s", Sealed: []byte{1}, Expires: 100}
	rev, err := s.PutDraft(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutDraft(ctx, d); !errors.Is(err, survey.ErrConflict) {
		t.Errorf("new twice: %v", err)
	}
	d.Rev, d.Sealed = rev, []byte{2}
	next, err := s.PutDraft(ctx, d)
	if err != nil || next == rev {
		t.Errorf("second revision: %d, %v", next, err)
	}
	if _, err := s.PutDraft(ctx, d); !errors.Is(err, survey.ErrConflict) {
		t.Errorf("an old revision: %v", err)
	}
	d.Rev = next
	if got, err := s.Draft(ctx, "d"); err != nil || !reflect.DeepEqual(got, d) {
		t.Errorf("got %+v, %v", got, err)
	}
	if err := s.AddResume(ctx, store.Resume{ID: "r", Wrapped: []byte{9}, Expires: 101}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Resume(ctx, "r"); err != nil || !bytes.Equal(got.Wrapped, []byte{9}) || got.Expires != 101 {
		t.Errorf("resume: %+v, %v", got, err)
	}
	if err := s.Expire(ctx, 101); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Draft(ctx, "d"); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("an expired draft: %v", err)
	}
	if _, err := s.Resume(ctx, "r"); err != nil {
		t.Errorf("a resume code on its last day: %v", err)
	}
	if _, err := s.PutDraft(ctx, d); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("saving a draft that is gone: %v", err)
	}
	for range 2 {
		if err := s.DeleteDraft(ctx, "d"); err != nil {
			t.Error(err)
		}
	}
}

func links(t *testing.T, s *store.Store) {
	ctx := t.Context()
	l := store.Link{Code: "k1", Survey: "s", Name: "Biblioteka", Kind: "library", Mode: survey.ModeAssisted, KeyHash: []byte{1}, Owner: "u"}
	if err := s.AddLink(ctx, l); err != nil {
		t.Fatal(err)
	}
	if err := s.AddLink(ctx, l); !errors.Is(err, survey.ErrDuplicate) {
		t.Errorf("twice: %v", err)
	}
	l.Rev = 1
	got, err := s.Link(ctx, "k1")
	if err != nil || !reflect.DeepEqual(got, l) {
		t.Errorf("got %+v, %v", got, err)
	}
	got.Revoked = true
	if err := s.UpdateLink(ctx, got); err != nil {
		t.Fatal(err)
	}
	if err := s.UpdateLink(ctx, got); !errors.Is(err, survey.ErrConflict) {
		t.Errorf("an old revision: %v", err)
	}
	if err := s.AddLink(ctx, store.Link{Code: "other", Survey: "t"}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for l, err := range s.Links(ctx, "s") {
		if err != nil || !l.Revoked {
			t.Errorf("%+v, %v", l, err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d links", n)
	}
}

func users(t *testing.T, s *store.Store) {
	ctx := t.Context()
	u := store.User{ID: "1", Email: "Anna@Example.org", Role: "admin", Invite: []byte{7, 7}}
	if err := s.AddUser(ctx, u); err != nil {
		t.Fatal(err)
	}
	if err := s.AddUser(ctx, store.User{ID: "2", Email: " anna@EXAMPLE.org "}); !errors.Is(err, survey.ErrDuplicate) {
		t.Errorf("the same address: %v", err)
	}
	u.Rev = 1
	byEmail, err := s.UserByEmail(ctx, "ANNA@example.org")
	if err != nil || !reflect.DeepEqual(byEmail, u) {
		t.Errorf("by address: %+v, %v", byEmail, err)
	}
	if got, err := s.UserByInvite(ctx, []byte{7, 7}); err != nil || got.ID != "1" {
		t.Errorf("by invitation: %+v, %v", got, err)
	}
	u.Invite, u.Password = nil, "$argon2id$"
	if err := s.UpdateUser(ctx, u); err != nil {
		t.Fatal(err)
	}
	for _, hash := range [][]byte{{7, 7}, nil} {
		if _, err := s.UserByInvite(ctx, hash); !errors.Is(err, survey.ErrNotFound) {
			t.Errorf("a used invitation %v: %v", hash, err)
		}
	}
	if err := s.UpdateUser(ctx, u); !errors.Is(err, survey.ErrConflict) {
		t.Errorf("an old revision: %v", err)
	}
	if got, err := s.User(ctx, "1"); err != nil || got.Password != "$argon2id$" {
		t.Errorf("by id: %+v, %v", got, err)
	}
	if err := s.AddUser(ctx, store.User{ID: "0", Email: "zoe@example.org"}); err != nil {
		t.Fatal(err)
	}
	var order []string
	for u, err := range s.Users(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		order = append(order, u.ID)
	}
	if !slices.Equal(order, []string{"1", "0"}) {
		t.Error(order)
	}
}

func releases(t *testing.T, s *store.Store) {
	ctx := t.Context()
	if _, err := s.Release(ctx, "s", 0); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("none yet: %v", err)
	}
	for n := 1; n <= 11; n++ {
		r := store.Release{Survey: "s", Number: n, Wave: "w", Day: "2026-11-22", Cube: bytes.Repeat([]byte{byte(n)}, 300_000), Sealed: []byte{2}, Report: []byte("r")}
		if err := s.AddRelease(ctx, r); err != nil {
			t.Fatal(err)
		}
		if err := s.AddRelease(ctx, r); !errors.Is(err, survey.ErrDuplicate) {
			t.Errorf("twice: %v", err)
		}
		for _, ask := range []int{0, n} {
			if got, err := s.Release(ctx, "s", ask); err != nil || !reflect.DeepEqual(got, r) {
				t.Errorf("release %d asked for as %d: number %d, %v", n, ask, got.Number, err)
			}
		}
	}
	all, err := s.Releases(ctx, "s")
	if err != nil || len(all) != 11 || all[0].Number != 1 || all[10].Number != 11 || all[10].Cube != nil {
		t.Errorf("%d releases, %v", len(all), err)
	}
}

func keys(t *testing.T, s *store.Store) {
	ctx := t.Context()
	add(t, s, "s", "t")
	seen := map[string]string{}
	for _, slug := range []string{"s", "t"} {
		for _, purpose := range []string{store.PurposeProtection, store.PurposeReceipt} {
			key, id, err := s.SurveyKey(ctx, slug, purpose)
			if err != nil || len(key) != 32 || id == "" {
				t.Fatal(len(key), id, err)
			}
			again, sameID, err := s.SurveyKey(ctx, slug, purpose)
			if err != nil || !bytes.Equal(key, again) || id != sameID {
				t.Errorf("another key the second time: %v", err)
			}
			if other, ok := seen[string(key)]; ok {
				t.Errorf("%s/%s has the key of %s", slug, purpose, other)
			}
			seen[string(key)] = slug + "/" + purpose
		}
	}
	if _, _, err := s.SurveyKey(ctx, "none", store.PurposeReceipt); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("no survey: %v", err)
	}
	made := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() {
			var err error
			if made[i], err = s.SystemKey(ctx, "salt"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, k := range made {
		if !bytes.Equal(k, made[0]) {
			t.Error("first uses at once made two keys")
		}
	}
}

func lostKey(t *testing.T, e store.Engine) {
	master := store.NewKey()
	s, err := store.Open(t.Context(), e, master)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := store.Open(t.Context(), e, store.NewKey()); !errors.Is(err, store.ErrLostKey) {
		t.Errorf("another key: %v", err)
	}
	if _, err := store.Open(t.Context(), e, master); err != nil {
		t.Errorf("the right key again: %v", err)
	}
}

func erase(t *testing.T, s *store.Store) {
	ctx := t.Context()
	add(t, s, "s", "t")
	fill(t, s, "s")
	fill(t, s, "t")
	_, oldID, _ := s.SurveyKey(ctx, "s", store.PurposeReceipt)
	if err := s.EraseSurvey(ctx, "s"); err != nil {
		t.Fatal(err)
	}
	if err := s.EraseSurvey(ctx, "s"); err != nil {
		t.Errorf("again: %v", err)
	}
	if err := s.EraseSurvey(ctx, "none"); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("no survey: %v", err)
	}
	checkEmpty(t, s, "s")
	if _, err := s.Version(ctx, "t", 1); err != nil {
		t.Errorf("another survey suffered: %v", err)
	}
	if _, err := s.Response(ctx, "t-1"); err != nil {
		t.Errorf("another survey suffered: %v", err)
	}
	if err := s.AddVersion(ctx, store.FormVersion{Slug: "s", Version: 1}); err != nil { // publishing stores the form first
		t.Fatal(err)
	}
	add(t, s, "s")
	if _, err := s.Version(ctx, "s", 1); err != nil {
		t.Errorf("the new survey has no form: %v", err)
	}
	if _, id, err := s.SurveyKey(ctx, "s", store.PurposeReceipt); err != nil || id == oldID {
		t.Errorf("a new survey has the key of the erased one: %v", err)
	}
}

// fill gives a survey one of everything.
func fill(t *testing.T, s *store.Store, slug string) {
	t.Helper()
	e, gone := Entry(slug+"-1", "a"), Entry(slug+"-2", "a")
	e.Response.Survey, gone.Response.Survey = slug, slug
	submit(t, s, e, gone)
	_, err1 := s.Withdraw(t.Context(), gone.ReceiptHash, "2026-11-22")
	_, err2 := s.PutDraft(t.Context(), store.Draft{ID: slug + "-d", Survey: slug})
	_, _, err3 := s.SurveyKey(t.Context(), slug, store.PurposeReceipt)
	err := errors.Join(err1, err2, err3,
		s.AddVersion(t.Context(), store.FormVersion{Slug: slug, Version: 1, Workbook: make([]byte, 300_000)}),
		s.AddLink(t.Context(), store.Link{Code: slug + "-l", Survey: slug}),
		s.AddRelease(t.Context(), store.Release{Survey: slug, Number: 1}))
	if err != nil {
		t.Fatal(err)
	}
}

func checkEmpty(t *testing.T, s *store.Store, slug string) {
	t.Helper()
	ctx := t.Context()
	_, err1 := s.Survey(ctx, slug)
	_, err2 := s.Version(ctx, slug, 1)
	_, err3 := s.Response(ctx, slug+"-1")
	_, err4 := s.Response(ctx, slug+"-2")
	_, err5 := s.Draft(ctx, slug+"-d")
	_, err6 := s.Link(ctx, slug+"-l")
	_, err7 := s.Release(ctx, slug, 0)
	_, _, err8 := s.SurveyKey(ctx, slug, store.PurposeReceipt)
	for i, err := range []error{err1, err2, err3, err4, err5, err6, err7, err8} {
		if !errors.Is(err, survey.ErrNotFound) {
			t.Errorf("something is left (%d): %v", i+1, err)
		}
	}
}

// eraseLate sends answers while their survey is being erased; none may belong to a new survey of that name.
func eraseLate(t *testing.T, s *store.Store) {
	add(t, s, "s")
	submit(t, s, Entry("first", "a"))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				_, err := s.AddResponses(context.Background(), []store.Entry{Entry(fmt.Sprint("late", i, "-", n), "a")})
				if errors.Is(err, survey.ErrNotFound) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	if err := s.EraseSurvey(t.Context(), "s"); err != nil {
		t.Error(err)
	}
	close(stop)
	wg.Wait()
	if err := s.Expire(t.Context(), 0); err != nil {
		t.Error(err)
	}
	add(t, s, "s")
	if all := walk(t, s, store.Filter{}); len(all) != 0 {
		t.Errorf("%d answers of the erased survey belong to the new one", len(all))
	}
}

// replay needs two databases of one engine; both engines have one, so it replays within it, which must change nothing.
func replay(t *testing.T, s *store.Store) {
	add(t, s, "s", "t")
	fill(t, s, "s")
	fill(t, s, "t")
	if err := s.EraseSurvey(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	e := store.EngineOf(s)
	for range 2 {
		done, err := store.ReplayErasures(t.Context(), e, e)
		if err != nil || done != (store.Erasures{}) {
			t.Errorf("%+v, %v", done, err)
		}
	}
	if all := walk(t, s, store.Filter{}); len(all) != 1 {
		t.Errorf("%d responses", len(all))
	}
}

func sessions(t *testing.T, s *store.Store) {
	ctx := t.Context()
	ss := s.Sessions()
	in := time.Now().Add(time.Hour)
	for _, data := range []string{"one", "two"} {
		if err := ss.CommitCtx(ctx, "token", []byte(data), in); err != nil {
			t.Fatal(err)
		}
	}
	if data, found, err := ss.FindCtx(ctx, "token"); string(data) != "two" || !found || err != nil {
		t.Errorf("%q, %v, %v", data, found, err)
	}
	if _, found, err := ss.FindCtx(ctx, "other"); found || err != nil {
		t.Errorf("another token: %v, %v", found, err)
	}
	if err := ss.CommitCtx(ctx, "old", []byte("x"), time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, found, err := ss.FindCtx(ctx, "old"); found || err != nil {
		t.Errorf("an ended session: %v, %v", found, err)
	}
	if err := s.Expire(ctx, 0); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := ss.DeleteCtx(ctx, "token"); err != nil {
			t.Error(err)
		}
	}
	if _, found, err := ss.FindCtx(ctx, "token"); found || err != nil {
		t.Errorf("a deleted session: %v, %v", found, err)
	}
}

func audits(t *testing.T, s *store.Store) {
	ctx := t.Context()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := s.Audit(ctx, store.Audit{Day: "2026-11-22", Actor: fmt.Sprint(i), Action: "survey.open", Object: "s"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := s.Audit(ctx, store.Audit{Day: "2026-11-23", Actor: "last"}); err != nil {
		t.Fatal(err)
	}
	all, err := s.Audits(ctx, 100)
	if err != nil || len(all) != 9 || all[0].Actor != "last" {
		t.Fatal(all, err)
	}
	if few, err := s.Audits(ctx, 2); err != nil || len(few) != 2 {
		t.Error(few, err)
	}
	if err := s.CheckAudit(ctx); err != nil {
		t.Error(err)
	}
	if _, err := store.EngineOf(s).Delete(ctx, "audit", store.Where("_id", "000000000004")); err != nil {
		t.Fatal(err)
	}
	if err := s.CheckAudit(ctx); err == nil {
		t.Error("a missing entry is not noticed")
	}
}

func storeLease(t *testing.T, s *store.Store) {
	ctx := t.Context()
	release, err := s.Lease(ctx, "release s", 200*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	until := time.After(600 * time.Millisecond) // three times the ttl: it has to be renewed
	for held := true; held; {
		if _, err := s.Lease(ctx, "release s", time.Minute); !errors.Is(err, survey.ErrBusy) {
			t.Fatalf("held: %v", err)
		}
		select {
		case <-until:
			held = false
		default:
		}
	}
	release()
	release()
	again, err := s.Lease(ctx, "release s", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
