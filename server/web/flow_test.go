package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"opengate/server/intake"
	"opengate/server/store"
	"opengate/survey"
)

// opened publishes the form with every control and goes to its first page of questions.
func opened(t *testing.T, lang string) (*site, *reply) {
	t.Helper()
	s := newSite(t)
	s.publish("all", everythingForm(t), survey.StatusOpen)
	return s, s.press(s.get("/"+lang+"/s/all").want(http.StatusOK), "start", "consent", "yes").want(http.StatusOK)
}

func TestEveryControl(t *testing.T) {
	s, page := opened(t, "en")
	page.has("input[type=text][name='q:nick']", "input[inputmode=numeric][name='q:age']", "input[inputmode=decimal][name='q:share']",
		"input[type=date]", "input[type=time]", "input[type=radio][name='q:kids']", "input[type=checkbox][value=OK]", "input[type=radio][name='q:scale'][value='0']",
		"h1 strong", "label em", "div#w-many[hidden] input[disabled]", "!body script:not([src]):not([type='application/json'])", "!a[href^=javascript]")
	if body := page.text("body"); strings.Contains(body, "alert(1)") && strings.Contains(page.body, "<script>alert") {
		t.Error("an author's script reached the page")
	}
	page = s.press(page, "next", "q:nick", "*Zed*<i>", "q:age", "٤٢").want(http.StatusOK)
	page.has("select[name='q:long'] option[value=ca]", "input[type=checkbox][name='q:both']", "textarea[name='q:story']", "button[value=list]")
	if note := page.text(".note"); note != "Hello *Zed*<i>, and goodbye" {
		t.Errorf("note: %q", note)
	}
	if shown := page.text(".value"); shown != "84" {
		t.Errorf("computed value shown: %q", shown)
	}
}

func TestWhatIsWrongIsSaidWhereAndNothingIsLost(t *testing.T) {
	s, page := opened(t, "en")
	bad := s.press(page, "next", "q:nick", "Zoë", "q:age", "many", "q:share", "1,5").want(http.StatusUnprocessableEntity)
	bad.has("#errors[autofocus] a", "input[name='q:age'][value=many][aria-invalid=true]", "input[name='q:nick'][value='Zoë']", "input[name='q:share'][value='1.5']")
	if title := bad.text("title"); !strings.HasPrefix(title, "Error: ") {
		t.Errorf("title %q", title)
	}
	href := strings.TrimPrefix(attr(bad.all("#errors a")[0], "href"), "#")
	if attr(bad.all("input[name='q:age']")[0], "id") != href {
		t.Errorf("the summary leads to %q", href)
	}
	own := s.press(bad, "next", "q:age", "200").want(http.StatusUnprocessableEntity)
	if got := own.text(".err"); got != "Error: Between 0 and 130, please" {
		t.Errorf("author's message: %q", got)
	}
	blank := s.press(own, "next", "q:age", "").want(http.StatusUnprocessableEntity)
	if got := blank.text(".err"); got != "Error: Please answer this question" {
		t.Errorf("required: %q", got)
	}
	if again := s.press(blank, "back", "q:age", "x").want(http.StatusOK); len(again.all("input[name='q:age'][value=x]")) != 1 {
		t.Error("a button other than Next was held back, or lost what was typed")
	}
}

func TestANewlyRelevantQuestionIsShownBeforeGoingOn(t *testing.T) {
	s, page := opened(t, "en")
	shown := s.press(page, "next", "q:age", "30", "q:kids", "yes").want(http.StatusOK).has("[role=status].notice", "input[name='q:many']:not([disabled])", "!#w-many[hidden]")
	next := s.press(shown, "next").want(http.StatusOK).has("[name='q:region']", "!.notice")
	back := s.press(next, "back").want(http.StatusOK)
	hidden := s.press(s.press(back, "next", "q:many", "3").want(http.StatusOK), "back", "q:region", "n").want(http.StatusOK)
	gone := s.press(hidden, "next", "q:kids", "no").want(http.StatusOK)
	returned := s.press(s.press(gone, "back"), "next", "q:kids", "yes").want(http.StatusOK)
	if kept := s.press(returned, "back").all("input[name='q:many'][value='3']"); len(kept) != 1 {
		t.Error("an answer that was hidden for a while is lost")
	}
}

