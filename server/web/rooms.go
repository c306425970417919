package web

import (
	"context"
	"iter"

	"opengate/server/intake"
	"opengate/server/store"
	"opengate/survey"
	"opengate/survey/diagnosis"
)

// doors lets people in. Errors: survey.ErrNotFound; survey.ErrClosed with the door filled in.
type doors interface {
	Door(ctx context.Context, slug, link string) (intake.Door, error)
	DraftDoor(ctx context.Context, d *intake.Draft) (intake.Door, error)
}

// drafts keeps unfinished answers. Load and Resume: survey.ErrNotFound; Save: survey.ErrConflict.
type drafts interface {
	Begin(ctx context.Context, door intake.Door, lang survey.Lang) (*intake.Draft, error)
	Load(ctx context.Context, token string) (*intake.Draft, error)
	Save(ctx context.Context, d *intake.Draft) error
	Discard(ctx context.Context, d *intake.Draft) error
	Now(door intake.Door, d *intake.Draft) survey.Now
}

// codes leads back to drafts.
type codes interface {
	ResumeCode(ctx context.Context, d *intake.Draft) (string, error)
	Resume(ctx context.Context, code string) (*intake.Draft, error)
}

// answers takes finished answers and erases them again. Errors: *survey.InvalidError, survey.ErrDuplicate,
// survey.ErrWithdrawn, survey.ErrNotFound, survey.ErrClosed.
type answers interface {
	Submit(ctx context.Context, door intake.Door, d *intake.Draft, complete bool) (receipt string, err error)
	Sent(ctx context.Context, responseID string, page survey.Answers) (receipt string, complete bool, err error)
	Accept(ctx context.Context, door intake.Door, r survey.Response) (receipt string, created bool, err error)
	Withdraw(ctx context.Context, receipt string) (slug string, err error)
}

// Intake is the way of an answer; *intake.Service is it.
type Intake interface {
	doors
	drafts
	codes
	answers
}

// shelf lists what is published, and the links into one survey.
type shelf interface {
	Surveys(ctx context.Context) iter.Seq2[store.Survey, error]
	Links(ctx context.Context, slug string) iter.Seq2[store.Link, error]
}

// Store is what the pages read directly; *store.Store is it.
type Store interface {
	pinger
	shelf
	staffStore
}

// Releases reads releases; number 0 is the newest. Errors: survey.ErrNotFound.
type Releases interface {
	Diagnosis(ctx context.Context, slug string, number int) (*diagnosis.Diagnosis, *survey.Form, error)
	staffReleases
}
