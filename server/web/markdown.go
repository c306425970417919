package web

import (
	"bytes"
	"html/template"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/renderer/html"
)

// markdown turns what authors wrote into safe HTML. Labels come from strangers: whatever goldmark makes of them
// passes an allow-list before anybody sees it.
type markdown struct {
	convert goldmark.Markdown
	block   *bluemonday.Policy
	inline  *bluemonday.Policy
	mu      sync.RWMutex
	known   map[string]rich
}

// rich is an author's text as HTML: Line fits into a label or legend, More is what follows it in blocks.
type rich struct{ Line, More template.HTML }

const mostTexts = 20_000 // rendered texts kept; forms never change, so they can be

func newMarkdown() *markdown {
	inline := bluemonday.NewPolicy()
	inline.AllowElements("b", "strong", "i", "em", "u", "br", "span", "sub", "sup")
	inline.AllowAttrs("href").OnElements("a")
	inline.AllowStandardURLs()
	inline.AllowURLSchemes("https", "http", "mailto", "tel")
	inline.RequireNoReferrerOnLinks(true)
	inline.AddTargetBlankToFullyQualifiedLinks(true)
	block := bluemonday.NewPolicy()
	block.AllowElements("p", "ul", "ol", "li", "b", "strong", "i", "em", "u", "br", "span", "sub", "sup", "h1", "h2", "h3", "h4", "h5", "h6")
	block.AllowAttrs("href").OnElements("a")
	block.AllowStandardURLs()
	block.AllowURLSchemes("https", "http", "mailto", "tel")
	block.RequireNoReferrerOnLinks(true)
	block.AddTargetBlankToFullyQualifiedLinks(true)
	return &markdown{
		convert: goldmark.New(goldmark.WithRendererOptions(html.WithHardWraps(), html.WithUnsafe())),
		block:   block, inline: inline, known: map[string]rich{},
	}
}

// plain matches texts that mean the same in Markdown and in HTML.
var plain = regexp.MustCompile(`^[\pL\pN][^\\*_` + "`" + `<>\[\]&#~|\n\r:@]*$`)

var numbered = regexp.MustCompile(`^\d{1,9}[.)]`)

// render gives the HTML of an author's text. keep says that the text holds nothing a visitor typed, so that the
// result may be remembered.
func (m *markdown) render(text string, keep bool) rich {
	if plain.MatchString(text) && !numbered.MatchString(text) {
		return rich{Line: template.HTML(template.HTMLEscapeString(text))} //nolint:gosec // escaped
	}
	if !keep {
		return m.make(text)
	}
	m.mu.RLock()
	r, ok := m.known[text]
	m.mu.RUnlock()
	if ok {
		return r
	}
	r = m.make(text)
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= mostTexts {
		clear(m.known)
	}
	m.known[text] = r
	return r
}

var (
	heading      = regexp.MustCompile(`<h[1-6]>`)
	headingClose = regexp.MustCompile(`</h[1-6]>`)
)

func (m *markdown) make(text string) rich {
	var out bytes.Buffer
	if err := m.convert.Convert([]byte(text), &out); err != nil { // a buffer does not fail; if it did, show the source
		return rich{Line: template.HTML(template.HTMLEscapeString(text))} //nolint:gosec // escaped
	}
	safe := m.block.Sanitize(out.String())
	safe = heading.ReplaceAllString(safe, "<p><strong>") // an author's heading must not break the page's outline
	safe = strings.TrimSpace(headingClose.ReplaceAllString(safe, "</strong></p>"))
	first, rest, ok := strings.Cut(strings.TrimPrefix(safe, "<p>"), "</p>")
	if !strings.HasPrefix(safe, "<p>") || !ok {
		return rich{Line: template.HTML(m.inline.Sanitize(safe))} //nolint:gosec // sanitised
	}
	return rich{Line: template.HTML(m.inline.Sanitize(first)), More: template.HTML(strings.TrimSpace(rest))} //nolint:gosec // sanitised
}
