package intake

import (
	"math"
	"strconv"
	"strings"
	"time"

	"opengate/survey"
)

// columns says what each column of a data file holds, for one form.
type columns struct {
	identity int // column of _uuid, X_uuid or KEY; -1 without
	day      int // column of the submission day; -1 without
	whole    map[*survey.Question]int
	split    map[*survey.Question]map[string]int // one column per choice of a select_multiple
	unknown  []string
}

// Columns that KoboToolbox and ODK write about the submission itself. They are no answers and are not kept.
var metadata = map[string]bool{
	"start": true, "end": true, "today": true, "deviceid": true, "audit": true, "audit_url": true, "subscriberid": true,
	"simserial": true, "phonenumber": true, "username": true, "submissiondate": true, "submitterid": true,
	"submittername": true, "status": true, "reviewstate": true, "edits": true, "formversion": true, "key": true,
	"attachmentspresent": true, "attachmentsexpected": true, "instanceid": true, "uuid": true, "id": true,
	"submission_time": true, "validation_status": true, "notes": true, "submitted_by": true, "version": true,
	"tags": true, "index": true, "parent_index": true, "parent_table_name": true, "xform_id_string": true,
	"geolocation": true, "attachments": true, "bamboo_dataset_id": true, "duration": true, "media_count": true,
	"total_media": true, "media_all_received": true, "date_modified": true, "gps_latitude": true,
}

// matchColumns reads the header. A column is a question's name alone or behind its groups, joined by the separator
// ("/", "." or "_"; R turns "/" into "." and puts "X" before a leading "_"); a choice's column is that with the
// choice code behind it. Empty separator tries "/" and ".".
func matchColumns(f *survey.Form, header []string, separator string) columns {
	c := columns{identity: -1, day: -1, whole: map[*survey.Question]int{}, split: map[*survey.Question]map[string]int{}}
	known := names(f, separator)
	for i, h := range header {
		h = strings.TrimPrefix(strings.TrimSpace(h), "X.U.FEFF.") // a byte order mark, as R spells it
		bare := strings.TrimPrefix(strings.TrimPrefix(h, "X"), "_")
		switch strings.ToLower(bare) {
		case "uuid", "key":
			if _, question := known[h]; question {
				break
			}
			if c.identity < 0 || strings.EqualFold(bare, "uuid") {
				c.identity = i
			}
			continue
		case "submission_time", "submissiondate", "today":
			if c.day < 0 || strings.EqualFold(bare, "today") {
				c.day = i
			}
		}
		if at, ok := known[h]; ok {
			c.put(at, i)
		} else if !metadata[strings.Trim(strings.ToLower(bare), "_")] && h != "" {
			c.unknown = append(c.unknown, h)
		}
	}
	return c
}

type place struct {
	q    *survey.Question
	code string // a choice's own column
}

func (c *columns) put(at place, column int) {
	if at.code == "" {
		if _, taken := c.whole[at.q]; !taken {
			c.whole[at.q] = column
		}
		return
	}
	if c.split[at.q] == nil {
		c.split[at.q] = map[string]int{}
	}
	c.split[at.q][at.code] = column
}

// names maps every header that could stand over a question or a choice of this form. Where two could stand under
// the same header, the earlier question wins, and a whole question before a choice.
func names(f *survey.Form, separator string) map[string]place {
	separators := []string{separator}
	if separator == "" {
		separators = []string{"/", "."}
	}
	out := map[string]place{}
	add := func(name string, p place) {
		if _, taken := out[name]; !taken {
			out[name] = p
		}
	}
	var questions []*survey.Question
	for q := range f.All() {
		if q.Asks() || q.Kind == survey.KindCalculate || q.Kind == survey.KindHidden {
			questions = append(questions, q)
		}
	}
	for _, q := range questions {
		for _, sep := range separators {
			for _, full := range spellings(q, sep) {
				add(full, place{q, ""})
			}
		}
	}
	for _, q := range questions {
		if q.Kind != survey.KindSelectMultiple || f.Lists[q.List] == nil {
			continue
		}
		for _, sep := range separators {
			for _, full := range spellings(q, sep) {
				for _, choice := range f.Lists[q.List].Choices {
					add(full+sep+choice.Code, place{q, choice.Code})
				}
			}
		}
	}
	return out
}

// spellings lists the name alone and behind one, two, … all of its groups.
func spellings(q *survey.Question, sep string) []string {
	out := []string{q.Name}
	for i := len(q.Groups) - 1; i >= 0; i-- {
		out = append(out, strings.Join(q.Groups[i:], sep)+sep+q.Name)
	}
	if q.ID != q.Name { // the name alone stands for several questions
		out = out[1:]
	}
	return out
}

// blank says whether a cell holds nothing, in the spellings of R, pandas and KoboToolbox.
func blank(cell string) bool {
	switch cell {
	case "", "NA", "n/a", "N/A", "NaN", "<NA>", "NULL":
		return true
	}
	return false
}

// cell reads one question from a row: ok is false for a bad cell, given false for a blank one.
func (c *columns) cell(q *survey.Question, row []string) (val survey.Value, given, ok bool) {
	raw := ""
	if i, has := c.whole[q]; has && i < len(row) {
		raw = strings.TrimSpace(row[i])
	}
	if blank(raw) && q.Choice(raw) == nil { // some lists have a choice that is coded NA
		raw = c.ticked(q, row)
	}
	if raw == "" {
		return survey.Value{}, false, true
	}
	val, problem := survey.ParseAnswer(q, []string{respell(q, raw)})
	if problem != nil && problem.Code != survey.Exclusive {
		return survey.Value{State: survey.Invalid}, true, false
	}
	return val, true, true
}

// ticked joins the choices whose own columns say yes.
func (c *columns) ticked(q *survey.Question, row []string) string {
	var codes []string
	for code, i := range c.split[q] {
		if i < len(row) {
			switch strings.ToLower(strings.TrimSpace(row[i])) {
			case "1", "true", "yes":
				codes = append(codes, code)
			}
		}
	}
	return strings.Join(codes, " ") // ParseAnswer puts them in list order
}

// respell undoes what spreadsheets and statistics programs do to values: 3e+05, 12.0, dates with times.
func respell(q *survey.Question, raw string) string {
	switch q.Kind {
	case survey.KindInteger:
		if x, err := strconv.ParseFloat(raw, 64); err == nil && x == math.Trunc(x) && math.Abs(x) <= math.MaxInt32 {
			return strconv.FormatInt(int64(x), 10)
		}
	case survey.KindDate:
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05.000-0700", time.DateTime} {
			if t, err := time.Parse(layout, raw); err == nil {
				return t.Format(time.DateOnly)
			}
		}
	default:
	}
	return raw
}
