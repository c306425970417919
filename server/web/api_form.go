package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"opengate/survey"
	"opengate/survey/expr"
)

// formJSON is a form as programs see it. Expressions are given as their authors wrote them.
type formJSON struct {
	Slug      string                  `json:"slug"`
	Version   int                     `json:"version"`
	Title     survey.Text             `json:"title"`
	Test      bool                    `json:"test"`
	MadeUp    bool                    `json:"made_up"`
	Languages []languageJSON          `json:"languages"`
	Default   survey.Lang             `json:"default_language"`
	Privacy   privacyJSON             `json:"privacy"`
	Questions []questionJSON          `json:"questions"`
	Lists     map[string][]choiceJSON `json:"lists"`
}

type languageJSON struct {
	Tag      survey.Lang `json:"tag"`
	Name     string      `json:"name"`
	Reviewed bool        `json:"reviewed"`
}

// privacyJSON is what a program must tell people before it asks them.
type privacyJSON struct {
	Controller    string      `json:"controller"`
	Contact       string      `json:"contact"`
	DPO           string      `json:"dpo"`
	Purpose       survey.Text `json:"purpose"`
	Consent       string      `json:"consent"`
	MinAge        int         `json:"min_age"`
	RetentionDays int         `json:"retention_days"`
	Support       survey.Text `json:"support"`
}

type questionJSON struct {
	ID                string         `json:"id"`
	Type              survey.Kind    `json:"type"`
	Label             survey.Text    `json:"label,omitempty"`
	Hint              survey.Text    `json:"hint,omitempty"`
	List              string         `json:"list,omitempty"`
	Required          string         `json:"required,omitempty"`
	Relevant          string         `json:"relevant,omitempty"`
	Constraint        string         `json:"constraint,omitempty"`
	ConstraintMessage survey.Text    `json:"constraint_message,omitempty"`
	Calculation       string         `json:"calculation,omitempty"`
	Filter            string         `json:"choice_filter,omitempty"`
	Appearance        []string       `json:"appearance,omitempty"`
	Special           bool           `json:"special,omitempty"`
	Children          []questionJSON `json:"children,omitempty"`
}

type choiceJSON struct {
	Code    string            `json:"code"`
	Label   survey.Text       `json:"label"`
	Missing string            `json:"missing,omitempty"` // dk, pnts or na
	Columns map[string]string `json:"columns,omitempty"`
}

// sendForm gives the current version of a form that takes answers.
func (s *Server) sendForm(c *gin.Context) error {
	door, err := s.Intake.Door(c.Request.Context(), c.Param("slug"), "")
	if err != nil {
		return err
	}
	f := door.Form
	set := f.Plan.Settings
	out := formJSON{
		Slug: door.Survey.Slug, Version: f.Version, Title: f.Title, Test: door.Test, MadeUp: set.MadeUp || door.Survey.MadeUp,
		Default: f.Default, Questions: questionsJSON(f.Body), Lists: map[string][]choiceJSON{},
		Privacy: privacyJSON{set.Controller, set.Contact, set.DPO, set.Purpose, set.ConsentVersion, set.MinAge, set.RetentionDays, set.Support},
	}
	for _, l := range f.Languages {
		out.Languages = append(out.Languages, languageJSON(l))
	}
	for _, name := range sortedKeys(f.Lists) {
		out.Lists[name] = choicesJSON(f.Lists[name])
	}
	c.Header("Cache-Control", "no-cache")
	s.sendJSON(c, http.StatusOK, out)
	return nil
}

func questionsJSON(questions []*survey.Question) []questionJSON {
	out := []questionJSON{}
	for _, q := range questions {
		out = append(out, questionJSON{
			ID: q.ID, Type: q.Kind, Label: q.Label, Hint: q.Hint, List: q.List, Required: source(q.Required),
			Relevant: source(q.Relevant), Constraint: source(q.Constraint), ConstraintMessage: q.ConstraintMessage,
			Calculation: source(q.Calculation), Filter: source(q.Filter), Appearance: q.Appearance,
			Special: q.Analysis.Special, Children: questionsJSON(q.Children),
		})
	}
	return out
}

func choicesJSON(l *survey.List) []choiceJSON {
	out := []choiceJSON{}
	for _, c := range l.Choices {
		j := choiceJSON{Code: c.Code, Label: c.Label, Columns: c.Columns}
		if c.Missing != survey.NotAsked {
			j.Missing = c.Missing.String()
		}
		out = append(out, j)
	}
	return out
}

func source(e *expr.Expr) string {
	if e == nil {
		return ""
	}
	return e.Source()
}
