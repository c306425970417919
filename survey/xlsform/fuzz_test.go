package xlsform

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"
)

// FuzzReadHeaders feeds the header parser rows of headers, parted by line breaks. It must not fail, keep every
// column at its place, and give the same answer twice.
func FuzzReadHeaders(f *testing.F) {
	for _, seed := range []string{"type\nname\nlabel::English (en)", "label:French\nbind:relevant\nbind:jr:constraintMsg", "media::image:: Arabic (ar)\nog_rol", "::\n:\n::::\nlabel::", "LABEL::(en)\nlabel::((\nog_"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var cells []headerCell
		for i, h := range strings.Split(text, "\n") {
			if h = strings.TrimSpace(h); h != "" {
				cells = append(cells, headerCell{i + 1, h})
			}
		}
		for _, s := range []schema{surveySchema, choicesSchema, settingsSchema, dimsSchema} {
			a, b := &report{}, &report{}
			first, second := a.readHeaders("x", cells, s), b.readHeaders("x", cells, s)
			if len(first) != len(second) || lines(a.problems) != lines(b.problems) {
				t.Fatal("two readings differ")
			}
			for i, c := range first {
				if c != second[i] {
					t.Fatalf("%+v and %+v", c, second[i])
				}
				if c.lang != "" && (c.language == "" || strings.ToLower(string(c.lang)) != string(c.lang)) {
					t.Fatalf("language of %+v", c)
				}
			}
		}
	})
}

// FuzzRead feeds tables written as in the tests. Whatever comes in, the importer gives a form or says why not. Run it
// with -fuzzminimizetime 1x: making inputs small takes longer than finding them.
func FuzzRead(f *testing.F) {
	f.Add(smallForm)
	f.Add(plannedForm)
	f.Add("| survey | type | name | label |\n| | begin group | g |\n| | rank l | ${ | ${} |")
	f.Fuzz(func(t *testing.T, tables string) {
		data := pack(t, tables)
		for _, lenient := range []bool{false, true} {
			result, err := Read(data, Options{Lenient: lenient})
			if err != nil {
				t.Fatal(err)
			}
			if !result.OK() && len(errorsOf(result.Problems)) == 0 {
				t.Fatal("no form and no error")
			}
		}
	})
}

// pack writes tables as build does, but quickly and whatever the names are.
func pack(tb testing.TB, tables string) []byte {
	tb.Helper()
	var sheets, related strings.Builder
	parts := map[string]*strings.Builder{}
	var rows *strings.Builder
	for line := range strings.Lines(tables) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.ReplaceAll(line, `\|`, "\x00"), "|"), "|")
		if name := strings.TrimSpace(cells[0]); name != "" || rows == nil {
			rows = &strings.Builder{}
			id := len(parts)
			parts[fmt.Sprintf("xl/worksheets/sheet%d.xml", id)] = rows
			fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="1" r:id="r%d"/>`, escape(name), id)
			fmt.Fprintf(&related, `<Relationship Id="r%d" Target="worksheets/sheet%d.xml"/>`, id, id)
		}
		rows.WriteString("<row>")
		for _, c := range cells[1:] {
			fmt.Fprintf(rows, `<c t="str"><v>%s</v></c>`, escape(strings.TrimSpace(c)))
		}
		rows.WriteString("</row>")
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	add := func(name, text string) {
		w, err := z.Create(name)
		must(tb, err)
		_, err = io.WriteString(w, text)
		must(tb, err)
	}
	add("xl/workbook.xml", "<workbook><sheets>"+sheets.String()+"</sheets></workbook>")
	add("xl/_rels/workbook.xml.rels", "<Relationships>"+related.String()+"</Relationships>")
	for name, rows := range parts {
		add(name, "<worksheet>"+rows.String()+"</worksheet>")
	}
	must(tb, z.Close())
	return out.Bytes()
}

func escape(s string) string {
	var out bytes.Buffer
	if err := xml.EscapeText(&out, []byte(strings.ReplaceAll(s, "\x00", "|"))); err != nil {
		return ""
	}
	return out.String()
}
