package intake_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"opengate/server/forms"
	. "opengate/server/intake"
	"opengate/server/store"
	"opengate/server/store/sqlite"
	"opengate/survey"
)

// clock is a clock that tests turn by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) turn(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

type room struct {
	*Service
	store *store.Store
	clock *clock
	slug  string
}

// open gives the service over a real embedded database with one open survey.
func open(t *testing.T) room {
	t.Helper()
	engine, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), engine, store.Key{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	c := &clock{t: time.Date(2026, 3, 2, 23, 30, 0, 0, time.UTC)} // already Tuesday in Kraków
	r := room{New(st, forms.New(st, c.now), c.now, t.TempDir(), 2), st, c, "needs"}
	ctx := t.Context()
	if err := st.AddVersion(ctx, store.FormVersion{Slug: r.slug, Version: 1, Workbook: workbook(t), Day: "2026-03-01"}); err != nil {
		t.Fatal(err)
	}
	sv := store.Survey{Slug: r.slug, Status: survey.StatusOpen, Version: 1, Wave: "1"}
	if err := st.AddSurvey(ctx, sv); err != nil {
		t.Fatal(err)
	}
	if err := st.AddLink(ctx, store.Link{Code: "lib", Survey: r.slug, Name: "Library", Kind: "library", Mode: survey.ModeAssisted}); err != nil {
		t.Fatal(err)
	}
	return r
}

func workbook(t *testing.T) []byte {
	t.Helper()
	return xlsx(t, map[string][]string{
		"survey": {
			"type|name|label::Polski (pl)|label::Українська (uk)|required|relevant|constraint",
			"begin_group|a|A|А|||",
			"integer|age|Wiek|Вік|yes||. >= 16",
			"select_one yn|work|Praca|Робота||${age} >= 18|",
			"end_group|||||",
			"begin_group|b|B|Б|||",
			"select_multiple help|help|Pomoc|Допомога|||",
			"date|moved|Kiedy|Коли|||",
			"text|wish|Życzenie|Побажання|||",
			"end_group|||||",
		},
		"choices": {
			"list_name|name|label::Polski (pl)|label::Українська (uk)|og_missing",
			"yn|yes|tak|так|", "yn|no|nie|ні|", "yn|pnts|wolę nie mówić|не хочу казати|pnts",
			"help|food|jedzenie|їжа|", "help|water|woda|вода|",
		},
		"og_settings": {"key|value", "timezone|Europe/Warsaw", "consent_version|2"},
	})
}

