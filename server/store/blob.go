package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

const (
	maxInline = 256 << 10 // bytes that stay in the document itself
	chunkSize = 8 << 20   // below the 16 MB that a MongoDB document may have
)

// part is a run of bytes of any length inside a document: in it when short, else in chunks of their own.
type part struct {
	Inline []byte `bson:"data,omitempty"`
	Blob   string `bson:"blob,omitempty"` // random name of the chunks
	Size   int64  `bson:"size"`
	Sum    []byte `bson:"sum"` // SHA-256
}

type chunkDoc struct {
	ID     string `bson:"_id"` // blob and number
	Survey string `bson:"survey"`
	Blob   string `bson:"blob"`
	N      int64  `bson:"n"`
	Data   []byte `bson:"data"`
}

// putPart stores what does not fit into a document; the document that holds the part is the commit point.
func (s *Store) putPart(ctx context.Context, slug string, data []byte) (part, error) {
	sum := sha256.Sum256(data)
	p := part{Size: int64(len(data)), Sum: sum[:]}
	if len(data) <= maxInline {
		p.Inline = data
		return p, nil
	}
	p.Blob = rand.Text()
	for n := int64(0); len(data) > 0; n++ {
		size := min(chunkSize, len(data))
		raw, err := marshal(chunkDoc{ID: fmt.Sprintf("%s/%d", p.Blob, n), Survey: slug, Blob: p.Blob, N: n, Data: data[:size]})
		if err == nil {
			_, err = s.e.Insert(ctx, colChunks, []bson.Raw{raw})
		}
		if err != nil {
			return p, err
		}
		data = data[size:]
	}
	return p, nil
}

// readPart gives the bytes back, and an error rather than wrong ones. Nothing stored is nil.
func (s *Store) readPart(ctx context.Context, p part) ([]byte, error) {
	data := p.Inline
	if p.Blob != "" {
		data = make([]byte, 0, p.Size)
		for c, err := range find[chunkDoc](ctx, s, colChunks, Query{Equal: []Cond{{"blob", p.Blob}}, Order: "n"}) {
			if err != nil {
				return nil, err
			}
			data = append(data, c.Data...)
		}
	}
	if sum := sha256.Sum256(data); int64(len(data)) != p.Size || string(sum[:]) != string(p.Sum) {
		return nil, fmt.Errorf("store: a stored file is damaged: %d of %d bytes; restore the last backup", len(data), p.Size)
	}
	if len(data) == 0 {
		return nil, nil
	}
	return data, nil
}

// dropParts removes the chunks of parts whose document was not stored.
func (s *Store) dropParts(ctx context.Context, parts ...part) error {
	for _, p := range parts {
		if p.Blob == "" {
			continue
		}
		if _, err := s.e.Delete(ctx, colChunks, Where("blob", p.Blob)); err != nil {
			return err
		}
	}
	return nil
}
