package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"opengate/server/intake"
	"opengate/survey"
)

// send posts a body to the API with the key of the link "api".
func (s *site) send(slug, body string, header ...string) *reply { //nolint:unparam // tests say which survey
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, "/api/v1/forms/"+slug+"/responses", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+apiKey)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return s.do(r)
}

func body(id, answers string) string {
	return fmt.Sprintf(`{"id":%q,"version":1,"language":"uk","consent":"demo-1","answers":{"consent":"yes","screen":"yes"%s}}`, id, answers)
}

type problems struct{ Problems []apiProblem }

func (r *reply) problems() []apiProblem {
	r.t.Helper()
	var p problems
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		r.t.Fatalf("%v: %s", err, r.body)
	}
	return p.Problems
}

func TestAProgramSendsAResponseOnce(t *testing.T) {
	s := newSite(t)
	d := describe(t)
	id := intake.NewID()
	made := s.send("needs", body(id, `,"home":"mostly","needed":["help_job","help_home"]`)).want(http.StatusCreated)
	same := s.send("needs", body(id, `,"needed":"help_home help_job","home":"mostly"`)).want(http.StatusOK)
	if made.body != same.body {
		t.Errorf("a repeat gives %s, first %s", same.body, made.body)
	}
	other := s.send("needs", body(id, `,"home":"fully"`)).want(http.StatusConflict)
	for _, r := range []*reply{made, same, other} {
		d.holds(t, "POST", "/api/v1/forms/{slug}/responses", r)
	}
	stored := s.responses("needs")
	if len(stored) != 1 || stored[0].Mode != survey.ModeAPI || stored[0].Channel != "api" || stored[0].Answers["needed"].Text != "help_home help_job" {
		t.Fatalf("stored %+v", stored)
	}
	var receipt struct{ Receipt string }
	must(t, json.Unmarshal([]byte(made.body), &receipt))
	s.press(s.get("/en/withdraw"), "", "receipt", receipt.Receipt).want(http.StatusOK)
	s.send("needs", body(id, `,"home":"mostly"`)).want(http.StatusGone)
}

func TestTheAPIIsClosedWithoutAKey(t *testing.T) {
	s := newSite(t)
	d := describe(t)
	for name, header := range map[string]string{"no key": "", "another scheme": "Basic " + apiKey, "a wrong key": "Bearer wrong", "an empty key": "Bearer "} {
		r := s.send("needs", body(intake.NewID(), ""), "Authorization", header)
		if r.code != http.StatusUnauthorized || r.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: status %d", name, r.code)
		}
		d.holds(t, "POST", "/api/v1/forms/{slug}/responses", r)
	}
	l, err := s.store.Link(t.Context(), "api")
	must(t, err)
	l.Revoked = true
	must(t, s.store.UpdateLink(t.Context(), l))
	s.send("needs", body(intake.NewID(), "")).want(http.StatusUnauthorized)
}

