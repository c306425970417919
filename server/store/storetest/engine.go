// Package storetest holds every engine to the contract of store.Engine, and the store to its own over each of them.
// Only tests import it. Entry points: [Run] and [RunStore].
//
//nolint:thelper // these are tests, whose failures are to name their own lines
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/server/store"
	"opengate/survey"
)

var things = store.Collection{
	Name: "things", Keys: []string{"group", "n", "flag", "hash"}, Sharded: true,
	Indexes: []store.Index{{Fields: []string{"group", "n"}}, {Fields: []string{"hash"}}},
}

var people = store.Collection{Name: "people", Keys: []string{"email"}, Indexes: []store.Index{{Fields: []string{"email"}, Unique: true}}}

type thing struct {
	ID    string `bson:"_id"`
	Rev   int64  `bson:"rev"`
	Group string `bson:"group"`
	N     int64  `bson:"n"`
	Flag  bool   `bson:"flag"`
	Hash  []byte `bson:"hash"`
	Text  string `bson:"text"`
}

func raw(tb testing.TB, doc any) bson.Raw {
	tb.Helper()
	b, err := bson.Marshal(doc)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// Run checks an engine. open gives an empty one, which Run closes.
func Run(t *testing.T, open func(t *testing.T) store.Engine) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, store.Engine){
		"insert says which documents were stored":        insertVerdicts,
		"a unique key is taken once":                     uniqueKey,
		"get gives what was stored":                      getBack,
		"replace needs the revision":                     replaceRevision,
		"of concurrent replacements one wins":            replaceRace,
		"of concurrent insertions of one id one wins":    insertRace,
		"find selects, orders and limits":                findOrder,
		"equal contents come in one order":               findSpread,
		"a snapshot does not see what comes later":       findSnapshot,
		"find can be left early, and nested":             findNested,
		"what is below a value can be found and deleted": belowDelete,
		"keys that were not declared are a fault":        undeclared,
		"a lease has one holder at a time":               lease,
		"a lease ends by itself":                         leaseEnds,
		"declaring again keeps everything":               declareAgain,
		"a cancelled context is an error":                cancelled,
		"large documents survive":                        large,
		"a closed engine gives errors":                   closed,
	} {
		t.Run(name, func(t *testing.T) {
			e := open(t)
			t.Cleanup(func() { _ = e.Close() })
			if err := e.Declare(t.Context(), things, people); err != nil {
				t.Fatal(err)
			}
			test(t, e)
		})
	}
}

func insert(tb testing.TB, e store.Engine, collection string, docs ...any) []bool {
	tb.Helper()
	raws := make([]bson.Raw, len(docs))
	for i, d := range docs {
		raws[i] = raw(tb, d)
	}
	stored, err := e.Insert(tb.Context(), collection, raws)
	if err != nil {
		tb.Fatal(err)
	}
	return stored
}

func insertVerdicts(t *testing.T, e store.Engine) {
	if got := insert(t, e, "things", thing{ID: "a"}, thing{ID: "b"}); !slices.Equal(got, []bool{true, true}) {
		t.Errorf("first: %v", got)
	}
	if got := insert(t, e, "things", thing{ID: "c"}, thing{ID: "a", Text: "other"}, thing{ID: "d"}); !slices.Equal(got, []bool{true, false, true}) {
		t.Errorf("second: %v", got)
	}
	if n, err := e.Count(t.Context(), "things", store.Query{}); n != 4 || err != nil {
		t.Errorf("count: %d, %v", n, err)
	}
	doc, err := e.Get(t.Context(), "things", "a")
	if err != nil || doc.Lookup("text").StringValue() != "" {
		t.Errorf("the document that came first was changed: %v, %v", doc, err)
	}
	if got, err := e.Insert(t.Context(), "things", nil); len(got) != 0 || err != nil {
		t.Errorf("nothing: %v, %v", got, err)
	}
}

func uniqueKey(t *testing.T, e store.Engine) {
	type person struct {
		ID    string `bson:"_id"`
		Email string `bson:"email"`
	}
	got := insert(t, e, "people", person{"1", "a@example.org"}, person{"2", "a@example.org"}, person{"3", "b@example.org"})
	if !slices.Equal(got, []bool{true, false, true}) {
		t.Error(got)
	}
}

func getBack(t *testing.T, e store.Engine) {
	want := thing{ID: "ä/1", Rev: 7, Group: "g", N: -5, Flag: true, Hash: []byte{0, 255, 3}, Text: "zażółć\x00 گل"}
	insert(t, e, "things", want)
	doc, err := e.Get(t.Context(), "things", "ä/1")
	if err != nil {
		t.Fatal(err)
	}
	var got thing
	if err := bson.Unmarshal(doc, &got); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := e.Get(t.Context(), "things", "none"); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("no such document: %v", err)
	}
}

func replaceRevision(t *testing.T, e store.Engine) {
	insert(t, e, "things", thing{ID: "a", Rev: 1, Group: "old"})
	if err := e.Replace(t.Context(), "things", raw(t, thing{ID: "a", Rev: 2, Group: "new"}), 1); err != nil {
		t.Fatal(err)
	}
	if err := e.Replace(t.Context(), "things", raw(t, thing{ID: "a", Rev: 2, Group: "late"}), 1); !errors.Is(err, survey.ErrConflict) {
		t.Errorf("an old revision: %v", err)
	}
	if err := e.Replace(t.Context(), "things", raw(t, thing{ID: "b", Rev: 2}), 1); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("no such document: %v", err)
	}
	if got := ids(t, e, store.Where("group", "new")); !slices.Equal(got, []string{"a"}) {
		t.Errorf("by its new key: %v", got)
	}
	if got := ids(t, e, store.Where("group", "old")); len(got) != 0 {
		t.Errorf("by its old key: %v", got)
	}
}

