package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"opengate/server/intake"
	"opengate/server/locale"
	"opengate/survey"
)

// residentRoutes adds the pages of people who answer. None of them sets or reads a cookie.
func (s *Server) residentRoutes(e *gin.Engine) {
	e.GET("/", s.handle(s.showHome))
	e.GET("/:lang", s.handle(s.showHome))
	e.GET("/s/:slug", s.handle(s.enter))
	e.GET("/l/:code", s.handle(s.enter))
	e.GET("/:lang/s/:slug", s.handle(s.showIntro))
	e.GET("/:lang/l/:code", s.handle(s.showIntro))
	e.POST("/:lang/s/:slug", s.handle(s.answer))
	e.POST("/:lang/l/:code", s.handle(s.answer))
	e.GET("/:lang/resume", s.handle(s.showResume))
	e.POST("/:lang/resume", s.unhurried, s.handle(s.resume))
	e.GET("/:lang/withdraw", s.handle(s.showWithdraw))
	e.POST("/:lang/withdraw", s.unhurried, s.handle(s.withdraw))
}

// visitorLang is the interface language of a request: of its path, which may be one that leads nowhere, else what the
// browser asks for.
func (s *Server) visitorLang(c *gin.Context) survey.Lang {
	first, _, _ := strings.Cut(strings.TrimPrefix(c.Request.URL.Path, "/"), "/")
	if l := survey.Lang(first); s.Catalog.Has(locale.Base(l)) {
		return s.Catalog.Printer(l).Lang()
	}
	l, _ := locale.Match(c.GetHeader("Accept-Language"), s.Catalog.Languages())
	return l
}

// interfaceLang checks the language of an address that belongs to no survey.
func (s *Server) interfaceLang(c *gin.Context) (survey.Lang, error) {
	l := survey.Lang(c.Param("lang"))
	if !s.Catalog.Has(locale.Base(l)) {
		return "", fmt.Errorf("language: %w", survey.ErrNotFound)
	}
	return l, nil
}

// guest is one resident's request at one survey.
type guest struct {
	s    *Server
	c    *gin.Context
	p    *locale.Printer
	door intake.Door
	lang survey.Lang // of the questions: the path's
	post post

	pages []survey.Page
	entry int // the form's own consent page, -1 where it has none
}

// guest opens the door that the address names. A closed door comes with the error and may be shown.
func (s *Server) guest(c *gin.Context, lang survey.Lang) (*guest, error) {
	door, err := s.Intake.Door(c.Request.Context(), c.Param("slug"), c.Param("code"))
	return s.guestAt(c, lang, door), err
}

func (s *Server) guestAt(c *gin.Context, lang survey.Lang, door intake.Door) *guest {
	v := &guest{s: s, c: c, p: s.Catalog.Printer(lang), door: door, lang: lang, entry: -1}
	if door.Form != nil {
		v.pages = door.Form.Pages()
		v.entry = entryPage(v.pages)
	}
	return v
}

// knows says whether the survey can be shown in the language: its own, or at least the interface's.
func (v *guest) knows(l survey.Lang) bool {
	return v.door.Form.Has(l) || v.s.Catalog.Has(l)
}

// address is where the survey is answered in a language; the link's code stays in it.
func (v *guest) address(l survey.Lang) string {
	if v.door.Link.Code != "" {
		return "/" + string(l) + "/l/" + v.door.Link.Code
	}
	return "/" + string(l) + "/s/" + v.door.Survey.Slug
}

func (v *guest) kiosk() bool { return v.door.Link.Mode == survey.ModeKiosk }

// langs are the languages in which a text is looked for, best first.
func (v *guest) langs() []survey.Lang {
	if base := locale.Base(v.lang); base != v.lang {
		return []survey.Lang{v.lang, base, v.door.Form.Default}
	}
	return []survey.Lang{v.lang, v.door.Form.Default}
}

// unreviewed says whether the texts of the language are a translation that nobody has checked yet.
func (v *guest) unreviewed() bool {
	i := slices.IndexFunc(v.door.Form.Languages, func(l survey.Language) bool { return l.Tag == v.lang })
	return i >= 0 && v.lang != v.door.Form.Default && !v.door.Form.Languages[i].Reviewed
}
