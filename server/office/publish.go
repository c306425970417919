package office

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"opengate/server/store"
	"opengate/survey"
	"opengate/survey/diagnosis"
	"opengate/survey/xlsform"
)

// PublishRequest is a workbook to be published under a short name: a new survey, or the next version of one.
type PublishRequest struct {
	Slug     string
	Workbook []byte
	Media    map[string][]byte
	Lenient  bool
	Test     bool     // begin in status test; the duties of GDPR Art. 13 can wait
	By       []string // group questions of a form without og_ columns
	Actor    string
}

// PublishResult is what became of it. Result is filled in also where nothing was published, so that its problems can
// be shown.
type PublishResult struct {
	Slug    string
	Version int
	Wave    string
	NewWave bool   // the catalogue changed: answers from now on belong to a new wave
	Same    bool   // the newest version is this very workbook; nothing was added
	Address string // path of the survey's page, without a language
	Status  survey.Status
	Result  *xlsform.Result
	Missing []xlsform.Problem // what opening will ask for
}

// Publish reads a workbook and adds it as the next version. A new survey begins as a draft, or in test.
//
// What GDPR Art. 13 asks for: a survey that is not a test is refused while its og_settings leave something out
// (*MissingError). A form that has no og_settings at all, such as one of another tool, is taken as a draft, for imports
// and tests; it cannot be opened to residents before the settings are there. A survey that is open takes no version
// that could not have been opened (*MissingError, *UnreviewedError).
//
// Other errors: ErrSlug, ErrForm (Result holds the problems), ErrByFixed, survey.ErrClosed for an archived survey,
// survey.ErrConflict when somebody else published at the same moment.
func (s *Service) Publish(ctx context.Context, r PublishRequest) (*PublishResult, error) {
	if !ValidSlug(r.Slug) {
		return nil, ErrSlug
	}
	sv, err := s.store.Survey(ctx, r.Slug)
	isNew := errors.Is(err, survey.ErrNotFound)
	switch {
	case isNew:
		sv = store.Survey{Slug: r.Slug, Status: survey.StatusDraft}
		if r.Test {
			sv.Status = survey.StatusTest
		}
	case err != nil:
		return nil, noSurvey(r.Slug, err)
	case sv.Status == survey.StatusArchived:
		return nil, say(survey.ErrClosed, "survey %s is archived and takes no further version", r.Slug)
	}
	if len(r.By) == 0 {
		r.By = sv.By
	}
	out := &PublishResult{Slug: r.Slug, Address: "/s/" + r.Slug, Status: sv.Status}
	if out.Result, err = s.read(r); err != nil || out.Result.Form == nil {
		return out, err
	}
	out.Missing = xlsform.Missing(out.Result.Form)
	if err := mayPublish(sv, out, r.Test); err != nil {
		return out, err
	}
	return out, s.keep(ctx, r, sv, isNew, out)
}

// read imports the workbook and checks its plan; ErrForm when either has errors, and then there is no form.
func (s *Service) read(r PublishRequest) (*xlsform.Result, error) {
	result, err := xlsform.Read(r.Workbook, xlsform.Options{Lenient: r.Lenient, By: r.By, Media: r.Media})
	if err != nil {
		return nil, fmt.Errorf("reading the workbook: %w", err)
	}
	if result.Form == nil {
		return result, ErrForm
	}
	all := PlanProblems(result, r.By)
	checked := *result
	checked.Problems = all
	if slices.ContainsFunc(all, func(p xlsform.Problem) bool { return p.Severity == xlsform.SeverityError }) {
		checked.Form = nil
		return &checked, ErrForm
	}
	return &checked, nil
}

// PlanProblems gives the problems of an imported workbook, followed by those of its analysis plan.
func PlanProblems(result *xlsform.Result, by []string) []xlsform.Problem {
	all := slices.Clone(result.Problems)
	if result.Form == nil {
		return all
	}
	for _, p := range diagnosis.Check(result.Form, by) {
		problem := xlsform.Problem{Severity: p.Severity, Column: p.Object, Code: p.Code, Message: p.Object}
		if p.Rule != "" {
			problem.Message += " (rule " + p.Rule + ")"
		}
		if p.Other != "" {
			problem.Message += ": " + p.Other
		}
		if explained := diagnosis.Explain(p.Code); explained != "" {
			what, remedy, _ := strings.Cut(explained, "; ")
			problem.Message, problem.Remedy = problem.Message+": "+what, remedy
		}
		all = append(all, problem)
	}
	return all
}

// mayPublish applies the rule of Publish's comment.
func mayPublish(sv store.Survey, out *PublishResult, test bool) error {
	form := out.Result.Form
	if sv.Status == survey.StatusOpen {
		view := &View{Missing: out.Missing, Unreviewed: unreviewed(form)}
		return ready(view, sv.Machine)
	}
	if len(out.Missing) > 0 && !test && sv.Status != survey.StatusTest && hasSettings(form.Plan.Settings) {
		return &MissingError{Problems: out.Missing}
	}
	return nil
}

// hasSettings says whether the workbook begins to say who is responsible.
func hasSettings(s survey.Settings) bool {
	return s.Timezone != "" || s.Controller != "" || s.Contact != "" || s.DPO != "" || !s.Purpose.Empty() ||
		s.ConsentVersion != "" || s.RetentionDays != 0
}

// publishLease bounds how long a crash while publishing blocks the next release.
const publishLease = time.Minute

