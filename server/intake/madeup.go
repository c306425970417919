package intake

import (
	"context"
	"fmt"
	"iter"

	"opengate/server/store"
	"opengate/survey"
)

// AddMadeUp stores demonstration answers. It refuses a survey that does not say it is made up.
func (s *Service) AddMadeUp(ctx context.Context, slug string, all iter.Seq[survey.Response]) error {
	sv, err := s.library.Survey(ctx, slug)
	if err != nil {
		return fmt.Errorf("intake: survey: %w", err)
	}
	if !sv.MadeUp {
		return fmt.Errorf("survey %s is not marked as made up: %w", slug, survey.ErrForbidden)
	}
	var batch []store.Entry
	flush := func() error {
		if _, err := s.store.AddResponses(ctx, batch); err != nil {
			return fmt.Errorf("intake: made-up answers: %w", err)
		}
		batch = batch[:0]
		return nil
	}
	for r := range all {
		r.Survey, r.Wave, r.Era, r.Version = slug, sv.Wave, sv.Era, sv.Version
		receipt, err := s.Receipt(ctx, slug, r.ID)
		if err != nil {
			return err
		}
		batch = append(batch, store.Entry{Response: r, ReceiptHash: receiptHash(receipt)})
		if len(batch) == importBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