// xlsx makes a form of lines of cells.
func xlsx(t *testing.T, sheets map[string][]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	for _, name := range []string{"survey", "choices", "og_settings"} {
		_, _ = f.NewSheet(name)
		for i, line := range sheets[name] {
			for j, cell := range strings.Split(line, "|") {
				at, _ := excelize.CoordinatesToCellName(j+1, i+1)
				_ = f.SetCellStr(name, at, cell)
			}
		}
	}
	_ = f.DeleteSheet("Sheet1")
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (r room) begin(t *testing.T, answers survey.Answers) (Door, *Draft) {
	t.Helper()
	door, err := r.Door(t.Context(), "", "lib")
	if err != nil {
		t.Fatal(err)
	}
	d, err := r.Begin(t.Context(), door, "uk")
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(d.Answers, answers)
	d.Reach(0)
	if err := r.Save(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	return door, d
}

func adult() survey.Answers {
	return survey.Answers{"age": {State: survey.Answered, Text: "40"}, "work": {State: survey.Refused, Text: "pnts"}}
}

func TestAnswerFromDraftToReceiptToWithdrawal(t *testing.T) {
	r, ctx := open(t), t.Context()
	door, d := r.begin(t, adult())
	receipt, err := r.Submit(ctx, door, d, true)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := r.store.Response(ctx, d.ResponseID)
	if err != nil {
		t.Fatal(err)
	}
	if stored.Day != "2026-03-03" || stored.Mode != survey.ModeAssisted || stored.Channel != "lib" || stored.Language != "uk" ||
		stored.Consent != "2" || stored.Answers["work"].State != survey.Refused || stored.Answers["help"].State != survey.Skipped {
		t.Errorf("stored %+v", stored)
	}
	if again, err := r.Submit(ctx, door, d, true); err != nil || again != receipt {
		t.Errorf("the same again: %q %v, want %q", again, err, receipt)
	}
	if again, _, err := r.Sent(ctx, d.ResponseID, nil); err != nil || again != receipt {
		t.Errorf("the page sent again: %q %v", again, err)
	}
	d.Answers["age"] = survey.Value{State: survey.Answered, Text: "41"}
	if _, err := r.Submit(ctx, door, d, true); !errors.Is(err, survey.ErrDuplicate) {
		t.Errorf("other answers under the same id: %v", err)
	}
	typed := strings.ToLower(strings.ReplaceAll(receipt, "-", " "))
	if slug, err := r.Withdraw(ctx, typed); err != nil || slug != "needs" {
		t.Errorf("withdraw: %q %v", slug, err)
	}
	if _, err := r.Withdraw(ctx, receipt); !errors.Is(err, survey.ErrWithdrawn) {
		t.Errorf("withdraw twice: %v", err)
	}
	d.Answers["age"] = survey.Value{State: survey.Answered, Text: "40"}
	if _, err := r.Submit(ctx, door, d, true); !errors.Is(err, survey.ErrWithdrawn) {
		t.Errorf("a withdrawn answer came back: %v", err)
	}
	if _, err := r.Withdraw(ctx, receipt[:len(receipt)-1]+"0"); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("a mistyped receipt: %v", err)
	}
}

func TestSubmitReportsEveryProblemAndKeepsTheDraft(t *testing.T) {
	r, ctx := open(t), t.Context()
	door, d := r.begin(t, survey.Answers{"moved": {State: survey.Answered, Text: "yesterday"}})
	_, err := r.Submit(ctx, door, d, true)
	var invalid *survey.InvalidError
	if !errors.As(err, &invalid) || len(invalid.Problems) != 2 || invalid.Problems[0].Question != "age" {
		t.Fatalf("problems: %v", err)
	}
	if _, err := r.Load(ctx, d.Token); err != nil {
		t.Errorf("the draft is gone: %v", err)
	}
	if _, err = r.Submit(ctx, door, d, false); !errors.As(err, &invalid) || len(invalid.Problems) != 1 {
		t.Errorf("sent early, a blank is no problem but a bad date is: %v", err)
	}
}

func TestSentEarlyIsCountedHonestly(t *testing.T) {
	r, ctx := open(t), t.Context()
	door, d := r.begin(t, survey.Answers{})
	if _, err := r.Submit(ctx, door, d, false); err != nil {
		t.Fatal(err)
	}
	got, err := r.store.Response(ctx, d.ResponseID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Complete || got.Answers["age"].State != survey.Skipped || got.Answers["help"].State != survey.NotReached {
		t.Errorf("stored %+v", got)
	}
}

func TestResumeCodeLeadsBackUntilItExpires(t *testing.T) {
	r, ctx := open(t), t.Context()
	_, d := r.begin(t, adult())
	code, err := r.ResumeCode(ctx, d)
	if err != nil || len(code) != 19 {
		t.Fatalf("%q %v", code, err)
	}
	arabic := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c - '0' + '٠'
		}
		return c
	}, code)
	got, err := r.Resume(ctx, arabic)
	if err != nil || got.Answers["age"].Text != "40" || got.ResponseID != d.ResponseID {
		t.Errorf("resume: %+v %v", got, err)
	}
	for _, wrong := range []string{"", "1234", "0000 0000 0000 0000", strings.Repeat("x", 16)} {
		if _, err := r.Resume(ctx, wrong); !errors.Is(err, survey.ErrNotFound) {
			t.Errorf("code %q: %v", wrong, err)
		}
	}
	r.clock.turn(time.Duration(DraftDays()+2) * 24 * time.Hour)
	if _, err := r.Resume(ctx, code); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("an expired draft opens: %v", err)
	}
}

func TestTwoTabsCannotEatEachOthersAnswers(t *testing.T) {
	r, ctx := open(t), t.Context()
	_, d := r.begin(t, adult())
	one, err := r.Load(ctx, d.Token)
	if err != nil {
		t.Fatal(err)
	}
	two, err := r.Load(ctx, d.Token)
	if err != nil {
		t.Fatal(err)
	}
	one.Answers["wish"] = survey.Value{State: survey.Answered, Text: "quiet"}
	if err := r.Save(ctx, one); err != nil {
		t.Fatal(err)
	}
	if err := r.Save(ctx, two); !errors.Is(err, survey.ErrConflict) {
		t.Errorf("the second tab overwrote the first: %v", err)
	}
}

