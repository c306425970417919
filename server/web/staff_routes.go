package web

import (
	"html/template"

	"github.com/gin-gonic/gin"
)

// staffStore is what the staff pages need of the store.
type staffStore interface{}

// staffReleases is what the staff pages need of the releases.
type staffReleases interface{}

// StaffDeps are the rooms that only the staff pages need.
type StaffDeps struct{}

// staffFuncs are the functions of the staff templates for one language, beside those of every page.
func (s *Server) staffFuncs() template.FuncMap { return template.FuncMap{} }

// staffRoutes adds the pages of the staff, all under /staff.
func (s *Server) staffRoutes(_ *gin.Engine) {}
