package office

import (
	"errors"
	"strings"
	"testing"

	"opengate/server/staff"
	"opengate/server/store"
	"opengate/survey"
)

// Whoever runs the service reads these on the command line: a sentence that names the survey, and no room of ours.
func TestOperatorsReadSentences(t *testing.T) {
	s, st := newOffice(t)
	ctx := t.Context()
	for _, slug := range []string{"open", "old"} {
		_, err := s.Publish(ctx, PublishRequest{Slug: slug, Workbook: form(t, settings, "a", "b"), Actor: "x"})
		must(t, err)
	}
	set := func(slug string, to survey.Status) error {
		_, err := s.SetStatus(ctx, slug, to, false, "x")
		return err
	}
	must(t, set("open", survey.StatusOpen))
	for _, to := range []survey.Status{survey.StatusOpen, survey.StatusClosed, survey.StatusArchived} {
		must(t, set("old", to))
	}
	end, err := st.Lease(ctx, "release open", publishLease)
	must(t, err)
	defer end()

	_, viewErr := s.View(ctx, "nope")
	_, eraseErr := s.Erase(ctx, "nope", "x")
	_, _, linkErr := s.AddLink(ctx, LinkRequest{Slug: "nope", Name: "x", Actor: "x"})
	_, _, ownerErr := s.AddLink(ctx, LinkRequest{Slug: "open", Name: "x", Owner: "nobody", Actor: "x"})
	_, archivedErr := s.Publish(ctx, PublishRequest{Slug: "old", Workbook: form(t, settings, "a"), Actor: "x"})
	_, busyErr := s.Publish(ctx, PublishRequest{Slug: "open", Workbook: form(t, settings, "a", "b", "c"), Actor: "x"})
	_, versionErr := s.Form(ctx, "open", 7)
	for _, row := range []struct {
		err, kind error
		want      string
	}{
		{viewErr, survey.ErrNotFound, "survey nope does not exist"},
		{eraseErr, survey.ErrNotFound, "survey nope does not exist"},
		{linkErr, survey.ErrNotFound, "survey nope does not exist"},
		{set("nope", survey.StatusOpen), survey.ErrNotFound, "survey nope does not exist"},
		{versionErr, survey.ErrNotFound, "survey open has no version 7"},
		{ownerErr, survey.ErrNotFound, "no account has the ID nobody"},
		{s.RevokeLink(ctx, "open", "zzz", "x"), survey.ErrNotFound, "survey open has no link zzz"},
		{set("open", survey.StatusArchived), ErrTransition, "survey open is open and cannot be archived: close it first"},
		{set("open", survey.StatusTest), ErrTransition, "survey open is open and cannot be put to the test: residents have answered; publish a new survey to try things out"},
		{set("old", survey.StatusOpen), ErrTransition, "survey old is archived for good and cannot be opened"},
		{set("open", "nonsense"), ErrTransition, `"nonsense" is no status that a survey can be given`},
		{archivedErr, survey.ErrClosed, "survey old is archived and takes no further version"},
		{busyErr, survey.ErrBusy, "survey open: a release is being made, or somebody else is publishing: try again in a minute"},
	} {
		if !errors.Is(row.err, row.kind) {
			t.Errorf("%v is not %v", row.err, row.kind)
			continue
		}
		if got := row.err.Error(); got != row.want {
			t.Errorf("%q, want %q", got, row.want)
		}
		for _, room := range []string{"office:", "store:", "sqlite:", "staff:"} {
			if strings.Contains(row.err.Error(), room) {
				t.Errorf("%q names a room", row.err)
			}
		}
	}
}

// One slip must not spoil posters that hang already.
func TestARevokedLinkCanBeGivenBack(t *testing.T) {
	s, st := newOffice(t)
	ctx := t.Context()
	_, err := s.Publish(ctx, PublishRequest{Slug: "needs", Workbook: form(t, settings, "a"), Actor: "x"})
	must(t, err)
	l, key, err := s.AddLink(ctx, LinkRequest{Slug: "needs", Name: "Library", API: true, Actor: "x"})
	must(t, err)
	revoked := func() bool {
		got, err := st.Link(ctx, l.Code)
		must(t, err)
		if string(got.KeyHash) != string(KeyHash(key)) {
			t.Error("the key is gone")
		}
		return got.Revoked
	}
	must(t, s.RevokeLink(ctx, "needs", l.Code, "x"))
	if !revoked() {
		t.Error("the link is not revoked")
	}
	must(t, s.RestoreLink(ctx, "needs", l.Code, "x"))
	must(t, s.RestoreLink(ctx, "needs", l.Code, "x")) // twice does no harm, and is remembered once
	if revoked() {
		t.Error("the link is not given back")
	}
	if err := s.RestoreLink(ctx, "other", l.Code, "x"); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("through another survey: %v", err)
	}
	if got := actions(t, st); got != "link.restore link.revoke link.add survey.publish" {
		t.Errorf("audit: %s", got)
	}
}

func TestALinkIsGivenToAFieldAccountAfterwards(t *testing.T) {
	s, st := newOffice(t)
	ctx := t.Context()
	_, err := s.Publish(ctx, PublishRequest{Slug: "needs", Workbook: form(t, settings, "a"), Actor: "x"})
	must(t, err)
	l, _, err := s.AddLink(ctx, LinkRequest{Slug: "needs", Name: "Library", Actor: "x"})
	must(t, err)
	u, _, err := s.AddUser(ctx, "library@example.org", staff.Field, "x")
	must(t, err)
	for _, owner := range []string{u.ID, ""} {
		must(t, s.SetOwner(ctx, "needs", l.Code, owner, "x"))
		if got, err := st.Link(ctx, l.Code); err != nil || got.Owner != owner {
			t.Errorf("owner %q, want %q, %v", got.Owner, owner, err)
		}
	}
	if err := s.SetOwner(ctx, "needs", l.Code, "nobody", "x"); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("an account that is not there: %v", err)
	}
	if err := s.SetOwner(ctx, "other", l.Code, u.ID, "x"); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("through another survey: %v", err)
	}
	if got := actions(t, st); !strings.HasPrefix(got, "link.owner link.owner account.invite") {
		t.Errorf("audit: %s", got)
	}
}

// actions are the entries of the audit trail, newest first.
func actions(t *testing.T, st *store.Store) string {
	t.Helper()
	all, err := st.Audits(t.Context(), 20)
	must(t, err)
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = a.Action
	}
	return strings.Join(names, " ")
}
