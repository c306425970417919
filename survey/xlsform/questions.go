package xlsform

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"opengate/survey"
)

// draft is a row of the survey sheet on its way to a question.
type draft struct {
	*survey.Question
	row      *row
	parent   *draft
	children []*draft
	covert   bool
	other    bool
	out      bool   // left out
	relevant string // condition of a generated question, which has no cell of its own
}

const maxDepth = 60

// readSurvey builds the tree of groups and questions.
func (im *importer) readSurvey() {
	im.byName = map[string][]*draft{}
	im.lacking = map[string][]int{}
	b := &tree{importer: im, spaced: map[*survey.List]bool{}}
	for _, r := range im.survey.rows {
		if len(b.stack) > maxDepth {
			im.fail(r.at("type"), "too_deep", fmt.Sprintf("groups are nested more than %d deep", maxDepth), "close groups with end_group")
			return
		}
		b.add(r)
	}
	for _, open := range b.stack {
		im.fail(open.row.at("type"), "unmatched_begin", "the "+string(open.Kind)+" "+open.Name+" is never closed", "add a row end_"+string(open.Kind))
	}
	im.reportLacking(b.unlisted)
	if len(im.drafts) == 0 && !im.failed() {
		im.fail(place{sheet: im.survey.sheet}, "no_questions", "the sheet has no questions", "")
	}
}

// tree is the survey sheet while it is read from top to bottom.
type tree struct {
	*importer
	stack    []*draft
	disabled int                   // depth of blocks inside a disabled one
	spaced   map[*survey.List]bool // lists whose codes with spaces are reported
	unlisted []string              // keys of lacking, as met
}

func (b *tree) add(r *row) {
	cell := r.get("type")
	t := parseType(cell)
	if b.skip(r, cell, t) {
		return
	}
	switch {
	case t.end:
		b.close(r, t)
		return
	case t.unknown:
		b.unknownType(r, cell)
	}
	d := &draft{row: r, other: t.other, covert: t.covert, Question: &survey.Question{Kind: t.kind, List: t.list, Row: r.number}}
	b.describe(d)
	b.place(d)
	if t.missing != "" || t.unknown && b.lenient {
		if t.missing == "" {
			t.missing = "the type " + cell
		}
		d.out = b.unsupported(r.at("type"), "unsupported_type", fmt.Sprintf("%s needs %s (%s), which cannot be asked yet", d.Name, t.missing, cell), t.remedy)
	}
	if d.Kind == survey.KindRepeat && !d.out {
		d.out = b.unsupported(r.at("type"), "unsupported_type", d.Name+" needs repeats (begin_repeat), which cannot be asked yet", "ask for totals, or for a fixed number of people in groups")
	}
	if t.begin {
		b.stack = append(b.stack, d)
	}
}

// skip says whether the row is a comment, or switched off.
func (b *tree) skip(r *row, cell string, t rowType) bool {
	if b.disabled > 0 {
		if t.begin {
			b.disabled++
		}
		if t.end {
			b.disabled--
		}
		return true
	}
	if yes(r.get("disabled")) {
		b.warn(r.at("disabled"), "disabled", "the row is switched off and ignored", "")
		if t.begin {
			b.disabled = 1
		}
		return true
	}
	if cell != "" {
		return false
	}
	if r.get("name") != "" || !r.text("label", b.def).Empty() {
		b.fail(r.at("type"), "no_type", "the row has a name or label and no type", "fill in the type, or clear the row")
	}
	return true
}

func (b *tree) unknownType(r *row, cell string) {
	word, _, _ := strings.Cut(cell, " ")
	if t := parseType(cell + " list"); t.list == "list" {
		b.fail(r.at("type"), "no_list", cell+" does not name its choice list", "write "+cell+" and the list_name of its choices")
		return
	}
	if guess := likely(word, knownTypes); guess != "" || !b.lenient {
		remedy := "see the list of types at xlsform.org"
		if guess != "" {
			remedy = "did you mean " + guess + "?"
		}
		b.fail(r.at("type"), "unknown_type", fmt.Sprintf("unknown type %q", cell), remedy)
	}
}

func (b *tree) close(r *row, t rowType) {
	if len(b.stack) == 0 {
		b.fail(r.at("type"), "unmatched_end", "nothing is open that "+r.get("type")+" could close", "remove the row, or add its begin")
		return
	}
	open := b.stack[len(b.stack)-1]
	b.stack = b.stack[:len(b.stack)-1]
	if open.Kind != t.kind {
		b.fail(r.at("type"), "unmatched_end", fmt.Sprintf("%s closes the %s %s of row %d", r.get("type"), open.Kind, open.Name, open.Row),
			"write end_"+string(open.Kind))
	}
}

// place hangs the draft into the tree and checks its name.
func (b *tree) place(d *draft) {
	if len(b.stack) > 0 {
		d.parent = b.stack[len(b.stack)-1]
		d.Groups = append(append([]string{}, d.parent.Groups...), d.parent.Name)
	}
	b.checkName(d)
	if d.covert {
		b.warn(d.row.at("type"), "not_collected", d.row.get("type")+" identifies a device or records unseen, so it is not collected", "")
	}
	if d.parent != nil {
		d.parent.children = append(d.parent.children, d)
	}
	b.drafts = append(b.drafts, d)
	b.byName[d.Name] = append(b.byName[d.Name], d)
}

