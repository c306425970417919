package web

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// policy allows nothing but our own files. There is no inline script and no inline style.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; " +
	"connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'"

// headers are on every answer. Referrer-Policy must not be no-referrer: browsers would then send "Origin: null" with
// plain forms, which the cross-origin check refuses.
var headers = []struct{ name, value string }{
	{"Content-Security-Policy", policy},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Permissions-Policy", "accelerometer=(), autoplay=(), camera=(), display-capture=(), fullscreen=(), geolocation=(), " +
		"gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(), usb=()"},
	{"Referrer-Policy", "same-origin"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
}

// The most that a request body may hold.
const (
	maxAnswerBytes   = 1 << 20  // a page of answers, an API response
	maxWorkbookBytes = 64 << 20 // a questionnaire with its media, from staff
)

// outer wraps the router: headers, request id, body limits and the cross-origin check. Residents have no cookie that
// another site could ride on, and old phones send no usable Origin, so their forms pass unchecked; the split is made
// here by path, and everything else is checked.
func (s *Server) outer(inner http.Handler) http.Handler {
	resident := http.MaxBytesHandler(inner, maxAnswerBytes)
	staff := http.NewCrossOriginProtection().Handler(http.MaxBytesHandler(inner, maxWorkbookBytes))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, h := range headers {
			w.Header().Set(h.name, h.value)
		}
		if s.secure(r) {
			w.Header().Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		w.Header().Set("X-Request-Id", newRequestID())
		if isResidentPost(r) || strings.HasPrefix(r.URL.Path, "/api/") {
			resident.ServeHTTP(w, r)
			return
		}
		staff.ServeHTTP(w, r)
	})
}

// secure says whether visitors reach us over TLS.
func (s *Server) secure(r *http.Request) bool {
	return r.TLS != nil || strings.HasPrefix(s.Config.BaseURL, "https://")
}

// isResidentPost recognises the addresses of residents' forms by their shape, before the router runs:
// /{lang}/s/{slug}, /{lang}/l/{code}, /s/{slug}, /l/{code}, /{lang}/withdraw, /{lang}/resume.
func isResidentPost(r *http.Request) bool {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case parts[0] == "staff":
		return false
	case len(parts) == 3:
		return parts[1] == "s" || parts[1] == "l"
	case len(parts) == 2:
		return parts[0] == "s" || parts[0] == "l" || parts[1] == "withdraw" || parts[1] == "resume"
	}
	return false
}

func newRequestID() string {
	var b [6]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// requestID is what a visitor can quote and an operator find in the log.
func requestID(c *gin.Context) string { return c.Writer.Header().Get("X-Request-Id") }

// panicError is a bug that was caught, with where it happened.
type panicError struct{ cause any }

// Error holds the stack: it goes to the log only.
func (e *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", e.cause, debug.Stack()) }

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
