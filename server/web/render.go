package web

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"opengate/server/locale"
	"opengate/survey"
)

//go:embed templates
var templateFiles embed.FS

// pageSet is every template, parsed for one interface language with its own functions.
type pageSet struct {
	printer *locale.Printer
	set     *template.Template
}

func (s *Server) loadPages() (map[survey.Lang]*pageSet, error) {
	pages := map[survey.Lang]*pageSet{}
	for _, l := range s.Catalog.Languages() {
		p := s.Catalog.Printer(l)
		set, err := template.New("").Funcs(s.funcs(p)).Funcs(s.staffFuncs()).
			ParseFS(templateFiles, "templates/*/*.html")
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l, err)
		}
		pages[l] = &pageSet{p, set}
	}
	return pages, nil
}

// funcs are the template functions of one language: t and n print interface texts, static gives the address of a
// file, name and dir say what a language is called and how it is written.
func (s *Server) funcs(p *locale.Printer) template.FuncMap {
	return template.FuncMap{
		"t":      p.T,
		"n":      p.N,
		"static": s.static.address,
		"name":   locale.OwnName,
		"dir":    locale.Dir,
		"join":   strings.Join,
		"add":    func(a, b int) int { return a + b },
	}
}

// frame is what every page has; templates find it embedded in their page.
type frame struct {
	Lang    survey.Lang // of the interface texts
	Dir     string
	Title   string      // translated
	TitleIn survey.Lang // the title's language, where it is not Lang
	Exit    string      // where quick exit leads, "" on pages without it
	Request string      // id of the request
	Demo    bool
	Private bool // never kept by the browser: receipt and kiosk pages
	Alert   bool // the page reports errors: the title says so
}

// frame begins a page whose title is the text of titleKey.
func (s *Server) frame(c *gin.Context, lang survey.Lang, titleKey string) frame {
	p := s.Catalog.Printer(lang)
	return frame{Lang: p.Lang(), Dir: p.Dir(), Title: p.T(titleKey), Request: requestID(c), Demo: s.Config.Demo}
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render executes a template in memory and then answers, so that a failing template cannot send half a page. lang is
// the interface language.
func (s *Server) render(c *gin.Context, status int, lang survey.Lang, name string, data any) error {
	set := s.pages[s.Catalog.Printer(lang).Lang()]
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	defer buffers.Put(buf)
	if err := set.set.ExecuteTemplate(buf, name, data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	if c.Writer.Header().Get("Cache-Control") == "" {
		c.Header("Cache-Control", "private, no-cache")
	}
	return send(c, status, "text/html; charset=utf-8", buf.Bytes())
}

var compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

const worthCompressing = 1000 // bytes

// send writes a finished body, compressed where the visitor takes it.
func send(c *gin.Context, status int, contentType string, body []byte) error {
	h := c.Writer.Header()
	h.Set("Content-Type", contentType)
	h.Add("Vary", "Accept-Encoding")
	if len(body) >= worthCompressing && acceptsGzip(c.Request) {
		var out bytes.Buffer
		z := compressors.Get().(*gzip.Writer)
		defer compressors.Put(z)
		z.Reset(&out)
		if _, err := z.Write(body); err != nil {
			return fmt.Errorf("compress: %w", err)
		}
		if err := z.Close(); err != nil {
			return fmt.Errorf("compress: %w", err)
		}
		h.Set("Content-Encoding", "gzip")
		body = out.Bytes()
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	c.Status(status)
	if _, err := c.Writer.Write(body); err != nil {
		return nil // the visitor went away; nobody is left to tell
	}
	return nil
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" && strings.ReplaceAll(q, " ", "") != "q=0" {
			return true
		}
	}
	return false
}
