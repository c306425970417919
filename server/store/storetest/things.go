//nolint:thelper // these are tests, whose failures are to name their own lines
package storetest

import (
	"bytes"
	"crypto/rand"
	"errors"
	"reflect"
	"slices"
	"testing"

	"opengate/server/store"
	"opengate/survey"
)

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
	if want.UID = got.UID; got.UID == "" {
		t.Error("a survey without a UID")
	}
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
	again := store.Survey{Slug: "again", UID: "given by the caller"}
	if err := s.AddSurvey(ctx, again); err != nil {
		t.Fatal(err)
	}
	first, err := s.Survey(ctx, "again")
	if err != nil || first.UID == again.UID {
		t.Errorf("the UID is not the store's own: %+v, %v", first, err)
	}
	if err := errors.Join(s.EraseSurvey(ctx, "again"), s.AddSurvey(ctx, again)); err != nil {
		t.Fatal(err)
	}
	if err := s.UpdateSurvey(ctx, first); !errors.Is(err, survey.ErrConflict) {
		t.Errorf("an erased survey's change came to its successor: %v", err)
	}
	if err := s.EraseSurvey(ctx, "again"); err != nil {
		t.Fatal(err)
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
		r := store.Release{Survey: "s", Number: n, Wave: "w", After: n - 1, Day: "2026-11-22", Cube: bytes.Repeat([]byte{byte(n)}, 300_000), Sealed: []byte{2}, Report: []byte("r")}
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
	if err := s.AddRelease(ctx, store.Release{Survey: "s", Number: 99, Wave: "w", After: 3}); !errors.Is(err, survey.ErrDuplicate) {
		t.Errorf("a second release carried forward from release 3: %v", err)
	}
	if err := s.AddRelease(ctx, store.Release{Survey: "other", Number: 5, Wave: "v"}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.NewestRelease(ctx, "s", "w"); err != nil || got.Number != 11 {
		t.Errorf("newest of the wave: %d, %v", got.Number, err)
	}
	if _, err := s.NewestRelease(ctx, "s", "v"); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("a wave without a release: %v", err)
	}
	all, err := s.Releases(ctx, "s")
	if err != nil || len(all) != 11 || all[0].Number != 1 || all[10].Number != 11 || all[10].Cube != nil {
		t.Errorf("%d releases, %v", len(all), err)
	}
}

// IDs are the ids of the stored responses of the survey "s".
func IDs(t testing.TB, s *store.Store) map[string]bool {
	t.Helper()
	ids := map[string]bool{}
	for r, err := range s.Responses(t.Context(), "s", store.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		ids[r.ID] = true
	}
	return ids
}
