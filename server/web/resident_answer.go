package web

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"opengate/server/intake"
	"opengate/survey"
)

// post is a resident's form as it was sent.
type post struct {
	token, id string
	do, arg   string // the button: "next", or "go:3" cut at the colon
	page      int    // page the answers belong to; -1 for none
	rev       int64  // of the draft when the page was made
	on        map[string]bool
	values    url.Values
}

// fieldName is the name of a question's fields.
func fieldName(id string) string { return "q:" + id }

// readPost reads the form. A body over the limit is a *http.MaxBytesError.
func readPost(c *gin.Context) (post, error) {
	if err := c.Request.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return post{}, err
		}
		return post{}, fmt.Errorf("%w: %w", errBadInput, err)
	}
	values := c.Request.PostForm
	p := post{token: values.Get("token"), id: values.Get("id"), values: values, page: -1, on: map[string]bool{}}
	p.do, p.arg, _ = strings.Cut(values.Get("do"), ":")
	if n, err := strconv.Atoi(values.Get("page")); err == nil {
		p.page = n
	}
	if n, err := strconv.ParseInt(values.Get("rev"), 10, 64); err == nil {
		p.rev = n
	}
	for _, id := range values["on"] {
		p.on[id] = true
	}
	return p, nil
}

// answer takes every button of a resident's form. What was typed is saved first, whatever the button.
func (s *Server) answer(c *gin.Context) error {
	posted, err := readPost(c)
	s.unhurry(c, posted.allowance())
	if err != nil {
		return err
	}
	if posted.token == "" {
		return s.first(c, posted)
	}
	d, err := s.Intake.Load(c.Request.Context(), posted.token)
	if isGone(err) {
		return s.sent(c, posted)
	}
	if err != nil {
		return err
	}
	v, err := s.guestDraft(c, d, survey.Lang(c.Param("lang")))
	v.post = posted
	if err != nil {
		return v.late(d, err)
	}
	if err = v.button(d); isGone(err) {
		return s.sent(c, posted) // from another tab, just now
	}
	return err
}

// allowance is what the button costs: saving a page is cheap, and a whole shelter may do it behind one address.
func (p post) allowance() allowance {
	switch {
	case p.token == "" && p.do != "lang", p.do == "submit", p.do == "send", p.do == "new", p.do == "code":
		return forPeople
	}
	return forPages
}

// first takes the form of the first page, which has no draft yet.
func (s *Server) first(c *gin.Context, posted post) error {
	v, err := s.guest(c, survey.Lang(c.Param("lang")))
	if err != nil {
		if v.door.Form != nil {
			return v.closed(err)
		}
		return err
	}
	if !v.knows(v.lang) {
		return fmt.Errorf("language: %w", survey.ErrNotFound)
	}
	v.post = posted
	if posted.do == "lang" {
		return v.intro(http.StatusOK, nil)
	}
	return v.start()
}

// guestDraft is a visit that goes on with a draft, in the version of the form it was begun in. A closed door comes
// with the error, for late.
func (s *Server) guestDraft(c *gin.Context, d *intake.Draft, lang survey.Lang) (*guest, error) {
	door, err := s.Intake.DraftDoor(c.Request.Context(), d)
	v := s.guestAt(c, lang, door)
	if door.Form != nil && !v.knows(lang) {
		return v, fmt.Errorf("language: %w", survey.ErrNotFound)
	}
	return v, err
}

// button does what the pressed button says.
func (v *guest) button(d *intake.Draft) error {
	switch v.post.do {
	case "submit":
		return v.submit(d, true)
	case "send":
		return v.submit(d, false)
	case "new":
		return v.sendAsNew(d)
	}
	return v.change(d, func(f *filling) {
		f.take()
		f.press()
	})
}

// change applies step to the draft, saves it and answers with the page it leads to. When another tab saved in the
// meantime the step is done again on what that tab left, so neither loses an answer.
func (v *guest) change(d *intake.Draft, step func(*filling)) error {
	const tries = 5
	ctx := v.c.Request.Context()
	for try := 1; ; try++ {
		f := v.filling(d)
		step(f)
		f.settle()
		err := v.s.Intake.Save(ctx, d)
		if err == nil {
			return f.answer()
		}
		if !errors.Is(err, survey.ErrConflict) || try == tries {
			return err
		}
		if d, err = v.s.Intake.Load(ctx, d.Token); err != nil {
			return err
		}
	}
}

// changeNow is change on the draft as it is stored now.
func (v *guest) changeNow(token string, step func(*filling)) error {
	d, err := v.s.Intake.Load(v.c.Request.Context(), token)
	if err != nil {
		return err
	}
	return v.change(d, step)
}

// filling is a draft while one button is handled, and what the answer will show.
type filling struct {
	*guest
	draft    *intake.Draft
	view     *survey.View // of the answers as they are now
	before   *survey.View // of the answers before this form was read
	status   int
	problems []survey.Problem
	notice   string           // message key of a status line, "" for none
	fresh    *survey.Question // what the status line is about: new on the page, or with new choices; nil for none
	refusal  string           // message key of a kind refusal, "" when the person takes part
	code     bool             // show a resume code
	partial  bool             // ask whether to send early
	late     bool             // the survey takes no answers now

	clash survey.Answers // what an older copy of the page says otherwise than the draft
	older bool           // an older copy of the page left blank what the draft holds
}

