package demo

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/xuri/excelize/v2"
)

func TestWorkbook(t *testing.T) {
	raw, err := Workbook()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("equal tables give equal bytes", func(t *testing.T) {
		for range 3 {
			again, err := Workbook()
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(raw, again) {
				t.Fatal("two workbooks of the same tables differ")
			}
		}
	})
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	t.Run("sheets and headers", func(t *testing.T) {
		want := []string{"survey", "choices", "settings", "og_settings", "og_areas", "og_dimensions", "og_margins", "og_evidence"}
		if got := f.GetSheetList(); !slices.Equal(got, want) {
			t.Errorf("sheets %v, want %v", got, want)
		}
		rows, err := f.GetRows("survey")
		if err != nil {
			t.Fatal(err)
		}
		for _, header := range []string{
			"label::Polski (pl)", "label::Polski łatwy (pl-simple)", "label::English (en)",
			"label::Українська (uk)", "label::Русский (ru)", "label::العربية (ar)", "og_role",
		} {
			if !slices.Contains(rows[0], header) {
				t.Errorf("the survey sheet has no column %q", header)
			}
		}
	})
	t.Run("no cell is a formula", func(t *testing.T) {
		for _, sheet := range f.GetSheetList() {
			cols, err := f.GetCols(sheet)
			if err != nil {
				t.Fatal(err)
			}
			for x, col := range cols {
				for y := range col {
					cell, _ := excelize.CoordinatesToCellName(x+1, y+1)
					if formula, _ := f.GetCellFormula(sheet, cell); formula != "" {
						t.Errorf("%s!%s is a formula", sheet, cell)
					}
				}
			}
		}
	})
}

// Every language says something at every place where Polish does, and nothing anywhere else.
func TestTextsAreComplete(t *testing.T) {
	polish, err := readWordings("pl")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*wordings{}
	for _, lang := range languages {
		w, err := readWordings(lang)
		if err != nil {
			t.Fatal(err)
		}
		all[lang] = w
		for key, want := range polish.texts {
			for field, text := range want {
				if (text == "") != (w.texts[key][field] == "") {
					t.Errorf("%s: %s of %s is %q, Polish has %q", lang, field, key, w.texts[key][field], text)
				}
			}
		}
		for key := range w.texts {
			if polish.texts[key] == nil {
				t.Errorf("%s: %s is not in Polish", lang, key)
			}
		}
	}
	for _, s := range sheets {
		tab, err := readTable("sheets/" + s.name + ".tsv")
		if err != nil {
			t.Fatal(err)
		}
		s.build(tab, all)
	}
	for _, lang := range languages {
		for key := range all[lang].texts {
			if !all[lang].used[key] {
				t.Errorf("%s: %s is the wording of nothing", lang, key)
			}
		}
	}
}

// Inclusion Europe's rules for easy-to-read texts: short sentences.
func TestEasyPolishHasShortSentences(t *testing.T) {
	const most = 15 // words
	w, err := readWordings("pl-simple")
	if err != nil {
		t.Fatal(err)
	}
	for key, fields := range w.texts {
		for field, text := range fields {
			for sentence := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(".?!:", r) }) {
				words := strings.FieldsFunc(sentence, func(r rune) bool { return unicode.IsSpace(r) || r == '–' })
				if len(words) > most {
					t.Errorf("%s of %s: %d words in %q", field, key, len(words), sentence)
				}
			}
		}
	}
}

func TestLettersBelongToTheLanguage(t *testing.T) {
	scripts := map[string]*unicode.RangeTable{
		"pl": unicode.Latin, "pl-simple": unicode.Latin, "en": unicode.Latin,
		"uk": unicode.Cyrillic, "ru": unicode.Cyrillic, "ar": unicode.Arabic,
	}
	foreign := map[string]string{"uk": "ыэёъЫЭЁЪ", "ru": "іїєґІЇЄҐ"}
	for _, lang := range languages {
		w, err := readWordings(lang)
		if err != nil {
			t.Fatal(err)
		}
		for key, fields := range w.texts {
			for _, text := range fields {
				text = strings.ReplaceAll(text, "(RPO)", "")
				for _, r := range text {
					if unicode.IsLetter(r) && !unicode.Is(scripts[lang], r) || strings.ContainsRune(foreign[lang], r) {
						t.Errorf("%s: %q in %s does not belong to the language: %s", lang, r, key, text)
					}
				}
			}
		}
	}
}
