package mongo_test

import (
	"context"
	"testing"

	"opengate/server/store"
	"opengate/server/store/mongo"
	"opengate/server/store/mongotest"
	"opengate/server/store/storetest"
)

func TestMain(m *testing.M) { mongotest.Main(m) }

func open(t *testing.T) store.Engine {
	t.Helper()
	e, err := mongo.Open(t.Context(), mongotest.URI(t), mongotest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dropOf(t, e) })
	return e
}

// dropOf removes the test's database with a connection of its own: the test may have closed the engine.
func dropOf(t *testing.T, e *mongo.Engine) {
	t.Helper()
	ctx := context.Background()
	d, err := mongo.Open(ctx, mongotest.URI(t), e.Name())
	if err != nil {
		t.Error(err)
		return
	}
	if err := d.Drop(ctx); err != nil {
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func TestEngine(t *testing.T) {
	mongotest.Binary(t)
	storetest.Run(t, open)
}

func TestStore(t *testing.T) {
	mongotest.Binary(t)
	storetest.RunStore(t, open)
}