func (v *guest) filling(d *intake.Draft) *filling {
	d.Language = v.lang
	f := &filling{guest: v, draft: d, status: http.StatusOK}
	f.before = survey.Evaluate(v.door.Form, maps.Clone(d.Answers), v.s.Intake.Now(v.door, d))
	f.evaluate()
	return f
}

func (f *filling) evaluate() {
	f.view = survey.Evaluate(f.door.Form, f.draft.Answers, f.s.Intake.Now(f.door, f.draft))
}

// take reads the answers of the page that was sent into the draft. A question that was not on the page keeps what
// was typed earlier. Where the page was saved since this copy of it was made (in another tab, or before Back), what is
// there stays: a blank leaves it alone, and another answer is put before the person.
func (f *filling) take() {
	if f.post.page < 0 || f.post.page >= len(f.pages) {
		return
	}
	stale, changed := f.post.rev < f.draft.PageRev[f.post.page], false
	f.clash = survey.Answers{}
	for _, q := range survey.Shown(f.pages[f.post.page].Questions) {
		raw, typed := f.post.values[fieldName(q.ID)]
		if !q.Asks() || !typed && !f.post.on[q.ID] || f.before.ReadOnly(q.ID) {
			continue
		}
		val, _ := survey.ParseAnswer(q, raw) // what is wrong is found with everything else
		was := f.draft.Answers[q.ID].Text
		switch {
		case val.Text == was || was == "" || !stale:
			f.draft.Answers[q.ID] = val
			changed = changed || val.Text != was
		case val.Text == "":
			f.older = true
		default:
			f.clash[q.ID] = val
		}
	}
	if changed {
		f.draft.PageRev[f.post.page] = f.draft.Rev + 1
	}
	f.draft.Page = f.post.page
	f.evaluate()
}

// press moves to where the button leads. Only "next" is held back by problems, and every button by answers that
// would replace newer ones.
func (f *filling) press() {
	if len(f.clash) > 0 || f.older && f.post.do == "next" {
		f.showOlder()
		return
	}
	if f.older {
		f.notice = "page.older"
		defer func() {
			if f.draft.Page != f.post.page {
				f.notice = ""
			}
		}()
	}
	switch f.post.do {
	case "next":
		f.next()
	case "back":
		f.goTo(f.ahead(f.draft.Page))
	case "go":
		if n, err := strconv.Atoi(f.post.arg); err == nil && n >= 0 && n <= len(f.pages) {
			f.goTo(n)
		}
	case "review":
		f.goTo(len(f.pages))
	case "code":
		f.code = true
	case "partial":
		f.partial = true
	case "list":
		f.notice, f.fresh = "page.list_updated", f.updated()
	}
}

// next goes on, unless something on the page is wrong or a question has newly appeared on it.
func (f *filling) next() {
	if f.draft.Page >= len(f.pages) {
		return
	}
	questions := f.pages[f.draft.Page].Questions
	if f.refusal = f.declines(f.pages[f.draft.Page], f.draft.Answers); f.refusal != "" {
		return
	}
	if f.problems = f.view.Problems(questions); len(f.problems) > 0 {
		f.status = http.StatusUnprocessableEntity
		return
	}
	if f.fresh = f.appeared(questions); f.fresh != nil {
		f.notice = "page.appeared"
		return
	}
	f.goTo(f.after(f.draft.Page))
}

// visible says whether the page has anything to show now. The form's own consent page was shown first.
func (f *filling) visible(page survey.Page) bool {
	return page.Index != f.entry && f.view.Visible(page)
}

// after is the next page with something on it; len(pages) is the final check.
func (f *filling) after(page int) int {
	for n := page + 1; n < len(f.pages); n++ {
		if f.visible(f.pages[n]) {
			return n
		}
	}
	return len(f.pages)
}

// ahead is the page before, or the same where there is none.
func (f *filling) ahead(page int) int {
	for n := min(page, len(f.pages)) - 1; n >= 0; n-- {
		if f.visible(f.pages[n]) {
			return n
		}
	}
	return page
}

func (f *filling) goTo(page int) { f.draft.Page = page }

// settle records what the person will have seen.
func (f *filling) settle() {
	if f.draft.Page < len(f.pages) && !f.visible(f.pages[f.draft.Page]) {
		f.draft.Page = f.after(f.draft.Page)
		f.status, f.problems, f.clash = http.StatusOK, nil, nil
	}
	if f.draft.Page < len(f.pages) {
		f.draft.Reach(f.draft.Page)
	}
	f.draft.Fallback = f.foreignTexts()
	if !f.draft.CodeShown && f.answered() && f.status == http.StatusOK && !f.kiosk() {
		f.code, f.draft.CodeShown = true, true
	}
}

// answered says whether the first page of questions is behind the person.
func (f *filling) answered() bool {
	return len(f.draft.Reached) > 0 && f.draft.Page > f.after(f.entry)
}

// answer shows where the person now is.
func (f *filling) answer() error {
	if f.refusal != "" {
		if err := f.s.Intake.Discard(f.c.Request.Context(), f.draft); err != nil {
			return err
		}
		return f.refuse(f.refusal)
	}
	code, err := f.resumeCode()
	if err != nil {
		return err
	}
	switch {
	case f.late:
		return f.kept(code)
	case f.partial:
		return f.askPartial()
	case f.draft.Page >= len(f.pages):
		return f.check(f.status, f.problems, code)
	}
	return f.page(code)
}

// resumeCode makes a code when one is to be shown.
func (f *filling) resumeCode() (string, error) {
	if !f.code {
		return "", nil
	}
	return f.s.Intake.ResumeCode(f.c.Request.Context(), f.draft)
}
