// Package mongo is the engine for production: a MongoDB replica set or sharded cluster. It knows nothing of surveys.
// Entry point: [Open].
//
// A write is acknowledged by the majority of the members, each with its journal on disk. A write whose outcome is
// unknown (network, election, timeout) is sent again with the same _id until it is known or the time is up.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"opengate/server/store"
)

const (
	selectTimeout = 8 * time.Second  // to find a primary: longer than an election
	heartbeat     = time.Second      // how often members are asked how they are: how soon a new primary is known
	tryTimeout    = 10 * time.Second // one attempt of a write
	writeTimeout  = 25 * time.Second // all attempts of a write, where the caller sets no shorter limit
	leasesName    = "leases"
	spreadField   = "_o" // store.Spread of the _id, for the order of scans
)

// Engine is a [store.Engine] on one database of a MongoDB deployment.
type Engine struct {
	client *mongo.Client
	db     *mongo.Database

	mu       sync.RWMutex
	declared map[string]store.Collection
}

var _ store.Engine = (*Engine)(nil)

// Open connects, and checks that the deployment can promise what is promised to residents: a standalone server is
// refused. ErrBusy when nothing answers.
func Open(ctx context.Context, uri, dbname string) (*Engine, error) {
	journaled := true
	w := writeconcern.Majority()
	w.Journal = &journaled
	// The address may set times and names; what durability hangs on is set after it.
	o := options.Client().SetAppName("opengate").SetServerSelectionTimeout(selectTimeout).SetHeartbeatInterval(heartbeat).ApplyURI(uri).
		SetWriteConcern(w).SetReadConcern(readconcern.Majority()).SetReadPreference(readpref.Primary()).SetRetryWrites(true).SetRetryReads(true)
	client, err := mongo.Connect(o)
	if err != nil {
		return nil, fmt.Errorf("mongo: the address of the database cannot be read: %s", withoutURI(err, uri))
	}
	e := &Engine{client: client, db: client.Database(dbname), declared: map[string]store.Collection{}}
	if err := e.checkDeployment(ctx); err != nil {
		return nil, errors.Join(err, e.Close()) //nolint:contextcheck // also when ctx has ended
	}
	return e, nil
}

// withoutURI keeps the password that the address may hold out of the message.
func withoutURI(err error, uri string) string { return strings.ReplaceAll(err.Error(), uri, "…") }

func (e *Engine) checkDeployment(ctx context.Context) error {
	var hello struct {
		SetName string `bson:"setName"`
		Msg     string `bson:"msg"`
	}
	err := e.client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
	if err != nil {
		return translate(ctx, "connect", err)
	}
	if hello.SetName == "" && hello.Msg != "isdbgrid" {
		return errors.New("mongo: the server is a standalone one, which cannot promise that an acknowledged answer survives: " +
			"start mongod with --replSet rs0 and run rs.initiate() once in mongosh (one member is enough to begin)")
	}
	return nil
}

// Ping asks the primary.
func (e *Engine) Ping(ctx context.Context) error {
	return translate(ctx, "ping", e.client.Ping(ctx, readpref.Primary()))
}

// Close ends the connections; writes under way get ten seconds.
func (e *Engine) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), tryTimeout)
	defer cancel()
	err := e.client.Disconnect(ctx)
	if errors.Is(err, mongo.ErrClientDisconnected) {
		return nil
	}
	return translate(ctx, "close", err)
}

// Name is the name of the database.
func (e *Engine) Name() string { return e.db.Name() }

// Drop removes the database with everything in it.
func (e *Engine) Drop(ctx context.Context) error {
	return translate(ctx, "drop", e.db.Drop(ctx))
}

// Declare creates the indexes. Sharded collections are ready for
// sh.shardCollection("DATABASE.NAME", {_id: "hashed"}), which is the administrator's to run.
func (e *Engine) Declare(ctx context.Context, collections ...store.Collection) error {
	for _, c := range collections {
		if models := indexes(c); len(models) > 0 {
			_, err := e.db.Collection(c.Name).Indexes().CreateMany(ctx, models)
			if err != nil {
				return translate(ctx, "declare "+c.Name, err)
			}
		}
		e.mu.Lock()
		e.declared[c.Name] = c
		e.mu.Unlock()
	}
	return nil
}

// indexes lists those that MongoDB does not make itself. Plain ones end with the field that orders scans.
func indexes(c store.Collection) []mongo.IndexModel {
	var models []mongo.IndexModel
	for _, x := range c.Indexes {
		if x.Fields[0] == "_id" {
			continue // MongoDB's own
		}
		var keys bson.D
		for _, f := range x.Fields {
			keys = append(keys, bson.E{Key: f, Value: 1})
		}
		o := options.Index().SetName(strings.Join(x.Fields, "_"))
		if x.Unique {
			o.SetUnique(true)
		} else {
			keys = append(keys, bson.E{Key: spreadField, Value: 1})
		}
		models = append(models, mongo.IndexModel{Keys: keys, Options: o})
	}
	return models
}

func (e *Engine) collection(name string) (*mongo.Collection, store.Collection, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	c, ok := e.declared[name]
	if !ok {
		return nil, c, fmt.Errorf("mongo: collection %q was not declared", name)
	}
	return e.db.Collection(name), c, nil
}
