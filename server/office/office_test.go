package office

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"opengate/server/demo"
	"opengate/server/forms"
	"opengate/server/staff"
	"opengate/server/store"
	"opengate/server/store/sqlite"
	"opengate/survey"
	"opengate/survey/diagnosis"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newOffice(t *testing.T) (*Service, *store.Store) {
	t.Helper()
	engine, err := sqlite.Open(t.TempDir() + "/test.db")
	must(t, err)
	st, err := store.Open(t.Context(), engine, store.NewKey())
	must(t, err)
	t.Cleanup(func() { must(t, st.Close()) })
	now := func() time.Time { return time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC) }
	return New(st, forms.New(st, now), staff.New(st, now), now), st
}

// settings are the og_settings that residents are owed, in the one language of the forms below.
var settings = [][]string{
	{"key", "value"},
	{"timezone", "Europe/Warsaw"},
	{"controller", "City of Kraków"},
	{"contact", "needs@example.org"},
	{"dpo", "dpo@example.org"},
	{"purpose", "To learn what people need."},
	{"consent_version", "1"},
	{"retention_days", "365"},
}

// form writes a workbook with the choices of its one question; og is the og_settings sheet, nil for none.
func form(t *testing.T, og [][]string, choices ...string) []byte {
	t.Helper()
	sheets := map[string][][]string{
		"survey":   {{"type", "name", "label::English (en)"}, {"select_one where", "district", "Where do you live?"}, {"integer", "age", "How old are you?"}},
		"choices":  {{"list_name", "name", "label::English (en)"}},
		"settings": {{"form_title", "form_id", "default_language"}, {"Needs", "needs", "English (en)"}},
	}
	for _, c := range choices {
		sheets["choices"] = append(sheets["choices"], []string{"where", c, "In " + c})
	}
	if og != nil {
		sheets["og_settings"] = og
	}
	f := excelize.NewFile()
	for _, name := range []string{"survey", "choices", "settings", "og_settings"} {
		if sheets[name] == nil {
			continue
		}
		_, err := f.NewSheet(name)
		must(t, err)
		for r, row := range sheets[name] {
			for c, cell := range row {
				at, err := excelize.CoordinatesToCellName(c+1, r+1)
				must(t, err)
				must(t, f.SetCellStr(name, at, cell))
			}
		}
	}
	must(t, f.DeleteSheet("Sheet1"))
	var out bytes.Buffer
	must(t, f.Write(&out))
	return out.Bytes()
}

func TestWhatMayBePublished(t *testing.T) {
	partly := slices.Concat(settings[:3], settings[4:]) // without contact
	for name, row := range map[string]struct {
		og     [][]string
		test   bool
		err    error
		status survey.Status
		lacks  bool
		opens  bool
	}{
		"everything said":             {settings, false, nil, survey.StatusDraft, false, true},
		"everything said, as a test":  {settings, true, nil, survey.StatusTest, false, true},
		"something left out":          {partly, false, ErrMissing, "", true, false},
		"something left out, a test":  {partly, true, nil, survey.StatusTest, true, false},
		"a form of another tool":      {nil, false, nil, survey.StatusDraft, true, false},
		"a form of another tool test": {nil, true, nil, survey.StatusTest, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := newOffice(t)
			r, err := s.Publish(t.Context(), PublishRequest{Slug: "needs", Workbook: form(t, row.og, "a", "b"), Test: row.test, Actor: "x"})
			if !errors.Is(err, row.err) || r == nil || r.Result == nil || (len(r.Missing) > 0) != row.lacks {
				t.Fatalf("%v, want %v; result %+v", err, row.err, r)
			}
			if row.err != nil {
				if _, err := s.View(t.Context(), "needs"); !errors.Is(err, survey.ErrNotFound) {
					t.Fatalf("something was stored all the same: %v", err)
				}
				return
			}
			if r.Version != 1 || r.Status != row.status || r.Address != "/s/needs" || r.Wave != "1" {
				t.Errorf("result %+v", r)
			}
			_, err = s.SetStatus(t.Context(), "needs", survey.StatusOpen, true, "x")
			if row.opens != (err == nil) || !row.opens && !errors.Is(err, ErrMissing) {
				t.Errorf("opening: %v", err)
			}
		})
	}
}

