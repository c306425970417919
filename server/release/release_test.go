package release_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"opengate/server/forms"
	"opengate/server/intake"
	"opengate/server/office"
	. "opengate/server/release"
	"opengate/server/staff"
	"opengate/server/store"
	"opengate/server/store/sqlite"
	"opengate/survey"
	"opengate/survey/diagnosis"
)

// bench is a survey of one yes/no question by gender on a real store.
type bench struct {
	*Service
	t      *testing.T
	store  *store.Store
	office *office.Service
	intake *intake.Service
	now    time.Time
	wave   string // of the workbook to publish next
}

func newBench(t *testing.T) *bench {
	t.Helper()
	engine, err := sqlite.Open(filepath.Join(t.TempDir(), "test.db"))
	must(t, err)
	st, err := store.Open(t.Context(), engine, store.NewKey())
	must(t, err)
	t.Cleanup(func() { _ = st.Close() })
	b := &bench{t: t, store: st, now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), wave: "A"}
	clock := func() time.Time { return b.now }
	library := forms.New(st, clock)
	b.intake = intake.New(st, library, clock, t.TempDir(), 2)
	b.office = office.New(st, library, staff.New(st, clock), clock)
	b.Service = New(st, library, clock, time.Millisecond)
	b.publish()
	_, err = b.office.SetStatus(t.Context(), "needs", survey.StatusOpen, true, "test")
	must(t, err)
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) publish() {
	b.t.Helper()
	f := excelize.NewFile()
	for sheet, lines := range map[string]string{
		"survey":      "type|name|label::English (en)|og_role\nselect_one yn|well|Are you well?|item\nselect_one g|gender|Gender|group",
		"choices":     "list_name|name|label::English (en)\nyn|yes|Yes\nyn|no|No\nyn|partly|Partly\ng|woman|Woman\ng|man|Man",
		"og_settings": "key|value\ntimezone|UTC\ncontroller|c\ncontact|c\ndpo|d\npurpose|p\nconsent_version|1\nretention_days|9\nwave|" + b.wave,
	} {
		_, err := f.NewSheet(sheet)
		must(b.t, err)
		for i, line := range strings.Split(lines, "\n") {
			for j, cell := range strings.Split(line, "|") {
				at, _ := excelize.CoordinatesToCellName(j+1, i+1)
				must(b.t, f.SetCellStr(sheet, at, cell))
			}
		}
	}
	must(b.t, f.DeleteSheet("Sheet1"))
	buf, err := f.WriteToBuffer()
	must(b.t, err)
	_, err = b.office.Publish(b.t.Context(), office.PublishRequest{Slug: "needs", Workbook: buf.Bytes(), Actor: "test"})
	must(b.t, err)
	b.now = b.now.Add(time.Second)
}

func (b *bench) answer(n int, gender string) {
	b.t.Helper()
	b.now = b.now.Add(time.Second)
	for range n {
		door, err := b.intake.Door(b.t.Context(), "needs", "")
		must(b.t, err)
		d, err := b.intake.Begin(b.t.Context(), door, "en")
		must(b.t, err)
		d.Answers["well"] = survey.Value{State: survey.Answered, Text: "yes"}
		d.Answers["gender"] = survey.Value{State: survey.Answered, Text: gender}
		_, err = b.intake.Submit(b.t.Context(), door, d, true)
		must(b.t, err)
	}
}

func (b *bench) release() map[string]string {
	b.t.Helper()
	res, err := b.Make(b.t.Context(), "needs", nil)
	must(b.t, err)
	outcomes := map[string]string{}
	for _, r := range res.Report.Rows {
		outcomes[r.Category] = r.Outcome
	}
	return outcomes
}

