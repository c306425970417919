package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"opengate/server/store"
	"opengate/survey"
)

// Submit checks a draft whole and stores it; the receipt is returned only when the answers are durable. With
// complete false ("send what I have so far") nothing is required and what was not reached is NotReached. Repeating
// it is safe: the same id and answers give the same receipt, also on another day and when the survey has closed since.
// It returns *survey.InvalidError with every problem in form order, survey.ErrDuplicate when other answers were sent
// under this id, survey.ErrWithdrawn, survey.ErrClosed through a door that is closed, ErrTrialOver.
func (s *Service) Submit(ctx context.Context, door Door, d *Draft, complete bool) (string, error) {
	if d.Test && !door.Test {
		return "", fmt.Errorf("intake: survey %s: %w", d.Slug, ErrTrialOver)
	}
	view := survey.Evaluate(door.Form, d.Answers, s.Now(door, d))
	problems := view.Problems(door.Form.Body)
	if !complete {
		problems = answered(problems)
	}
	mine := given(door.Form, d.Answers)
	if err := refusal(door, problems); err != nil {
		return s.again(ctx, door, d.ResponseID, mine, err)
	}
	reached := func(page int) bool { return complete || d.HasReached(page) }
	r := survey.Response{
		ID: d.ResponseID, Version: d.Version, Language: d.Language, Channel: d.Link, Mode: door.Mode(),
		Consent: d.Consent, Complete: complete, Fallback: d.Fallback, Answers: view.Sheet(reached),
	}
	receipt, _, err := s.keep(ctx, door, r, mine)
	if err != nil {
		return "", err
	}
	if err := s.Discard(ctx, d); err != nil {
		return receipt, nil //nolint:nilerr // the answer is stored; a sealed draft left over expires by itself
	}
	return receipt, nil
}

// answered keeps the problems of what was given: a blank is no problem in an answer that is sent early.
func answered(problems []survey.Problem) []survey.Problem {
	out := problems[:0]
	for _, p := range problems {
		if p.Code != survey.Missing {
			out = append(out, p)
		}
	}
	return out
}

// refusal says why new answers are not taken: the door is closed, or they have problems.
func refusal(door Door, problems []survey.Problem) error {
	switch {
	case door.Closed():
		return fmt.Errorf("intake: survey %s: %w", door.Survey.Slug, survey.ErrClosed)
	case len(problems) > 0:
		return &survey.InvalidError{Problems: problems}
	}
	return nil
}

// given is what the person gave, without what the form works out from it and from the day: equal at every repeat.
func given(f *survey.Form, a survey.Answers) survey.Answers {
	out := survey.Answers{}
	for key, val := range a {
		if q := f.Question(key); q != nil && q.Asks() && q.Calculation == nil && val.Given() {
			out[key] = val
		}
	}
	return out
}

// again gives the receipt of answers that would be refused now, where the same were taken before, and else refused.
func (s *Service) again(ctx context.Context, door Door, id string, mine survey.Answers, refused error) (string, error) {
	verdict, err := s.store.Repeated(ctx, store.Entry{Response: survey.Response{ID: id, Survey: door.Survey.Slug}, Given: mine})
	switch {
	case errors.Is(err, survey.ErrNotFound), err == nil && verdict != store.Same:
		return "", refused
	case err != nil:
		return "", fmt.Errorf("intake: earlier response: %w", err)
	}
	return s.Receipt(ctx, door.Survey.Slug, id)
}

// Accept checks and stores a response that came whole, from the API. Created is false on an equal repeat, which a
// closed door lets through as well: the door that [Service.Door] returns with survey.ErrClosed will do. Errors as for
// Submit; answers to unknown or not relevant questions are problems.
func (s *Service) Accept(ctx context.Context, door Door, r survey.Response) (receipt string, created bool, err error) {
	if !ValidID(r.ID) {
		return "", false, fmt.Errorf("intake: response id: %w", survey.ErrNotFound)
	}
	now := survey.Now{Time: s.now().In(door.Zone()), Langs: []survey.Lang{r.Language, door.Form.Default}}
	view := survey.Evaluate(door.Form, r.Answers, now)
	problems := append(foreign(door.Form, view, r.Answers), view.Problems(door.Form.Body)...)
	mine := given(door.Form, r.Answers)
	if err := refusal(door, problems); err != nil {
		receipt, err = s.again(ctx, door, r.ID, mine, err)
		return receipt, false, err
	}
	r.Mode, r.Channel, r.Complete = survey.ModeAPI, door.Link.Code, true
	r.Answers = view.Sheet(func(int) bool { return true })
	return s.keep(ctx, door, r, mine)
}

