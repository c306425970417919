package office

import (
	"errors"
	"fmt"
	"strings"

	"opengate/server/store"
	"opengate/survey"
	"opengate/survey/xlsform"
)

// Kinds of error of this room, beside those of package survey.
var (
	ErrSlug       = errors.New("a short name is 1 to 60 small letters, digits and hyphens, and begins with a letter or digit")
	ErrForm       = errors.New("the form has errors; nothing was published")
	ErrMissing    = errors.New("the form does not say what GDPR Art. 13 asks for")
	ErrUnreviewed = errors.New("the form has translations that nobody has reviewed")
	ErrTransition = errors.New("a survey cannot change from this status to that one")
	ErrByFixed    = errors.New("the group questions were fixed by the first release")
	ErrLink       = errors.New("a link needs a name of at most 80 characters, a known kind and a known mode")
)

// sentence is an error in the words of whoever runs the service; errors.Is sees the cause, of which it says nothing.
type sentence struct {
	text  string
	cause error
}

// Error gives the sentence.
func (e *sentence) Error() string { return e.text }

// Unwrap gives the cause.
func (e *sentence) Unwrap() error { return e.cause }

func say(cause error, format string, args ...any) error {
	return &sentence{text: fmt.Sprintf(format, args...), cause: cause}
}

// noSurvey puts an error of the store about a survey into words.
func noSurvey(slug string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, survey.ErrNotFound):
		return say(err, "survey %s does not exist", slug)
	case errors.Is(err, survey.ErrConflict):
		return say(err, "survey %s was changed by somebody else at the same moment: try again", slug)
	}
	return fmt.Errorf("survey %s: %w", slug, err)
}

// noLink puts an error of the store about a link into words.
func noLink(slug, code string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, survey.ErrNotFound):
		return say(err, "survey %s has no link %s", slug, code)
	case errors.Is(err, survey.ErrConflict):
		return say(err, "link %s was changed by somebody else at the same moment: try again", code)
	}
	return fmt.Errorf("link %s: %w", code, err)
}

// noTransition says why a survey cannot change, and which way leads there. It is ErrTransition.
func noTransition(sv store.Survey, to survey.Status) error {
	verb := map[survey.Status]string{
		survey.StatusTest: "put to the test", survey.StatusOpen: "opened",
		survey.StatusClosed: "closed", survey.StatusArchived: "archived",
	}[to]
	if verb == "" {
		return say(ErrTransition, "%q is no status that a survey can be given", to)
	}
	now := map[survey.Status]string{
		survey.StatusDraft: "a draft", survey.StatusTest: "in test", survey.StatusOpen: "open",
		survey.StatusClosed: "closed", survey.StatusArchived: "archived for good",
	}[sv.Status]
	remedy := ""
	switch {
	case sv.Status == survey.StatusOpen && to == survey.StatusArchived:
		remedy = ": close it first"
	case sv.Status.Tests() && to == survey.StatusArchived:
		remedy = ": erase it, or open and close it first"
	case sv.Status.Tests() && to == survey.StatusClosed:
		remedy = ": nobody but testers can answer it yet"
	case to == survey.StatusTest && sv.Status != survey.StatusArchived:
		remedy = ": residents have answered; publish a new survey to try things out"
	}
	return say(ErrTransition, "survey %s is %s and cannot be %s%s", sv.Slug, now, verb, remedy)
}

// MissingError carries what a survey lacks before residents may be asked. It is ErrMissing.
type MissingError struct{ Problems []xlsform.Problem }

// Error names how much is missing and the first thing.
func (e *MissingError) Error() string {
	if len(e.Problems) == 0 {
		return ErrMissing.Error()
	}
	return fmt.Sprintf("%v: %d things, first: %s", ErrMissing, len(e.Problems), e.Problems[0].Message)
}

// Unwrap makes it ErrMissing.
func (e *MissingError) Unwrap() error { return ErrMissing }

// UnreviewedError carries the languages that nobody has reviewed. It is ErrUnreviewed.
type UnreviewedError struct{ Languages []survey.Language }

// Error names the languages.
func (e *UnreviewedError) Error() string {
	names := make([]string, len(e.Languages))
	for i, l := range e.Languages {
		names[i] = string(l.Tag)
	}
	return ErrUnreviewed.Error() + ": " + strings.Join(names, ", ")
}

// Unwrap makes it ErrUnreviewed.
func (e *UnreviewedError) Unwrap() error { return ErrUnreviewed }
