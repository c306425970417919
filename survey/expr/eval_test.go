package expr

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestValues(t *testing.T) {
	for _, c := range []struct{ because, source, want string }{
		{"a blank answer is the empty text", "${blank} = ''", "true"},
		{"a blank answer is smaller than no number", "${blank} < 0", "false"},
		{"a blank answer equals no number", "${blank} = 0", "false"},
		{"a blank answer differs from every number", "${blank} != 5", "true"},
		{"not(equal) and unequal agree on a blank answer", "not(${blank} = 5)", "true"},
		{"arithmetic with a blank is stored as a blank", "${blank} + 1", ""},
		{"a blank made by arithmetic joins as nothing", "concat('a', ${blank} + 1, 'b')", "ab"},
		{"nothing found differs from nothing", "${nowhere} != 5", "false"},
		{"nothing found equals nothing, not even blank", "${nowhere} = ''", "false"},
		{"numbers have no exponent", "10000000000000 * 10000000000000", "100000000000000000000000000"},
		{"small numbers have no exponent", "1 div 10000000", "0.0000001"},
		{"a number loses its .0", "5 * 1.0", "5"},
		{"minus zero is zero", "0 * -1", "0"},
		{"texts compare as texts", "'1' = '01'", "false"},
		{"a number on one side compares numbers", "1 = '01'", "true"},
		{"less than never compares letters", "'a' < 'b'", "false"},
		{"days compare as days", "'2025-03-04' > '2025-03-01'", "true"},
		{"a day that does not exist is no number", "'2025-02-30' > '2025-01-01'", "false"},
		{"a leap day exists in leap years", "date('2024-02-29')", "2024-02-29"},
		{"a leap day does not exist in other years", "date('2025-02-29')", ""},
		{"an exponent is read", "'1e3' + 0", "1000"},
		{"hexadecimal is a typing error", "'0x10' + 0", ""},
		{"a decimal comma is not read", "'1,5' + 0", ""},
		{"blanks around a number are trimmed", "' 5 ' + 0", "5"},
		{"letters behind a number spoil it", "'5abc' + 0", ""},
		{"any of several values may be equal", "${x} = 2", "true"},
		{"any of several values may differ", "${x} != 2", "true"},
		{"several values in a sum with a text count as the first", "${x} + 10", "11"},
		{"the deciding operand is the value of or", "(${x} >= 1 and ${five}) >= 5", "true"},
		{"one blank makes a sum blank", "sum(${y})", ""},
		{"a predicate leaves blanks out of the sum", "sum(${y}[. != ''])", "1"},
		{"the sum of no instances is zero", "sum(${nowhere})", "0"},
		{"the maximum of no instances is blank", "max(${nowhere})", ""},
		{"a predicate may name a sibling", "sum(/data/rep[x > 1]/x)", "2"},
		{"a predicate may count", "${x}[2]", "2"},
		{"a predicate may count from the end", "${x}[last()]", "2"},
		{"predicates follow one another", "count(${x}[. > 0][2])", "1"},
		{"position of a filtered instance is that before filtering", "position(${x}[. = 2])", "2"},
		{"position(..) is the number of the instance", "position(..) - 1", "2"},
		{"indexed-repeat counts from one", "indexed-repeat(${x}, ${rep}, 1)", "1"},
		{"indexed-repeat beyond the last is blank", "indexed-repeat(${x}, ${rep}, 9)", ""},
		{"indexed-repeat at a blank number is blank", "indexed-repeat(${x}, ${rep}, ${blank})", ""},
		{"a choice column is a bare name", "region = 'north'", "true"},
		{"an absent column equals nothing", "pastel = ''", "false"},
		{"an absent column differs from nothing", "pastel != 'x'", "false"},
		{"a column can be a number", "${five} >= size", "false"},
		{"a list is looked up by a condition", "instance('L')/root/item[name = 'b']/label", "B"},
		{"a list is looked up by an answer", "instance('L')/root/item[name = ${sel1}]/label", "A"},
		{"blank cells of a list are not there", "count(instance('L')/root/item[f != ''])", "2"},
		{"current() inside a predicate is the question itself", "count(instance('L')/root/item[f = current()])", "1"},
		{"current()/../x inside a predicate is a question", "instance('L')/root/item[name = current()/../sel1]/label", "A"},
		{"pulldata is a look-up", "pulldata('L', 'label', 'name', 'b')", "B"},
		{"pulldata of what is not there is blank", "pulldata('L', 'label', 'name', 'z')", ""},
		{"jr:itext of a list is the label", "jr:itext(instance('L')/root/item[name = ${sel1}]/itextId)", "A"},
		{"a choice has a name", "jr:choice-name(selected-at(${sel1}, 0), '${sel1}')", "Label A"},
		{"a code that no list has has no name", "jr:choice-name('zz', '${sel1}')", ""},
		{"selected knows codes, not parts of codes", "selected('abc', 'b')", "false"},
		{"nothing is selected in a blank answer but blank", "selected(${blank}, 'a')", "false"},
		{"selected-at counts from zero", "selected-at(${sel}, 1)", "b"},
		{"once keeps what is there", "once(7)", "2"},
		{"substring counts from one and rounds", "substring('12345', 1.5, 2.6)", "234"},
		{"substr counts from zero", "substr('hello', 1, 3)", "el"},
		{"substr counts from the end", "substr('hello', -3, -1)", "ll"},
		{"characters are code points", "string-length(${word})", "4"},
		{"a text is cut between code points", "substr(${word}, 1, 3)", "ół"},
		{"translate drops what has no counterpart", "translate('abc', 'abc', 'x')", "x"},
		{"regex is not anchored", "regex('xabcx', 'abc')", "true"},
		{"regex can be anchored", "regex('xabcx', '^abc$')", "false"},
		{"regex may ignore case", "regex('ŻÓŁW', '(?i)^żółw$')", "true"},
		{"a pattern may come from an answer", "regex('abc', concat('a', 'b'))", "true"},
		{"a broken pattern from an answer matches nothing", "regex('abc', concat('(', 'b'))", "false"},
		{"round goes away from zero", "round(-2.5)", "-3"},
		{"round to tens", "round(1250, -2)", "1300"},
		{"round to decimals", "round(2.345, 2)", "2.35"},
		{"round of the infinite", "round(1 div 0, 2)", "Infinity"},
		{"int cuts towards zero", "int(-3.9)", "-3"},
		{"pow multiplies", "pow(1.7, 2)", "2.8899999999999997"},
		{"pow divides", "pow(2, -2)", "0.25"},
		{"pow of a text is blank", "pow('x', 0)", ""},
		{"today is a day", "today()", "2026-05-06"},
		{"now is a moment", "now()", "2026-05-06T07:08:09.123+02:00"},
		{"days are added to days", "date(today() + 1)", "2026-05-07"},
		{"days are subtracted over a change of clocks", "round(date('2026-04-01') - date('2026-03-01'))", "31"},
		{"format-date writes a day", "format-date(${d}, '%e/%n/%Y %a')", "4/3/2025 Tue"},
		{"format-date-time writes in the form's zone", "format-date-time(${moment}, '%H:%M:%S.%3')", "06:06:07.000"},
		{"a time with an offset comes to the form's zone", "decimal-time('05:00:00.000+00:00')", "0.25"},
		{"half of an expression is not evaluated", "if(true(), 'a', 1 div 0)", "a"},
		{"typographic quotes are quotes", "if(${sel1} = ‘a’, “yes”, “no”)", "yes"},
		{"randomize with a seed has the order of other tools", "join(' ', randomize(instance('L')/root/item/name, 'abc'))", "a c b"},
		{"randomize with another seed", "join(' ', randomize(instance('L')/root/item/name, -3))", "b a c"},
		{"a union counts both", "count(${x} | ${y})", "4"},
		{"checklist counts conditions", "checklist(1, 2, true(), false(), ${five} = 5)", "true"},
		{"angles are radians", "round(sin(1) + cos(1) + tan(1) + asin(1) + acos(0) + atan(1) + atan2(1, 2), 6)", "7.329819"},
		{"logarithms and powers", "round(exp(1) + log(2) + log10(1000) + exp10(2) + pow(2, 0.5) + sqrt(9), 6)", "110.825643"},
		{"digest is hexadecimal on request", "digest('abc', 'SHA-1', 'hex')", "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{"digest is base64 otherwise", "digest('abc', 'MD5')", "kAFQmDzST7DWlj99KOF/cg=="},
		{"base64 is decoded", "base64-decode('xbxvxYJ3')", "żołw"},
		{"what is no base64 is blank", "base64-decode('?')", ""},
		{"a UUID has its version", "uuid()", "00000000-0000-4000-8000-000000000000"},
		{"a UUID may be cut", "uuid(4)", "0000"},
		{"random comes from the scope", "random()", "0"},
		{"names may hold minus signs, references do not", "${five}-1", "4"},
	} {
		s := sample(zone(t, "Europe/Warsaw"))
		s.self = "2"
		if got := parse(t, c.source).Text(s); got != c.want {
			t.Errorf("%s: %s = %q, want %q", c.because, c.source, got, c.want)
		}
	}
}

func TestConditionsAndNumbers(t *testing.T) {
	s := sample(time.UTC)
	if !parse(t, "${blank}").Bool(s) {
		t.Error("a question that is there is true, even blank")
	}
	if parse(t, "${nowhere}").Bool(s) {
		t.Error("a question that is not there is true")
	}
	if n := parse(t, "${blank}").Number(s); !math.IsNaN(n) {
		t.Errorf("a blank is the number %v", n)
	}
	if n := parse(t, "${d}").Number(s); n != 20151 {
		t.Errorf("2025-03-04 is day %v", n)
	}
	if parse(t, "true()").Bool(Empty) == parse(t, "false()").Bool(Empty) {
		t.Error("constants are evaluated in the empty scope")
	}
}

func TestWhatCannotBeReadSaysWhereAndWhatToDo(t *testing.T) {
	for _, c := range []struct {
		source, code string
		pos          int
		says         string // part of message and remedy
	}{
		{"", CodeEmpty, 0, "empty"},
		{"  ", CodeEmpty, 0, "empty"},
		{"${a} = ", CodeUnexpected, 7, "the expression ends"},
		{"${a} == 1", CodeUnexpected, 6, "write = once"},
		{"${a} && ${b}", CodeUnexpected, 5, "write and"},
		{"${a} <> 1", CodeUnexpected, 5, "write !="},
		{"${a} AND ${b}", CodeUnexpected, 5, "small letters"},
		{"${a} ${b}", CodeUnexpected, 5, "${b} stands"},
		{"'a", CodeUnclosed, 0, "closing quote"},
		{"(1", CodeUnclosed, 2, ")"},
		{"${a", CodeUnclosed, 0, "closing brace"},
		{"${}", CodeReference, 0, "name"},
		{"${last-saved#a}", CodeLastSaved, 0, "earlier person"},
		{"--5", CodeUnexpected, 1, "two minus"},
		{"1e3", CodeNumber, 0, "decimal point"},
		{"select(${a}, 'b')", CodeFunction, 0, "did you mean selected("},
		{"frobnicate(1)", CodeFunction, 0, "no function frobnicate"},
		{"not(1, 2)", CodeArity, 0, "takes 1 argument, not 2"},
		{"if(1, 2)", CodeArity, 0, "write if(condition, then, else)"},
		{"1 + if(1, 2)", CodeArity, 4, "3 arguments"},
		{"difference-in-months(${a}, ${b})", CodeUnsupported, 0, "Community Health Toolkit"},
		{"version()", CodeUnsupported, 0, "Survey123"},
		{"lower-case('A')", CodeUnsupported, 0, "translate"},
		{"cht:extension-lib('x')", CodeUnsupported, 0, "dialect"},
		{"area(${a})", CodeUnsupported, 0, "map"},
		{"//a", CodePath, 0, "${name}"},
		{"following-sibling::a", CodePath, 0, "axis"},
		{"@a", CodePath, 0, "attributes"},
		{"..", CodePath, 0, "position(..)"},
		{"instance('L')//item", CodeUnexpected, 13, "/"},
		{"count('a')", CodeArgument, 6, "reference"},
		{"jr:choice-name(${a}, ${a})", CodeArgument, 21, "quotes"},
		{"indexed-repeat(${a}, 1, 2)", CodeArgument, 21, "reference"},
		{"regex(., '(?=a)')", CodeRegex, 9, "looks ahead"},
		{`regex(., '(a)\1')`, CodeRegex, 9, "refers back"},
		{"regex(., '[')", CodeRegex, 9, "cannot be read"},
		{"digest('a', 'CRC')", CodeArgument, 12, "SHA-256"},
		{strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300), CodeTooDeep, 200, "200"},
		{strings.Repeat("-(", 300) + "1" + strings.Repeat(")", 300), CodeTooDeep, 200, "200"},
		{"1" + strings.Repeat("+1", 3000), CodeTooDeep, 0, "2000"},
		{strings.Repeat("1+", 20000) + "1", CodeTooLong, maxSource, "32767"},
	} {
		short := c.source[:min(len(c.source), 40)]
		_, err := Parse(c.source)
		e, ok := err.(*SyntaxError) //nolint:errorlint // Parse promises this very type
		if !ok {
			t.Errorf("%s: %v, want a syntax error", short, err)
			continue
		}
		if e.Code != c.code || e.Pos != c.pos || !strings.Contains(e.Error(), c.says) {
			t.Errorf("%s: %s at %d: %v; want %s at %d with %q", short, e.Code, e.Pos, e, c.code, c.pos, c.says)
		}
	}
}

