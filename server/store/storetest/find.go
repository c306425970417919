//nolint:thelper // these are tests, whose failures are to name their own lines
package storetest

import (
	"fmt"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/server/store"
)

func ids(tb testing.TB, e store.Engine, q store.Query) []string {
	tb.Helper()
	var out []string
	for doc, err := range e.Find(tb.Context(), "things", q) {
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, doc.Lookup("_id").StringValue())
	}
	return out
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
