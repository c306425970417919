package web

import (
	"slices"

	"opengate/survey"
)

// appeared gives the first question on the same page that the person has not seen: the answers just given made it, or
// its choices, appear. nil where there is none.
func (f *filling) appeared(questions []*survey.Question) *survey.Question {
	if f.post.page < 0 {
		return nil
	}
	for _, q := range survey.Shown(questions) {
		if !f.view.Relevant(q.ID) || !q.Asks() || matrixHeader(q) || f.view.Value(q.ID).Given() {
			continue
		}
		if !f.post.on[q.ID] || f.relisted(q) && f.post.values.Get("live") == "" {
			return q
		}
	}
	return nil
}

// updated gives the first question of the page whose choices the answers just given changed, nil where there is none.
func (f *filling) updated() *survey.Question {
	if f.draft.Page < 0 || f.draft.Page >= len(f.pages) {
		return nil
	}
	for _, q := range survey.Shown(f.pages[f.draft.Page].Questions) {
		if f.view.Relevant(q.ID) && f.relisted(q) {
			return q
		}
	}
	return nil
}

// relisted says whether the answers just given changed what can be chosen.
func (f *filling) relisted(q *survey.Question) bool {
	if q.Filter == nil {
		return false
	}
	now := f.view.Choices(q.ID)
	return len(now) > 0 && !slices.Equal(now, f.before.Choices(q.ID))
}
