package store

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// backuper is an engine that can copy itself while it is in use.
type backuper interface {
	// Backup writes a verified copy, as of one moment.
	Backup(ctx context.Context, w io.Writer) error
}

// Backup writes a copy of the database as of one moment, while the service runs. It was verified before its first byte
// is written. It holds wrapped keys only: keep the master key elsewhere.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	e, ok := s.e.(backuper)
	if !ok {
		return errors.New("store: this database has tools of its own for backups: use mongodump --oplog or snapshots of its disks")
	}
	if err := e.Backup(ctx, w); err != nil {
		return fmt.Errorf("store: backup: %w", err)
	}
	return nil
}
