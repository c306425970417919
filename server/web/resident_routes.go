package web

import (
	"github.com/gin-gonic/gin"

	"opengate/server/locale"
	"opengate/survey"
)

// residentRoutes adds the pages of people who answer.
func (s *Server) residentRoutes(e *gin.Engine) {
	_ = e
}

// visitorLang is the interface language of a request: of its path, else what the browser asks for.
func (s *Server) visitorLang(c *gin.Context) survey.Lang {
	if l := survey.Lang(c.Param("lang")); l != "" {
		return s.Catalog.Printer(l).Lang()
	}
	l, _ := locale.Match(c.GetHeader("Accept-Language"), s.Catalog.Languages())
	return l
}
