package demo

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed sheets/*.tsv texts/*.tsv
var files embed.FS

// languages are the columns of every text, in sheet order.
var languages = []string{"pl", "pl-simple", "en", "uk", "ru", "ar"}

// table is one sheet without its wordings: row 0 holds the headers; rows may be shorter than it.
type table [][]string

func readTable(path string) (table, error) {
	raw, err := files.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	var t table
	for i, line := range strings.Split(strings.TrimRight(string(raw), "\n"), "\n") {
		cells := strings.Split(line, "\t")
		if i > 0 && len(cells) > len(t[0]) {
			return nil, fmt.Errorf("demo: %s, line %d: %d cells under %d headers", path, i+1, len(cells), len(t[0]))
		}
		t = append(t, cells)
	}
	return t, nil
}

// cell gives the named column of row i, "" where the row is short or the table has no such column.
func (t table) cell(i int, column string) string {
	at := slices.Index(t[0], column)
	if at < 0 || at >= len(t[i]) {
		return ""
	}
	return t[i][at]
}

// wording is what one language says at one place: label, hint and message, by field name.
type wording map[string]string

// wordings are the texts of one language. Its table has the columns key, label, hint and message; a key is the sheet
// and the codes that name the row. "choices/*/pnts" serves every list that has no wording of its own.
type wordings struct {
	name  string // as in the column headers, such as "Polski (pl)"
	texts map[string]wording
	used  map[string]bool
}

// readWordings reads texts/{lang}.tsv. A row "base" names a language whose words also serve this one where it has
// no own: easy-to-read Polish says only what it says differently.
func readWordings(lang string) (*wordings, error) {
	path := "texts/" + lang + ".tsv"
	t, err := readTable(path)
	if err != nil {
		return nil, err
	}
	w := &wordings{texts: map[string]wording{}, used: map[string]bool{}}
	for i := 1; i < len(t); i++ {
		key := t.cell(i, "key")
		switch key {
		case "language":
			w.name = t.cell(i, "label")
		case "base":
			base, err := readWordings(t.cell(i, "label"))
			if err != nil {
				return nil, err
			}
			w.texts = base.texts
		default:
			w.texts[key] = wording{"label": t.cell(i, "label"), "hint": t.cell(i, "hint"), "message": t.cell(i, "message")}
		}
	}
	if w.name == "" {
		return nil, fmt.Errorf("demo: %s has no row named language", path)
	}
	return w, nil
}

// say gives one field of the wording at the first of keys that has one, "" when none has.
func (w *wordings) say(field string, keys ...string) string {
	for _, key := range keys {
		if text := w.texts[key]; text != nil {
			w.used[key] = true
			return text[field]
		}
	}
	return ""
}
