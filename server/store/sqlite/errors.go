package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"opengate/server/store"
	"opengate/survey"
)

// translate turns the driver's errors into the kinds of [store.Engine]. Errors that are such kinds already keep
// them; of the driver's own errors the text alone goes on.
func translate(op string, err error) error {
	if err == nil {
		return nil
	}
	var driver *sqlite.Error
	switch {
	case errors.As(err, &driver):
		return translateCode(op, driver)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("sqlite: %s: %w: %s", op, store.ErrFull, err.Error())
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("sqlite: %s: %w", op, survey.ErrNotFound)
	case errors.Is(err, sql.ErrConnDone), errors.Is(err, errClosed):
		return fmt.Errorf("sqlite: %s: %w: the database is closed", op, survey.ErrBusy)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("sqlite: %s: %s: give the service's user write access to the data folder and what is in it", op, err.Error())
	}
	return fmt.Errorf("sqlite: %s: %w", op, err)
}

func translateCode(op string, err *sqlite.Error) error {
	switch err.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("sqlite: %s: %w: %s", op, store.ErrFull, err.Error())
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("sqlite: %s: %w: another process is writing: %s", op, survey.ErrBusy, err.Error())
	case sqlite3.SQLITE_INTERRUPT:
		return fmt.Errorf("sqlite: %s: %w", op, context.Canceled)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("sqlite: %s: %s: give the service's user write access to the data folder and what is in it", op, err.Error())
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("sqlite: %s: %s: the file is damaged or no database: stop the service, keep a copy of the file and restore the last backup", op, err.Error())
	}
	return fmt.Errorf("sqlite: %s: %s", op, err.Error())
}
