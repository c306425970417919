package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"opengate/survey"
	"opengate/survey/diagnosis"
)

// The wire form of a diagnosis. What a hidden figure does not show is absent, never null or nought.
type (
	wireDiagnosis struct {
		Survey     string          `json:"survey"`
		Wave       string          `json:"wave"`
		Version    int             `json:"version"`
		Language   survey.Lang     `json:"language"`
		Release    int             `json:"release"`
		AsOf       string          `json:"as_of"`
		Commitment string          `json:"commitment"`
		Method     wireMethod      `json:"method"`
		Areas      []wireNamed     `json:"areas"`
		Dimensions []wireDimension `json:"dimensions"`
		Indicators []wireIndicator `json:"indicators"`
	}
	wireMethod struct {
		K           int            `json:"k"`
		Rounding    int            `json:"rounding"`
		MadeUp      bool           `json:"made_up"`
		Responses   *int           `json:"responses,omitempty"`
		Channels    []wireTally    `json:"channels"`
		Modes       []wireTally    `json:"modes"`
		Languages   []wireTally    `json:"languages"`
		FirstMonth  string         `json:"first_month,omitempty"`
		LastMonth   string         `json:"last_month,omitempty"`
		WeightNote  string         `json:"weight_note,omitempty"`
		Bounds      string         `json:"bounds"` // what a bound is, and what stands behind it, in words
		Comparisons int            `json:"comparisons"`
		Withheld    []wireWithheld `json:"withheld"`
		KeyID       string         `json:"key_id"`
		Software    string         `json:"software"`
	}
	wireTally struct {
		Code  string `json:"code"`
		Count *int   `json:"count,omitempty"`
	}
	wireWithheld struct {
		Rule  string `json:"rule"`
		Cells int    `json:"cells"`
	}
	wireNamed struct {
		Code  string `json:"code"`
		Label string `json:"label"`
	}
	wireDimension struct {
		Code       string      `json:"code"`
		Kind       string      `json:"kind"`
		Label      string      `json:"label"`
		Categories []wireNamed `json:"categories"`
	}
	wireIndicator struct {
		ID       string `json:"id"`
		Question string `json:"question"`
		Option   string `json:"option"`
		Kind     string `json:"kind"`
		Area     string `json:"area"`
		Measure  string `json:"measure"`
		Role     string `json:"role"`
		Recall   string `json:"recall"`
		Label    string `json:"label"`
		Item     string `json:"item"`
	}
	wireCell struct {
		Indicator string   `json:"indicator"`
		Category  string   `json:"category"`
		Count     *int     `json:"count,omitempty"`
		Base      *int     `json:"base,omitempty"`
		Bound     *string  `json:"bound,omitempty"`
		Estimate  *float64 `json:"estimate,omitempty"`
		Low       *float64 `json:"low,omitempty"`
		High      *float64 `json:"high,omitempty"`
		Gap       *float64 `json:"gap,omitempty"`
		GapLow    *float64 `json:"gap_low,omitempty"`
		GapHigh   *float64 `json:"gap_high,omitempty"`
		Marked    *bool    `json:"marked,omitempty"`
		Status    string   `json:"status"`
		AsOf      string   `json:"as_of"`
	}
)

// JSON writes the diagnosis for scripts, labels in the reader's language (or the form's default where it has
// none): one object, one line for everything but the cells, then one line per cell in the order of the release.
// Shares are fractions in [0,1]. It needs memory for one cell at a time.
func JSON(w io.Writer, d *diagnosis.Diagnosis, lang survey.Lang) error {
	if d == nil || d.Cube == nil {
		return errors.New("export: the JSON needs a release")
	}
	if lang == "" {
		lang = d.Default
	}
	head, err := json.Marshal(wireHead(d, lang))
	if err != nil {
		return fmt.Errorf("export: diagnosis as JSON: %w", err)
	}
	out := bufio.NewWriter(w) // keeps its first error for Flush
	put := func(text []byte) { _, _ = out.Write(text) }
	put(bytes.TrimSuffix(head, []byte("}")))
	put([]byte(`,"cells":[`))
	for i := range d.Figures {
		f := &d.Figures[i]
		cell, err := json.Marshal(wireFigure(f))
		if err != nil {
			return fmt.Errorf("export: figure %s of %s: %w", f.Indicator, f.Category, err)
		}
		if i > 0 {
			put([]byte(","))
		}
		put([]byte("\n"))
		put(cell)
	}
	put([]byte("\n]}\n"))
	if err := out.Flush(); err != nil {
		return fmt.Errorf("export: writing the JSON: %w", err)
	}
	return nil
}

