package staff

import (
	"errors"
	"strings"
	"testing"
)

func TestChangePassword(t *testing.T) {
	s, _, _ := newService(t)
	ctx := t.Context()
	admin := withAdmin(t, s)
	for name, row := range map[string]struct {
		old, new string
		want     error
	}{
		"wrong old":         {"wrong", "a new long password", ErrSignIn},
		"short":             {password, "eleven char", ErrShort},
		"counted in runes":  {password, "żółćżółćżół", ErrShort},
		"endless":           {password, strings.Repeat("ab", 1000), ErrLong},
		"the address":       {password, "ADA@example.org", ErrIsEmail},
		"no old, no new":    {"", "", ErrShort},
		"spaces are signs":  {"wrong", "a b c d e f g", ErrSignIn},
		"twelve is enough?": {"wrong", "aaaaaaaaaaaa", ErrSignIn},
	} {
		if _, err := s.ChangePassword(ctx, admin.ID, row.old, row.new); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", name, err, row.want)
		}
	}
	u, err := s.ChangePassword(ctx, admin.ID, password, "a new long password")
	if err != nil {
		t.Fatal(err)
	}
	if Stamp(u) == Stamp(admin) {
		t.Error("other sessions would go on")
	}
	if _, err := s.SignIn(ctx, email, password, "net"); !errors.Is(err, ErrSignIn) {
		t.Errorf("old password: %v", err)
	}
	if _, err := s.SignIn(ctx, email, "a new long password", "net"); err != nil {
		t.Errorf("new password: %v", err)
	}
}

func TestStoredPassword(t *testing.T) {
	h := newHasher()
	phc, err := h.hash(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(phc, password) {
		t.Errorf("stored as %q", phc)
	}
	again, err := h.hash(t.Context(), password)
	if err != nil || again == phc {
		t.Errorf("no salt: %q, %v", again, err)
	}
	if right, err := h.verify(t.Context(), phc, password); !right || err != nil {
		t.Errorf("verify: %v, %v", right, err)
	}
	// The vector of the argon2 reference implementation's command line: other parameters are read from the string.
	known := "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if right, err := h.verify(t.Context(), known, "password"); !right || err != nil {
		t.Errorf("known vector: %v, %v", right, err)
	}
	for _, bad := range []string{
		"plain", "$argon2i$v=19$m=1,t=1,p=1$AA$AA", "$argon2id$v=19$m=19456,t=0,p=1$AAAA$AAAA",
		"$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAA",
	} {
		if right, err := h.verify(t.Context(), bad, password); right || err == nil {
			t.Errorf("%q: %v, %v", bad, right, err)
		}
	}
}

func TestPermissions(t *testing.T) {
	want := map[Role]string{
		Administrator: "account surveys.read surveys.write surveys.allow surveys.erase links.own links.read links.write releases.read releases.write accounts",
		Designer:      "account surveys.read surveys.write links.own links.read links.write releases.read",
		Analyst:       "account surveys.read links.own links.read releases.read releases.write",
		Field:         "account links.own",
		"":            "",
		"root":        "",
	}
	all := []Action{
		Account, ReadSurveys, WriteSurveys, AllowMachine, EraseSurveys, ReadOwnLinks, ReadLinks, WriteLinks,
		ReadReleases, WriteReleases, Manage,
	}
	if len(all) != len(permissions) {
		t.Fatalf("%d actions in the table, %d in this test", len(permissions), len(all))
	}
	for role, line := range want {
		var got []string
		for _, a := range all {
			if role.May(a) {
				got = append(got, string(a))
			}
		}
		if strings.Join(got, " ") != line {
			t.Errorf("%s may %q, want %q", role, strings.Join(got, " "), line)
		}
		if role.May("anything") {
			t.Errorf("%s may do an unknown action", role)
		}
	}
}
