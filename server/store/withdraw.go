package store

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/survey"
)

// tombstoneDoc takes the place of a withdrawn response. It has every declared key of the collection.
type tombstoneDoc struct {
	ID      string `bson:"_id"`
	Rev     int64  `bson:"rev"`
	Schema  int32  `bson:"schema"`
	Survey  string `bson:"survey"`
	Kind    string `bson:"kind"`
	Wave    string `bson:"wave"`
	Era     int64  `bson:"era"`
	Channel string `bson:"channel"`
	Receipt []byte `bson:"receipt"`
	Day     string `bson:"day"`
}

// Withdraw erases the response that the receipt belongs to and says of which survey it was. ErrNotFound for an unknown
// receipt, ErrWithdrawn (with the slug) for one that was used before.
//
// The tombstone is not laid beside the response but put into its place, under the same _id, by one compare-and-set.
// So there is no moment at which neither is there, and a repeat of the response that arrives before, during or after
// finds its _id taken: nothing can bring the answers back, without a transaction or a lock.
func (s *Store) Withdraw(ctx context.Context, receiptHash []byte, day string) (slug string, err error) {
	if len(receiptHash) == 0 {
		return "", fmt.Errorf("store: withdraw: %w", survey.ErrNotFound)
	}
	for range 20 {
		there, err := first[tombstoneDoc](ctx, s, colResponses, Where("receipt", receiptHash))
		if err != nil {
			return "", fmt.Errorf("store: withdraw: %w", err)
		}
		if there.Kind == kindGone {
			return there.Survey, fmt.Errorf("store: withdraw: %w", survey.ErrWithdrawn)
		}
		err = s.bury(ctx, there, day)
		if err == nil {
			return there.Survey, s.e.Scrub(ctx)
		}
		if !errors.Is(err, survey.ErrConflict) && !errors.Is(err, survey.ErrNotFound) {
			return "", fmt.Errorf("store: withdraw: %w", err)
		}
		// Somebody withdrew or dropped it in the meantime: look again.
	}
	return "", fmt.Errorf("store: withdraw: %w", survey.ErrBusy)
}

// bury puts the tombstone in the place of a response.
func (s *Store) bury(ctx context.Context, there tombstoneDoc, day string) error {
	return s.replace(ctx, colResponses, tombstoneDoc{
		ID: there.ID, Rev: there.Rev + 1, Schema: responseSchema, Survey: there.Survey, Kind: kindGone,
		Receipt: there.Receipt, Day: day,
	}, there.Rev)
}

// erasureDoc remembers that a survey was erased. UID tells it from a later survey of the same name.
type erasureDoc struct {
	UID    string `bson:"_id"`
	Survey string `bson:"survey"`
}

// Erasures says what [ReplayErasures] did.
type Erasures struct {
	Responses int // withdrawn answers that were erased again
	Surveys   int // erased surveys that were erased again
}

// ReplayErasures brings what was erased in one database about in another, such as a restored backup: withdrawn
// responses become tombstones, also those that the other one never had, and erased surveys are erased. Both engines
// need to have the [Collections] declared. It is safe to repeat.
func ReplayErasures(ctx context.Context, from, into Engine) (Erasures, error) {
	var done Erasures
	s := &Store{e: into, keys: map[string]cachedKey{}}
	for raw, err := range from.Find(ctx, colResponses, Query{Equal: []Cond{{"kind", kindGone}}}) {
		var stone tombstoneDoc
		if err == nil {
			err = unmarshal(colResponses, raw, &stone)
		}
		if err != nil {
			return done, fmt.Errorf("store: replay erasures: %w", err)
		}
		buried, err := s.rebury(ctx, stone)
		if err != nil {
			return done, fmt.Errorf("store: replay erasures: %w", err)
		}
		if buried {
			done.Responses++
		}
	}
	for raw, err := range from.Find(ctx, colErasures, Query{}) {
		var gone erasureDoc
		if err == nil {
			err = unmarshal(colErasures, raw, &gone)
		}
		if err == nil {
			err = s.eraseAgain(ctx, gone, &done)
		}
		if err != nil {
			return done, fmt.Errorf("store: replay erasures: %w", err)
		}
	}
	return done, into.Scrub(ctx)
}

// rebury says whether answers had to be erased for the tombstone.
func (s *Store) rebury(ctx context.Context, stone tombstoneDoc) (bool, error) {
	stone.Rev = 1
	raw, err := marshal(stone)
	if err != nil {
		return false, err
	}
	stored, err := s.e.Insert(ctx, colResponses, []bson.Raw{raw})
	if err != nil || stored[0] {
		return false, err
	}
	there, err := get[tombstoneDoc](ctx, s, colResponses, stone.ID)
	if err != nil || there.Kind == kindGone {
		return false, err
	}
	return true, s.bury(ctx, there, stone.Day)
}

func (s *Store) eraseAgain(ctx context.Context, gone erasureDoc, done *Erasures) error {
	there, err := get[surveyDoc](ctx, s, colSurveys, gone.Survey)
	switch {
	case errors.Is(err, survey.ErrNotFound), err == nil && there.UID != gone.UID:
		return s.remember(ctx, gone)
	case err != nil:
		return err
	}
	done.Surveys++
	return s.erase(ctx, gone)
}