func TestWhatAnExpressionNeeds(t *testing.T) {
	for _, c := range []struct {
		source        string
		refs, columns string
		self, server  bool
	}{
		{source: "${b} = ${a} or ${b}", refs: "a b"},
		{source: "jr:choice-name(., '${q}')", refs: "q", self: true},
		{source: "../x = 1 and /data/g/y = 2", refs: "x y"},
		{source: "filter = ${c} and selected(${m}, name)", refs: "c m", columns: "filter name"},
		{source: "${x}[. != '']", refs: "x"},
		{source: "sum(${rep}[age > 3]/income)", refs: "age income rep", server: true},
		{source: "instance('L')/root/item[name = ${a}]/label", refs: "a", server: true},
		{source: "instance('L')/root/item[name = current()]/label", self: true, server: true},
		{source: "string-length() > 3", self: true},
		{source: "once(random())", self: true, server: true},
		{source: "position(..)", server: true},
		{source: "regex(., '^[0-9]+$')", self: true},
		{source: "regex(., '^([a-z]+[.])+$')", self: true, server: true},
		{source: "regex(., ${p})", refs: "p", self: true, server: true},
		{source: "pow(${h}, 2)", refs: "h"},
		{source: "pow(${h}, 0.5)", refs: "h", server: true},
		{source: "today() > ${d}", refs: "d"},
		{source: "now()", server: true},
		{source: "indexed-repeat(${a}, ${r}, 1)", refs: "a r", server: true},
	} {
		e := parse(t, c.source)
		if refs, columns := strings.Join(e.Refs(), " "), strings.Join(e.Columns(), " "); refs != c.refs || columns != c.columns || e.UsesSelf() != c.self || e.ServerOnly() != c.server {
			t.Errorf("%s: refs %q columns %q self %v server %v", c.source, refs, columns, e.UsesSelf(), e.ServerOnly())
		}
	}
	if got := strings.Join(parse(t, "instance('L')/root/item[name=pulldata('f', 'a', 'b', 'c')]/x").Instances(), " "); got != "L f" {
		t.Errorf("instances %q", got)
	}
}

