package xlsform

import (
	"regexp"
	"strings"

	"opengate/survey"
)

// rowType is a type cell, understood.
type rowType struct {
	kind    survey.Kind
	list    string
	other   bool   // or_other
	begin   bool   // of a group or repeat
	end     bool   // of a group or repeat
	covert  bool   // identifies the device or records without being seen: never collected
	missing string // why it cannot be used, "" when it can
	remedy  string
	unknown bool // not a type of XLSForm that we have heard of
}

var simpleTypes = map[string]survey.Kind{
	"text": survey.KindText, "string": survey.KindText, "barcode": survey.KindText,
	"integer": survey.KindInteger, "int": survey.KindInteger, "decimal": survey.KindDecimal,
	"date": survey.KindDate, "time": survey.KindTime, "datetime": survey.KindDateTime, "date time": survey.KindDateTime,
	"note": survey.KindNote, "calculate": survey.KindCalculate, "hidden": survey.KindHidden,
	"acknowledge": survey.KindAcknowledge, "trigger": survey.KindAcknowledge, "range": survey.KindRange,
	"start": survey.KindStart, "start time": survey.KindStart, "end": survey.KindEnd, "end time": survey.KindEnd,
	"today": survey.KindToday, "get today": survey.KindToday,
}

var covertTypes = map[string]bool{
	"deviceid": true, "device id": true, "get device id": true, "simserial": true, "sim id": true, "get sim id": true,
	"subscriberid": true, "subscriber id": true, "get subscriber id": true, "phonenumber": true, "phone number": true,
	"get phone number": true, "username": true, "email": true, "imei": true, "audit": true, "background-audio": true,
	"start-geopoint": true, "background-geopoint": true,
}

// feature is something that cannot be asked yet, and what to ask instead.
type feature struct{ name, instead string }

var (
	pictures   = feature{"pictures as answers", "ask for a description in a text question"}
	recordings = feature{"recordings as answers", "ask for a description in a text question"}
	positions  = feature{"positions", "ask for the district in a select_one question, which is enough for figures and kinder to privacy"}
	attached   = feature{"attached files", "put the choices on the choices sheet"}
	toolkit    = feature{"types of the Community Health Toolkit", "use the types of XLSForm"}
)

var unsupportedTypes = map[string]feature{
	"image": pictures, "photo": pictures, "picture": pictures, "audio": recordings, "video": recordings, "file": pictures,
	"geopoint": positions, "gps": positions, "location": positions, "geotrace": positions, "geoshape": positions, "osm": positions,
	"csv-external": attached, "xml-external": attached, "tel": toolkit,
	"percentage": {"the old type percentage", "use integer with the constraint . >= 0 and . <= 100"},
}

var (
	selectType = regexp.MustCompile(`(?i)^(select_one_external|select one external|select_one|select one|select1|select_multiple|select multiple|select_all_that_apply|select all that apply|select_all|select all|rank)(?: from)?\s+(\$\{[^}]*\}|\S+)((?: |_)or(?: |_)(?:specify(?: |_))?other)?$`)
	fromFile   = regexp.MustCompile(`(?i)^select[_ ](one|multiple)[_ ]from[_ ]file\b`)
	blockType  = regexp.MustCompile(`(?i)^(begin|end)[_ ]+(group|repeat|lgroup|looped group|loop)\b`)
)

// parseType reads a type cell, all aliases resolved. Names of lists keep their case.
func parseType(cell string) rowType {
	cell = strings.Join(strings.Fields(cell), " ")
	if m := blockType.FindStringSubmatch(cell); m != nil {
		return blockOf(strings.ToLower(m[1]), strings.ToLower(m[2]))
	}
	if fromFile.MatchString(cell) {
		return rowType{missing: "choices from attached files", remedy: attached.instead}
	}
	if m := selectType.FindStringSubmatch(cell); m != nil {
		return selectOf(strings.ToLower(m[1]), m[2], m[3] != "")
	}
	name := strings.ToLower(cell)
	if kind, ok := simpleTypes[name]; ok {
		return rowType{kind: kind}
	}
	if kind, ok := simpleTypes[strings.ReplaceAll(name, "_", " ")]; ok {
		return rowType{kind: kind}
	}
	if covertTypes[name] || covertTypes[strings.ReplaceAll(name, "_", " ")] || strings.HasPrefix(name, "uri:") {
		return rowType{covert: true, kind: survey.KindHidden}
	}
	first, _, _ := strings.Cut(name, " ")
	if what, ok := unsupportedTypes[first]; ok {
		return rowType{missing: what.name, remedy: what.instead}
	}
	if strings.HasPrefix(name, "db:") {
		return rowType{missing: toolkit.name, remedy: toolkit.instead}
	}
	return rowType{unknown: true}
}

func blockOf(edge, what string) rowType {
	t := rowType{begin: edge == "begin", end: edge == "end", kind: survey.KindGroup}
	if what != "group" {
		t.kind = survey.KindRepeat
	}
	if t.begin && what == "loop" {
		t.missing, t.remedy = "loops over a choice list", "write one group per choice"
	}
	return t
}

func selectOf(word, list string, other bool) rowType {
	t := rowType{kind: survey.KindSelectOne, list: list, other: other}
	switch {
	case strings.HasPrefix(list, "${"):
		t.missing = "choices made of the answers of a repeat"
	case word == "rank":
		t.kind, t.missing, t.remedy = survey.KindRank, "rank", "ask for first, second and third choice in three select_one questions and mark them with og_rank"
	case strings.HasSuffix(word, "multiple"), strings.HasPrefix(word, "select_all"), strings.HasPrefix(word, "select all"):
		t.kind = survey.KindSelectMultiple
	}
	return t
}

// knownTypes are offered as corrections.
var knownTypes = []string{
	"text", "integer", "decimal", "date", "time", "datetime", "select_one", "select_multiple", "note", "calculate",
	"hidden", "acknowledge", "range", "start", "end", "today", "begin_group", "end_group", "begin_repeat", "end_repeat",
}
