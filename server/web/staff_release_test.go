package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"opengate/server/demo"
	"opengate/server/staff"
	"opengate/survey"
)

func TestQRDecodes(t *testing.T) {
	const address = "https://potrzeby.krakow.example/uk/l/7kq2mzvd"
	drawn, err := qrPNG(address, qrPixels)
	must(t, err)
	img, err := png.Decode(bytes.NewReader(drawn))
	must(t, err)
	if w := img.Bounds().Dx(); w < qrPixels || img.Bounds().Dy() != w {
		t.Errorf("%v pixels, want at least %d, square", img.Bounds(), qrPixels)
	}
	side := img.Bounds().Dx()
	for i := range side { // the light border that readers need, on all four sides
		for edge := range 4 * 8 {
			for _, at := range [][2]int{{i, edge}, {i, side - 1 - edge}, {edge, i}, {side - 1 - edge, i}} {
				if r, _, _, _ := img.At(at[0], at[1]).RGBA(); r == 0 {
					t.Fatalf("dark at %v, inside the border", at)
				}
			}
		}
	}
	svg, err := qrSVG(address, `a "label" <b>`)
	must(t, err)
	if strings.Contains(svg, "<b>") || !strings.HasPrefix(svg, "<svg ") {
		t.Errorf("label is not escaped: %.200s", svg)
	}
	zbar, err := exec.LookPath("zbarimg")
	if err != nil {
		const why = "zbarimg is not installed: whether phones can read the code was not tested"
		if os.Getenv("CI") != "" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	file := filepath.Join(t.TempDir(), "code.png")
	must(t, os.WriteFile(file, drawn, 0o600))
	out, err := exec.CommandContext(t.Context(), zbar, "--quiet", "--raw", file).Output()
	must(t, err)
	if got := strings.TrimSpace(string(out)); got != address {
		t.Errorf("the code says %q", got)
	}
}

func TestQRDrawingsAgree(t *testing.T) {
	rows, err := qrModules("https://example.org/l/abcdefgh")
	must(t, err)
	svg, err := qrSVG("https://example.org/l/abcdefgh", "x")
	must(t, err)
	_, path, _ := strings.Cut(svg, `<path fill="#000" d="`)
	path, _, _ = strings.Cut(path, `"`)
	drawn := map[[2]int]bool{}
	for part := range strings.SplitSeq(strings.TrimSuffix(path, "z"), "z") {
		var x, y, run, back int
		if _, err := fmt.Sscanf(part, "M%d %dh%dv1h-%d", &x, &y, &run, &back); err != nil || run != back {
			t.Fatalf("%q: %v", part, err)
		}
		for i := range run {
			drawn[[2]int{x + i - quietModules, y - quietModules}] = true
		}
	}
	for y, row := range rows {
		for x, dark := range row {
			if drawn[[2]int{x, y}] != dark {
				t.Fatalf("module %d,%d", x, y)
			}
		}
	}
}

func TestReleases(t *testing.T) {
	b := newBureau(t, plainBase)
	b.publishDemo("needs", survey.StatusOpen)
	form := b.form("needs")
	must(t, b.intake.AddMadeUp(t.Context(), "needs", demo.Responses(form, 400, 1)))
	analyst := b.member("analyst@example.org", staff.Analyst)
	const to = "/staff/en/survey/needs/releases"

	analyst.get(to).want(http.StatusOK).has(".empty", "a.button")
	if r := analyst.get(to + "/1"); r.code != http.StatusNotFound {
		t.Errorf("a release that is not there: %d", r.code)
	}
	analyst.get(to + "/new").want(http.StatusOK).has("form[action='" + to + "'] button")
	if got := analyst.get(to + "/new").text("main"); !strings.Contains(got, "200 or more") || strings.Contains(got, "400") {
		t.Errorf("an exact count on the page, or no band: %s", got)
	}
	analyst.get(to + "/new").has("!.banner:not(.page-banner)")
	made := analyst.follow(analyst.post(to, nil))
	made.want(http.StatusOK).has(".notice", "dl.facts", `a[href*="workbook?lang=pl"]`, "!.problems")
	if text := made.text("main"); !strings.Contains(text, "Groups hidden") || strings.Contains(text, "staff.") {
		t.Errorf("report: %s", text)
	}
	analyst.get(to).has("!.empty", `a[href="`+to+`/1"]`)

	book := analyst.get(to + "/1/workbook?lang=ar").want(http.StatusOK)
	if got := book.header.Get("Content-Disposition"); got != `attachment; filename="needs-diagnosis-1-ar.xlsx"` {
		t.Errorf("file name %q", got)
	}
	f, err := excelize.OpenReader(strings.NewReader(book.body))
	must(t, err)
	if n := len(f.GetSheetList()); n != 5 {
		t.Errorf("%d sheets, want 5", n)
	}
	var doc struct {
		Survey  string
		Release int
		Cells   []any
	}
	must(t, json.Unmarshal([]byte(analyst.get(to+"/1/json?lang=uk").want(http.StatusOK).body), &doc))
	if doc.Survey != "needs" || doc.Release != 1 || len(doc.Cells) == 0 {
		t.Errorf("JSON: survey %q, release %d, %d cells", doc.Survey, doc.Release, len(doc.Cells))
	}
	analyst.get(to + "/1/codebook?lang=en").want(http.StatusOK)
	analyst.get(to + "/1/workbook?lang=fr").want(http.StatusNotFound)
	analyst.get(to + "/x/workbook").want(http.StatusNotFound)
	if text := b.member(adminEmail, staff.Administrator).get("/staff/en/audit").text("table"); !strings.Contains(text, "made a release") {
		t.Errorf("audit: %s", text)
	}
	if text := analyst.get(to + "/new").text("main .banner"); !strings.Contains(text, "Release 1 was made on 2026-03-15") {
		t.Errorf("who makes another release is not told of the last one: %s", text)
	}
	second := analyst.follow(analyst.post(to, nil)).want(http.StatusOK)
	if text := second.text("main"); !strings.Contains(text, "carried over") {
		t.Errorf("nothing changed and nothing is carried over: %s", text)
	}
}

func TestEveryStaffPageRendersInBothLanguages(t *testing.T) {
	b := newBureau(t, plainBase)
	b.publishDemo("needs", survey.StatusTest)
	admin := b.member(adminEmail, staff.Administrator)
	admin.post("/staff/en/survey/needs/links", url.Values{"name": {"Library"}, "kind": {"library"}, "mode": {"self"}}).want(http.StatusSeeOther)
	must(t, b.intake.AddMadeUp(t.Context(), "needs", demo.Responses(b.form("needs"), 60, 1)))
	admin.post("/staff/en/survey/needs/releases", nil).want(http.StatusSeeOther)
	fill := strings.NewReplacer(":slug", "needs", ":number", "1", ":code", b.linkNamed("needs", "Library"), ":in", "pl")
	for _, lang := range []string{"en", "pl"} {
		for _, r := range staffTable {
			if r.method != "GET" || r.path == "" || strings.Contains(r.path, ":token") || strings.HasSuffix(r.path, "/sign-in") {
				continue
			}
			reply := admin.get("/staff/" + lang + fill.Replace(r.path))
			if reply.code != http.StatusOK {
				t.Errorf("%s %s: %d\n%s", lang, r.path, reply.code, b.log)
			}
			if reply.doc == nil {
				continue
			}
			reply.has("html[lang]", "h1", "title")
			if strings.Contains(reply.text("body"), "staff.") || !strings.HasSuffix(strings.TrimSpace(reply.body), "</html>") {
				t.Errorf("%s %s: a key is shown or the page is cut: %s", lang, r.path, reply.text("body"))
			}
		}
	}
}

// A release that would show nothing says so before it is made.
func TestReleaseOfNothingIsWarnedOf(t *testing.T) {
	b := newBureau(t, plainBase)
	p := b.member(adminEmail, staff.Administrator)
	p.upload("/staff/en/surveys/new", map[string]string{"slug": "water", "test": "yes"}, map[string][]byte{"form": plainForm(t)}).want(http.StatusSeeOther)
	text := p.get("/staff/en/survey/water/releases/new").want(http.StatusOK).text("main")
	for _, want := range []string{"everything in this release would be hidden", "divides people into no groups"} {
		if !strings.Contains(text, want) {
			t.Errorf("no word of it: %q in %s", want, text)
		}
	}
	p.upload("/staff/en/survey/water/publish", map[string]string{"by": "water"}, map[string][]byte{"form": plainForm(t)}).want(http.StatusSeeOther)
	if text := p.get("/staff/en/survey/water/releases/new").text("main"); strings.Contains(text, "no groups") {
		t.Errorf("there are groups: %s", text)
	}
}