func TestPublishErrors(t *testing.T) {
	s, st := newOffice(t)
	good := form(t, settings, "a", "b")
	for _, slug := range []string{"", "Upper", "a/b", "-a", "ąę", strings.Repeat("a", 61), "a b"} {
		if _, err := s.Publish(t.Context(), PublishRequest{Slug: slug, Workbook: good}); !errors.Is(err, ErrSlug) {
			t.Errorf("%q: %v", slug, err)
		}
	}
	r, err := s.Publish(t.Context(), PublishRequest{Slug: "needs", Workbook: []byte("no workbook")})
	if !errors.Is(err, ErrForm) || len(r.Result.Problems) == 0 {
		t.Errorf("no workbook: %v", err)
	}
	r, err = s.Publish(t.Context(), PublishRequest{Slug: "needs", Workbook: form(t, nil, "a"), By: []string{"age"}})
	if !errors.Is(err, ErrForm) || len(r.Result.Problems) == 0 {
		t.Errorf("people divided by a number: %v, %+v", err, r.Result.Problems)
	}
	for range st.Surveys(t.Context()) {
		t.Error("something was stored")
	}
}

func TestVersionsAndWaves(t *testing.T) {
	s, st := newOffice(t)
	ctx := t.Context()
	publish := func(workbook []byte, by ...string) (*PublishResult, error) {
		return s.Publish(ctx, PublishRequest{Slug: "needs", Workbook: workbook, By: by, Test: true, Actor: "x"})
	}
	first := form(t, nil, "a", "b")
	one, err := publish(first, "district")
	must(t, err)
	again, err := publish(first, "district")
	must(t, err)
	if one.Version != 1 || again.Version != 1 || !again.Same {
		t.Fatalf("the same workbook twice: %+v, %+v", one, again)
	}
	// What a crash between the version and the survey leaves behind.
	must(t, st.AddVersion(ctx, store.FormVersion{Slug: "needs", Version: 2, Workbook: []byte("left behind")}))
	two, err := publish(form(t, nil, "a", "b", "c"), "district")
	must(t, err)
	if two.Version != 3 || two.NewWave {
		t.Fatalf("before the first release the plan may change: %+v", two)
	}

	release(t, s, st, 1)
	if _, err := publish(form(t, nil, "a", "b", "c", "d"), "age"); !errors.Is(err, ErrByFixed) && !errors.Is(err, ErrForm) {
		t.Errorf("other group questions after a release: %v", err)
	}
	same, err := publish(form(t, nil, "a", "b", "c", "d"))
	must(t, err)
	if same.NewWave || same.Wave != "1" {
		t.Errorf("an added choice is an addition: %+v", same)
	}
	fewer, err := publish(form(t, nil, "x", "y"))
	must(t, err)
	if !fewer.NewWave || fewer.Wave == "1" || !strings.HasPrefix(fewer.Wave, "1+") {
		t.Errorf("choices that are gone need a new wave: %+v", fewer)
	}
	sv, err := st.Survey(ctx, "needs")
	must(t, err)
	if sv.Wave != fewer.Wave || sv.Version != fewer.Version || !slices.Equal(sv.By, []string{"district"}) {
		t.Errorf("survey %+v", sv)
	}
}

func TestTheAuthorNamesTheWave(t *testing.T) {
	s, _ := newOffice(t)
	for i, row := range []struct {
		named, want string
		isNew       bool
	}{{"2026", "2026", false}, {"2026", "2026", false}, {"2027", "2027", true}, {"", "2027", false}} {
		og := settings
		if row.named != "" {
			og = append(slices.Clone(settings), []string{"wave", row.named})
		}
		workbook := form(t, og, fmt.Sprint("a", i), "b")
		r, err := s.Publish(t.Context(), PublishRequest{Slug: "needs", Workbook: workbook, Actor: "x"})
		must(t, err)
		if r.Wave != row.want || r.NewWave != row.isNew || r.Version != i+1 {
			t.Errorf("step %d: %+v", i, r)
		}
	}
}