func TestDatabaseAloneCannotReadADraft(t *testing.T) {
	r := open(t)
	_, d := r.begin(t, survey.Answers{"wish": {State: survey.Answered, Text: "canary-in-a-draft"}})
	copyOf := bytes.Buffer{}
	if err := r.store.Backup(t.Context(), &copyOf); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"canary-in-a-draft", d.Token, d.ResponseID} {
		if bytes.Contains(copyOf.Bytes(), []byte(secret)) {
			t.Errorf("%q stands in the database in clear", secret)
		}
	}
}

func TestDoorsThatDoNotOpen(t *testing.T) {
	r, ctx := open(t), t.Context()
	for name, row := range map[string]struct {
		slug, link string
		want       error
	}{
		"unknown slug":           {"nothing", "", survey.ErrNotFound},
		"unknown link":           {"", "nothing", survey.ErrNotFound},
		"link of another survey": {"other", "lib", survey.ErrNotFound},
	} {
		if _, err := r.Door(ctx, row.slug, row.link); !errors.Is(err, row.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	l, err := r.store.Link(ctx, "lib")
	if err != nil {
		t.Fatal(err)
	}
	l.Revoked = true
	if err := r.store.UpdateLink(ctx, l); err != nil {
		t.Fatal(err)
	}
	if door, err := r.Door(ctx, "", "lib"); !errors.Is(err, survey.ErrClosed) || door.Form == nil {
		t.Errorf("revoked link: %v, door filled: %v", err, door.Form != nil)
	}
}

func TestImportKeepsEveryRowItCan(t *testing.T) {
	r, ctx := open(t), t.Context()
	file := "\ufeffX_uuid,a.age,work,help.food,help.water,b/wish,moved,today,mystery\n" +
		"u1,3e+01,yes,TRUE,FALSE,=1+1,2025-03-04T10:00:00.000+01:00,2026-02-01,x\n" +
		"u2,old,perhaps,0,0,NA,NA,2026-02-02,x\n" +
		"\n" +
		"u3,,,,,,,,x\n" +
		"u1,3e+01,yes,TRUE,FALSE,=1+1,2025-03-04T10:00:00.000+01:00,2026-02-01,x\n" +
		"u1,31,yes,TRUE,FALSE,=1+1,2025-03-04,2026-02-01,x\n"
	rep, err := r.Import(ctx, "needs", "answers.csv", strings.NewReader(file), ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if rep.Rows != 5 || rep.Imported != 2 || rep.Duplicates != 1 || rep.InvalidCells != 2 || len(rep.Rejected) != 2 ||
		strings.Join(rep.UnknownColumns, " ") != "mystery" {
		t.Errorf("report %+v", rep)
	}
	if rep.Rejected[0].Row != 5 || rep.Rejected[1].Row != 7 {
		t.Errorf("rejected lines %+v", rep.Rejected)
	}
	byAge := map[string]survey.Response{}
	for got, err := range r.store.Responses(ctx, "needs", store.Filter{Wave: "1", BeforeEra: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		byAge[got.Answers["age"].Text] = got
	}
	first, second := byAge["30"], byAge[""]
	if first.Answers["help"].Text != "food" || first.Answers["wish"].Text != "=1+1" || first.Answers["moved"].Text != "2025-03-04" ||
		first.Day != "2026-02-01" || first.Mode != survey.ModeImported || first.Test {
		t.Errorf("first row %+v", first)
	}
	if second.Answers["age"].State != survey.Invalid || second.Answers["work"].State != survey.Invalid || second.Answers["help"].State != survey.Skipped {
		t.Errorf("second row %+v", second)
	}
	again, err := r.Import(ctx, "needs", "answers.csv", strings.NewReader(file), ImportOptions{})
	if err != nil || again.Imported != 0 || again.Duplicates != 3 {
		t.Errorf("importing again: %+v %v", again, err)
	}
}

func TestImportRefusesWhatItCannotRead(t *testing.T) {
	r := open(t)
	for name, row := range map[string]struct{ file, text, want string }{
		"a file of another survey": {"a.csv", "colour,size\nred,5\n", "no column is named like a question"},
		"an empty file":            {"a.csv", "", "empty"},
		"an unknown format":        {"a.ods", "x", "save the answers as"},
		"not a workbook":           {"a.xlsx", "x", "not a readable"},
		"not gzip":                 {"a.csv.gz", "x", "not a gzip"},
	} {
		_, err := r.Import(context.Background(), "needs", row.file, strings.NewReader(row.text), ImportOptions{})
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
