package web

import (
	"html/template"
	"net/http"

	"opengate/server/locale"
	"opengate/survey"
)

// content is an author's text, ready to be shown. Lang and Dir are set only where it is in another language than the
// page around it.
type content struct {
	rich
	Lang survey.Lang
	Dir  string
}

// Empty says whether there is nothing to show.
func (c content) Empty() bool { return c.Line == "" && c.More == "" }

// langChoice is one language of the switch.
type langChoice struct {
	Tag     survey.Lang
	Address string
	Current bool
}

// surveyFrame is what every page of one survey has.
type surveyFrame struct {
	frame
	Survey     content // the survey's title
	Action     string  // where the form is sent
	Token, ID  string  // of the draft and of the response; "" before one is begun
	Page       int
	Rev        int64 // of the draft that the page shows
	Langs      []langChoice
	Test       bool
	MadeUp     bool
	Unreviewed bool        // the translation has not been reviewed
	Foreign    survey.Lang // the language in which missing texts are shown, "" when nothing is missing
	Kiosk      bool
	Keep       bool // offer to remember the place on this device
}

// pageFrame begins a page of this survey; heading is translated already.
func (v *guest) pageFrame(heading string) surveyFrame {
	f := v.s.frame(v.c, v.lang, "page.questions")
	f.Title = heading
	f.Exit = v.s.Config.QuickExit
	f.Private = v.kiosk()
	settings := v.door.Form.Plan.Settings
	return surveyFrame{
		frame: f, Survey: v.text(v.door.Form.Title), Action: v.address(v.lang), Langs: v.switches(),
		Test: v.door.Test, MadeUp: settings.MadeUp || v.door.Survey.MadeUp || v.s.Config.Demo,
		Unreviewed: v.unreviewed(), Kiosk: v.kiosk(), Keep: !v.kiosk() && v.door.Mode() == survey.ModeSelf,
	}
}

// switches lists the languages of the form.
func (v *guest) switches() []langChoice {
	var out []langChoice
	for _, l := range v.door.Form.Tags() {
		out = append(out, langChoice{Tag: l, Address: v.address(l), Current: l == v.lang})
	}
	return out
}

// text shows an author's text that has no references to answers.
func (v *guest) text(t survey.Text) content {
	text, l := t.In(v.langs()...)
	return v.content(text, l, true)
}

// content marks the language of a text where it is not that of the page.
func (v *guest) content(text string, l survey.Lang, keep bool) content {
	if text == "" {
		return content{}
	}
	return v.mark(content{rich: v.s.texts.render(text, keep)}, l)
}

// mark says in which language a text is, where that is not the page's.
func (v *guest) mark(c content, l survey.Lang) content {
	if !c.Empty() && l != "" && l != v.p.Lang() && locale.Base(l) != v.p.Lang() {
		c.Lang, c.Dir = l, locale.Dir(l)
	}
	return c
}

// plain shows a text of the form's settings, which is in the form's default language and no Markdown.
func (v *guest) plain(text string) content {
	out := v.verbatim(text)
	return v.mark(out, v.door.Form.Default)
}

// verbatim shows a text as it is, without Markdown.
func (v *guest) verbatim(text string) content {
	return content{rich: rich{Line: template.HTML(template.HTMLEscapeString(text))}} //nolint:gosec // escaped
}

// show answers with a page of this survey.
func (v *guest) show(status int, name string, page any) error {
	if v.kiosk() {
		v.c.Header("Cache-Control", "no-store")
	}
	return v.s.render(v.c, status, v.lang, name, page)
}

// ok answers 200 with a page of this survey.
func (v *guest) ok(name string, page any) error { return v.show(http.StatusOK, name, page) }