// keep stamps what the server alone knows and stores the response, of which the person gave mine.
func (s *Service) keep(ctx context.Context, door Door, r survey.Response, mine survey.Answers) (receipt string, created bool, err error) {
	r.Survey, r.Wave, r.Era, r.Test = door.Survey.Slug, door.Survey.Wave, door.Survey.Era, door.Test
	r.Day = s.now().In(door.Zone()).Format(time.DateOnly)
	receipt, err = s.Receipt(ctx, r.Survey, r.ID)
	if err != nil {
		return "", false, err
	}
	verdicts, err := s.store.AddResponses(ctx, []store.Entry{{Response: r, ReceiptHash: receiptHash(receipt), Given: mine}})
	if err != nil {
		return "", false, fmt.Errorf("intake: store response: %w", err)
	}
	switch verdicts[0] {
	case store.Stored:
		return receipt, true, nil
	case store.Same:
		return receipt, false, nil
	case store.Gone:
		return "", false, fmt.Errorf("intake: response: %w", survey.ErrWithdrawn)
	default:
		return "", false, fmt.Errorf("intake: response: %w", survey.ErrDuplicate)
	}
}

// Sent tells what became of a response whose draft is gone: the receipt again when it is stored and holds the given
// answers, and whether it was sent at the end (complete) or early; survey.ErrDuplicate when they differ, survey.ErrWithdrawn, or survey.ErrNotFound when it never came.
func (s *Service) Sent(ctx context.Context, responseID string, page survey.Answers) (receipt string, complete bool, err error) {
	if !ValidID(responseID) {
		return "", false, fmt.Errorf("intake: response id: %w", survey.ErrNotFound)
	}
	r, err := s.store.Response(ctx, responseID)
	if err != nil {
		return "", false, fmt.Errorf("intake: sent response: %w", err)
	}
	for key, val := range page {
		if stored := r.Answers[key]; stored.Text != val.Text && (stored.State != survey.NotAsked || val.Given()) {
			return "", false, fmt.Errorf("intake: sent response: %w", survey.ErrDuplicate)
		}
	}
	receipt, err = s.Receipt(ctx, r.Survey, r.ID)
	return receipt, r.Complete, err
}

// Withdraw erases the answers behind a receipt at once and leaves a tombstone. It returns the survey's slug;
// survey.ErrNotFound for a receipt that was mistyped or never given, survey.ErrWithdrawn when repeated.
func (s *Service) Withdraw(ctx context.Context, receipt string) (string, error) {
	if _, ok := normalReceipt(receipt); !ok {
		return "", fmt.Errorf("intake: receipt: %w", survey.ErrNotFound)
	}
	slug, err := s.store.Withdraw(ctx, receiptHash(receipt), s.now().UTC().Format(time.DateOnly))
	if err != nil {
		return slug, fmt.Errorf("intake: withdraw: %w", err)
	}
	return slug, nil
}

// foreign gives a problem for each answer that this form does not ask for here, unknown questions first.
func foreign(f *survey.Form, view *survey.View, a survey.Answers) []survey.Problem {
	var out []survey.Problem
	for _, key := range sortedKeys(a) {
		q := f.Question(key)
		switch {
		case q == nil:
			out = append(out, survey.Problem{Question: key, Code: survey.UnknownQuestion})
		case a[key].Given() && !view.Relevant(key):
			out = append(out, survey.Problem{Question: key, Code: survey.NotRelevant})
		}
	}
	return out
}
