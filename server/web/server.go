// Package web is the service's HTTP face: pages for residents, pages for staff and the JSON API. It knows no database
// and no file; what it needs of other rooms it names as small interfaces. Entry point: [New].
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"opengate/server/locale"
	"opengate/survey"
)

// Deps are the other rooms.
type Deps struct {
	Intake  Intake
	Store   Store
	Release Releases
	Staff   StaffDeps // what the staff pages need beside the above
	Catalog *locale.Catalog
	Config  Config
	Log     *slog.Logger
}

// Config says how the service is reached.
type Config struct {
	BaseURL        string   // as residents see it, without a slash at the end: "https://needs.example.org"
	Demo           bool     // made-up data: every page says so
	TrustedProxies []string // addresses and networks whose X-Forwarded-For is believed; none by default
	QuickExit      string   // where "leave this page now" leads; an unsuspicious public page
	Unhurried      bool     // no rate buckets; for load tests
	Now            func() time.Time
}

const defaultQuickExit = "https://www.wikipedia.org/"

// Server holds what all requests share; it is immutable after New except for the rate buckets.
type Server struct {
	Deps
	pages   map[survey.Lang]*pageSet
	static  *staticFiles
	texts   *markdown
	rates   *buckets
	metrics *metrics
}

// New builds the handler of the whole service. It fails when a template, text or static file is wrong.
func New(d Deps) (http.Handler, error) {
	s, err := newServer(d)
	if err != nil {
		return nil, err
	}
	return s.outer(s.engine()), nil
}

func newServer(d Deps) (*Server, error) {
	if d.Config.Now == nil {
		d.Config.Now = time.Now //nolint:forbidigo // the composition root may leave the clock to us
	}
	if d.Config.QuickExit == "" {
		d.Config.QuickExit = defaultQuickExit
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{Deps: d, texts: newMarkdown(), metrics: newMetrics()}
	s.rates = newBuckets(d.Config.Now, d.Config.Unhurried)
	var err error
	if s.static, err = loadStatic(); err != nil {
		return nil, fmt.Errorf("web: static files: %w", err)
	}
	if s.pages, err = s.loadPages(); err != nil {
		return nil, fmt.Errorf("web: templates: %w", err)
	}
	return s, nil
}

// engine builds the router. The groups differ in who may come and in how errors are shown.
func (s *Server) engine() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	_ = e.SetTrustedProxies(s.Config.TrustedProxies) // checked by the configuration
	e.Use(s.observe, s.recoverFault)
	e.NoRoute(s.handle(func(*gin.Context) error { return survey.ErrNotFound }))
	e.NoMethod(s.handle(func(*gin.Context) error { return errMethod }))
	s.operationRoutes(e)
	s.staticRoutes(e)
	s.residentRoutes(e)
	s.apiRoutes(e)
	s.staffRoutes(e)
	return e
}

// handle turns a handler that returns its error into one for the router: fail is the only place that answers errors.
func (s *Server) handle(h func(*gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			s.fail(c, err)
		}
	}
}

// pinger says whether the store answers; any error means no.
type pinger interface {
	Ping(ctx context.Context) error
}

func (s *Server) operationRoutes(e *gin.Engine) {
	e.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok\n") })
	e.GET("/readyz", s.ready)
	e.GET("/metrics", gin.WrapH(s.metrics.handler()))
}

// ready says whether answers can be stored now, for a load balancer.
func (s *Server) ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), 2*time.Second)
	defer cancel()
	if err := s.Store.Ping(ctx); err != nil {
		s.Log.Warn("not ready", "error", err)
		c.String(http.StatusServiceUnavailable, "store does not answer\n")
		return
	}
	c.String(http.StatusOK, "ready\n")
}
