package web

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"opengate/export"
	"opengate/server/staff"
	"opengate/survey"
)

var errNoSession = errors.New("nobody is signed in")

// sendDiagnosis gives a release's figures, the newest where none is named, to somebody signed in whose role may
// download them. It only reads, so a page of another site gains nothing by asking for it.
func (s *Server) sendDiagnosis(c *gin.Context) error {
	if s.Staff.People == nil { // a service without staff: nobody can be signed in
		return errNoSession
	}
	d := &desk{Server: s, sessions: s.newSessions()}
	v := &visit{Context: c, ctx: c.Request.Context(), p: s.Catalog.Printer(s.apiLang(c))}
	c.Header("Cache-Control", "no-store")
	finish, err := d.openSession(v)
	if err != nil {
		return fmt.Errorf("session: %w", err)
	}
	defer finish()
	switch {
	case v.user == nil:
		return errNoSession
	case !v.role().May(staff.ReadReleases):
		return survey.ErrForbidden
	}
	number, err := strconv.Atoi(cmp.Or(c.Query("release"), "0"))
	if err != nil || number < 0 {
		return fmt.Errorf("release number: %w", survey.ErrNotFound)
	}
	diag, form, err := s.Release.Diagnosis(v.ctx, c.Param("slug"), number)
	if err != nil {
		return err
	}
	lang, err := fileLang(v, form)
	if err != nil {
		return err
	}
	var out bytes.Buffer // whole before the first byte leaves, so that nobody gets a short one
	if err := export.JSON(&out, diag, lang); err != nil {
		return fmt.Errorf("diagnosis as JSON: %w", err)
	}
	return send(c, http.StatusOK, "application/json; charset=utf-8", out.Bytes())
}
