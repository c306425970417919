package web

import (
	"crypto/sha256"
	"crypto/subtle"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"opengate/server/locale"
	"opengate/server/store"
	"opengate/survey"
)

//go:embed openapi.json
var openapi []byte

var (
	errNoKey   = errors.New("no valid key")
	errVersion = fmt.Errorf("no such version: %w", survey.ErrNotFound)
)

// apiRoutes adds the JSON API, which openapi.json describes.
func (s *Server) apiRoutes(e *gin.Engine) {
	e.GET("/api/v1/openapi.json", s.handle(func(c *gin.Context) error {
		return send(c, http.StatusOK, "application/json; charset=utf-8", openapi)
	}))
	e.GET("/api/v1/forms/:slug", s.throttle, s.handle(s.sendForm))
	e.GET("/api/v1/forms/:slug/diagnosis", s.throttle, s.handle(s.sendDiagnosis))
	e.POST("/api/v1/forms/:slug/responses", s.handle(s.acceptResponse))
}

// throttle refuses who comes without a key and is over the allowance of the neighbourhood.
func (s *Server) throttle(c *gin.Context) {
	if err := tooFast(c, s.rates.wait(c.ClientIP(), forPeople)); err != nil {
		s.fail(c, err)
		c.Abort()
	}
}

// tooFast says when somebody over an allowance may come again.
func tooFast(c *gin.Context, wait time.Duration) error {
	if wait <= longestWait {
		return nil
	}
	c.Header("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return errSlow
}

// sentLanguage is where a request leaves the language of the answers that it brings.
const sentLanguage = "api.language"

// apiLang is the language of problems and errors: ?lang=, else Accept-Language, else that of the answers, else English.
func (s *Server) apiLang(c *gin.Context) survey.Lang {
	if l := survey.Lang(strings.ToLower(c.Query("lang"))); l != "" {
		return l
	}
	if l, sure := locale.Match(c.GetHeader("Accept-Language"), s.Catalog.Languages()); sure {
		return l
	}
	if l := survey.Lang(strings.ToLower(c.GetString(sentLanguage))); l != "" {
		return l
	}
	return "en"
}

// apiError is the body of every refusal that is not about single answers.
type apiError struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Request string `json:"request"`
	} `json:"error"`
}

// apiProblem is one thing wrong with one answer, or with one field of the request.
type apiProblem struct {
	Question string `json:"question"`
	Field    string `json:"field,omitempty"`
	Code     string `json:"code"`
	Message  string `json:"message"`
}

// failAPI answers an error of the API as JSON, in the language asked for.
func (s *Server) failAPI(c *gin.Context, m mapping, err error) {
	p := s.Catalog.Printer(s.apiLang(c))
	var invalid *survey.InvalidError
	if errors.As(err, &invalid) {
		s.sendJSON(c, m.status, map[string]any{"problems": s.problemList(c, err, invalid.Problems), "request": requestID(c)})
		return
	}
	var body apiError
	body.Error.Code = strings.TrimPrefix(m.key, "error.")
	body.Error.Message = p.T(m.key + ".text")
	body.Error.Request = requestID(c)
	var malformed *malformedError
	switch {
	case errors.As(err, &malformed):
		body.Error.Message = p.T("api.malformed", "line", malformed.line, "column", malformed.column, "detail", malformed.detail)
	case errors.Is(err, errNoKey):
		c.Header("WWW-Authenticate", `Bearer realm="opengate"`)
		body.Error.Code, body.Error.Message = "unauthorized", p.T("api.unauthorized")
	case errors.Is(err, errNoSession):
		body.Error.Code, body.Error.Message = "unauthorized", p.T("api.signed_out")
	case errors.Is(err, errMediaType):
		body.Error.Message = p.T("api.media_type")
	case errors.Is(err, errVersion):
		body.Error.Code, body.Error.Message = "unknown_version", p.T("api.unknown_version")
	case slices.Contains([]string{"not_found", "method", "too_large"}, body.Error.Code): // people are told what to press
		body.Error.Message = p.T("api." + body.Error.Code)
	}
	s.sendJSON(c, m.status, body)
}

// problemList says in the language asked for what is wrong with single answers; the form's author comes first.
func (s *Server) problemList(c *gin.Context, err error, problems []survey.Problem) []apiProblem {
	lang := s.apiLang(c)
	p := s.Catalog.Printer(lang)
	var about *answersError
	errors.As(err, &about)
	out := make([]apiProblem, 0, len(problems))
	for _, problem := range problems {
		field, _ := problem.Params["field"].(string)
		message := problemSentence(p, problem)
		if about != nil && about.form != nil {
			if own, _ := authorsSentence(about.form.Question(problem.Question), problem, lang, locale.Base(lang), about.form.Default); own != "" {
				message = own
			}
		}
		out = append(out, apiProblem{problem.Question, field, string(problem.Code), message})
	}
	return out
}

func (s *Server) sendJSON(c *gin.Context, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		s.Log.Error("answer cannot be written", "route", c.FullPath(), "error", err)
		c.Status(http.StatusInternalServerError)
		return
	}
	if c.Writer.Header().Get("Cache-Control") == "" {
		c.Header("Cache-Control", "no-store")
	}
	_ = send(c, status, "application/json; charset=utf-8", append(data, '\n'))
}

// keyLink finds the link of the survey whose key the request carries. All links are compared, in constant time each.
func (s *Server) keyLink(c *gin.Context) (store.Link, error) {
	key, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer ")
	if !ok {
		return store.Link{}, errNoKey
	}
	sum := sha256.Sum256([]byte(strings.TrimSpace(key)))
	found := store.Link{}
	for l, err := range s.Store.Links(c.Request.Context(), c.Param("slug")) {
		if err != nil {
			return store.Link{}, fmt.Errorf("links: %w", err)
		}
		if len(l.KeyHash) > 0 && !l.Revoked && subtle.ConstantTimeCompare(l.KeyHash, sum[:]) == 1 {
			found = l
		}
	}
	if found.Code == "" {
		return store.Link{}, errNoKey
	}
	return found, nil
}
