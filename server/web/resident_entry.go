package web

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"opengate/server/locale"
	"opengate/server/store"
	"opengate/survey"
)

// homePage lists what can be answered now.
type homePage struct {
	frame
	Surveys []openSurvey
	Langs   []langChoice
}

type openSurvey struct {
	Address string
	Title   string
	Lang    survey.Lang
}

// showHome is a plain page: the surveys that are open, in the visitor's language.
func (s *Server) showHome(c *gin.Context) error {
	lang := s.visitorLang(c)
	if c.Param("lang") != "" {
		if _, err := s.interfaceLang(c); err != nil {
			return err
		}
	}
	page := homePage{frame: s.frame(c, lang, "home.title"), Langs: s.interfaceSwitch(lang, "")}
	for sv, err := range s.Store.Surveys(c.Request.Context()) {
		if err != nil {
			return fmt.Errorf("list surveys: %w", err)
		}
		if sv.Status == survey.StatusOpen {
			page.Surveys = append(page.Surveys, s.listed(sv, lang))
		}
	}
	slices.SortStableFunc(page.Surveys, func(a, b openSurvey) int { return cmp.Compare(a.Address, b.Address) })
	c.Header("Vary", "Accept-Language")
	return s.render(c, http.StatusOK, lang, "home", page)
}

func (s *Server) listed(sv store.Survey, lang survey.Lang) openSurvey {
	title, l := sv.Title.In(lang)
	return openSurvey{Address: "/s/" + sv.Slug, Title: cmp.Or(title, sv.Slug), Lang: l}
}

// interfaceSwitch lists the interface languages for a page outside any survey; rest follows the language in the path.
func (s *Server) interfaceSwitch(current survey.Lang, rest string) []langChoice {
	var out []langChoice
	for _, l := range s.Catalog.Languages() {
		out = append(out, langChoice{Tag: l, Address: "/" + string(l) + rest, Current: l == current})
	}
	return out
}

// enter is the address without a language: the browser's where we are sure of it, else the visitor is asked. In a
// kiosk the browser's language is not the visitor's.
func (s *Server) enter(c *gin.Context) error {
	v, err := s.guest(c, s.visitorLang(c))
	if v.door.Form == nil {
		return err
	}
	c.Header("Vary", "Accept-Language")
	tags := v.door.Form.Tags()
	lang, sure := locale.Match(c.GetHeader("Accept-Language"), tags)
	switch {
	case len(tags) == 1:
		lang = tags[0]
	case !sure || v.kiosk():
		return s.guestAt(c, v.chooserLang(), v.door).chooser(err)
	}
	v = s.guestAt(c, lang, v.door)
	if err != nil {
		return v.closed(err)
	}
	return v.intro(http.StatusOK, nil)
}

// chooserPage asks for a language.
type chooserPage struct{ surveyFrame }

// chooserLang is the language in which a language is asked for: the browser's, else the form's own, where the interface
// has it.
func (v *guest) chooserLang() survey.Lang {
	l, sure := locale.Match(v.c.GetHeader("Accept-Language"), v.s.Catalog.Languages())
	if own := locale.Base(v.door.Form.Default); !sure && v.s.Catalog.Has(own) {
		return own
	}
	return l
}

func (v *guest) chooser(err error) error {
	if err != nil {
		return v.closed(err)
	}
	return v.ok("chooser", chooserPage{v.pageFrame(v.p.T("chooser.title"))})
}

// showIntro is the first page in a language that the address names.
func (s *Server) showIntro(c *gin.Context) error {
	v, err := s.guest(c, survey.Lang(c.Param("lang")))
	switch {
	case v.door.Form == nil:
		return err
	case !v.knows(v.lang):
		return s.guestAt(c, v.chooserLang(), v.door).chooser(err)
	case err != nil:
		return v.closed(err)
	}
	return v.intro(http.StatusOK, nil)
}

// closedPage says that a survey takes no answers now, or only not at this address.
type closedPage struct {
	surveyFrame
	Key     string // error.closed or error.revoked
	Open    string // where the survey can be answered all the same, "" when nowhere
	Support content
}

