package web

import (
	"errors"
	"fmt"
	"net/http"
	"unicode"

	"github.com/gin-gonic/gin"

	"opengate/server/intake"
	"opengate/survey"
)

// receiptPage acknowledges what is stored for good.
type receiptPage struct {
	surveyFrame
	Receipt  string
	Withdraw string // address
	Next     string // address for the next person, in a kiosk
	Support  content
	Early    bool   // sent before the end
	Done     string // token of the draft, which opens nothing any more
}

// submit checks the whole draft and stores it. The receipt is shown only when the answers are durable.
func (v *guest) submit(d *intake.Draft, complete bool) error {
	d.Language = v.lang
	f := v.filling(d)
	if v.post.page >= 0 && v.post.page < len(f.pages) {
		if f.take(); len(f.clash) > 0 {
			return v.changeNow(d.Token, func(f *filling) {
				f.take()
				f.press()
			})
		}
	}
	receipt, err := v.s.Intake.Submit(v.c.Request.Context(), v.door, d, complete)
	var invalid *survey.InvalidError
	switch {
	case err == nil:
		return v.receipt(receipt, !complete)
	case errors.As(err, &invalid):
		return f.check(http.StatusUnprocessableEntity, invalid.Problems, "")
	case errors.Is(err, survey.ErrDuplicate):
		return v.differs(d.Token, d.ResponseID)
	}
	return err
}

func (v *guest) receipt(receipt string, early bool) error {
	page := receiptPage{
		surveyFrame: v.pageFrame(v.p.T("receipt.title")), Receipt: receipt, Early: early, Done: v.post.token,
		Withdraw: "/" + string(v.p.Lang()) + "/withdraw", Support: v.text(v.door.Form.Plan.Settings.Support),
	}
	page.Private = true
	v.c.Header("Cache-Control", "no-store")
	if v.kiosk() {
		page.Next = "/l/" + v.door.Link.Code
		v.c.Header("Clear-Site-Data", `"cache", "storage"`)
	}
	return v.ok("receipt", page)
}

// differsPage tells that other answers were sent from this form before.
type differsPage struct {
	surveyFrame
	Fields []field // the page that was typed, to be sent as a new answer
}

func (v *guest) differs(token, id string) error {
	page := differsPage{surveyFrame: v.pageFrame(v.p.T("differs.title"))}
	page.Token, page.ID, page.Page = token, id, v.post.page
	for _, name := range sortedKeys(v.post.values) {
		switch name {
		case "token", "id", "page", "rev", "do", "new", "scripts":
			continue
		}
		for _, value := range v.post.values[name] {
			page.Fields = append(page.Fields, field{name, value})
		}
	}
	return v.show(http.StatusConflict, "differs", page)
}

// sent answers a form whose draft is gone: it was sent already (a second click, or Back), withdrawn, or it expired.
func (s *Server) sent(c *gin.Context, posted post) error {
	v, err := s.guest(c, survey.Lang(c.Param("lang")))
	if v.door.Form == nil {
		return err
	}
	v.post = posted
	if posted.do == "new" && err == nil {
		return v.startAgain()
	}
	receipt, complete, sentErr := s.Intake.Sent(c.Request.Context(), posted.id, v.pageAnswers())
	switch {
	case sentErr == nil:
		return v.receipt(receipt, !complete)
	case errors.Is(sentErr, survey.ErrDuplicate):
		return v.differs(posted.token, posted.id)
	case errors.Is(sentErr, survey.ErrNotFound):
		return v.show(http.StatusGone, "gone", v.pageFrame(v.p.T("gone.title")))
	}
	return sentErr
}

// pageAnswers are the answers of the page that was sent.
func (v *guest) pageAnswers() survey.Answers {
	out := survey.Answers{}
	if v.post.page < 0 || v.post.page >= len(v.pages) {
		return out
	}
	for _, q := range survey.Shown(v.pages[v.post.page].Questions) {
		raw, typed := v.post.values[fieldName(q.ID)]
		if q.Asks() && (typed || v.post.on[q.ID]) {
			out[q.ID], _ = survey.ParseAnswer(q, raw)
		}
	}
	return out
}

