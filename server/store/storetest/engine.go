// Package storetest holds every engine to the contract of store.Engine, and the store to its own over each of them.
// Only tests import it. Entry points: [Run] and [RunStore].
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

func raw(t testing.TB, doc any) bson.Raw {
	t.Helper()
	b, err := bson.Marshal(doc)
	if err != nil {
		t.Fatal(err)
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

func insert(t testing.TB, e store.Engine, collection string, docs ...any) []bool {
	t.Helper()
	raws := make([]bson.Raw, len(docs))
	for i, d := range docs {
		raws[i] = raw(t, d)
	}
	stored, err := e.Insert(t.Context(), collection, raws)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func ids(t testing.TB, e store.Engine, q store.Query) []string {
	t.Helper()
	var out []string
	for doc, err := range e.Find(t.Context(), "things", q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, doc.Lookup("_id").StringValue())
	}
	return out
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

func findOrder(t *testing.T, e store.Engine) {
	insert(t, e, "things", thing{ID: "a", Group: "x", N: 3, Flag: true, Hash: []byte{1}}, thing{ID: "b", Group: "x", N: 1},
		thing{ID: "c", Group: "x", N: 2}, thing{ID: "d", Group: "y", N: 0})
	x := store.Where("group", "x")
	for name, row := range map[string]struct {
		change func(*store.Query)
		want   []string
	}{
		"rising":       {func(q *store.Query) { q.Order = "n" }, []string{"b", "c", "a"}},
		"falling":      {func(q *store.Query) { q.Order, q.Falling = "n", true }, []string{"a", "c", "b"}},
		"limit":        {func(q *store.Query) { q.Order, q.Limit = "n", 2 }, []string{"b", "c"}},
		"by id":        {func(q *store.Query) { q.Order = "_id" }, []string{"a", "b", "c"}},
		"by bool":      {func(q *store.Query) { q.Equal = append(q.Equal, store.Cond{Field: "flag", Value: true}) }, []string{"a"}},
		"by bytes":     {func(q *store.Query) { q.Equal = append(q.Equal, store.Cond{Field: "hash", Value: []byte{1}}) }, []string{"a"}},
		"by number":    {func(q *store.Query) { q.Equal = append(q.Equal, store.Cond{Field: "n", Value: int64(2)}) }, []string{"c"}},
		"nothing fits": {func(q *store.Query) { q.Equal = append(q.Equal, store.Cond{Field: "n", Value: int64(9)}) }, nil},
	} {
		q := x
		q.Equal = slices.Clone(x.Equal)
		row.change(&q)
		if got := ids(t, e, q); !slices.Equal(got, row.want) {
			t.Errorf("%s: got %v, want %v", name, got, row.want)
		}
	}
	if n, err := e.Count(t.Context(), "things", x); n != 3 || err != nil {
		t.Errorf("count: %d, %v", n, err)
	}
	x.Limit = 2
	if n, err := e.Count(t.Context(), "things", x); n != 2 || err != nil {
		t.Errorf("bounded count: %d, %v", n, err)
	}
}

func findSpread(t *testing.T, e store.Engine) {
	var docs []any
	var want []string
	for i := range 50 {
		id := fmt.Sprint("id", i)
		docs, want = append(docs, thing{ID: id, Group: "g"}), append(want, id)
	}
	insert(t, e, "things", docs...)
	slices.SortFunc(want, func(a, b string) int {
		if store.Spread(a) < store.Spread(b) {
			return -1
		}
		return 1
	})
	for _, q := range []store.Query{store.Where("group", "g"), {Snapshot: true}} {
		if got := ids(t, e, q); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func findSnapshot(t *testing.T, e store.Engine) {
	var docs []any
	for i := range 5000 { // more than one batch of MongoDB
		docs = append(docs, thing{ID: fmt.Sprint("old", i), Rev: 1, Group: "g", Text: "old"})
	}
	insert(t, e, "things", docs...)
	q := store.Where("group", "g")
	q.Snapshot = true
	n := 0
	for doc, err := range e.Find(t.Context(), "things", q) {
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			changeBehind(t, e)
		}
		if text := doc.Lookup("text").StringValue(); text != "old" {
			t.Fatalf("the snapshot shows %q", text)
		}
		n++
	}
	if n != 5000 {
		t.Errorf("the snapshot shows %d documents", n)
	}
	if k, _ := e.Count(t.Context(), "things", store.Where("group", "g")); k != 5000-1+100 {
		t.Errorf("afterwards there are %d", k)
	}
}

// changeBehind inserts, replaces and deletes all over the order of the scan.
func changeBehind(t *testing.T, e store.Engine) {
	t.Helper()
	for i := range 100 {
		insert(t, e, "things", thing{ID: fmt.Sprint("new", i), Group: "g", Text: "new"})
	}
	for i := range 20 {
		err := e.Replace(t.Context(), "things", raw(t, thing{ID: fmt.Sprint("old", i), Rev: 2, Group: "g", Text: "new"}), 1)
		if err != nil {
			t.Fatal(err)
		}
	}
	if n, err := e.Delete(t.Context(), "things", store.Where("_id", "old4999")); n != 1 || err != nil {
		t.Fatal(n, err)
	}
}

func findNested(t *testing.T, e store.Engine) {
	for i := range 20 {
		insert(t, e, "things", thing{ID: fmt.Sprint(i), Group: "g", N: int64(i)})
	}
	for range 40 { // left early again and again: nothing may be held
		for doc, err := range e.Find(t.Context(), "things", store.Query{Order: "n"}) {
			if err != nil {
				t.Fatal(err)
			}
			id := doc.Lookup("_id").StringValue()
			if _, err := e.Get(t.Context(), "things", id); err != nil {
				t.Fatal(err)
			}
			insert(t, e, "things", thing{ID: "again" + id})
			break
		}
	}
}

func belowDelete(t *testing.T, e store.Engine) {
	for i := range 10 {
		insert(t, e, "things", thing{ID: fmt.Sprint(i), Group: []string{"x", "y"}[i%2], N: int64(i)})
	}
	q := store.Where("group", "x")
	q.Below = &store.Cond{Field: "n", Value: int64(5)}
	q.Order = "n"
	if got := ids(t, e, q); !slices.Equal(got, []string{"0", "2", "4"}) {
		t.Errorf("found %v", got)
	}
	if n, err := e.Delete(t.Context(), "things", q); n != 3 || err != nil {
		t.Errorf("deleted %d, %v", n, err)
	}
	if n, err := e.Delete(t.Context(), "things", q); n != 0 || err != nil {
		t.Errorf("deleted again %d, %v", n, err)
	}
	if n, _ := e.Count(t.Context(), "things", store.Query{}); n != 7 {
		t.Errorf("left %d", n)
	}
}

func undeclared(t *testing.T, e store.Engine) {
	if _, err := e.Insert(t.Context(), "nothing", []bson.Raw{raw(t, thing{ID: "a"})}); err == nil {
		t.Error("a collection that was not declared took a document")
	}
	for _, q := range []store.Query{store.Where("text", "x"), {Order: "text"}, {Below: &store.Cond{Field: "text", Value: "x"}}} {
		for _, err := range e.Find(t.Context(), "things", q) {
			if err == nil {
				t.Errorf("%v found something", q)
			}
		}
		if _, err := e.Delete(t.Context(), "things", store.Query{Equal: []store.Cond{{Field: "text", Value: "x"}}}); err == nil {
			t.Error("a delete by a key that was not declared")
		}
	}
	if _, err := e.Insert(t.Context(), "things", []bson.Raw{raw(t, bson.D{{Key: "n", Value: 1}})}); err == nil {
		t.Error("a document without _id was taken")
	}
}

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
