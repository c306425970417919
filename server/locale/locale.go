// Package locale holds the interface texts, plurals, writing direction and language names. It knows nothing of
// surveys: what a questionnaire says is content and comes from the form. Entry points: [New], then
// [Catalog.Printer] for texts; [Match] for what a browser asks for.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"opengate/survey"
)

//go:embed texts/*.json
var files embed.FS

// languages are the interface languages in the order in which they are offered.
var languages = []survey.Lang{"pl", "en", "uk", "ru", "ar"}

// fallback is the interface language for everybody whose own is not in the catalogue.
const fallback survey.Lang = "en"

// Catalog holds every interface text in every language. It is immutable and may be shared.
type Catalog struct {
	printers map[survey.Lang]*Printer
}

// Printer gives interface texts in one language. It is immutable and may be shared.
type Printer struct {
	lang      survey.Lang
	plain     map[string]string // texts without plural and placeholder
	localizer *i18n.Localizer
}

// New reads the embedded texts; an error is a mistake in one of those files.
func New() (*Catalog, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	plain := map[survey.Lang]map[string]string{}
	entries, err := files.ReadDir("texts")
	if err != nil {
		return nil, fmt.Errorf("locale: %w", err)
	}
	for _, e := range entries {
		f, err := bundle.LoadMessageFileFS(files, path.Join("texts", e.Name()))
		if err != nil {
			return nil, fmt.Errorf("locale: %s: %w", e.Name(), err)
		}
		collect(plain, survey.Lang(f.Tag.String()), f.Messages)
	}
	c := &Catalog{printers: map[survey.Lang]*Printer{}}
	for _, l := range languages {
		p := &Printer{lang: l, plain: plain[l], localizer: i18n.NewLocalizer(bundle, string(l), string(fallback))}
		for key, text := range plain[fallback] {
			if _, ok := p.plain[key]; !ok && strings.HasPrefix(key, "staff.") {
				p.plain[key] = text
			}
		}
		c.printers[l] = p
	}
	return c, nil
}

func collect(plain map[survey.Lang]map[string]string, l survey.Lang, messages []*i18n.Message) {
	if plain[l] == nil {
		plain[l] = map[string]string{}
	}
	for _, m := range messages {
		if !strings.Contains(m.Other, "{{") && m.One == "" && m.Few == "" && m.Many == "" {
			plain[l][m.ID] = m.Other
		}
	}
}

// Languages lists the interface languages in the order in which they are offered.
func (c *Catalog) Languages() []survey.Lang { return slices.Clone(languages) }

// Has says whether the interface itself is written in the language, not counting variants such as "pl-simple".
func (c *Catalog) Has(l survey.Lang) bool { return c.printers[l] != nil }

// Printer gives the texts for a language: its own, else those of its base ("pl" for "pl-simple"), else English.
// [Printer.Lang] says which it became.
func (c *Catalog) Printer(l survey.Lang) *Printer {
	if p := c.printers[l]; p != nil {
		return p
	}
	if p := c.printers[Base(l)]; p != nil {
		return p
	}
	return c.printers[fallback]
}

// Lang is the language the texts are in.
func (p *Printer) Lang() survey.Lang { return p.lang }

// Dir is "rtl" or "ltr".
func (p *Printer) Dir() string { return Dir(p.lang) }

// T gives the text of key with the named values put in: T("error.line", "line", 3). An unknown key is returned as
// it is, so that it is seen; a test keeps that from happening.
func (p *Printer) T(key string, args ...any) string {
	if len(args) == 0 {
		if s, ok := p.plain[key]; ok {
			return s
		}
	}
	return p.localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: named(args)})
}

// N gives the text of key in the plural form for n; the text sees n as {{.n}}.
func (p *Printer) N(key string, n int, args ...any) string {
	data := named(args)
	data["n"] = n
	return p.localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: data})
}

func (p *Printer) localize(c *i18n.LocalizeConfig) string {
	s, _ := p.localizer.Localize(c) // with a fallback text the error only says that a fallback was used
	if s == "" {
		return c.MessageID
	}
	return s
}

func named(args []any) map[string]any {
	data := make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			data[name] = args[i+1]
		}
	}
	return data
}

// Base is the plain language of a tag: "pl" for "pl-simple".
func Base(l survey.Lang) survey.Lang {
	b, _, _ := strings.Cut(string(l), "-")
	return survey.Lang(b)
}
