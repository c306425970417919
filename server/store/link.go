package store

import (
	"context"
	"iter"

	"opengate/survey"
)

type linkDoc struct {
	Code    string `bson:"_id"`
	Rev     int64  `bson:"rev"`
	Survey  string `bson:"survey"`
	Name    string `bson:"name"`
	Kind    string `bson:"kind"`
	Mode    string `bson:"mode"`
	KeyHash []byte `bson:"keyHash"`
	Owner   string `bson:"owner"`
	Revoked bool   `bson:"revoked"`
}

func linkDocOf(l Link, rev int64) linkDoc {
	return linkDoc{Code: l.Code, Rev: rev, Survey: l.Survey, Name: l.Name, Kind: l.Kind, Mode: string(l.Mode), KeyHash: l.KeyHash, Owner: l.Owner, Revoked: l.Revoked}
}

func (d linkDoc) link() Link {
	return Link{Code: d.Code, Rev: d.Rev, Survey: d.Survey, Name: d.Name, Kind: d.Kind, Mode: survey.Mode(d.Mode), KeyHash: d.KeyHash, Owner: d.Owner, Revoked: d.Revoked}
}

// AddLink keeps a new link under Rev 1; survey.ErrDuplicate when the code is taken.
func (s *Store) AddLink(ctx context.Context, l Link) error {
	return s.insertOne(ctx, colLinks, linkDocOf(l, 1))
}

// Link gives one link, revoked or not, or survey.ErrNotFound.
func (s *Store) Link(ctx context.Context, code string) (Link, error) {
	d, err := get[linkDoc](ctx, s, colLinks, code)
	return d.link(), err
}

// Links yields the links of a survey in the order of their codes, which are random.
func (s *Store) Links(ctx context.Context, slug string) iter.Seq2[Link, error] {
	q := Where("survey", slug)
	q.Order = "_id"
	return mapped(find[linkDoc](ctx, s, colLinks, q), linkDoc.link)
}

// UpdateLink replaces the link that has l.Rev; survey.ErrConflict or survey.ErrNotFound when there is none such.
func (s *Store) UpdateLink(ctx context.Context, l Link) error {
	return s.replace(ctx, colLinks, linkDocOf(l, l.Rev+1), l.Rev)
}
