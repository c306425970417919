package store

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"iter"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/survey"
)

// Verdict says what became of a response handed to [Store.AddResponses].
type Verdict uint8

// The verdicts.
const (
	Stored  Verdict = iota // it is kept, and survives the death of the machine
	Same                   // the same answers are kept under its ID: a repeat, as good as Stored
	Differs                // other answers are kept under its ID; see survey.ErrDuplicate
	Gone                   // a response with its ID was withdrawn; see survey.ErrWithdrawn
)

// Err gives the kind of error that a single submission with this verdict ends in, or nil.
func (v Verdict) Err() error {
	switch v {
	case Differs:
		return survey.ErrDuplicate
	case Gone:
		return survey.ErrWithdrawn
	default:
		return nil
	}
}

// Entry is a response with the hash of its receipt, by which [Store.Withdraw] finds it.
type Entry struct {
	Response    survey.Response
	ReceiptHash []byte
	// Given is what the person gave, without what was worked out from it or from the day: by it a repeat is known.
	// nil stands for all of Response.Answers.
	Given survey.Answers
}

// Filter chooses responses of one survey.
type Filter struct {
	Wave      string // "" for all waves
	Test      bool   // tests instead of real ones
	BeforeEra int    // only those of an era below this one; 0 for all
}

// writeChunk is how many responses one commit takes at most, so that an import holds nobody up.
const writeChunk = 500

// AddResponses keeps each response whose ID is new and says so per entry, in order. It returns when they are durable.
// Inserting the one document is the commit point: repeating a call after an error is right and changes nothing. A
// repeat is the Same when the survey and what was given are equal.
// Entries before a failing one may have been kept. ErrNotFound when there is no such survey.
func (s *Store) AddResponses(ctx context.Context, entries []Entry) ([]Verdict, error) {
	verdicts := make([]Verdict, 0, len(entries))
	for len(entries) > 0 {
		n := min(writeChunk, len(entries))
		v, err := s.addChunk(ctx, entries[:n])
		if err != nil {
			return nil, fmt.Errorf("store: add responses: %w", err)
		}
		verdicts, entries = append(verdicts, v...), entries[n:]
	}
	return verdicts, nil
}

func (s *Store) addChunk(ctx context.Context, entries []Entry) ([]Verdict, error) {
	docs := make([]bson.Raw, len(entries))
	macs := make([][]byte, len(entries))
	for i := range entries {
		var err error
		if macs[i], err = s.answersMAC(ctx, &entries[i]); err != nil {
			return nil, err
		}
		if docs[i], err = encodeResponse(&entries[i], macs[i]); err != nil {
			return nil, err
		}
	}
	stored, err := s.e.Insert(ctx, colResponses, docs)
	if err != nil {
		return nil, err
	}
	verdicts := make([]Verdict, len(entries))
	for i, ok := range stored {
		if ok {
			continue
		}
		if verdicts[i], err = s.compare(ctx, entries[i].Response.ID, macs[i], docs[i]); err != nil {
			return nil, err
		}
	}
	return verdicts, nil
}

// Repeated judges an entry as AddResponses does and keeps nothing: ErrNotFound where its ID is free. Of the response it
// looks at ID and Survey, and at Answers where Given is nil.
func (s *Store) Repeated(ctx context.Context, e Entry) (Verdict, error) {
	mac, err := s.answersMAC(ctx, &e)
	if err != nil {
		return 0, fmt.Errorf("store: repeated: %w", err)
	}
	there, err := s.e.Get(ctx, colResponses, e.Response.ID)
	if err != nil {
		return 0, fmt.Errorf("store: repeated: %w", err)
	}
	return judge(there, mac)
}

// answersMAC is the code of what was given, under the survey's key.
func (s *Store) answersMAC(ctx context.Context, e *Entry) ([]byte, error) {
	key, _, err := s.key(ctx, e.Response.Survey, purposeAnswers)
	if err != nil {
		return nil, err
	}
	if e.Given == nil {
		return answersMAC(key, e.Response.Survey, e.Response.Answers), nil
	}
	return answersMAC(key, e.Response.Survey, e.Given), nil
}