var badName = regexp.MustCompile(`[^\p{L}\p{N}_.\-\x{00B7}\p{M}]`)

func (b *tree) checkName(d *draft) {
	name := d.row.get("name")
	switch {
	case name == "" && d.Kind == survey.KindNote:
		name = fmt.Sprintf("generated_note_name_%d", d.Row)
	case name == "" && d.covert:
		name = fmt.Sprintf("generated_meta_name_%d", d.Row)
	case name == "":
		b.fail(d.row.at("name"), "no_name", "the row has no name", "give it a name that begins with a letter, without spaces")
		name = fmt.Sprintf("generated_name_%d", d.Row)
	case badName.MatchString(name) || !startsName(name):
		b.fail(d.row.at("name"), "bad_name", fmt.Sprintf("%q cannot be a name, which begins with a letter or _ and holds only letters, digits, _, dots and hyphens", name),
			"write "+goodName(name))
	case name == "meta" && d.parent == nil:
		b.fail(d.row.at("name"), "reserved_name", "the name meta is reserved", "rename it")
	}
	d.Name = name
	for _, other := range b.byName[name] {
		if other.parent == d.parent {
			b.fail(d.row.at("name"), "duplicate_name", fmt.Sprintf("the name %s is already used in row %d of the same group", name, other.Row), "rename one of them")
			break
		}
	}
}

func startsName(name string) bool {
	for _, r := range name {
		return r == '_' || unicode.IsLetter(r)
	}
	return false
}

func goodName(name string) string {
	name = strings.Trim(badName.ReplaceAllString(name, "_"), "_")
	if !startsName(name) {
		name = "q_" + name
	}
	return name
}

// describe fills in what needs no other row.
func (b *tree) describe(d *draft) {
	r := d.row
	d.Label = r.text("label", b.def)
	d.Hint = r.text("hint", b.def)
	d.Guidance = r.text("guidance_hint", b.def)
	d.RequiredMessage = r.text("required_message", b.def)
	d.ConstraintMessage = r.text("constraint_message", b.def)
	d.Appearance = strings.Fields(strings.ToLower(r.get("appearance")))
	b.checkAppearance(d)
	b.readParameters(d)
	b.checkMedia(d)
	b.checkList(d)
	if d.Kind == survey.KindCalculate && r.get("calculation") == "" && r.get("default") == "" {
		b.fail(r.at("calculation"), "no_calculation", "the calculate row has no calculation", "write what is to be calculated, or remove the row")
	}
	if r.get("trigger") != "" {
		d.out = b.unsupported(r.at("trigger"), "unsupported_column", "calculations that run only when another question changes (trigger) are not done yet",
			"remove trigger, so that the calculation follows its questions at once")
	}
	if r.get("save_to") != "" {
		b.warn(r.at("save_to"), "ignored_column", "entities are not kept", "")
	}
	asked := d.Kind != survey.KindCalculate && d.Kind != survey.KindHidden && d.Kind != survey.KindGroup && d.Kind != survey.KindRepeat
	if d.Kind == survey.KindStart || d.Kind == survey.KindEnd || d.Kind == survey.KindToday {
		asked = false
	}
	if asked && !d.covert && d.Label.Empty() && d.Hint.Empty() && r.get("calculation") == "" {
		b.warn(r.at("label"), "no_label", "the question "+r.get("name")+" has no label; its name is shown", "write a label")
	}
}

// checkList finds the choice list; a spelling that differs in case only is accepted.
func (b *tree) checkList(d *draft) {
	if d.List == "" || strings.HasPrefix(d.List, "${") {
		return
	}
	if l := b.out.Lists[d.List]; l != nil {
		b.checkCodes(d, l)
		return
	}
	for _, name := range sortedKeys(b.out.Lists) {
		if strings.EqualFold(name, d.List) {
			d.List = name
			b.checkCodes(d, b.out.Lists[name])
			return
		}
	}
	if b.lacking[d.List] == nil {
		b.unlisted = append(b.unlisted, d.List)
	}
	b.lacking[d.List] = append(b.lacking[d.List], d.row.number)
}

// checkCodes refuses choices that would fall apart where several are stored together, separated by spaces.
func (b *tree) checkCodes(d *draft, l *survey.List) {
	if d.Kind != survey.KindSelectMultiple || b.spaced[l] {
		return
	}
	for _, c := range l.Choices {
		if strings.ContainsAny(c.Code, " \t\n") {
			b.spaced[l] = true
			b.fail(b.listRows[c].at("name"), "choice_space", fmt.Sprintf("the choice %q has a space in its name, and row %d lets people choose several", c.Code, d.row.number),
				"write "+strings.Join(strings.Fields(c.Code), "_"))
		}
	}
}
