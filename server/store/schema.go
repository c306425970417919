package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/survey"
)

// schemaID is the _id of the document that says what shape the database has.
const schemaID = "schema"

// checkText is what the master key has to decrypt.
const checkText = "opengate"

// schemaDoc records the migrations that were run, by name.
type schemaDoc struct {
	ID    string   `bson:"_id"`
	Rev   int64    `bson:"rev"`
	Steps []string `bson:"steps"`
	Check []byte   `bson:"check"` // checkText under the master key
}

// migration is one step from an older shape to the present one. It must be safe to repeat.
type migration struct {
	name string
	run  func(context.Context, *Store) error
}

// migrations only ever grows at its end.
var migrations = []migration{
	{"0001 first shape", func(context.Context, *Store) error { return nil }},
}

// upgrade checks the master key and runs the migrations that the database has not had.
func (s *Store) upgrade(ctx context.Context) error {
	doc, err := get[schemaDoc](ctx, s, colMeta, schemaID)
	if errors.Is(err, survey.ErrNotFound) {
		doc, err = s.found(ctx)
	}
	if err != nil {
		return err
	}
	if text, ok := s.master.open(doc.Check, schemaID); !ok || string(text) != checkText {
		return ErrLostKey
	}
	for _, name := range doc.Steps {
		if !slices.ContainsFunc(migrations, func(m migration) bool { return m.name == name }) {
			return fmt.Errorf("the database was written by a newer version of OpenGate (step %q): use that version or a later one", name)
		}
	}
	for _, m := range migrations {
		if slices.Contains(doc.Steps, m.name) {
			continue
		}
		if err := m.run(ctx, s); err != nil {
			return fmt.Errorf("migration %q: %w", m.name, err)
		}
		doc.Steps = append(doc.Steps, m.name)
		doc.Rev++
		if err := s.replace(ctx, colMeta, doc, doc.Rev-1); err != nil {
			return fmt.Errorf("migration %q: %w", m.name, err)
		}
	}
	return nil
}

// found writes the schema document of a new database; another process may have been faster.
func (s *Store) found(ctx context.Context) (schemaDoc, error) {
	doc := schemaDoc{ID: schemaID, Rev: 1, Check: s.master.seal([]byte(checkText), schemaID)}
	for _, m := range migrations {
		doc.Steps = append(doc.Steps, m.name)
	}
	raw, err := marshal(doc)
	if err != nil {
		return doc, err
	}
	if _, err := s.e.Insert(ctx, colMeta, []bson.Raw{raw}); err != nil {
		return doc, err
	}
	return get[schemaDoc](ctx, s, colMeta, schemaID)
}
