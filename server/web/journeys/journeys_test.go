package journeys

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// pretend is the smallest thing that behaves like the service: an entry page, a page of questions of every sort of
// which one appears only when another is answered, a final check, a receipt, and a page that withdraws it.
func pretend(t *testing.T, got *url.Values) string {
	t.Helper()
	page := func(w io.Writer, body string) {
		fmt.Fprintf(w, `<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>x</title></head><body><main><form method="post"><h1>x</h1>%s</form></main></body></html>`, body)
	}
	button := func(do string) string { return `<button name="do" value="` + do + `">go on</button>` }
	mux := http.NewServeMux()
	mux.HandleFunc("/ar/s/x", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		for k, v := range r.PostForm {
			(*got)[k] = v
		}
		switch r.PostForm.Get("do") {
		case "":
			page(w, `<fieldset><legend>old enough</legend><label><input type="radio" name="age" value="yes"> yes</label><label><input type="radio" name="age" value="no"> no</label></fieldset>
				<label><input type="checkbox" name="consent" value="yes"> agree</label>`+button("start"))
		case "start":
			page(w, `<fieldset><legend>many</legend><label><input type="checkbox" name="m" value="a"> a</label><label><input type="checkbox" name="m" value="b"> b</label><label><input type="checkbox" name="m" value="c"> c</label><label><input type="checkbox" name="m" value="none" data-x> none</label></fieldset>
				<label>list <select name="l"><option value="">choose</option><option value="one">1</option></select></label>
				<label>number <input type="text" inputmode="numeric" name="n"></label>
				<label>text <textarea name="t"></textarea></label>
				<label hidden>never <input name="hidden"></label>`+button("next")+button("partial"))
		case "next":
			page(w, `<p>check</p>`+button("submit"))
		case "submit":
			page(w, `<p id="receipt">ABCD-EFGH</p>`)
		}
	})
	mux.HandleFunc("/ar/withdraw", func(w http.ResponseWriter, r *http.Request) {
		switch receipt := r.PostFormValue("receipt"); receipt {
		case "":
			page(w, `<label>receipt <input id="receipt" name="receipt"></label><button>withdraw</button>`)
		case "ABCD-EFGH":
			page(w, `<p>done</p>`)
		default:
			page(w, `<div id="errors">unknown</div><label>receipt <input id="receipt" name="receipt"></label><button>withdraw</button>`)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestJourneyAnswersEverySortOfQuestion(t *testing.T) {
	for _, noScript := range []bool{true, false} {
		t.Run(fmt.Sprintf("no script %v", noScript), func(t *testing.T) {
			got := url.Values{}
			base := pretend(t, &got)
			r := Fill(t, Options{Base: base, Path: "/ar/s/x", Lang: "ar", NoScript: noScript})
			if r.Receipt != "ABCD-EFGH" || len(r.Pages) != 4 {
				t.Fatalf("%+v", r)
			}
			for key, want := range map[string]string{"age": "yes", "consent": "yes", "m": "a b", "l": "one", "n": "٢", "t": "إجابة مختلقة.", "hidden": ""} {
				if have := strings.Join(got[key], " "); have != want {
					t.Errorf("%s is %q, want %q", key, have, want)
				}
			}
			if w := Withdraw(t, Options{Base: base, Path: "/ar/withdraw", Lang: "ar", NoScript: noScript}, r.Receipt); !w.Withdrawn {
				t.Errorf("%+v", w)
			}
		})
	}
}

// recorder is a test that keeps its complaints instead of failing.
type recorder struct {
	testing.TB
	complaints []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.complaints = append(r.complaints, fmt.Sprintf(format, args...))
}

func TestCheckSeesWhatIsWrong(t *testing.T) {
	got := url.Values{}
	r := Fill(t, Options{Base: pretend(t, &got), Path: "/ar/s/x", Lang: "ar"})
	if r.Uncovered == 0 {
		t.Error("Back shows the questions of this site, which hides nothing, and nobody noticed")
	}
	r.Uncovered = 0
	var rec recorder
	r.Check(&rec, "ar", "rtl")
	if len(rec.complaints) != 0 {
		t.Errorf("complaints about a page that is right: %q", rec.complaints)
	}
	r.Check(&rec, "uk", "ltr")
	if len(rec.complaints) != len(r.Pages) {
		t.Errorf("%d complaints about %d pages in the wrong language", len(rec.complaints), len(r.Pages))
	}
	bad := Result{
		Pages:     []Page{{Lang: "ar", Dir: "rtl", Overflow: 3, Violations: []string{"label: input"}, Address: "http://x/?token=1"}},
		Strangers: []string{"http://elsewhere"}, Thrown: []string{"TypeError"}, Uncovered: 1,
	}
	rec.complaints = nil
	bad.Check(&rec, "ar", "rtl")
	if len(rec.complaints) != 6 {
		t.Errorf("complaints %q, want six", rec.complaints)
	}
}