// startAgain begins a new answer with what the page that was sent holds.
func (v *guest) startAgain() error {
	d, err := v.s.Intake.Begin(v.c.Request.Context(), v.door, v.lang)
	if err != nil {
		return err
	}
	if v.entry >= 0 {
		page := v.pages[v.entry]
		for _, q := range append(gates(page, survey.RoleConsent), gates(page, survey.RoleScreen)...) {
			d.Answers[q.ID] = positiveAnswer(q)
		}
		d.Reach(v.entry)
	}
	return v.change(d, func(f *filling) {
		f.take()
		f.goTo(f.after(-1))
	})
}

// positiveAnswer is the yes of a consent question; who sends a new answer agreed to the same text before.
func positiveAnswer(q *survey.Question) survey.Value {
	codes := append([]string{}, q.Analysis.Positive.Codes...)
	for _, code := range append(codes, "yes", "1", "OK", "tak") {
		if val, problem := survey.ParseAnswer(q, []string{code}); problem == nil && agrees(q, val) {
			return val
		}
	}
	return survey.Value{}
}

// sendAsNew gives the draft a new response id after other answers were stored under its old one, and lets the person
// check it.
func (v *guest) sendAsNew(d *intake.Draft) error {
	id := intake.NewID()
	return v.change(d, func(f *filling) {
		f.draft.ResponseID = id
		f.goTo(len(f.pages))
	})
}

// codePage asks for a code: of a draft to go on with, or of a receipt whose answers are to be erased.
type codePage struct {
	frame
	Langs   []langChoice
	Action  string
	Typed   string
	Problem string
	Days    int
	Done    bool
}

func (s *Server) codePage(c *gin.Context, kind, problemKey, typed string) (codePage, error) {
	lang, err := s.interfaceLang(c)
	if err != nil {
		return codePage{}, err
	}
	page := codePage{
		frame: s.frame(c, lang, kind+".title"), Langs: s.interfaceSwitch(s.Catalog.Printer(lang).Lang(), "/"+kind),
		Action: "/" + string(lang) + "/" + kind, Typed: typed, Days: s.draftDays(),
	}
	page.Exit = s.Config.QuickExit
	if problemKey != "" {
		page.Problem, page.Alert = s.Catalog.Printer(lang).T(problemKey), true
	}
	return page, nil
}

// How many letters and digits the codes have that people copy.
const (
	codeSigns    = 16
	receiptSigns = 28
)

// signs counts the letters and digits of what somebody copied; spaces and hyphens do not matter.
func signs(typed string) int {
	n := 0
	for _, r := range typed {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

func (s *Server) showResume(c *gin.Context) error {
	page, err := s.codePage(c, "resume", "", "")
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, page.Lang, "resume", page)
}

// resume goes on with the draft that a code leads to, where it was left.
func (s *Server) resume(c *gin.Context) error {
	posted, err := readPost(c)
	if err != nil {
		return err
	}
	typed := posted.values.Get("code")
	d, err := s.Intake.Resume(c.Request.Context(), typed)
	if isGone(err) {
		problem := "resume.unknown"
		if signs(typed) != codeSigns {
			problem = "resume.length"
		}
		page, err := s.codePage(c, "resume", problem, typed)
		if err != nil {
			return err
		}
		return s.render(c, http.StatusUnprocessableEntity, page.Lang, "resume", page)
	}
	if err != nil {
		return err
	}
	v, err := s.guestDraft(c, d, d.Language)
	v.post = post{page: -1}
	if err != nil {
		return v.late(d, err)
	}
	return v.change(d, func(*filling) {})
}

func (s *Server) showWithdraw(c *gin.Context) error {
	page, err := s.codePage(c, "withdraw", "", "")
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, page.Lang, "withdraw", page)
}

// withdraw erases the answers behind a receipt.
func (s *Server) withdraw(c *gin.Context) error {
	posted, err := readPost(c)
	if err != nil {
		return err
	}
	typed := posted.values.Get("receipt")
	_, err = s.Intake.Withdraw(c.Request.Context(), typed)
	status, problem := http.StatusOK, ""
	switch {
	case errors.Is(err, survey.ErrNotFound):
		status, problem = http.StatusUnprocessableEntity, "withdraw.unknown"
		if signs(typed) != receiptSigns {
			problem = "withdraw.length"
		}
	case errors.Is(err, survey.ErrWithdrawn): // withdrawn twice is withdrawn
	case err != nil:
		return fmt.Errorf("withdraw: %w", err)
	}
	page, err := s.codePage(c, "withdraw", problem, typed)
	if err != nil {
		return err
	}
	page.Done = problem == ""
	c.Header("Cache-Control", "no-store")
	return s.render(c, status, page.Lang, "withdraw", page)
}
