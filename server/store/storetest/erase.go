//nolint:thelper // these are tests, whose failures are to name their own lines
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"opengate/server/store"
	"opengate/survey"
)

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