func TestWorkAndMemoryAreBounded(t *testing.T) {
	s := sample(time.UTC)
	rows := make([]map[string]string, 5000)
	for i := range rows {
		rows[i] = map[string]string{"name": "a"}
	}
	s.rows["big"] = rows
	s.refs["long"] = []string{strings.Repeat("ż", maxText)}
	start := time.Now()
	nested := "1 = 1"
	for range 6 {
		nested = "count(instance('big')/root/item[" + nested + "]) > 0"
	}
	if got := parse(t, nested).Text(s); got != "false" && got != "" {
		t.Errorf("unfinished work gives %q", got)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("nested look-ups took %v", took)
	}
	huge := parse(t, "concat("+strings.TrimSuffix(strings.Repeat("${long},", 500), ",")+")").Text(s)
	if n := characters(huge); n != maxText {
		t.Errorf("a text of %d characters was made", n)
	}
}

func TestMonthAndWeekdayNamesComeFromTheScope(t *testing.T) {
	got := parse(t, "format-date('2025-03-04', '%a %e %b')").Text(named{sample(time.UTC)})
	if got != "wt. 4 mar" {
		t.Errorf("got %q", got)
	}
}

type named struct{ *sheet }

func (named) Month(time.Month) string     { return "mar" }
func (named) Weekday(time.Weekday) string { return "wt." }

func BenchmarkRelevant(b *testing.B) {
	e := parse(b, "(selected(${sel}, 'b') or ${five} >= 18) and not(${sel1} = 'z') and ${x} > 1")
	s := sample(time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		if !e.Bool(s) {
			b.Fatal("false")
		}
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		parse(b, "(selected(${sel}, 'b') or ${five} >= 18) and not(${sel1} = 'z') and ${x} > 1")
	}
}