func TestACascadeWorksWithoutScripts(t *testing.T) {
	s, page := opened(t, "en")
	two := s.press(page, "next", "q:age", "30").want(http.StatusOK).has("input[name='q:town'][value=n1][disabled]")
	listed := s.press(two, "list", "q:region", "n").want(http.StatusOK)
	listed.has("input[name='q:town'][value=n1]:not([disabled])", "input[name='q:town'][value=s1][disabled]", "[role=status].notice")
	unseen := s.press(listed, "next", "q:region", "s").want(http.StatusOK)
	unseen.has(".notice", "input[name='q:town'][value=s1]:not([disabled])")
	s.press(unseen, "next", "q:town", "s1").want(http.StatusOK).has("button[value=submit]")
}

func TestTheLanguageCanBeSwitchedOnEveryPage(t *testing.T) {
	s, page := opened(t, "en")
	v := page.fields()
	v.Set("q:age", "33")
	v.Set("q:nick", "زيد")
	v.Set("do", "lang")
	arabic := s.post("/ar/s/all", v).want(http.StatusOK)
	arabic.has("html[lang=ar][dir=rtl]", "input[name='q:age'][value='33']", "input[name='q:nick'][value='زيد']", "label span[lang=en][dir=ltr]", "form[action='/ar/s/all']")
	if banner := arabic.text(".banner"); !strings.Contains(banner, "English") {
		t.Errorf("a text in another language is not announced: %q", banner)
	}
	s.finish(arabic)
	if r := s.responses("all"); len(r) != 1 || r[0].Language != "ar" || r[0].Fallback == 0 {
		t.Errorf("stored %+v", r)
	}
}

// finish presses Next until the answers are sent, and gives the receipt's page.
func (s *site) finish(page *reply) *reply {
	s.t.Helper()
	for range 40 {
		if len(page.all("button[value=submit]")) > 0 {
			return s.press(page, "submit").want(http.StatusOK)
		}
		page = s.press(page, "next").want(http.StatusOK)
	}
	s.t.Fatal("the survey does not end")
	return nil
}

func TestSendWhatIHaveIsCountedHonestly(t *testing.T) {
	s, page := opened(t, "en")
	asked := s.press(page, "partial", "q:nick", "Zed").want(http.StatusOK).has("button[value=send]", "button[value=stay]")
	if got := asked.text("main"); !strings.Contains(got, "1 of") {
		t.Errorf("count: %s", got)
	}
	s.press(asked, "stay").want(http.StatusOK).has("input[name='q:nick'][value=Zed]")
	s.press(asked, "send").want(http.StatusOK).has("#receipt")
	r := s.responses("all")[0]
	if r.Complete || r.Answers["nick"].Text != "Zed" || r.Answers["age"].State != survey.Skipped || r.Answers["story"].State != survey.NotReached {
		t.Errorf("stored %+v", r)
	}
}

// conflicting makes the first saves fail as if another tab had been faster.
type conflicting struct {
	Intake
	left int
}

func (c *conflicting) Save(ctx context.Context, d *intake.Draft) error {
	if c.left > 0 {
		c.left--
		other, err := c.Load(ctx, d.Token)
		if err != nil {
			return err
		}
		other.Answers["story"] = survey.Value{State: survey.Answered, Text: "from the other tab"}
		if err := c.Intake.Save(ctx, other); err != nil {
			return err
		}
	}
	return c.Intake.Save(ctx, d)
}

func TestASaveThatLosesTheRaceIsMerged(t *testing.T) {
	s, page := opened(t, "en")
	s.build(&conflicting{s.intake, 2})
	page = s.press(page, "next", "q:age", "30").want(http.StatusOK)
	if got := page.text("textarea"); got != "from the other tab" {
		t.Errorf("the other tab's answer is %q", got)
	}
	s.finish(page)
	if r := s.responses("all")[0]; r.Answers["age"].Text != "30" || r.Answers["story"].Text != "from the other tab" {
		t.Errorf("stored %+v", r.Answers)
	}
}

