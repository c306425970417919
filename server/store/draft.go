package store

import (
	"context"
	"errors"
	"fmt"

	"opengate/survey"
)

type draftDoc struct {
	ID      string `bson:"_id"`
	Rev     int64  `bson:"rev"`
	Survey  string `bson:"survey"`
	Sealed  []byte `bson:"sealed"`
	Expires int64  `bson:"expires"`
}

type resumeDoc struct {
	ID      string `bson:"_id"`
	Wrapped []byte `bson:"wrapped"`
	Expires int64  `bson:"expires"`
}

// PutDraft keeps a draft and gives its new Rev. With Rev 0 it has to be new, else it replaces the one with that Rev;
// survey.ErrConflict when it is not so, survey.ErrNotFound when it is gone.
func (s *Store) PutDraft(ctx context.Context, d Draft) (rev int64, err error) {
	doc := draftDoc{ID: d.ID, Rev: d.Rev + 1, Survey: d.Survey, Sealed: d.Sealed, Expires: d.Expires}
	if d.Rev == 0 {
		err = s.insertOne(ctx, colDrafts, doc)
		if errors.Is(err, survey.ErrDuplicate) {
			err = survey.ErrConflict
		}
	} else {
		err = s.replace(ctx, colDrafts, doc, d.Rev)
	}
	if err != nil {
		return 0, fmt.Errorf("store: put draft: %w", err)
	}
	return doc.Rev, nil
}

// Draft gives a draft, or survey.ErrNotFound.
func (s *Store) Draft(ctx context.Context, id string) (Draft, error) {
	d, err := get[draftDoc](ctx, s, colDrafts, id)
	return Draft{ID: d.ID, Survey: d.Survey, Sealed: d.Sealed, Expires: d.Expires, Rev: d.Rev}, err
}

// DeleteDraft removes a draft; one that is not there is no error.
func (s *Store) DeleteDraft(ctx context.Context, id string) error {
	_, err := s.e.Delete(ctx, colDrafts, Where("_id", id))
	return err
}

// AddResume keeps the way from a resume code to a draft; survey.ErrDuplicate when the code is in use.
func (s *Store) AddResume(ctx context.Context, r Resume) error {
	return s.insertOne(ctx, colResumes, resumeDoc(r))
}

// Resume gives what a resume code leads to, or survey.ErrNotFound.
func (s *Store) Resume(ctx context.Context, id string) (Resume, error) {
	d, err := get[resumeDoc](ctx, s, colResumes, id)
	return Resume(d), err
}

// Expire removes the drafts and resume codes that expired before today (a Unix day), sessions that ended, and answers
// that were on their way while their survey was erased.
func (s *Store) Expire(ctx context.Context, today int64) error {
	n := 0
	for _, old := range []struct {
		collection string
		before     int64
	}{{colDrafts, today}, {colResumes, today}, {colSessions, s.now().Unix()}} {
		k, err := s.e.Delete(ctx, old.collection, Query{Below: &Cond{"expires", old.before}})
		if err != nil {
			return fmt.Errorf("store: expire: %w", err)
		}
		n += k
	}
	if err := s.sweepErased(ctx); err != nil {
		return fmt.Errorf("store: expire: %w", err)
	}
	if n == 0 {
		return nil
	}
	return s.e.Scrub(ctx)
}
