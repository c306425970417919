package export

import (
	"strconv"

	"opengate/survey"
	"opengate/survey/expr"
)

// The columns of the codebook before and after the languages.
var (
	codebookBefore = []column{{code: "part", width: 16}, {code: "question", width: 22}, {code: "option", width: 14}}
	codebookAfter  = []column{
		{code: "type", width: 16},
		{code: "list", width: 18},
		{code: "required", width: 14},
		{code: "relevant", width: 34},
		{code: "constraint", width: 30},
		{code: "calculation", width: 30},
		{code: "choice_filter", width: 26},
		{code: "role", width: 14},
		{code: "area", width: 9},
		{code: "of", width: 14},
		{code: "recall", width: 10},
		{code: "special", width: 12},
		{code: "score", width: 9},
		{code: "missing", width: 12},
		{code: "rollup", width: 12},
		{code: "exclusive", width: 12},
	}
)

// writeCodebook writes the questionnaire in all its languages: a row per question, hint, message and answer
// option, in form order. A wording that does not exist stays an empty cell.
func writeCodebook(b *book, s *sheet, form *survey.Form) {
	c := codebook{b: b, s: s, form: form}
	c.begin()
	for q := range form.All() {
		if b.err != nil {
			return
		}
		c.question(q)
	}
	columns := len(codebookBefore) + len(form.Languages) + len(codebookAfter)
	if b.err == nil {
		b.check(s.name, b.file.AutoFilter(s.name, address(1, rowHead)+":"+address(columns, max(s.row-1, rowHead+1)), nil))
	}
	s.finish()
}

type codebook struct {
	b    *book
	s    *sheet
	form *survey.Form
}

func (c codebook) begin() {
	f := frame{about: c.b.say("about.codebook"), frozen: len(codebookBefore), heads: 1, landscape: true, pages: 1 + len(c.form.Languages)/3}
	var heads []string
	add := func(columns []column) {
		for _, col := range columns {
			f.codes, f.widths = append(f.codes, col.code), append(f.widths, col.width)
			heads = append(heads, c.b.say("codebook."+col.code))
		}
	}
	add(codebookBefore)
	for _, l := range c.form.Languages {
		f.codes, f.widths = append(f.codes, "label::"+string(l.Tag)), append(f.widths, 44)
		head := or(l.Name, string(l.Tag)) + " (" + string(l.Tag) + ")"
		if !l.Reviewed {
			head += "\n" + c.b.say("codebook.unreviewed")
		}
		heads = append(heads, head)
	}
	add(codebookAfter)
	c.s.begin(f)
	for i, head := range heads {
		c.s.put(i+1, head, look{bold: true, wrap: true, fill: fillHead, align: "start"})
	}
	c.s.end()
}

// question writes a question with its texts and its answer options.
func (c codebook) question(q *survey.Question) {
	a := q.Analysis
	part := "question"
	switch q.Kind { //nolint:exhaustive // every other kind is a question
	case survey.KindGroup, survey.KindRepeat:
		part = "group"
	case survey.KindNote:
		part = "note"
	case survey.KindCalculate, survey.KindHidden, survey.KindStart, survey.KindEnd, survey.KindToday:
		part = "computed"
	}
	c.row(part, q.ID, "", q.Label, map[string]string{
		"type": string(q.Kind), "list": q.List, "required": source(q.Required), "relevant": source(q.Relevant),
		"constraint": source(q.Constraint), "calculation": source(q.Calculation), "choice_filter": source(q.Filter),
		"role": string(a.Role), "area": a.Area, "of": a.Of, "recall": a.Recall, "special": c.yes(a.Special),
	})
	c.extra("hint", q, q.Hint)
	c.extra("guidance", q, q.Guidance)
	c.extra("constraint_message", q, q.ConstraintMessage)
	c.extra("required_message", q, q.RequiredMessage)
	if !q.Selects() || c.form.Lists[q.List] == nil {
		return
	}
	for _, choice := range c.form.Lists[q.List].Choices {
		more := map[string]string{"area": choice.Area, "rollup": choice.Rollup, "exclusive": c.yes(choice.Exclusive)}
		if choice.Missing != survey.NotAsked {
			more["missing"] = choice.Missing.String()
		}
		if choice.Score != nil {
			more["score"] = strconv.FormatFloat(*choice.Score, 'f', -1, 64)
		}
		c.row("option", q.ID, choice.Code, choice.Label, more)
	}
}

func (c codebook) extra(part string, q *survey.Question, t survey.Text) {
	if !t.Empty() {
		c.row(part, q.ID, "", t, nil)
	}
}

func (c codebook) row(part, id, option string, t survey.Text, more map[string]string) {
	s := c.s
	question := option == "" && more != nil
	l := look{top: true, align: "start"}
	if question {
		l.fill, l.rule = fillBlock, lineThin
	}
	quiet := l
	quiet.colour = inkMuted
	s.put(1, c.b.say("part."+part), quiet)
	l.bold = question
	s.put(2, id, l)
	l.bold = false
	s.put(3, option, l)
	col := len(codebookBefore)
	for _, language := range c.form.Languages {
		col++
		rtl := rightToLeft(language.Tag)
		wording := l
		wording.wrap, wording.bold, wording.reading, wording.align = true, question, reading(rtl), "start"
		if rtl != c.b.rtl {
			wording.align = "end"
		}
		s.put(col, t[language.Tag], wording)
	}
	quiet.reading = 1
	for _, column := range codebookAfter {
		col++
		if v := more[column.code]; v != "" || question {
			s.put(col, v, quiet)
		}
	}
	s.end()
}

func (c codebook) yes(v bool) string {
	if v {
		return c.b.say("yes")
	}
	return ""
}

// source is an expression as its author wrote it.
func source(e *expr.Expr) string {
	if e == nil {
		return ""
	}
	return e.Source()
}