// compare judges a response whose ID is taken. What has the ID may vanish meanwhile (tests dropped, survey erased) or
// not be with a majority yet: then it is tried again.
func (s *Store) compare(ctx context.Context, id string, mac []byte, doc bson.Raw) (Verdict, error) {
	for pause := 10 * time.Millisecond; pause < 3*time.Second; pause *= 2 {
		there, err := s.e.Get(ctx, colResponses, id)
		if err == nil {
			return judge(there, mac)
		}
		if !errors.Is(err, survey.ErrNotFound) {
			return 0, err
		}
		stored, err := s.e.Insert(ctx, colResponses, []bson.Raw{doc})
		if err != nil || stored[0] {
			return Stored, err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(pause):
		}
	}
	return 0, survey.ErrBusy
}

// judge compares a stored document with the code of new answers.
func judge(there bson.Raw, mac []byte) (Verdict, error) {
	var kind string
	var theirs []byte
	err := visit(there, func(t byte, key, value []byte) error {
		switch {
		case t == typeString && string(key) == "kind":
			kind = string(stringOf(value))
		case t == typeBinary && string(key) == "mac":
			theirs = binaryOf(value)
		}
		return nil
	})
	switch {
	case err != nil:
		return 0, err
	case kind == kindGone:
		return Gone, nil
	case hmac.Equal(theirs, mac):
		return Same, nil
	}
	return Differs, nil
}

// Response gives one response; ErrWithdrawn for one that was withdrawn, ErrNotFound for none.
func (s *Store) Response(ctx context.Context, id string) (survey.Response, error) {
	raw, err := s.e.Get(ctx, colResponses, id)
	if err != nil {
		return survey.Response{}, err
	}
	r, kind, err := newDecoder().response(raw)
	if err == nil && kind == kindGone {
		err = survey.ErrWithdrawn
	}
	if err != nil {
		return survey.Response{}, fmt.Errorf("store: response: %w", err)
	}
	return r, nil
}

// Responses yields the responses of a survey as they were at the first step, in an order that their random IDs
// determine and that tells nothing about when they came. It stops after the first error.
func (s *Store) Responses(ctx context.Context, slug string, f Filter) iter.Seq2[survey.Response, error] {
	return func(yield func(survey.Response, error) bool) {
		q := Where("survey", slug, "kind", kindReal)
		if f.Test {
			q = Where("survey", slug, "kind", kindTest)
		}
		if f.Wave != "" {
			q.Equal = append(q.Equal, Cond{"wave", f.Wave})
		}
		if f.BeforeEra > 0 {
			q.Below = &Cond{"era", int64(f.BeforeEra)}
		}
		q.Snapshot = true
		d := newDecoder()
		for raw, err := range s.e.Find(ctx, colResponses, q) {
			var r survey.Response
			if err == nil {
				r, _, err = d.response(raw)
			}
			if err != nil {
				yield(survey.Response{}, fmt.Errorf("store: responses: %w", err))
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

// CountBand says how many real responses a survey has, rounded down to 0, 10, 20, 50, 100, 200, 500, … It is never
// exact.
func (s *Store) CountBand(ctx context.Context, slug string) (int, error) {
	n, err := s.e.Count(ctx, colResponses, Where("survey", slug, "kind", kindReal))
	return band(n), err
}

// LinkBand is CountBand for the responses that came by one link.
func (s *Store) LinkBand(ctx context.Context, slug, code string) (int, error) {
	n, err := s.e.Count(ctx, colResponses, Where("survey", slug, "kind", kindReal, "channel", code))
	return band(n), err
}

// band rounds down to the series 10, 20, 50 and its multiples by ten.
func band(n int) int {
	b := 0
	for step := 10; step <= n; step *= 10 {
		for _, m := range []int{1, 2, 5} {
			if m*step <= n {
				b = m * step
			}
		}
	}
	return b
}

// DropTests removes the test responses of a survey for good.
func (s *Store) DropTests(ctx context.Context, slug string) error {
	if _, err := s.e.Delete(ctx, colResponses, Where("survey", slug, "kind", kindTest)); err != nil {
		return fmt.Errorf("store: drop tests: %w", err)
	}
	return s.e.Scrub(ctx)
}