func wireHead(d *diagnosis.Diagnosis, lang survey.Lang) wireDiagnosis {
	label := func(t survey.Text) string {
		wording, _ := t.In(lang, base(lang), d.Default)
		return wording
	}
	head := wireDiagnosis{
		Survey: d.Survey, Wave: d.Wave, Version: d.Version, Language: lang, Release: d.Release, AsOf: d.AsOf,
		Commitment: d.Commitment, Method: wireMethodOf(d, phrases(lang)),
		Areas: []wireNamed{}, Dimensions: []wireDimension{}, Indicators: []wireIndicator{},
	}
	for _, a := range d.Areas {
		head.Areas = append(head.Areas, wireNamed{a.Code, label(a.Label)})
	}
	for _, dim := range d.Dimensions {
		wire := wireDimension{dim.Code, string(dim.Kind), label(dim.Label), []wireNamed{}}
		for _, c := range dim.Categories {
			wire.Categories = append(wire.Categories, wireNamed{c.Code, label(c.Label)})
		}
		head.Dimensions = append(head.Dimensions, wire)
	}
	for at := range d.Indicators {
		i := &d.Indicators[at]
		answer, option := phrases(lang).answer(i)
		item, question := phrases(lang).item(i)
		head.Indicators = append(head.Indicators, wireIndicator{
			i.ID, i.Question, i.Option, i.Kind, i.Area, i.Measure, string(i.Role), i.Recall, or(answer, label(option)), or(item, label(question)),
		})
	}
	return head
}

func wireMethodOf(d *diagnosis.Diagnosis, words words) wireMethod {
	m := d.Method
	wire := wireMethod{
		K: m.K, Rounding: m.B, MadeUp: d.MadeUp, Channels: wireTallies(m.Channels), Modes: wireTallies(m.Modes),
		Languages: wireTallies(m.Languages), FirstMonth: m.FirstDay, LastMonth: m.LastDay,
		WeightNote: m.WeightNote, Comparisons: m.Comparisons, Withheld: []wireWithheld{}, KeyID: d.KeyID, Software: d.Software,
		Bounds: words.say("method.zeros", "b", strconv.Itoa(m.B)),
	}
	for _, row := range d.Rows {
		if row.Category == everybody && row.Shown {
			wire.Responses = &m.Responses
		}
	}
	for _, h := range d.Withheld {
		wire.Withheld = append(wire.Withheld, wireWithheld{h.Rule, h.Cells})
	}
	return wire
}

func wireTallies(tallies []diagnosis.Tally) []wireTally {
	wire := make([]wireTally, len(tallies))
	for i := range tallies {
		wire[i].Code = tallies[i].Code
		if tallies[i].Shown {
			wire[i].Count = &tallies[i].Count
		}
	}
	return wire
}

func wireFigure(f *diagnosis.Figure) wireCell {
	cell := wireCell{Indicator: f.Indicator, Category: f.Category, Status: f.Status, AsOf: f.AsOf}
	if f.Status == statusHidden {
		return cell
	}
	cell.Count, cell.Base, cell.Bound, cell.Marked = &f.Count, &f.Base, &f.Bound, &f.Marked
	cell.Low, cell.High = f.Low, f.High
	cell.Gap, cell.GapLow, cell.GapHigh = f.Gap, f.GapLow, f.GapHigh
	if f.Status == statusPoint {
		cell.Estimate = f.Estimate
	}
	return cell
}