// release stores a release of the newest version, made from forty answers.
func release(t *testing.T, s *Service, st *store.Store, number int) {
	t.Helper()
	ctx := t.Context()
	view, err := s.View(ctx, "needs")
	must(t, err)
	sv := view.Survey
	key, id, err := st.SurveyKey(ctx, "needs", "protection")
	must(t, err)
	answers := func(yield func(survey.Response, error) bool) {
		for i := range 40 {
			r := survey.Response{
				ID: fmt.Sprintf("r%02d", i), Survey: "needs", Wave: sv.Wave, Version: sv.Version, Day: "2026-03-01", Complete: true,
				Answers: survey.Answers{"district": {State: survey.Answered, Text: []string{"a", "b"}[i%2]}},
			}
			if !yield(r, nil) {
				return
			}
		}
	}
	cube, sealed, _, err := diagnosis.Make(ctx, diagnosis.Input{
		Survey: "needs", Wave: sv.Wave, Current: sv.Version,
		Forms: map[int]*survey.Form{sv.Version: view.Form}, Responses: answers, Key: key, KeyID: id, Release: number, AsOf: "2026-03-15", By: sv.By,
	})
	must(t, err)
	coded, err := cube.Encode()
	must(t, err)
	must(t, st.AddRelease(ctx, store.Release{Survey: "needs", Number: number, Wave: sv.Wave, Day: "2026-03-15", Cube: coded, Sealed: sealed}))
}

func TestOpeningDropsTestAnswers(t *testing.T) {
	s, st := newOffice(t)
	ctx := t.Context()
	workbook, err := demo.Workbook()
	must(t, err)
	_, err = s.Publish(ctx, PublishRequest{Slug: "needs", Workbook: workbook, Test: true, Actor: "x"})
	must(t, err)
	for i, test := range []bool{true, false} {
		_, err := st.AddResponses(ctx, []store.Entry{{Response: survey.Response{
			ID: fmt.Sprintf("aaaaaaaaaaaaaaaaaaaaaaaa%d", i), Survey: "needs", Wave: "1",
			Version: 1, Day: "2026-03-01", Test: test, Answers: survey.Answers{},
		}, ReceiptHash: []byte{byte(i)}}})
		must(t, err)
	}
	_, err = s.SetStatus(ctx, "needs", survey.StatusOpen, true, "x")
	must(t, err)
	for _, test := range []bool{true, false} {
		n := 0
		for _, err := range st.Responses(ctx, "needs", store.Filter{Test: test}) {
			must(t, err)
			n++
		}
		if want := map[bool]int{true: 0, false: 1}[test]; n != want {
			t.Errorf("test %v: %d answers after opening, want %d", test, n, want)
		}
	}
}

func TestUnreviewedLanguagesNeedAllowance(t *testing.T) {
	languages := []survey.Language{{Tag: "pl", Reviewed: true}, {Tag: "uk"}, {Tag: "ar"}}
	view := &View{Unreviewed: unreviewed(&survey.Form{Languages: languages})}
	var e *UnreviewedError
	if err := ready(view, false); !errors.As(err, &e) || len(e.Languages) != 2 || !strings.HasSuffix(err.Error(), ": uk, ar") {
		t.Errorf("%v", err)
	}
	if err := ready(view, true); err != nil {
		t.Errorf("allowed: %v", err)
	}
	if len(languages) != 3 || languages[0].Tag != "pl" {
		t.Errorf("the form was changed: %v", languages)
	}
}