func replaceRace(t *testing.T, e store.Engine) {
	insert(t, e, "things", thing{ID: "a", Rev: 1})
	won := count(16, func(i int) bool {
		err := e.Replace(t.Context(), "things", raw(t, thing{ID: "a", Rev: 2, N: int64(i)}), 1)
		if err != nil && !errors.Is(err, survey.ErrConflict) {
			t.Error(err)
		}
		return err == nil
	})
	if won != 1 {
		t.Errorf("%d won", won)
	}
}

func insertRace(t *testing.T, e store.Engine) {
	for round := range 5 {
		won := count(16, func(i int) bool {
			stored, err := e.Insert(t.Context(), "things", []bson.Raw{raw(t, thing{ID: fmt.Sprint("r", round), N: int64(i)})})
			if err != nil {
				t.Error(err)
				return false
			}
			return stored[0]
		})
		if won != 1 {
			t.Errorf("round %d: %d won", round, won)
		}
	}
}

// count runs f n times at once and says how often it was true.

func count(n int, f func(i int) bool) int {
	var wg sync.WaitGroup
	var mu sync.Mutex
	total := 0
	for i := range n {
		wg.Go(func() {
			if f(i) {
				mu.Lock()
				total++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return total
}

// changeBehind inserts, replaces and deletes all over the order of the scan.

func lease(t *testing.T, e store.Engine) {
	ctx := t.Context()
	if err := e.Acquire(ctx, "job", "me", time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := e.Acquire(ctx, "job", "you", time.Minute); !errors.Is(err, survey.ErrBusy) {
		t.Errorf("somebody else: %v", err)
	}
	if err := e.Acquire(ctx, "other", "you", time.Minute); err != nil {
		t.Errorf("another lease: %v", err)
	}
	if err := e.Acquire(ctx, "job", "me", time.Minute); err != nil {
		t.Errorf("again: %v", err)
	}
	if err := e.Yield(ctx, "job", "you"); err != nil {
		t.Error(err)
	}
	if err := e.Acquire(ctx, "job", "you", time.Minute); !errors.Is(err, survey.ErrBusy) {
		t.Errorf("who does not hold it gave it back: %v", err)
	}
	if err := e.Yield(ctx, "job", "me"); err != nil {
		t.Error(err)
	}
	won := count(8, func(i int) bool { return e.Acquire(ctx, "job", fmt.Sprint(i), time.Minute) == nil })
	if won != 1 {
		t.Errorf("%d hold it", won)
	}
}

func leaseEnds(t *testing.T, e store.Engine) {
	if err := e.Acquire(t.Context(), "job", "me", 200*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	deadline, tick := time.After(10*time.Second), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for e.Acquire(t.Context(), "job", "you", time.Minute) != nil {
		select {
		case <-deadline:
			t.Fatal("it never ended")
		case <-tick.C:
		}
	}
}

func declareAgain(t *testing.T, e store.Engine) {
	insert(t, e, "things", thing{ID: "a", Group: "x", Text: "by text"}, thing{ID: "b", Text: "other"})
	wider := things
	wider.Keys = append(slices.Clone(things.Keys), "text")
	wider.Indexes = append(slices.Clone(things.Indexes), store.Index{Fields: []string{"text"}})
	for range 2 {
		if err := e.Declare(t.Context(), wider); err != nil {
			t.Fatal(err)
		}
	}
	if got := ids(t, e, store.Where("text", "by text")); !slices.Equal(got, []string{"a"}) {
		t.Errorf("by a key declared later: %v", got)
	}
	insert(t, e, "things", thing{ID: "c", Text: "by text"})
	if got := ids(t, e, store.Where("text", "by text")); len(got) != 2 {
		t.Errorf("by a key declared later: %v", got)
	}
}

func cancelled(t *testing.T, e store.Engine) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Insert(ctx, "things", []bson.Raw{raw(t, thing{ID: "a"})}); !errors.Is(err, context.Canceled) {
		t.Errorf("insert: %v", err)
	}
	if _, err := e.Get(ctx, "things", "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("get: %v", err)
	}
	if got := insert(t, e, "things", thing{ID: "z"}); !got[0] {
		t.Error("the engine does not go on after it")
	}
}

func large(t *testing.T, e store.Engine) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 500_000) // 8 MB
	insert(t, e, "things", bson.D{{Key: "_id", Value: "big"}, {Key: "data", Value: data}})
	doc, err := e.Get(t.Context(), "things", "big")
	if err != nil {
		t.Fatal(err)
	}
	if _, got, ok := doc.Lookup("data").BinaryOK(); !ok || !bytes.Equal(got, data) {
		t.Error("other bytes came back")
	}
}

func closed(t *testing.T, e store.Engine) {
	if err := e.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := e.Ping(t.Context()); err == nil {
		t.Error("ping after close")
	}
	if _, err := e.Insert(t.Context(), "things", []bson.Raw{raw(t, thing{ID: "a"})}); err == nil {
		t.Error("insert after close")
	}
	if err := e.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}
