package xlsform

import (
	"slices"
	"strings"

	"opengate/survey"
)

// column is one header, understood.
type column struct {
	index    int    // from 1, as the spreadsheet counts
	header   string // as the author wrote it, trimmed
	base     string // lasting name, such as "constraint_message"; the header itself for kept extra columns
	word     string // the header's own word, in lower case and without its language
	known    bool
	language string // as the author wrote it, "" without one
	lang     survey.Lang
}

// schema says what the columns of a sheet are called.
type schema struct {
	columns []string          // known names
	texts   []string          // those of them that are written per language
	aliases map[string]string // other spellings → known name
	extras  bool              // other columns are kept under their own header, for choice filters
	og      []string          // known og_ columns
	strict  bool              // any other column is an error
	rows    int               // most rows, 0 for the limit of plan sheets
}

func (s schema) limit() int {
	if s.rows > 0 {
		return s.rows
	}
	return maxPlanRows
}

var surveySchema = schema{
	rows: maxQuestions,
	columns: []string{
		"type", "name", "required", "relevant", "constraint", "calculation", "choice_filter", "default", "read_only",
		"repeat_count", "appearance", "parameters", "trigger", "autoplay", "rows", "save_to", "disabled",
	},
	texts: []string{"label", "hint", "guidance_hint", "required_message", "constraint_message", "image", "audio", "video", "big-image"},
	aliases: map[string]string{
		"command": "type", "tag": "name", "value": "name", "caption": "label", "requiredmsg": "required_message",
		"relevance": "relevant", "constraining_message": "constraint_message", "calculate": "calculation",
		"readonly": "read_only", "count": "repeat_count", "jr:count": "repeat_count", "big_image": "big-image",
		"skippable": "required", "constraint_msg": "constraint_message",
		"bind::type": "bind::type", "bind::relevant": "relevant", "bind::constraint": "constraint", "bind::required": "required",
		"bind::calculate": "calculation", "bind::readonly": "read_only", "bind::jr:constraintmsg": "constraint_message",
		"bind::jr:requiredmsg": "required_message", "control::appearance": "appearance", "body::appearance": "appearance",
		"control::rows": "rows", "body::rows": "rows", "media::image": "image", "media::audio": "audio", "media::video": "video",
		"media::big-image": "big-image", "control::jr:count": "repeat_count", "body::jr:count": "repeat_count", "bind::save_to": "save_to",
	},
	og: []string{
		"og_role", "og_area", "og_of", "og_need_at", "og_severe_at", "og_positive", "og_direction", "og_recall", "og_base",
		"og_special", "og_rank",
	},
}

var choicesSchema = schema{
	rows:    maxChoices,
	columns: []string{"list_name", "name"},
	texts:   []string{"label", "image", "audio", "video", "big-image"},
	aliases: map[string]string{
		"list": "list_name", "listname": "list_name", "value": "name", "caption": "label", "media::image": "image",
		"media::audio": "audio", "media::video": "video", "media::big-image": "big-image", "big_image": "big-image",
	},
	extras: true,
	og:     []string{"og_score", "og_missing", "og_rollup", "og_exclusive", "og_area", "og_other"},
}

var settingsSchema = schema{
	columns: []string{
		"form_id", "version", "default_language", "instance_name", "style", "allow_choice_duplicates",
		"clean_text_values", "public_key", "submission_url", "auto_send", "auto_delete", "client_editable", "prefix", "delimiter",
		"namespaces", "instance_xmlns", "omit_instanceid", "flat", "path", "name", "add_none_option",
	},
	texts:   []string{"form_title"},
	aliases: map[string]string{"title": "form_title", "set_form_title": "form_title", "id_string": "form_id", "set_form_id": "form_id"},
}

// headerCell is a header with its column number.
type headerCell struct {
	index int
	text  string
}

// readHeaders understands the header row of a sheet. Any text may come in; every problem is about the header row.
func (r *report) readHeaders(sheet string, cells []headerCell, s schema) []column {
	double := false
	for _, c := range cells {
		double = double || strings.Contains(c.text, "::")
	}
	present := map[string]bool{}
	for _, c := range cells {
		if col := s.understand(c, double); col.known {
			present[col.base] = true
		}
	}
	var columns []column
	byHeader := map[string]bool{}
	byMeaning := map[string]string{}
	for _, c := range cells {
		at := place{sheet, 1, c.text}
		if byHeader[c.text] {
			r.fail(at, "duplicate_header", "the column "+c.text+" occurs twice", "remove or rename one of them")
			continue
		}
		byHeader[c.text] = true
		col := s.understand(c, double)
		r.checkHeader(at, &col, s, present)
		meaning := col.base + "\x00" + strings.ToLower(col.language)
		if other := byMeaning[meaning]; other != "" && col.known {
			r.fail(at, "header_alias_twice", "the columns "+other+" and "+c.text+" mean the same", "remove one of them")
			continue
		}
		byMeaning[meaning] = c.text
		columns = append(columns, col)
	}
	return columns
}