func TestTheAPISaysEverythingThatIsWrong(t *testing.T) {
	s := newSite(t)
	d := describe(t)
	id := intake.NewID()
	for name, row := range map[string]struct {
		body   string
		status int
		want   []string // "question or field:code"
	}{
		"two answers":          {body(id, `,"home":"best","health":7,"needed":{"a":1},"nothing":"x"`), 422, []string{"health:wrong_type", "home:not_a_choice", "needed:wrong_type", "nothing:unknown_question"}},
		"a blank":              {body(id, `,"home":null`), 201, nil},
		"not relevant":         {body(intake.NewID(), `,"unmet":["none"]`), 422, []string{"unmet:not_relevant"}},
		"no consent":           {strings.Replace(body(id, ""), `"consent":"yes"`, `"consent":"no"`, 1), 422, []string{"consent:not_consented"}},
		"another consent text": {strings.Replace(body(id, ""), "demo-1", "other", 1), 422, []string{"consent:not_consented"}},
		"fields":               {`{"id":"x","version":-1,"language":"u","answers":{}}`, 422, []string{"consent:missing_field", "id:malformed_field", "language:malformed_field", "version:malformed_field"}},
		"another language":     {strings.Replace(body(id, ""), `"uk"`, `"fr"`, 1), 422, []string{"language:malformed_field"}},
		"an unknown version":   {strings.Replace(body(id, ""), `"version":1`, `"version":9`, 1), 404, nil},
		"a required question":  {fmt.Sprintf(`{"id":%q,"version":1,"language":"uk","consent":"demo-1","answers":{}}`, intake.NewID()), 422, []string{"consent:missing", "screen:missing"}},
	} {
		r := s.send("needs", row.body)
		if r.code != row.status {
			t.Errorf("%s: status %d, want %d: %s", name, r.code, row.status, r.body)
			continue
		}
		d.holds(t, "POST", "/api/v1/forms/{slug}/responses", r)
		if row.status != 422 {
			continue
		}
		var got []string
		for _, p := range r.problems() {
			got = append(got, p.Question+p.Field+":"+p.Code)
			if p.Message == "" || strings.HasPrefix(p.Message, "problem.") || strings.Contains(p.Message, "no value") {
				t.Errorf("%s: message %q", name, p.Message)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}

func TestMessagesComeInTheLanguageAskedFor(t *testing.T) {
	s := newSite(t)
	bad := body(intake.NewID(), `,"home":"best"`)
	for _, row := range []struct{ accept, query, want string }{
		{"", "", "немає у списку"}, {"en", "", "is not on the list"}, {"pl", "?lang=ar", "ليست في القائمة"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/forms/needs/responses"+row.query, strings.NewReader(bad))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+apiKey)
		r.Header.Set("Accept-Language", row.accept)
		if got := s.do(r).problems()[0].Message; !strings.Contains(got, row.want) {
			t.Errorf("%+v: %q", row, got)
		}
	}
}

func TestMalformedJSONSaysWhere(t *testing.T) {
	s := newSite(t)
	d := describe(t)
	for text, want := range map[string]string{
		"{\n  \"id\": 7}":              "line 2, column 9",
		"{\"id\":\"x\",}":              "line 1, column 11",
		"{\"colour\":1}":               "unknown field",
		"":                             "line 1, column 1",
		"{\"id\":\"x\",\n\"version\":": "line 2, column 10",
		"{}{}":                         "more after the end",
		"[]":                           "line 1, column 1",
		`{"id":"a","id":"b"}`:          `name "id" given twice`,
		`{"answers":{"home":"fully","home":"not"}}`: `name "home" given twice`,
	} {
		r := s.send("needs", text)
		if r.code != http.StatusBadRequest || !strings.Contains(strings.ReplaceAll(r.body, `\"`, `"`), want) {
			t.Errorf("%q: %d %s, want %q", text, r.code, r.body, want)
		}
		d.holds(t, "POST", "/api/v1/forms/{slug}/responses", r)
	}
	d.holds(t, "POST", "/api/v1/forms/{slug}/responses", s.send("needs", body(intake.NewID(), ""), "Content-Type", "text/plain").want(http.StatusUnsupportedMediaType))
	huge := s.send("needs", body(intake.NewID(), `,"change":"`+strings.Repeat("x", maxAnswerBytes)+`"`)).want(http.StatusRequestEntityTooLarge)
	d.holds(t, "POST", "/api/v1/forms/{slug}/responses", huge)
}

func TestTheFormIsPublicWhileItTakesAnswers(t *testing.T) {
	s := newSite(t)
	d := describe(t)
	form := s.get("/api/v1/forms/needs").want(http.StatusOK)
	d.holds(t, "GET", "/api/v1/forms/{slug}", form)
	var f formJSON
	must(t, json.Unmarshal([]byte(form.body), &f))
	if f.Version != 1 || f.Privacy.Consent != "demo-1" || len(f.Languages) < 6 || len(f.Lists["holds"]) != 8 || !f.MadeUp {
		t.Errorf("form %+v", f.Privacy)
	}
	d.holds(t, "GET", "/api/v1/forms/{slug}", s.get("/api/v1/forms/nothing").want(http.StatusNotFound))
	s.setStatus("needs", survey.StatusClosed)
	d.holds(t, "GET", "/api/v1/forms/{slug}", s.get("/api/v1/forms/needs").want(http.StatusGone))
	s.send("needs", body(intake.NewID(), "")).want(http.StatusGone)
}

func TestAProgramInAHurryIsToldWhenToComeAgain(t *testing.T) {
	s := newSite(t)
	d := describe(t)
	s.server.rates.off = false
	var last *reply
	for range forPeople.burst * 2 {
		if last = s.get("/api/v1/forms/nothing"); last.code == http.StatusTooManyRequests {
			break
		}
	}
	if last.code != http.StatusTooManyRequests || last.header.Get("Retry-After") == "" {
		t.Errorf("status %d, Retry-After %q", last.code, last.header.Get("Retry-After"))
	}
	d.holds(t, "GET", "/api/v1/forms/{slug}", last)
}

var parameterOf = regexp.MustCompile(`:(\w+)`)

func TestTheDescriptionNamesExactlyTheRoutes(t *testing.T) {
	s := newSite(t)
	d := describe(t)
	var have, described []string
	for _, r := range s.server.engine().Routes() {
		if strings.HasPrefix(r.Path, "/api/") {
			have = append(have, r.Method+" "+parameterOf.ReplaceAllString(r.Path, "{$1}"))
		}
	}
	for path, methods := range d.Paths {
		for method := range methods {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(have)
	slices.Sort(described)
	if !slices.Equal(have, described) {
		t.Errorf("routes %v, described %v", have, described)
	}
	if got := s.get("/api/v1/openapi.json").want(http.StatusOK).body; got != string(openapi) {
		t.Error("the served description is another one")
	}
}

func TestARepeatThatCrossesTheClosingGetsItsReceipt(t *testing.T) {
	s := newSite(t)
	d := describe(t)
	id := intake.NewID()
	made := s.send("needs", body(id, `,"home":"mostly"`)).want(http.StatusCreated)
	s.setStatus("needs", survey.StatusClosed)
	same := s.send("needs", body(id, `,"home":"mostly"`)).want(http.StatusOK)
	if same.body != made.body {
		t.Errorf("a repeat gives %s, first %s", same.body, made.body)
	}
	for _, r := range []*reply{
		same,
		s.send("needs", body(id, `,"home":"fully"`)).want(http.StatusGone),
		s.send("needs", body(intake.NewID(), `,"home":"mostly"`)).want(http.StatusGone),
		s.send("needs", body(intake.NewID(), `,"home":"nonsense"`)).want(http.StatusGone),
	} {
		d.holds(t, "POST", "/api/v1/forms/{slug}/responses", r)
	}
	if n := len(s.responses("needs")); n != 1 {
		t.Errorf("%d responses stored", n)
	}
}

func TestTheAPIHasItsOwnWords(t *testing.T) {
	s := newSite(t)
	d := describe(t)
	const path = "/api/v1/forms/{slug}/responses"
	unknown := s.send("needs", strings.Replace(body(intake.NewID(), ""), `"version":1`, `"version":9`, 1), "Accept-Language", "en").want(http.StatusNotFound)
	huge := s.send("needs", body(intake.NewID(), `,"change":"`+strings.Repeat("x", maxAnswerBytes)+`"`), "Accept-Language", "en").want(http.StatusRequestEntityTooLarge)
	nobody := s.send("needs", body(intake.NewID(), ""), "Authorization", "", "Accept-Language", "en").want(http.StatusUnauthorized)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/api/v1/forms/needs/responses", nil)
	r.Header.Set("Accept-Language", "en")
	method := s.do(r).want(http.StatusMethodNotAllowed)
	for _, row := range []struct {
		r          *reply
		code, want string
	}{
		{unknown, "unknown_version", "no such version"},
		{huge, "too_large", "1 MiB"},
		{nobody, "unauthorized", "key"},
		{method, "method", "method"},
	} {
		var e apiError
		must(t, json.Unmarshal([]byte(row.r.body), &e))
		if e.Error.Code != row.code || !strings.Contains(e.Error.Message, row.want) || strings.Contains(e.Error.Message, "go back") {
			t.Errorf("%d: %+v", row.r.code, e.Error)
		}
		if row.r != method {
			d.holds(t, "POST", path, row.r)
		}
	}
}

func TestProblemsOfTheAPICanBeQuotedAndUnderstood(t *testing.T) {
	s := newSite(t)
	for lang, want := range map[string]string{"en": "Please give a number from 1 to 20", "ar": "اكتبوا عددًا من 1 إلى 20"} {
		r := s.send("needs", body(intake.NewID(), `,"household":99`), "Accept-Language", lang).want(http.StatusUnprocessableEntity)
		if p := r.problems(); len(p) != 1 || p[0].Code != "constraint" || !strings.Contains(p[0].Message, want) {
			t.Errorf("%s: %+v", lang, p)
		}
		var quoted struct{ Request string }
		must(t, json.Unmarshal([]byte(r.body), &quoted))
		if quoted.Request == "" || quoted.Request != r.header.Get("X-Request-Id") {
			t.Errorf("request %q", quoted.Request)
		}
	}
	r := s.send("needs", `{"id":"x","version":1,"language":"uk","consent":"demo-1","answers":{}}`, "Accept-Language", "en").want(http.StatusUnprocessableEntity)
	if got := r.problems()[0].Message; !strings.Contains(got, "26 characters") {
		t.Errorf("id: %q", got)
	}
}
