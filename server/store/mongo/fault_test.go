package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/server/store"
	"opengate/server/store/mongo"
	"opengate/server/store/mongotest"
	"opengate/server/store/storetest"
	"opengate/survey"
)

// onServer opens a store with the survey "s" on a server that the test may harm.
func onServer(t *testing.T, server *mongotest.Server) *store.Store {
	t.Helper()
	e, err := mongo.Open(t.Context(), server.URI, mongotest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), e, store.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.AddSurvey(t.Context(), store.Survey{Slug: "s"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddResponses(t.Context(), []store.Entry{storetest.Entry("warm up", "a")}); err != nil { // makes the keys
		t.Fatal(err)
	}
	return s
}

// fail makes the server fail the next commands of that name, as the data say.
func fail(t *testing.T, server *mongotest.Server, times int, data bson.D) {
	t.Helper()
	_, err := server.Command(bson.D{
		{Key: "configureFailPoint", Value: "failCommand"},
		{Key: "mode", Value: bson.D{{Key: "times", Value: times}}},
		{Key: "data", Value: data},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestUnknownOutcomes lets writes fail before and after they took place: each response ends up stored, once, and says so.
func TestUnknownOutcomes(t *testing.T) {
	server := mongotest.Start(t)
	s := onServer(t, server)
	concern := bson.D{{Key: "code", Value: 91}, {Key: "errmsg", Value: "shutting down"}}
	for name, row := range map[string]struct {
		times int
		data  bson.D
	}{
		"connection lost before, once":  {1, bson.D{{Key: "failCommands", Value: bson.A{"insert"}}, {Key: "closeConnection", Value: true}}},
		"connection lost before, often": {4, bson.D{{Key: "failCommands", Value: bson.A{"insert"}}, {Key: "closeConnection", Value: true}}},
		"not primary any more":          {3, bson.D{{Key: "failCommands", Value: bson.A{"insert"}}, {Key: "errorCode", Value: 10107}}},
		"applied, majority unknown":     {1, bson.D{{Key: "failCommands", Value: bson.A{"insert"}}, {Key: "writeConcernError", Value: concern}}},
		"applied, unknown three times":  {3, bson.D{{Key: "failCommands", Value: bson.A{"insert"}}, {Key: "writeConcernError", Value: concern}}},
		"applied, time limit of waiting": {2, bson.D{{Key: "failCommands", Value: bson.A{"insert"}}, {
			Key:   "writeConcernError",
			Value: bson.D{{Key: "code", Value: 64}, {Key: "errmsg", Value: "waiting for replication timed out"}},
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := storetest.Entry(name+" a", "a"), storetest.Entry(name+" b", "b")
			fail(t, server, row.times, row.data)
			v, err := s.AddResponses(t.Context(), []store.Entry{a, b, storetest.Entry("warm up", "other")})
			if err != nil || v[0] != store.Stored || v[1] != store.Stored || v[2] != store.Differs {
				t.Errorf("verdicts %v, %v", v, err)
			}
			v, err = s.AddResponses(t.Context(), []store.Entry{a})
			if err != nil || v[0] != store.Same {
				t.Errorf("a repeat: %v, %v", v, err)
			}
		})
	}
	if n := len(storetest.IDs(t, s)); n != 1+6*2 {
		t.Errorf("%d are stored", n)
	}
}

// TestUnknownReplacement lets a withdrawal take place without saying so.
func TestUnknownReplacement(t *testing.T) {
	server := mongotest.Start(t)
	s := onServer(t, server)
	fail(t, server, 2, bson.D{{Key: "failCommands", Value: bson.A{"update"}}, {
		Key:   "writeConcernError",
		Value: bson.D{{Key: "code", Value: 91}, {Key: "errmsg", Value: "shutting down"}},
	}})
	if _, err := s.Withdraw(t.Context(), storetest.Entry("warm up", "").ReceiptHash, "2026-11-22"); err != nil {
		t.Error(err)
	}
	if _, err := s.Response(t.Context(), "warm up"); !errors.Is(err, survey.ErrWithdrawn) {
		t.Error(err)
	}
}

// TestFullDisk maps the server's code.
func TestFullDisk(t *testing.T) {
	server := mongotest.Start(t)
	s := onServer(t, server)
	fail(t, server, 1, bson.D{{Key: "failCommands", Value: bson.A{"insert"}}, {Key: "errorCode", Value: 14031}})
	if _, err := s.AddResponses(t.Context(), []store.Entry{storetest.Entry("x", "a")}); !errors.Is(err, store.ErrFull) {
		t.Error(err)
	}
}

// TestKilledServer kills mongod under eight clients, starts it again, and lets it step down: what was acknowledged is
// there, and the clients go on by themselves.
func TestKilledServer(t *testing.T) {
	server := mongotest.Start(t)
	s := onServer(t, server)
	var mu sync.Mutex
	acked := map[string]bool{}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				id := fmt.Sprint(i, "-", n)
				v, err := s.AddResponses(ctx, []store.Entry{storetest.Entry(id, "a")})
				if errors.Is(err, survey.ErrBusy) {
					n-- // the same again
					continue
				}
				if ctx.Err() != nil {
					return
				}
				if err != nil || v[0] != store.Stored && v[0] != store.Same {
					t.Error(id, v, err)
					return
				}
				mu.Lock()
				acked[id] = true
				mu.Unlock()
			}
		})
	}
	progress := func() {
		t.Helper()
		mu.Lock()
		from := len(acked)
		mu.Unlock()
		deadline, tick := time.After(40*time.Second), time.NewTicker(20*time.Millisecond)
		defer tick.Stop()
		for {
			mu.Lock()
			enough := len(acked) >= from+40
			mu.Unlock()
			if enough {
				return
			}
			select {
			case <-deadline:
				t.Fatal("the clients do not go on")
			case <-tick.C:
			}
		}
	}
	progress()
	server.Kill()
	if err := server.Run(); err != nil {
		t.Fatal(err)
	}
	progress()
	// A single member steps down, and is elected again after the seconds given.
	if _, err := server.Command(bson.D{{Key: "replSetStepDown", Value: 2}, {Key: "force", Value: true}}); err != nil {
		t.Log("step down: ", err)
	}
	progress()
	stop()
	wg.Wait()
	there := storetest.IDs(t, s)
	for id := range acked {
		if !there[id] {
			t.Errorf("acknowledged and lost: %s", id)
		}
	}
	t.Logf("%d acknowledged, %d stored", len(acked), len(there))
}

func TestServerGone(t *testing.T) {
	server := mongotest.Start(t)
	impatient := server.URI + "&serverSelectionTimeoutMS=1000"
	server.URI = impatient
	s := onServer(t, server)
	server.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), 12*time.Second)
	defer cancel()
	if err := s.Ping(ctx); !errors.Is(err, survey.ErrBusy) {
		t.Errorf("ping: %v", err)
	}
	if _, err := mongo.Open(t.Context(), impatient, "x"); !errors.Is(err, survey.ErrBusy) || !strings.Contains(err.Error(), "primary") {
		t.Errorf("open: %v", err)
	}
	if err := server.Run(); err != nil {
		t.Fatal(err)
	}
	if err := server.AwaitPrimary(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddResponses(t.Context(), []store.Entry{storetest.Entry("afterwards", "a")}); err != nil {
		t.Errorf("it does not go on: %v", err)
	}
}

func TestStandaloneIsRefused(t *testing.T) {
	server := mongotest.Standalone(t)
	_, err := mongo.Open(t.Context(), server.URI, "x")
	if err == nil || !strings.Contains(err.Error(), "--replSet") {
		t.Errorf("a standalone server: %v", err)
	}
}

func TestAddressesKeepTheirPasswords(t *testing.T) {
	_, err := mongo.Open(t.Context(), "mongodb://user:hunter2@[broken/?x", "x")
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

// TestShardReady holds the collection of responses to what hashed sharding on _id asks for.
func TestShardReady(t *testing.T) {
	for _, c := range store.Collections {
		for _, x := range c.Indexes {
			if c.Sharded && x.Unique {
				t.Errorf("%s has a unique index on %v beside _id", c.Name, x.Fields)
			}
		}
	}
}

// TestWalkBrokenOffIsNotWalkedAgain cuts a walk between two batches: what was yielded comes once, and then an error.
func TestWalkBrokenOffIsNotWalkedAgain(t *testing.T) {
	server := mongotest.Start(t)
	s := onServer(t, server)
	entries := make([]store.Entry, 2500) // more than one batch
	for i := range entries {
		entries[i] = storetest.Entry(fmt.Sprint("id", i), "a")
	}
	if _, err := s.AddResponses(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]bson.D{
		"an election":       {{Key: "failCommands", Value: bson.A{"getMore"}}, {Key: "errorCode", Value: 11602}},
		"a lost connection": {{Key: "failCommands", Value: bson.A{"getMore"}}, {Key: "closeConnection", Value: true}},
		"a lost cursor":     {{Key: "failCommands", Value: bson.A{"getMore"}}, {Key: "errorCode", Value: 43}},
	} {
		t.Run(name, func(t *testing.T) {
			fail(t, server, 1, data)
			seen := map[string]bool{}
			var broken error
			for r, err := range s.Responses(t.Context(), "s", store.Filter{}) {
				if broken = err; err != nil {
					break
				}
				if seen[r.ID] {
					t.Fatalf("%s came twice", r.ID)
				}
				seen[r.ID] = true
			}
			if broken == nil || len(seen) == 0 || len(seen) >= len(entries) {
				t.Fatalf("%d came, then %v", len(seen), broken)
			}
			if name != "a lost cursor" && !errors.Is(broken, survey.ErrBusy) {
				t.Errorf("does not say to try again later: %v", broken)
			}
			if n := len(storetest.IDs(t, s)); n != len(entries)+1 {
				t.Errorf("another walk finds %d", n)
			}
		})
	}
}