func TestResumeCode(t *testing.T) {
	s, page := opened(t, "en")
	page = s.press(page, "next", "q:age", "30").want(http.StatusOK).has("#code")
	code := page.text("#code")
	s.press(page, "code").has("#code")
	resumed := s.press(s.get("/uk/resume"), "", "code", strings.ReplaceAll(code, " ", "-")).want(http.StatusOK)
	resumed.has("form[action='/en/s/all']", "[name='q:region']", "html[lang=en]")
	s.press(s.get("/uk/resume"), "", "code", "1234 5678 9012 3456").want(http.StatusUnprocessableEntity).has("#errors", "input[value='1234 5678 9012 3456']")
	s.finish(resumed)
	s.press(s.get("/en/resume"), "", "code", code).want(http.StatusUnprocessableEntity)
}

func TestOtherAnswersUnderTheSameIDAreAConflictWithAWayOut(t *testing.T) {
	s, page := opened(t, "en")
	two := s.press(page, "next", "q:age", "30").want(http.StatusOK)
	s.finish(two)
	same := s.press(two, "next").want(http.StatusOK).has("#receipt") // Back in the browser, then Next, nothing changed
	if len(s.responses("all")) != 1 || same.code != http.StatusOK {
		t.Fatal("a repeat was stored twice")
	}
	differs := s.press(two, "next", "q:story", "changed").want(http.StatusConflict).has("button[value=new]", "input[type=hidden][name='q:story'][value=changed]")
	again := s.press(differs, "new").want(http.StatusOK).has("[name='q:age']")
	s.finish(s.press(again, "next", "q:age", "40"))
	rs := s.responses("all")
	if len(rs) != 2 || !slices.ContainsFunc(rs, func(r survey.Response) bool { return r.Answers["story"].Text == "changed" }) {
		t.Errorf("stored %+v", rs)
	}
}

func TestKindRefusalsStoreNothing(t *testing.T) {
	s := newSite(t)
	intro := s.get("/pl/s/needs").want(http.StatusOK)
	s.press(intro, "start").want(http.StatusUnprocessableEntity).has("#errors a", "input[name='q:consent']")
	s.press(intro, "start", "q:consent", "no", "q:screen", "yes").want(http.StatusOK).has("!input[name=token]", "aside.support")
	s.press(intro, "start", "q:consent", "yes", "q:screen", "no").want(http.StatusOK).has("!input[name=token]")
	if n := len(s.responses("needs")); n != 0 {
		t.Errorf("%d responses stored", n)
	}
}

func TestEntrance(t *testing.T) {
	s := newSite(t)
	s.get("/").want(http.StatusOK).has("a[href='/s/needs']")
	s.get("/s/needs", "Accept-Language", "uk-UA").want(http.StatusOK).has("html[lang=uk]", "form[action='/uk/s/needs']")
	s.get("/s/needs", "Accept-Language", "be,ru;q=0.1,xx").want(http.StatusOK)
	s.get("/s/needs", "Accept-Language", "vi").want(http.StatusOK).has("a[href='/ar/s/needs'][lang=ar][dir=rtl]", "!form")
	s.get("/l/lib", "Accept-Language", "pl").want(http.StatusOK).has("form[action='/pl/l/lib']")
	s.get("/l/kio", "Accept-Language", "pl").want(http.StatusOK).has("a[href='/uk/l/kio']", "!form")
	s.get("/fr/s/needs").want(http.StatusOK).has("a[href='/pl/s/needs']", "!form")
	s.get("/pl/s/nothing").want(http.StatusNotFound).has("html[lang=pl]", ".small")
	s.get("/pl/l/nothing").want(http.StatusNotFound)
	s.get("/fr").want(http.StatusNotFound)
	s.get("/uk/l/old").want(http.StatusGone).has("html[lang=uk]", "aside.support")
	s.setStatus("needs", survey.StatusClosed)
	s.get("/uk/s/needs").want(http.StatusGone)
	s.post("/uk/s/needs", url.Values{"do": {"start"}}).want(http.StatusGone)
	s.get("/").want(http.StatusOK).has("!a[href='/s/needs']")
	s.setStatus("needs", survey.StatusTest)
}