// understand finds out which column and language a header names.
func (s schema) understand(c headerCell, double bool) column {
	col := column{index: c.index, header: c.text}
	tokens := splitHeader(c.text, double)
	name := snake(tokens[0])
	rest := tokens[1:]
	switch name {
	case "bind", "body", "control", "media", "instance", "attribute":
		if len(rest) > 0 {
			name += "::" + snake(rest[0])
			rest = rest[1:]
		}
	}
	col.word = name
	if alias, ok := s.aliases[name]; ok {
		name = alias
	}
	text := has(s.texts, name)
	col.base = name
	col.known = (text && len(rest) <= 1) || (len(rest) == 0 && (has(s.columns, name) || has(s.og, name)))
	if text && len(rest) == 1 && rest[0] != "" {
		col.language = rest[0]
		col.lang = tagOf(rest[0])
	}
	if !col.known && !strings.HasPrefix(name, "og_") {
		col.base = c.text
	}
	return col
}

// splitHeader cuts at "::", or in sheets that never use it at ":", where "jr:" stays whole.
func splitHeader(header string, double bool) []string {
	separator := "::"
	if !double {
		separator = ":"
		header = strings.ReplaceAll(header, "jr:", "jr\x00")
	}
	tokens := strings.Split(header, separator)
	for i, t := range tokens {
		tokens[i] = strings.TrimSpace(strings.ReplaceAll(t, "jr\x00", "jr:"))
	}
	return tokens
}

// checkHeader reports columns that are probably mistakes. A misspelt column whose right spelling the sheet lacks is an
// error: the questionnaire would quietly do without its conditions or labels.
func (r *report) checkHeader(at place, col *column, s schema, present map[string]bool) {
	switch {
	case col.known:
		return
	case strings.HasPrefix(col.base, "og_"):
		remedy := "this sheet has no og_ columns"
		if len(s.og) > 0 {
			remedy = r.propose(col.base, s.og)
		}
		r.fail(at, "unknown_og_column", "unknown column "+col.header, remedy)
		return
	case s.strict:
		r.fail(at, "unknown_og_column", "unknown column "+col.header, r.propose(col.word, slices.Concat(s.columns, s.texts)))
		return
	}
	switch spelling, base := s.meant(col.word); {
	case base != "" && !present[base]:
		r.fail(at, "misspelt_column", "the column "+col.header+" is not one of XLSForm", misspelling(col.word, spelling))
	case s.extras:
		if strings.ContainsAny(col.header, " \t\n") {
			r.fail(at, "header_space", "the column "+col.header+" has a space in its name, so that no choice_filter can use it",
				"write _ instead of the space, or remove the column")
		}
	case base != "":
		r.warn(at, "unknown_column", "the column "+col.header+" is ignored", misspelling(col.word, spelling))
	}
}

func misspelling(word, spelling string) string {
	if word == spelling {
		return "write " + spelling + " without a language"
	}
	return "did you mean " + spelling + "? if not, let its name begin with _"
}

// minor columns are short and change little, so that a similar word is as likely another column.
var minor = []string{"rows", "audio", "flat", "path", "prefix", "style"}

const (
	shortAlias = 6 // letters; words such as "count" or "list" are near too many others
	maxJoints  = 3 // letters by which a misspelling is longer or shorter: two, or the joints that a header can lack
)

// meant finds the column of which a header's word is a misspelling: one or two letters differ, or only the signs
// between words. It gives the spelling to write and the column's lasting name, "" when there is none.
func (s schema) meant(word string) (spelling, base string) {
	if strings.HasPrefix(word, "_") {
		return "", ""
	}
	least := 3
	try := func(candidate, target string) {
		prefix, rest, prefixed := strings.Cut(candidate, "::")
		own, ownRest, ownPrefixed := strings.Cut(word, "::")
		if prefixed != ownPrefixed || prefixed && prefix != own || has(minor, candidate) {
			return
		}
		if !prefixed {
			rest, ownRest = candidate, word
		}
		if len(ownRest) > len(rest)+maxJoints || len(rest) > len(ownRest)+maxJoints {
			return
		}
		d := distance(ownRest, rest)
		if joined(ownRest) == joined(rest) {
			d = 0
		}
		if d < least && d <= max(1, len(rest)/3) {
			least, spelling, base = d, candidate, target
		}
	}
	for _, c := range slices.Concat(s.columns, s.texts, s.og) {
		try(c, c)
	}
	for _, alias := range sortedKeys(s.aliases) {
		target := s.aliases[alias]
		if known := has(s.columns, target) || has(s.texts, target); !known || !strings.Contains(alias, "::") && len(alias) < shortAlias {
			continue
		}
		try(alias, target)
	}
	if base != "" && !strings.Contains(spelling, "::") {
		spelling = base
	}
	return spelling, base
}

var joints = strings.NewReplacer("_", "", "-", "")

// joined takes out the signs that join the words of a header.
func joined(word string) string { return joints.Replace(word) }

// snake lowers a header and joins its words by "_".
func snake(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), "_") }

func has(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}
