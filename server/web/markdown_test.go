package web

import (
	"strings"
	"testing"
)

func TestMarkdownOfStrangers(t *testing.T) {
	m := newMarkdown()
	for text, want := range map[string]rich{
		"Plain words, with commas.":               {Line: "Plain words, with commas."},
		"**Bold** and _it_":                       {Line: "<strong>Bold</strong> and <em>it</em>"},
		"One\n\nTwo":                              {Line: "One", More: "<p>Two</p>"},
		"# Big":                                   {Line: "<strong>Big</strong>"},
		"<b>old</b> forms":                        {Line: "<b>old</b> forms"},
		"a < b & c":                               {Line: "a &lt; b &amp; c"},
		"<script>alert(1)</script>":               {},
		"[x](javascript:alert(1))":                {Line: "x"},
		"<img src=x onerror=alert(1)>hi":          {Line: "hi"},
		`<a href="https://a.b" onclick="x">l</a>`: {Line: `<a href="https://a.b" rel="nofollow noreferrer noopener" target="_blank">l</a>`},
		`<span style="color:red">r</span>`:        {Line: "<span>r</span>"},
		"ok\n\n<script>alert(1)</script><img src=x onerror=alert(1)>": {Line: "ok"},
		"ok\n\n- <b onclick=x>one</b>":                                {Line: "ok", More: "<ul>\n<li><b>one</b></li>\n</ul>"},
		"1. first":                                                    {Line: "first"},
	} {
		got := m.render(text, true)
		if strings.TrimSpace(string(got.Line)) != string(want.Line) || strings.TrimSpace(string(got.More)) != string(want.More) {
			t.Errorf("%q: line %q, more %q; want %q, %q", text, got.Line, got.More, want.Line, want.More)
		}
	}
}

func FuzzMarkdownIsSafe(f *testing.F) {
	for _, s := range []string{"<script>", "[a](javascript:x)", "<a href=' javascript:x'>", "**<img onerror=x>**", "`<svg/onload=x>`", "<b onclick=x>", "ok\n\n<script>x</script>"} {
		f.Add(s)
	}
	m := newMarkdown()
	f.Fuzz(func(t *testing.T, text string) {
		r := m.render(text, false)
		out := strings.ToLower(string(r.Line + r.More))
		for _, bad := range []string{"<script", "<img", "<svg", "<iframe", "<style", "href=\"javascript", "href=\"data"} {
			if strings.Contains(out, bad) {
				t.Errorf("%q gives %q", text, out)
			}
		}
	})
}