func TestTheLinkSetsChannelAndMode(t *testing.T) {
	s := newSite(t)
	page := s.begin("/pl/l/kio")
	if got := page.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("kiosk: Cache-Control %q", got)
	}
	page.has("!#keep")
	receipt := s.finish(page).has("a[href='/l/kio']")
	if receipt.header.Get("Clear-Site-Data") == "" {
		t.Error("a kiosk keeps what the last person typed")
	}
	if r := s.responses("needs")[0]; r.Channel != "kio" || r.Mode != survey.ModeKiosk || r.Complete != true {
		t.Errorf("stored %+v", r)
	}
}

func TestATestIsMarked(t *testing.T) {
	s := newSite(t)
	s.publish("trial", everythingForm(t), survey.StatusTest)
	intro := s.get("/en/s/trial").want(http.StatusOK).has(".banner")
	if !strings.Contains(intro.text(".banner"), "test") {
		t.Errorf("banner %q", intro.text(".banner"))
	}
	page := s.press(intro, "start", "consent", "yes")
	s.finish(s.press(page, "next", "q:age", "3"))
	var tests []survey.Response
	for r, err := range s.store.Responses(t.Context(), "trial", store.Filter{Test: true}) {
		must(t, err)
		tests = append(tests, r)
	}
	if len(tests) != 1 || !tests[0].Test || len(s.responses("trial")) != 0 {
		t.Errorf("tests %d, real answers %d", len(tests), len(s.responses("trial")))
	}
}

// failing is a store that went away.
type failing struct{ Intake }

func (failing) Load(context.Context, string) (*intake.Draft, error) {
	return nil, errors.Join(errors.New("dial tcp 10.0.0.7: secret-cause"), survey.ErrBusy)
}

func TestAStoreThatIsAwayLosesNothing(t *testing.T) {
	s, page := opened(t, "uk")
	s.build(failing{s.intake})
	away := s.press(page, "next", "q:age", "44", "q:nick", "secret-answer").want(http.StatusServiceUnavailable)
	away.has("html[lang=uk]", "form input[type=hidden][name='q:age'][value='44']", "form button")
	if strings.Contains(away.body, "secret-cause") {
		t.Error("a cause is shown to a visitor")
	}
	log := s.log.String()
	if !strings.Contains(log, "secret-cause") || !strings.Contains(log, "/:lang/s/:slug") {
		t.Errorf("the log does not help: %s", log)
	}
	for _, private := range []string{"secret-answer", "/uk/s/all", "192.0.2.1", attr(page.all("input[name=token]")[0], "value")} {
		if strings.Contains(log, private) {
			t.Errorf("the log holds %q", private)
		}
	}
	s.build(s.intake)
	v := url.Values{}
	for _, n := range away.all("form input") {
		v.Add(attr(n, "name"), attr(n, "value"))
	}
	s.post("/uk/s/all", v).want(http.StatusOK).has("[name='q:region']")
}

func TestHostileRequests(t *testing.T) {
	s, page := opened(t, "en")
	big := page.fields()
	big.Set("q:nick", strings.Repeat("x", maxAnswerBytes))
	s.post(page.action(), big).want(http.StatusRequestEntityTooLarge)
	page = s.press(page, "next", "q:age", "3", "q:nick", strings.Repeat("y", survey.MaxText+1)).want(http.StatusUnprocessableEntity)
	page = s.press(page, "next", "q:age", "3", "q:kids", "maybe").want(http.StatusUnprocessableEntity)
	s.press(page, "go:99", "page", "-7").want(http.StatusOK)
	s.press(page, "go:abc", "page", "99999999999999999999").want(http.StatusOK)
	s.press(page, "nonsense", "page", "77").want(http.StatusOK)
	s.press(page, "next", "token", "nonsense").want(http.StatusGone)
	s.post("/en/s/all", url.Values{"token": {strings.Repeat("a", 26)}, "id": {"x"}}).want(http.StatusGone)
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "/en/s/all", strings.NewReader("%zz=1"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	s.do(r).want(http.StatusBadRequest)
	r, _ = http.NewRequestWithContext(t.Context(), http.MethodDelete, "/en/s/all", nil)
	s.do(r).want(http.StatusMethodNotAllowed)
	s.press(s.get("/en/withdraw"), "", "receipt", "<script>").want(http.StatusUnprocessableEntity).has("#errors")
}
