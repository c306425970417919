package demo

import (
	"encoding/base32"
	"encoding/binary"
	"iter"
	"math/rand/v2"
	"strings"
	"time"

	"opengate/survey"
)

// firstDay and days bound the month in which the made-up answers came in.
var firstDay = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

const days = 30

var idLetters = base32.StdEncoding.WithPadding(base32.NoPadding)

// Responses makes up n responses to the demonstration questionnaire: equal form, n and seed give equal responses in
// equal order. Groups differ in what they need, some people leave questions out or refuse them, some send before the
// end. Only questions that a person with these answers would be asked have one. A question of the form that the
// makers of this demonstration do not know is answered at random, so that an edited form can be tried too.
// Each response goes with its form's slug and version; none holds a clock time.
func Responses(form *survey.Form, n int, seed uint64) iter.Seq[survey.Response] {
	return func(yield func(survey.Response) bool) {
		r := rand.New(rand.NewPCG(seed, 0x6f70656e67617465)) //nolint:gosec // made-up answers must come out alike; the second word separates this stream from others
		for range n {
			if !yield(respond(form, r)) {
				return
			}
		}
	}
}

func respond(form *survey.Form, r *rand.Rand) survey.Response {
	p := newPerson(r)
	link := p.link()
	out := survey.Response{
		ID: newID(r), Survey: form.Slug, Wave: form.Plan.Settings.Wave, Version: form.Version,
		Language: offered(form, survey.Lang(p.language())), Channel: link.Code, Mode: link.Mode,
		Day: firstDay.AddDate(0, 0, arrival(r)).Format(time.DateOnly), Consent: form.Plan.Settings.ConsentVersion,
	}
	if out.Mode == "" {
		out.Mode = survey.ModeSelf
	}
	last, pages := p.lastPage(out.Mode, len(form.Pages()))
	out.Complete = last == pages-1
	out.Answers = p.fill(form, last, out)
	return out
}

// newID draws an identifier of the shape that the service mints: 128 random bits in 26 letters.
func newID(r *rand.Rand) string {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:8], r.Uint64())
	binary.LittleEndian.PutUint64(b[8:], r.Uint64())
	return strings.ToLower(idLetters.EncodeToString(b[:]))
}

func offered(form *survey.Form, lang survey.Lang) survey.Lang {
	if form.Has(lang) {
		return lang
	}
	return form.Default
}

// arrival is a day of the month: many at the opening and after a reminder, few in between.
func arrival(r *rand.Rand) int {
	if r.IntN(3) == 0 {
		return min(days-1, 16+int(4*r.ExpFloat64()))
	}
	return min(days-1, int(6*r.ExpFloat64()))
}

// lastPage is the last page that was seen. About one in eight people who answer on their own sends before the end.
func (p *person) lastPage(mode survey.Mode, pages int) (last, all int) {
	early := 0.13
	if mode != survey.ModeSelf {
		early = 0.04
	}
	if pages < 4 || !p.chance(early) {
		return pages - 1, pages
	}
	return 2 + p.r.IntN(pages-3), pages
}

// fill answers the questions of the pages up to last, in form order, each as it is asked given the earlier ones.
func (p *person) fill(form *survey.Form, last int, out survey.Response) survey.Answers {
	day, _ := time.Parse(time.DateOnly, out.Day) // written by respond
	now := survey.Now{Time: day, Langs: []survey.Lang{out.Language}}
	answers := survey.InitialAnswers(form, now)
	for _, page := range form.Pages()[:last+1] {
		for _, q := range survey.Shown(page.Questions) {
			view := survey.Evaluate(form, answers, now)
			if !q.Asks() || !view.Relevant(q.ID) {
				continue
			}
			given := p.answer(q, view, out)
			if len(given) == 0 {
				continue
			}
			if val, problem := survey.ParseAnswer(q, given); problem == nil {
				answers[q.ID] = val
			}
		}
	}
	return survey.Evaluate(form, answers, now).Sheet(func(page int) bool { return page <= last })
}
