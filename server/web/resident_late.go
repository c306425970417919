package web

import (
	"errors"
	"maps"
	"net/http"

	"opengate/server/intake"
	"opengate/survey"
)

// late answers the form of a draft whose survey takes no answers now. What was typed is saved like on any other day.
func (v *guest) late(d *intake.Draft, err error) error {
	switch {
	case v.door.Form == nil || !errors.Is(err, survey.ErrClosed):
		return err
	case errors.Is(err, intake.ErrTrialOver):
		return v.show(http.StatusGone, "trial", v.pageFrame(v.p.T("trial.title")))
	}
	if v.post.do == "submit" || v.post.do == "send" { // perhaps for the second time
		receipt, err := v.s.Intake.Submit(v.c.Request.Context(), v.door, d, v.post.do == "submit")
		if err == nil {
			return v.receipt(receipt, v.post.do == "send")
		}
	}
	return v.change(d, func(f *filling) {
		f.take()
		maps.Copy(f.draft.Answers, f.clash) // nobody can be asked now; what was typed last stays
		f.clash, f.late, f.code = nil, true, !f.kiosk()
	})
}

// keptPage says that the survey closed while somebody answered, that nothing is lost and whom to ask.
type keptPage struct {
	surveyFrame
	Days    int
	Code    string
	Contact content
	Support content
}

func (f *filling) kept(code string) error {
	settings := f.door.Form.Plan.Settings
	page := keptPage{
		surveyFrame: f.draftFrame(f.draft, f.p.T("kept.title")), Days: f.s.draftDays(), Code: code,
		Contact: f.plain(settings.Contact), Support: f.text(settings.Support),
	}
	page.Page = -1
	return f.show(http.StatusGone, "kept", page)
}
