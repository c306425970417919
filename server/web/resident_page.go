package web

import (
	"html/template"
	"slices"

	"opengate/server/intake"
	"opengate/survey"
)

// problemLine is one line of an error summary. Go is the page to change where it is not the page shown, else -1.
type problemLine struct {
	Href  string
	Text  content
	Label content
	Go    int
}

// answerPage is one page of questions.
type answerPage struct {
	surveyFrame
	Heading  content
	Step     int // from 1
	Steps    int
	Items    []item
	Problems []problemLine
	Notice   string
	New      *problemLine // the question that the notice is about, nil for none
	Code     string
	Days     int
	First    bool
	Cascade  bool        // some list hangs on an answer of this page
	Data     template.JS // rules for the page's script, "" when nothing changes while one answers
}

func (v *guest) now() survey.Now {
	return survey.Now{Time: v.s.Config.Now().In(v.door.Zone()), Langs: v.langs()}
}

// draftFrame begins a page that carries a draft.
func (v *guest) draftFrame(d *intake.Draft, heading string) surveyFrame {
	fr := v.pageFrame(heading)
	fr.Token, fr.ID, fr.Page, fr.Rev = d.Token, d.ResponseID, d.Page, d.Rev
	return fr
}

// page shows the questions of the draft's page.
func (f *filling) page(code string) error {
	p := f.pages[f.draft.Page]
	view, answers := f.typed()
	b := f.builder(view, f.draft.Page)
	b.answers = answers
	b.problems, b.focus = byQuestion(f.problems), f.fresh
	page := answerPage{Code: code, Days: f.s.draftDays(), Items: b.items(p.Questions), Cascade: cascades(p.Questions, b.live)}
	page.Step, page.Steps = f.steps()
	if p.Group != nil && !p.Group.Label.Empty() {
		page.Heading = b.label(p.Group.Label)
	}
	page.surveyFrame = f.draftFrame(f.draft, f.p.T("page.heading", "step", page.Step, "steps", page.Steps))
	page.First = f.ahead(f.draft.Page) == f.draft.Page
	page.Foreign = b.foreign
	page.Alert = len(f.problems) > 0
	page.Problems = b.summary(f.problems)
	if f.notice != "" {
		page.Notice = f.p.T(f.notice)
	}
	if q := f.fresh; q != nil {
		page.New = &problemLine{Href: "#" + anchor(f.draft.Page, b.at[q]), Label: b.labelOf(q)}
	}
	data, err := f.script(p, b)
	if err != nil {
		return err
	}
	page.Data = data
	return f.show(f.status, "page", page)
}

// steps counts the pages that have something to show now, and where in them the person is; the final check is one.
func (f *filling) steps() (step, steps int) {
	for n, p := range f.pages {
		if !f.visible(p) {
			continue
		}
		steps++
		if n <= f.draft.Page {
			step = steps
		}
	}
	return max(step, 1), steps + 1
}

// cascades says whether the choices of any of the questions hang on answers that may change while the page is open.
func cascades(questions []*survey.Question, live map[string]bool) bool {
	return slices.ContainsFunc(survey.Shown(questions), func(q *survey.Question) bool {
		return q.Filter != nil && slices.ContainsFunc(q.Filter.Refs(), func(name string) bool { return live[name] })
	})
}

// partialPage asks whether to send early, and says plainly how much that is.
type partialPage struct {
	surveyFrame
	Given, Asked int
}

func (f *filling) askPartial() error {
	page := partialPage{surveyFrame: f.draftFrame(f.draft, f.p.T("partial.title"))}
	for _, q := range f.asked(f.view) {
		page.Asked++
		if f.view.Value(q.ID).Given() {
			page.Given++
		}
	}
	return f.ok("partial", page)
}

// asked are the questions put to a person with these answers, without those on which it hangs whether they take part.
func (v *guest) asked(view *survey.View) []*survey.Question {
	var out []*survey.Question
	for _, q := range survey.Shown(v.door.Form.Body) {
		gate := q.Analysis.Role == survey.RoleConsent || q.Analysis.Role == survey.RoleScreen
		if q.Asks() && !gate && !matrixHeader(q) && view.Relevant(q.ID) {
			out = append(out, q)
		}
	}
	return out
}

// checkPage shows all answers before they are sent.
type checkPage struct {
	surveyFrame
	Sections []checkSection
	Problems []problemLine
	Code     string
	Days     int
	Step     int
	Steps    int
}

type checkSection struct {
	Page    int
	Heading content
	Rows    []checkRow
}

type checkRow struct {
	Label   content
	Answers []content
}

// check shows the final page. Problems found there lead to the page where each can be mended.
func (f *filling) check(status int, problems []survey.Problem, code string) error {
	b := f.builder(f.view, -1)
	f.draft.Page = len(f.pages)
	page := checkPage{surveyFrame: f.draftFrame(f.draft, f.p.T("check.title")), Code: code, Days: f.s.draftDays()}
	page.Step, page.Steps = f.steps()
	page.Step = page.Steps
	for n, p := range f.pages {
		if f.visible(p) {
			page.Sections = append(page.Sections, f.section(b, n, p))
		}
	}
	for _, problem := range problems {
		q := f.door.Form.Question(problem.Question)
		at, href := f.place(problem.Question)
		page.Problems = append(page.Problems, problemLine{Href: href, Text: f.sentence(q, problem), Label: b.labelOf(q), Go: at})
	}
	page.Alert = len(problems) > 0
	page.Foreign = b.foreign
	if f.post.values.Get("scripts") == "" { // no script hides the answers when somebody goes Back after sending
		f.c.Header("Cache-Control", "no-store")
	}
	return f.show(status, "check", page)
}

func (f *filling) section(b *builder, n int, p survey.Page) checkSection {
	sec := checkSection{Page: n}
	if p.Group != nil {
		sec.Heading = b.label(p.Group.Label)
	}
	if sec.Heading.Empty() {
		sec.Heading = f.verbatim(f.p.T("check.section", "n", n+1))
	}
	for _, q := range survey.Shown(p.Questions) {
		if q.Asks() && !matrixHeader(q) && f.view.Relevant(q.ID) {
			sec.Rows = append(sec.Rows, checkRow{b.labelOf(q), b.answerTexts(q)})
		}
	}
	return sec
}

// place finds the page of a question and its anchor there.
func (f *filling) place(id string) (page int, href string) {
	for n, p := range f.pages {
		for i, q := range survey.Shown(p.Questions) {
			if q.ID == id {
				return n, "#" + anchor(n, i)
			}
		}
	}
	return 0, ""
}

// foreignTexts counts the texts that the person was shown in another language than the one chosen.
func (f *filling) foreignTexts() int {
	n := 0
	count := func(t survey.Text) {
		if _, l := t.In(f.langs()...); l != "" && l != f.lang {
			n++
		}
	}
	for _, at := range f.draft.Reached {
		if at >= len(f.pages) {
			continue
		}
		for _, q := range survey.Shown(f.pages[at].Questions) {
			if !f.view.Relevant(q.ID) {
				continue
			}
			count(q.Label)
			count(q.Hint)
			if q.Selects() {
				for _, c := range f.view.Choices(q.ID) {
					count(c.Label)
				}
			}
		}
	}
	return n
}

// sentence says in the visitor's language what is wrong with an answer. The author's own message comes first.
func (v *guest) sentence(q *survey.Question, p survey.Problem) content {
	if text, l := authorsSentence(q, p, v.langs()...); text != "" {
		return v.mark(v.verbatim(text), l)
	}
	return v.verbatim(problemSentence(v.p, p))
}