// keep stores the version first and the survey that points at it second, so that a survey never names a version that
// is not there. What a crash in between leaves behind is passed over by the next attempt.
func (s *Service) keep(ctx context.Context, r PublishRequest, sv store.Survey, isNew bool, out *PublishResult) error {
	form := out.Result.Form
	if !isNew {
		if same, err := s.same(ctx, r, sv); err != nil || same {
			out.Version, out.Wave, out.Same = sv.Version, sv.Wave, same
			return err
		}
	}
	// A release that is being made reads the plan: the two take turns.
	done, err := s.store.Lease(ctx, "release "+r.Slug, publishLease)
	if err != nil {
		if errors.Is(err, survey.ErrBusy) {
			return say(err, "survey %s: a release is being made, or somebody else is publishing: try again in a minute", r.Slug)
		}
		return fmt.Errorf("survey %s: %w", r.Slug, err)
	}
	defer done()
	by := sv.By
	if err := s.wave(ctx, &sv, form, r.By, out); err != nil {
		return err
	}
	number, err := s.addVersion(ctx, r, form, sv.Version+1)
	if err != nil {
		return err
	}
	sv.Title, sv.Version, sv.Lenient, sv.MadeUp = form.Title, number, r.Lenient, form.Plan.Settings.MadeUp
	sv.By = r.By
	if isNew {
		err = s.store.AddSurvey(ctx, sv)
	} else {
		err = s.store.UpdateSurvey(ctx, sv)
	}
	if errors.Is(err, survey.ErrDuplicate) {
		err = survey.ErrConflict
	}
	if err != nil {
		return noSurvey(r.Slug, err)
	}
	out.Version, out.Wave = number, sv.Wave
	form.Slug, form.Version = r.Slug, number
	object := r.Slug + " version " + strconv.Itoa(number)
	if !slices.Equal(by, r.By) {
		object += " by"
	}
	return s.audit(ctx, r.Actor, "survey.publish", object)
}

// same says whether the newest version was made from the same files in the same way.
func (s *Service) same(ctx context.Context, r PublishRequest, sv store.Survey) (bool, error) {
	v, err := s.store.Version(ctx, sv.Slug, sv.Version)
	if err != nil {
		return false, fmt.Errorf("survey %s version %d: %w", r.Slug, sv.Version, err)
	}
	sameMedia := len(v.Media) == len(r.Media)
	for name, content := range r.Media {
		sameMedia = sameMedia && bytes.Equal(v.Media[name], content)
	}
	return sameMedia && bytes.Equal(v.Workbook, r.Workbook) && v.Lenient == r.Lenient && slices.Equal(v.By, r.By), nil
}

func (s *Service) addVersion(ctx context.Context, r PublishRequest, form *survey.Form, number int) (int, error) {
	v := store.FormVersion{
		Slug: r.Slug, Hash: form.Hash, Workbook: r.Workbook, Media: r.Media, Lenient: r.Lenient,
		By: r.By, Day: s.today(),
	}
	for range 10 {
		v.Version = number
		err := s.store.AddVersion(ctx, v)
		if err == nil {
			return number, nil
		}
		if !errors.Is(err, survey.ErrDuplicate) {
			return 0, fmt.Errorf("survey %s version %d: %w", r.Slug, number, err)
		}
		number++
	}
	return 0, noSurvey(r.Slug, survey.ErrConflict)
}

// wave names the wave of answers from now on. It changes when the author names another, which may be an earlier one,
// or when the newest release of the wave no longer fits the catalogue (methods R2).
func (s *Service) wave(ctx context.Context, sv *store.Survey, form *survey.Form, by []string, out *PublishResult) error {
	named := form.Plan.Settings.Wave
	if sv.Wave == "" {
		sv.Wave = firstOf(named, "1")
		return nil
	}
	if named != "" && named != sv.Wave && !continues(sv.Wave, named) {
		sv.Wave, out.NewWave = named, true
	}
	newest, err := s.store.NewestRelease(ctx, sv.Slug, sv.Wave)
	if errors.Is(err, survey.ErrNotFound) {
		return nil // the plan may be corrected until the first release of its wave
	}
	if err != nil {
		return fmt.Errorf("survey %s: %w", sv.Slug, err)
	}
	if !out.NewWave && !slices.Equal(by, sv.By) {
		return say(ErrByFixed, "the group questions of survey %s were fixed by its first release: leave them as they are (%s)",
			sv.Slug, firstOf(strings.Join(sv.By, ", "), "none"))
	}
	cube, err := diagnosis.Decode(newest.Cube)
	if err != nil {
		return fmt.Errorf("survey %s release %d: %w", sv.Slug, newest.Number, err)
	}
	if diagnosis.Compatible(cube, form, by) != nil {
		sv.Wave, out.NewWave = nextWave(sv.Wave, sv.Version+1), true
	}
	return nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// revisionMark separates the author's name of a wave from the mark of a changed catalogue.
const revisionMark = "+"

// nextWave names the wave after a change of the catalogue: the author's name and the version that brought the change.
func nextWave(wave string, version int) string {
	base, _ := cutLast(wave, revisionMark)
	return base + revisionMark + strconv.Itoa(version)
}

// continues says whether wave is the author's named wave after changes of its catalogue.
func continues(wave, named string) bool {
	base, found := cutLast(wave, revisionMark)
	return found && base == named
}

func cutLast(s, sep string) (before string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], true
	}
	return s, false
}
