package store

import (
	"context"
	"errors"
	"fmt"
)

type releaseDoc struct {
	ID     string `bson:"_id"` // slug and number
	Survey string `bson:"survey"`
	Number int64  `bson:"number"`
	Wave   string `bson:"wave"`
	After  int64  `bson:"after"`
	Line   string `bson:"line"` // slug, wave and After: no two releases are carried forward from one
	Day    string `bson:"day"`
	Cube   part   `bson:"cube"`
	Sealed part   `bson:"sealed"`
	Report part   `bson:"report"`
}

// AddRelease keeps a release for good; survey.ErrDuplicate when the number is taken, or when another release of the
// wave was carried forward from the same one.
func (s *Store) AddRelease(ctx context.Context, r Release) error {
	d := releaseDoc{ID: numbered(r.Survey, r.Number), Survey: r.Survey, Number: int64(r.Number), Wave: r.Wave, After: int64(r.After), Day: r.Day}
	d.Line = numbered(r.Survey+" "+r.Wave, r.After)
	for _, p := range []struct {
		to   *part
		data []byte
	}{{&d.Cube, r.Cube}, {&d.Sealed, r.Sealed}, {&d.Report, r.Report}} {
		var err error
		if *p.to, err = s.putPart(ctx, r.Survey, p.data); err != nil {
			return fmt.Errorf("store: add release: %w", err)
		}
	}
	if err := s.insertOne(ctx, colReleases, d); err != nil {
		return fmt.Errorf("store: add release: %w", errors.Join(err, s.dropParts(ctx, d.Cube, d.Sealed, d.Report)))
	}
	return nil
}

// Release gives release n of a survey, the newest for n = 0, or survey.ErrNotFound.
func (s *Store) Release(ctx context.Context, slug string, n int) (Release, error) {
	q := Where("survey", slug)
	if n != 0 {
		q.Equal = append(q.Equal, Cond{"number", int64(n)})
	}
	return s.newest(ctx, q)
}

// NewestRelease gives the newest release of one wave of a survey, or survey.ErrNotFound.
func (s *Store) NewestRelease(ctx context.Context, slug, wave string) (Release, error) {
	return s.newest(ctx, Where("survey", slug, "wave", wave))
}

func (s *Store) newest(ctx context.Context, q Query) (Release, error) {
	q.Order, q.Falling = "number", true
	d, err := first[releaseDoc](ctx, s, colReleases, q)
	if err != nil {
		return Release{}, err
	}
	r := d.head()
	for _, p := range []struct {
		to   *[]byte
		from part
	}{{&r.Cube, d.Cube}, {&r.Sealed, d.Sealed}, {&r.Report, d.Report}} {
		if *p.to, err = s.readPart(ctx, p.from); err != nil {
			return Release{}, err
		}
	}
	return r, nil
}

// Releases lists the releases of a survey, oldest first, without Cube, Sealed and Report.
func (s *Store) Releases(ctx context.Context, slug string) ([]Release, error) {
	var rs []Release
	q := Where("survey", slug)
	q.Order = "number"
	for d, err := range find[releaseDoc](ctx, s, colReleases, q) {
		if err != nil {
			return nil, err
		}
		rs = append(rs, d.head())
	}
	return rs, nil
}

func (d releaseDoc) head() Release {
	return Release{Survey: d.Survey, Number: int(d.Number), Wave: d.Wave, After: int(d.After), Day: d.Day}
}
