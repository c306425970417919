package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/gin-gonic/gin"

	"opengate/survey"
)

//go:embed static
var staticSource embed.FS

// staticFiles are the embedded files under addresses that name their content, so that browsers may keep them for good.
type staticFiles struct {
	addresses map[string]string // file name → address
	files     map[string]staticFile
}

type staticFile struct {
	contentType   string
	plain, packed []byte // packed is nil where compressing does not help
}

// loadStatic fingerprints and compresses every file of static/.
func loadStatic() (*staticFiles, error) {
	sf := &staticFiles{addresses: map[string]string{}, files: map[string]staticFile{}}
	entries, err := staticSource.ReadDir("static")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		ext := path.Ext(e.Name())
		if e.IsDir() || strings.HasSuffix(e.Name(), ".test.js") || !served[ext] {
			continue
		}
		body, err := staticSource.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, err
		}
		packed, err := pack(body)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(body)
		name := strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext
		sf.addresses[e.Name()] = "/static/" + name
		sf.files[name] = staticFile{mime.TypeByExtension(ext), body, packed}
	}
	return sf, nil
}

// served are the kinds of file that pages ask for.
var served = map[string]bool{".css": true, ".js": true, ".svg": true}

func pack(body []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	if out.Len() >= len(body) {
		return nil, nil
	}
	return out.Bytes(), nil
}

// address gives where a file is served; an unknown name is a mistake in a template.
func (sf *staticFiles) address(name string) (string, error) {
	if a := sf.addresses[name]; a != "" {
		return a, nil
	}
	return "", fmt.Errorf("no static file %q", name)
}

func (s *Server) staticRoutes(e *gin.Engine) {
	e.GET("/static/:file", s.handle(s.serveStatic))
	e.GET("/favicon.ico", func(c *gin.Context) {
		c.Header("Cache-Control", "public, max-age=31536000")
		c.Status(http.StatusNoContent)
	})
	e.GET("/robots.txt", func(c *gin.Context) { c.String(http.StatusOK, "User-agent: *\nDisallow: /staff\nDisallow: /l/\n") })
}

func (s *Server) serveStatic(c *gin.Context) error {
	f, ok := s.static.files[c.Param("file")]
	if !ok {
		return fmt.Errorf("static file: %w", survey.ErrNotFound)
	}
	h := c.Writer.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", f.contentType)
	h.Add("Vary", "Accept-Encoding")
	body := f.plain
	if f.packed != nil && acceptsGzip(c.Request) {
		h.Set("Content-Encoding", "gzip")
		body = f.packed
	}
	c.Data(http.StatusOK, f.contentType, body)
	return nil
}