func (v *guest) closed(err error) error {
	if !errors.Is(err, survey.ErrClosed) {
		return err
	}
	page := closedPage{Key: "error.closed", Support: v.text(v.door.Form.Plan.Settings.Support)}
	if v.door.Link.Revoked && v.door.Survey.Status.Accepts() {
		page.Key, page.Open = "error.revoked", "/"+string(v.lang)+"/s/"+v.door.Survey.Slug
	}
	page.surveyFrame = v.pageFrame(v.p.T(page.Key + ".title"))
	return v.show(http.StatusGone, "closed", page)
}

// introPage says what this is, who is responsible and what becomes of the answers, and asks for consent.
type introPage struct {
	surveyFrame
	Settings survey.Settings
	Purpose  content

	Controller, Contact, DPO *content // nil where the form says nothing

	Questions int
	Minutes   int
	Items     []item // the form's own consent page, where it begins with one
	AskAge    bool
	OldEnough string
	Blank     bool // the browser needs a choice of no answer
	Agreed    bool
	Days      int
	Problems  []problemLine
}

// said is a text of the settings, nil where there is none.
func (v *guest) said(text string) *content {
	if text == "" {
		return nil
	}
	c := v.plain(text)
	return &c
}

// admitted are the answers of somebody who takes part and has answered nothing else.
func (v *guest) admitted() survey.Answers {
	out := survey.Answers{}
	for _, q := range survey.Shown(v.door.Form.Body) {
		if role := q.Analysis.Role; q.Asks() && (role == survey.RoleConsent || role == survey.RoleScreen) {
			out[q.ID] = positiveAnswer(q)
		}
	}
	return out
}

const answersPerMinute = 5 // of a person in no hurry; only told as "about n minutes"

func (v *guest) intro(status int, problems []survey.Problem) error {
	form := v.door.Form
	title, titleIn := v.plainTitle()
	page := introPage{
		surveyFrame: v.pageFrame(title), Settings: form.Plan.Settings,
		Purpose: v.text(form.Plan.Settings.Purpose), Days: v.s.draftDays(),
	}
	page.Controller, page.Contact, page.DPO = v.said(page.Settings.Controller), v.said(page.Settings.Contact), v.said(page.Settings.DPO)
	page.TitleIn = titleIn
	page.Questions = len(v.asked(survey.Evaluate(form, v.admitted(), v.now())))
	page.Minutes = max(1, (page.Questions+answersPerMinute-1)/answersPerMinute)
	page.OldEnough, page.Agreed = v.post.values.Get("age"), v.post.values.Get("consent") != ""
	page.AskAge, page.Blank = v.asksAge(), v.preselects()
	if v.entry >= 0 {
		b := v.builder(survey.Evaluate(form, v.pageAnswers(), v.now()), v.entry)
		b.answers, b.live, b.problems = v.pageAnswers(), nil, byQuestion(problems)
		page.Items = b.items(v.pages[v.entry].Questions)
		page.Page = v.entry
		page.Problems = b.summary(problems)
	} else {
		page.Page = -1
	}
	page.Problems = append(v.introProblems(problems), page.Problems...)
	page.Alert = len(problems) > 0
	return v.show(status, "intro", page)
}

// entryPage is the form's own consent page, when it begins with one: it is then shown on the first page, in the place
// of our sentence. -1 where the form asks for no consent or asks later.
func entryPage(pages []survey.Page) int {
	if len(pages) > 0 && len(gates(pages[0], survey.RoleConsent)) > 0 {
		return 0
	}
	return -1
}

// gates are the questions of a page on whose answer it hangs whether a person takes part: consent or screening.
func gates(p survey.Page, role survey.Role) []*survey.Question {
	var out []*survey.Question
	for _, q := range survey.Shown(p.Questions) {
		if q.Asks() && q.Analysis.Role == role {
			out = append(out, q)
		}
	}
	return out
}

// asksAge says whether we ask about the least age ourselves: the plan sets one and the form does not screen at its
// beginning.
func (v *guest) asksAge() bool {
	screens := v.entry >= 0 && len(gates(v.pages[v.entry], survey.RoleScreen)) > 0
	return v.door.Form.Plan.Settings.MinAge > 0 && !screens
}

// plainTitle is the survey's title without markup, for the browser's tab, and its language where it is not the page's.
func (v *guest) plainTitle() (string, survey.Lang) {
	title, l := v.door.Form.Title.In(v.langs()...)
	return cmp.Or(title, v.door.Survey.Slug), v.mark(v.verbatim(title), l).Lang
}