func TestOneJoinerIsCarriedAlsoAfterAnotherWave(t *testing.T) {
	b := newBench(t)
	b.answer(20, "woman")
	b.answer(15, "man")
	if got := b.release(); got["gender/man"] != diagnosis.OutcomeRefreshed {
		t.Fatalf("first release: %v", got)
	}
	b.answer(1, "man")
	if got := b.release(); got["gender/man"] != diagnosis.OutcomeCarried {
		t.Errorf("one joiner: %v", got)
	}
	b.wave = "B"
	b.publish()
	b.answer(12, "man")
	b.release()
	b.wave = "A"
	b.publish()
	if got := b.release(); got["gender/man"] != diagnosis.OutcomeCarried {
		t.Errorf("the same joiner after the detour by wave B: %v", got)
	}
}

func TestNumbersRiseAndSkipAFailedAttempt(t *testing.T) {
	b := newBench(t)
	b.answer(12, "woman")
	b.release()
	broken, cancel := context.WithCancel(t.Context())
	if _, err := b.Make(broken, "needs", func(int) { cancel() }); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	cancel()
	if _, err := b.Make(broken, "needs", nil); err == nil {
		t.Error("a cancelled release was made")
	}
	b.answer(12, "woman")
	if got := b.release(); got["gender/woman"] != diagnosis.OutcomeRefreshed {
		t.Errorf("after a failed attempt: %v", got)
	}
	all, err := b.List(t.Context(), "needs")
	must(t, err)
	for i := 1; i < len(all); i++ {
		if all[i].Number <= all[i-1].Number {
			t.Errorf("numbers do not rise: %v", all)
		}
	}
}

func TestTwoReleasesAtOnceAreRefused(t *testing.T) {
	b := newBench(t)
	end, err := b.store.Lease(t.Context(), "release needs", time.Minute)
	must(t, err)
	if _, err := b.Make(t.Context(), "needs", nil); !errors.Is(err, survey.ErrBusy) {
		t.Errorf("while another is being made: %v", err)
	}
	_, err = b.office.Publish(t.Context(), office.PublishRequest{Slug: "needs", Workbook: changed(t, b), Actor: "test"})
	if !errors.Is(err, survey.ErrBusy) {
		t.Errorf("publishing while a release is being made: %v", err)
	}
	end()
	b.release()
}

// changed is the published workbook with one byte more, so that it is another version.
func changed(t *testing.T, b *bench) []byte {
	t.Helper()
	v, err := b.store.Version(t.Context(), "needs", 1)
	must(t, err)
	f, err := excelize.OpenReader(strings.NewReader(string(v.Workbook)))
	must(t, err)
	must(t, f.SetCellStr("survey", "C2", "Are you very well?"))
	buf, err := f.WriteToBuffer()
	must(t, err)
	return buf.Bytes()
}

func TestLateAnswerOfAnOldEraIsNeverMissed(t *testing.T) {
	b := newBench(t)
	b.answer(30, "woman")
	b.release()
	late := survey.Response{
		Survey: "needs", Wave: "A", Version: 1, Language: "en", Mode: survey.ModeSelf, Day: "2026-03-02", Era: 0,
		Answers: survey.Answers{"well": {State: survey.Answered, Text: "no"}, "gender": {State: survey.Answered, Text: "woman"}},
	}
	for i := range 10 {
		late.ID = intake.NewID()
		_, err := b.store.AddResponses(t.Context(), []store.Entry{{Response: late, ReceiptHash: fmt.Appendf(nil, "%032d", i)}})
		must(t, err)
	}
	b.answer(10, "woman")
	if got := b.release(); got["gender/woman"] != diagnosis.OutcomeRefreshed {
		t.Errorf("after twenty joiners: %v", got)
	}
}

func TestSurveyWithoutARelease(t *testing.T) {
	b := newBench(t)
	if _, _, err := b.Diagnosis(t.Context(), "needs", 0); !errors.Is(err, ErrNone) {
		t.Errorf("none yet: %v", err)
	}
	if _, _, err := b.Diagnosis(t.Context(), "needs", 7); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("no such release: %v", err)
	}
	if _, err := b.Make(t.Context(), "nothing", nil); !errors.Is(err, survey.ErrNotFound) {
		t.Errorf("no such survey: %v", err)
	}
}
