package sqlite

import (
	"context"
	"fmt"
)

// LimitPages makes the file full when it has so many pages.
func (e *Engine) LimitPages(ctx context.Context, n int) error {
	return e.writer.do(ctx, func(tx *tx) error { //nolint:contextcheck // see detached
		var got int
		return tx.row(fmt.Sprintf("PRAGMA max_page_count=%d", n), nil, &got)
	})
}
