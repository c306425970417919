//nolint:thelper // these are tests, whose failures are to name their own lines
package storetest

import (
	"bytes"
	"errors"
	"fmt"
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
		"a repeat is known by what was given":                  computed,
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

func sessions(t *testing.T, s *store.Store) {
	ctx := t.Context()
	ss := s.Sessions()
	in := time.Now().Add(time.Hour) //nolint:forbidigo // sessions end by the store's clock
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
	if err := ss.CommitCtx(ctx, "old", []byte("x"), in.Add(-2*time.Hour)); err != nil {
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
