package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

type versionDoc struct {
	ID       string     `bson:"_id"` // slug and number
	Survey   string     `bson:"survey"`
	Version  int64      `bson:"version"`
	Hash     string     `bson:"hash"`
	Workbook part       `bson:"workbook"`
	Media    []mediaDoc `bson:"media"` // by name
	Lenient  bool       `bson:"lenient"`
	By       []string   `bson:"by"`
	Day      string     `bson:"day"`
}

type mediaDoc struct {
	Name string `bson:"name"`
	Part part   `bson:"part"`
}

func (d versionDoc) parts() []part {
	ps := []part{d.Workbook}
	for _, m := range d.Media {
		ps = append(ps, m.Part)
	}
	return ps
}

func numbered(slug string, n int) string { return fmt.Sprintf("%s/%d", slug, n) }

// AddVersion keeps a published form, of any size, for good; survey.ErrDuplicate when the number is taken.
func (s *Store) AddVersion(ctx context.Context, v FormVersion) error {
	d := versionDoc{ID: numbered(v.Slug, v.Version), Survey: v.Slug, Version: int64(v.Version), Hash: v.Hash, Lenient: v.Lenient, By: v.By, Day: v.Day}
	var err error
	if d.Workbook, err = s.putPart(ctx, v.Slug, v.Workbook); err != nil {
		return fmt.Errorf("store: add version: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(v.Media)) {
		p, err := s.putPart(ctx, v.Slug, v.Media[name])
		if err != nil {
			return fmt.Errorf("store: add version: %w", err)
		}
		d.Media = append(d.Media, mediaDoc{name, p})
	}
	if err := s.insertOne(ctx, colVersions, d); err != nil {
		return fmt.Errorf("store: add version: %w", errors.Join(err, s.dropParts(ctx, d.parts()...)))
	}
	return nil
}

// Version gives a published form, or survey.ErrNotFound.
func (s *Store) Version(ctx context.Context, slug string, number int) (FormVersion, error) {
	d, err := get[versionDoc](ctx, s, colVersions, numbered(slug, number))
	if err != nil {
		return FormVersion{}, err
	}
	v := FormVersion{Slug: d.Survey, Version: int(d.Version), Hash: d.Hash, Lenient: d.Lenient, By: d.By, Day: d.Day}
	if v.Workbook, err = s.readPart(ctx, d.Workbook); err != nil {
		return FormVersion{}, err
	}
	for _, m := range d.Media {
		data, err := s.readPart(ctx, m.Part)
		if err != nil {
			return FormVersion{}, err
		}
		if v.Media == nil {
			v.Media = map[string][]byte{}
		}
		v.Media[m.Name] = data
	}
	return v, nil
}
