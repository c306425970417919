package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/survey"
)

type surveyDoc struct {
	Slug    string            `bson:"_id"`
	Rev     int64             `bson:"rev"`
	UID     string            `bson:"uid"` // tells it from another survey of the same name, erased before
	Title   map[string]string `bson:"title"`
	Status  string            `bson:"status"`
	Version int               `bson:"version"`
	Wave    string            `bson:"wave"`
	Era     int               `bson:"era"`
	By      []string          `bson:"by"`
	Lenient bool              `bson:"lenient"`
	MadeUp  bool              `bson:"madeUp"`
	Machine bool              `bson:"machine"`
	Opened  string            `bson:"opened"`
	Closed  string            `bson:"closed"`
}

func surveyDocOf(v Survey, uid string, rev int64) surveyDoc {
	d := surveyDoc{
		Slug: v.Slug, Rev: rev, UID: uid, Status: string(v.Status), Version: v.Version, Wave: v.Wave, Era: v.Era,
		By: v.By, Lenient: v.Lenient, MadeUp: v.MadeUp, Machine: v.Machine, Opened: v.Opened, Closed: v.Closed,
		Title: map[string]string{},
	}
	for lang, text := range v.Title {
		d.Title[string(lang)] = text
	}
	return d
}

func (d surveyDoc) survey() Survey {
	v := Survey{
		Slug: d.Slug, UID: d.UID, Rev: d.Rev, Status: survey.Status(d.Status), Version: d.Version, Wave: d.Wave, Era: d.Era,
		By: d.By, Lenient: d.Lenient, MadeUp: d.MadeUp, Machine: d.Machine, Opened: d.Opened, Closed: d.Closed,
		Title: survey.Text{},
	}
	for lang, text := range d.Title {
		v.Title[survey.Lang(lang)] = text
	}
	return v
}

// surveyLease bounds how long making or erasing a survey takes.
const surveyLease = time.Minute

// AddSurvey keeps a new survey under Rev 1 and a UID of its own; survey.ErrDuplicate when the slug is taken.
func (s *Store) AddSurvey(ctx context.Context, v Survey) error {
	end, err := s.Lease(ctx, "survey "+v.Slug, surveyLease)
	if err != nil {
		return fmt.Errorf("store: add survey: %w", err)
	}
	defer end()
	if err := s.sweepAfter(ctx, v.Slug); err != nil {
		return fmt.Errorf("store: add survey: %w", err)
	}
	return s.insertOne(ctx, colSurveys, surveyDocOf(v, rand.Text(), 1))
}

// Survey gives one survey, or survey.ErrNotFound.
func (s *Store) Survey(ctx context.Context, slug string) (Survey, error) {
	d, err := get[surveyDoc](ctx, s, colSurveys, slug)
	return d.survey(), err
}

// Surveys yields all surveys in the order of their slugs.
func (s *Store) Surveys(ctx context.Context) iter.Seq2[Survey, error] {
	return mapped(find[surveyDoc](ctx, s, colSurveys, Query{Order: "_id"}), surveyDoc.survey)
}

// UpdateSurvey replaces the survey that has v.Rev and keeps it under v.Rev+1; survey.ErrConflict when it changed in
// the meantime or is another one of the same name, survey.ErrNotFound when there is none.
func (s *Store) UpdateSurvey(ctx context.Context, v Survey) error {
	there, err := get[surveyDoc](ctx, s, colSurveys, v.Slug)
	if err != nil {
		return fmt.Errorf("store: update survey: %w", err)
	}
	if v.UID != "" && v.UID != there.UID {
		return fmt.Errorf("store: update survey: %w", survey.ErrConflict)
	}
	return s.replace(ctx, colSurveys, surveyDocOf(v, there.UID, v.Rev+1), v.Rev)
}

// EraseSurvey removes a survey with its forms, answers, tombstones, drafts, links, releases and keys, and remembers
// that, so that restoring a backup does not bring it back. When it is broken off, calling it again goes on.
// survey.ErrNotFound when there never was such a survey.
func (s *Store) EraseSurvey(ctx context.Context, slug string) error {
	end, err := s.Lease(ctx, "survey "+slug, surveyLease)
	if err != nil {
		return fmt.Errorf("store: erase survey: %w", err)
	}
	defer end()
	d, err := get[surveyDoc](ctx, s, colSurveys, slug)
	gone := erasureDoc{UID: d.UID, Survey: slug}
	if errors.Is(err, survey.ErrNotFound) {
		gone, err = first[erasureDoc](ctx, s, colErasures, Where("survey", slug))
	}
	if err != nil {
		return fmt.Errorf("store: erase survey: %w", err)
	}
	return s.erase(ctx, gone)
}

func (s *Store) erase(ctx context.Context, gone erasureDoc) error {
	if err := s.remember(ctx, gone); err != nil {
		return err
	}
	if _, err := s.e.Delete(ctx, colSurveys, Where("_id", gone.Survey)); err != nil {
		return fmt.Errorf("store: erase survey: %w", err)
	}
	s.forgetKeys(gone.Survey)
	if err := s.sweep(ctx, gone.Survey, colKeys, colResponses, colDrafts, colLinks, colVersions, colReleases, colChunks); err != nil {
		return fmt.Errorf("store: erase survey: %w", err)
	}
	return s.e.Scrub(ctx)
}

// remember notes an erasure; noting it twice changes nothing.
func (s *Store) remember(ctx context.Context, gone erasureDoc) error {
	raw, err := marshal(gone)
	if err == nil {
		_, err = s.e.Insert(ctx, colErasures, []bson.Raw{raw})
	}
	return err
}

// sweep removes what the collections hold of a survey.
func (s *Store) sweep(ctx context.Context, slug string, collections ...string) error {
	for _, c := range collections {
		if _, err := s.e.Delete(ctx, c, Where("survey", slug)); err != nil {
			return err
		}
	}
	return nil
}

// sweepAfter removes answers and drafts that were on their way while their survey was erased. It touches nothing unless
// an erasure is noted and there is no survey of that name, and no forms: somebody may be publishing one for a new
// survey. The caller holds the survey's lease.
func (s *Store) sweepAfter(ctx context.Context, slug string) error {
	_, err := s.e.Get(ctx, colSurveys, slug)
	if err == nil {
		return nil
	}
	if !errors.Is(err, survey.ErrNotFound) {
		return err
	}
	_, err = first[erasureDoc](ctx, s, colErasures, Where("survey", slug))
	if errors.Is(err, survey.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.sweep(ctx, slug, colResponses, colDrafts)
}

// sweepErased is sweepAfter for every erased survey that nobody is making or erasing at this moment.
func (s *Store) sweepErased(ctx context.Context) error {
	for gone, err := range find[erasureDoc](ctx, s, colErasures, Query{}) {
		if err != nil {
			return err
		}
		end, err := s.Lease(ctx, "survey "+gone.Survey, surveyLease)
		if errors.Is(err, survey.ErrBusy) {
			continue
		}
		if err != nil {
			return err
		}
		err = s.sweepAfter(ctx, gone.Survey)
		end()
		if err != nil {
			return err
		}
	}
	return nil
}