func TestStatusMovesForwardOnly(t *testing.T) {
	s, _ := newOffice(t)
	ctx := t.Context()
	_, err := s.Publish(ctx, PublishRequest{Slug: "needs", Workbook: form(t, settings, "a", "b"), Actor: "x"})
	must(t, err)
	for _, row := range []struct {
		to  survey.Status
		err error
	}{
		{survey.StatusClosed, ErrTransition},
		{survey.StatusOpen, nil},
		{survey.StatusOpen, nil},
		{survey.StatusTest, ErrTransition},
		{survey.StatusClosed, nil},
		{survey.StatusOpen, nil},
		{survey.StatusClosed, nil},
		{survey.StatusArchived, nil},
		{survey.StatusOpen, ErrTransition},
	} {
		if _, err := s.SetStatus(ctx, "needs", row.to, false, "x"); !errors.Is(err, row.err) {
			t.Fatalf("to %s: %v, want %v", row.to, err, row.err)
		}
	}
	if _, err := s.SetStatus(ctx, "nothing", survey.StatusOpen, false, "x"); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("unknown survey: %v", err)
	}
}

func TestEraseSaysWhatIsGone(t *testing.T) {
	s, st := newOffice(t)
	ctx := t.Context()
	_, err := s.Publish(ctx, PublishRequest{Slug: "needs", Workbook: form(t, nil, "a", "b"), By: []string{"district"}, Actor: "x"})
	must(t, err)
	_, _, err = s.AddLink(ctx, LinkRequest{Slug: "needs", Name: "Library", Actor: "x"})
	must(t, err)
	release(t, s, st, 1)
	gone, err := s.Erase(ctx, "needs", "x")
	must(t, err)
	if gone != (Erased{Slug: "needs", Versions: 1, Links: 1, Releases: 1}) {
		t.Errorf("%+v", gone)
	}
	if _, err := s.Erase(ctx, "needs", "x"); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("erased twice: %v", err)
	}
	audits, err := st.Audits(ctx, 10)
	must(t, err)
	if len(audits) != 3 || audits[0].Action != "survey.erase" || audits[0].Object != "needs" {
		t.Errorf("audit %+v", audits)
	}
}

func TestAddLink(t *testing.T) {
	s, _ := newOffice(t)
	ctx := t.Context()
	_, err := s.Publish(ctx, PublishRequest{Slug: "needs", Workbook: form(t, settings, "a", "b"), Actor: "x"})
	must(t, err)
	for name, r := range map[string]LinkRequest{
		"no name":       {Slug: "needs", Name: " "},
		"long name":     {Slug: "needs", Name: strings.Repeat("ż", 81)},
		"control":       {Slug: "needs", Name: "a\nb"},
		"unknown kind":  {Slug: "needs", Name: "a", Kind: "castle"},
		"imported mode": {Slug: "needs", Name: "a", Mode: survey.ModeImported},
	} {
		if _, _, err := s.AddLink(ctx, r); !errors.Is(err, ErrLink) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, r := range map[string]LinkRequest{"unknown survey": {Slug: "nothing", Name: "a"}, "unknown owner": {Slug: "needs", Name: "a", Owner: "nobody"}} {
		if _, _, err := s.AddLink(ctx, r); !errors.Is(err, survey.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	seen := map[string]bool{}
	for range 50 {
		l, key, err := s.AddLink(ctx, LinkRequest{Slug: "needs", Name: strings.Repeat("ż", 80), Actor: "x"})
		must(t, err)
		if key != "" || l.KeyHash != nil || l.Kind != "other" || l.Mode != survey.ModeSelf || len(l.Code) != codeLength || seen[l.Code] {
			t.Fatalf("%+v, key %q", l, key)
		}
		seen[l.Code] = true
	}
	l, key, err := s.AddLink(ctx, LinkRequest{Slug: "needs", Name: "a", API: true, Actor: "x"})
	must(t, err)
	if !bytes.Equal(l.KeyHash, KeyHash(key)) || len(key) < 43 {
		t.Errorf("key %q of %+v", key, l)
	}
	if err := s.RevokeLink(ctx, "other", l.Code, "x"); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("revoked through another survey: %v", err)
	}
	must(t, s.RevokeLink(ctx, "needs", l.Code, "x"))
	must(t, s.RevokeLink(ctx, "needs", l.Code, "x"))
}
