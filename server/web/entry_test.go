package web

import (
	"net/http"
	"strings"
	"testing"

	"opengate/survey"
)

func TestARevokedLinkDoesNotCallAnOpenSurveyClosed(t *testing.T) {
	s := newSite(t)
	page := s.get("/uk/l/old").want(http.StatusGone).has("html[lang=uk]", "a.button[href='/uk/s/needs']")
	if title := page.text("h1"); strings.Contains(title, "закрито") || !strings.Contains(title, "адреса") {
		t.Errorf("says %q", title)
	}
	s.get("/l/old", "Accept-Language", "ar").want(http.StatusGone).has("a.button[href='/ar/s/needs']")
	s.setStatus("needs", survey.StatusClosed)
	closed := s.get("/uk/l/old").want(http.StatusGone).has("!a[href='/uk/s/needs']")
	if title := closed.text("h1"); !strings.Contains(title, "закрито") {
		t.Errorf("says %q", title)
	}
}
