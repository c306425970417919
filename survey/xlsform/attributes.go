package xlsform

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"opengate/survey"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

var otherCalendars = []string{"ethiopian", "islamic", "coptic", "bikram-sambat", "myanmar", "persian", "buddhist"}

// checkAppearance refuses what would change the meaning of a question; other unknown words only change looks.
func (b *tree) checkAppearance(d *draft) {
	at := d.row.at("appearance")
	whole := strings.ToLower(d.row.get("appearance"))
	switch {
	case strings.Contains(whole, "search("), strings.Contains(whole, "search ("):
		d.out = b.unsupported(at, "unsupported_appearance", "choices searched in an attached file (search(…)) are not supported yet", "put the choices on the choices sheet")
	case strings.Contains(whole, "ex:"):
		d.out = b.unsupported(at, "unsupported_appearance", "another app on the phone cannot be called (ex:…)", "ask the question here")
	}
	for _, word := range d.Appearance {
		if slices.Contains(otherCalendars, word) {
			b.warn(at, "calendar", "the calendar "+word+" is not offered; dates are Gregorian", "")
		}
	}
}

// checkMedia reports pictures and sounds that go with a label. Leaving them out keeps the question.
func (b *tree) checkMedia(d *draft) {
	for _, base := range []string{"image", "audio", "video", "big-image"} {
		if files := d.row.text(base, b.def); !files.Empty() {
			b.unsupported(d.row.at(base), "unsupported_media", "the "+base+" of "+d.row.get("name")+" cannot be shown yet", "remove it, and say in the label what it shows")
		}
	}
}

var (
	parameterGap = regexp.MustCompile(`[\s,;]+`)
	aroundEquals = regexp.MustCompile(`\s*=\s*`)
)

var parameterKeys = map[survey.Kind][]string{
	survey.KindRange:          {"start", "end", "step", "tick_interval", "tick_labelset", "placeholder"},
	survey.KindSelectOne:      {"randomize", "seed", "value", "label"},
	survey.KindSelectMultiple: {"randomize", "seed", "value", "label"},
	survey.KindText:           {"rows", "max-length"},
}

// readParameters reads k=v pairs. Ranges get XLSForm's defaults 1, 10, 1 filled in.
func (b *tree) readParameters(d *draft) {
	cell := d.row.get("parameters")
	at := d.row.at("parameters")
	known, checked := parameterKeys[d.Kind]
	for _, pair := range parameterGap.Split(strings.TrimSpace(aroundEquals.ReplaceAllString(cell, "=")), -1) {
		if pair == "" || !checked {
			continue
		}
		key, value, ok := strings.Cut(pair, "=")
		key = strings.ToLower(key)
		switch {
		case !ok || value == "":
			b.fail(at, "bad_parameter", fmt.Sprintf("%q is not of the form key=value", pair), "separate parameters by spaces")
			continue
		case !slices.Contains(known, key):
			b.fail(at, "unknown_parameter", "unknown parameter "+key, b.propose(key, known))
			continue
		}
		if key != "value" && key != "label" {
			value = strings.ToLower(value)
		}
		if d.Parameters == nil {
			d.Parameters = map[string]string{}
		}
		d.Parameters[key] = value
	}
	if rows := d.row.get("rows"); rows != "" && d.Kind == survey.KindText {
		if d.Parameters == nil {
			d.Parameters = map[string]string{}
		}
		d.Parameters["rows"] = rows
	}
	if yes(d.Parameters["randomize"]) {
		b.warn(at, "not_randomized", "the choices of "+d.row.get("name")+" are shown in the order of the sheet, not at random", "")
	}
	if d.Kind == survey.KindRange {
		b.readRange(d, at)
	}
}

func (b *tree) readRange(d *draft, at place) {
	if d.Parameters == nil {
		d.Parameters = map[string]string{}
	}
	number := func(key, fallback string) float64 {
		if d.Parameters[key] == "" {
			d.Parameters[key] = fallback
		}
		x, err := strconv.ParseFloat(d.Parameters[key], 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			b.fail(at, "bad_range", fmt.Sprintf("%s=%s is not a number", key, d.Parameters[key]), "")
			return 0
		}
		return x
	}
	start, end, step := number("start", "1"), number("end", "10"), number("step", "1")
	switch width := math.Abs(end - start); {
	case step == 0:
		b.fail(at, "bad_range", "step=0 never reaches the end", "leave step out, or give a number above 0")
	case width == 0:
		b.fail(at, "bad_range", "start and end are the same", "")
	case math.Abs(step) > width:
		b.fail(at, "bad_range", "step is wider than the range", "")
	}
}
