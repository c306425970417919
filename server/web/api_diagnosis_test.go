package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"opengate/server/demo"
	"opengate/server/staff"
	"opengate/survey"
)

func TestADiagnosisIsForThoseWhoMayDownloadIt(t *testing.T) {
	b := newBureau(t, plainBase)
	d := describe(t)
	b.publishDemo("needs", survey.StatusOpen)
	must(t, b.intake.AddMadeUp(t.Context(), "needs", demo.Responses(b.form("needs"), 200, 1)))
	analyst, field := b.member("analyst@example.org", staff.Analyst), b.member("field@example.org", staff.Field)
	const path, to = "/api/v1/forms/{slug}/diagnosis", "/api/v1/forms/needs/diagnosis"
	check := func(who *person, address string, status int) *reply {
		t.Helper()
		r := who.get(address).want(status)
		d.holds(t, "GET", path, r)
		if got := r.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", address, got)
		}
		return r
	}
	check(analyst, to, http.StatusNotFound) // no release yet
	analyst.post("/staff/en/survey/needs/releases", nil).want(http.StatusSeeOther)
	check(b.nobody(), to, http.StatusUnauthorized)
	forged := b.nobody()
	forged.cookies["opengate_staff"] = "nonsense"
	check(forged, to, http.StatusUnauthorized)
	check(field, to, http.StatusForbidden)
	for _, query := range []string{"?release=2", "?release=x", "?release=-1", "?lang=xx"} {
		check(analyst, to+query, http.StatusNotFound)
	}
	check(analyst, "/api/v1/forms/nothing/diagnosis", http.StatusNotFound)

	newest := check(analyst, to, http.StatusOK)
	if first := check(analyst, to+"?release=1", http.StatusOK); first.body != newest.body {
		t.Error("the newest release is not the first")
	}
	if file := analyst.get("/staff/en/survey/needs/releases/1/json?lang=uk"); file.body != check(analyst, to+"?lang=uk", http.StatusOK).body {
		t.Error("the staff page's file says otherwise")
	}
	var doc struct {
		Language string
		Release  int
		Cells    []any
	}
	must(t, json.Unmarshal([]byte(newest.body), &doc))
	if doc.Release != 1 || doc.Language != string(b.form("needs").Default) || len(doc.Cells) == 0 {
		t.Errorf("release %d in %q with %d cells", doc.Release, doc.Language, len(doc.Cells))
	}
	analyst.post("/staff/en/sign-out", nil)
	check(analyst, to, http.StatusUnauthorized)
	if log := b.log.String(); strings.Contains(log, "ERROR") {
		t.Errorf("log: %s", log)
	}
}

func TestAServiceWithoutStaffGivesNoDiagnosis(t *testing.T) {
	s := newSite(t)
	describe(t).holds(t, "GET", "/api/v1/forms/{slug}/diagnosis", s.get("/api/v1/forms/needs/diagnosis").want(http.StatusUnauthorized))
}
