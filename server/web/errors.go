package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"opengate/server/release"
	"opengate/server/store"
	"opengate/survey"
)

// Errors of this room.
var (
	errMethod   = errors.New("method not allowed")
	errBadInput = errors.New("request cannot be read")
	errSlow     = errors.New("too many requests")
)

type mapping struct {
	err    error
	status int
	key    string // message key; .title and .text follow it
}

// statuses turns errors into pages; the first match wins, no match is a fault.
var statuses = []mapping{
	{survey.ErrNotFound, http.StatusNotFound, "error.not_found"},
	{survey.ErrClosed, http.StatusGone, "error.closed"},
	{survey.ErrWithdrawn, http.StatusGone, "error.withdrawn"},
	{survey.ErrDuplicate, http.StatusConflict, "error.duplicate"},
	{survey.ErrConflict, http.StatusConflict, "error.conflict"},
	{survey.ErrForbidden, http.StatusForbidden, "error.forbidden"},
	{survey.ErrBusy, http.StatusServiceUnavailable, "error.busy"},
	{store.ErrFull, http.StatusServiceUnavailable, "error.busy"}, // the cause is in the log; people can only try later
	{errMethod, http.StatusMethodNotAllowed, "error.method"},
	{errBadInput, http.StatusBadRequest, "error.bad_input"},
	{errSlow, http.StatusTooManyRequests, "error.slow"},
	{errNoKey, http.StatusUnauthorized, "error.forbidden"},
	{release.ErrNone, http.StatusNotFound, "error.not_found"},
	{errNoSession, http.StatusUnauthorized, "error.forbidden"},
	{errMediaType, http.StatusUnsupportedMediaType, "error.bad_input"},
}

var faultMapping = mapping{nil, http.StatusInternalServerError, "error.fault"}

func classify(err error) mapping {
	var tooLarge *http.MaxBytesError
	var invalid *survey.InvalidError
	var malformed *malformedError
	switch {
	case errors.As(err, &malformed):
		return mapping{err, http.StatusBadRequest, "error.bad_input"}
	case errors.As(err, &tooLarge):
		return mapping{err, http.StatusRequestEntityTooLarge, "error.too_large"}
	case errors.As(err, &invalid):
		return mapping{err, http.StatusUnprocessableEntity, "error.invalid"}
	}
	for _, m := range statuses {
		if errors.Is(err, m.err) {
			return m
		}
	}
	return faultMapping
}

// fail answers an error: a translated sentence and the request id for the visitor, the cause for the log. The log
// gets the route's pattern, never the address asked for.
func (s *Server) fail(c *gin.Context, err error) {
	m := classify(err)
	if m.status >= http.StatusInternalServerError {
		s.Log.Error("request failed", "route", c.FullPath(), "method", c.Request.Method, "status", m.status,
			"request", requestID(c), "error", err)
	}
	if c.Writer.Written() {
		return
	}
	if strings.HasPrefix(c.Request.URL.Path, "/api/") {
		s.failAPI(c, m, err)
		return
	}
	again := s.postedAgain(c, m)
	if len(again) > 0 && m.status == http.StatusConflict {
		m.key = "error.busy" // not "reload the page", which would lose what was typed
	}
	page := errorPage{frame: s.frame(c, s.visitorLang(c), m.key+".title"), Key: m.key, Status: m.status, Again: again}
	if rerr := s.render(c, m.status, page.Lang, "error", page); rerr != nil {
		s.Log.Error("error page failed", "route", c.FullPath(), "error", rerr)
		c.String(m.status, "%s\n", http.StatusText(m.status))
	}
}

// errorPage says what went wrong. Again holds what was posted, so that a button can send it once more: an answer
// must not be lost because the store was away for a moment.
type errorPage struct {
	frame
	Key    string
	Status int
	Again  []field
}

// field is one posted name and value.
type field struct{ Name, Value string }

// postedAgain gives the fields of a resident's form that met a fault, or other savings each time it was tried.
func (s *Server) postedAgain(c *gin.Context, m mapping) []field {
	passing := m.status >= http.StatusInternalServerError || errors.Is(m.err, survey.ErrConflict)
	if !passing || c.Request.Method != http.MethodPost || !isResidentPost(c.Request) {
		return nil
	}
	var out []field
	for _, name := range sortedKeys(c.Request.PostForm) {
		for _, value := range c.Request.PostForm[name] {
			out = append(out, field{name, value})
		}
	}
	return out
}

// recoverFault turns a panic, which is a bug, into the fault page.
func (s *Server) recoverFault(c *gin.Context) {
	defer func() {
		if r := recover(); r != nil {
			s.fail(c, &panicError{r})
			c.Abort()
		}
	}()
	c.Next()
}
