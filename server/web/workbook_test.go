package web

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// sheets is a workbook as text: per sheet lines of cells separated by "|".
type sheets map[string]string

func (sh sheets) workbook(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	for _, name := range sortedKeys(sh) {
		_, err := f.NewSheet(name)
		must(t, err)
		for row, line := range strings.Split(strings.TrimSpace(sh[name]), "\n") {
			for col, text := range strings.Split(line, "|") {
				cell, err := excelize.CoordinatesToCellName(col+1, row+1)
				must(t, err)
				must(t, f.SetCellStr(name, cell, strings.TrimSpace(text)))
			}
		}
	}
	must(t, f.DeleteSheet("Sheet1"))
	var out bytes.Buffer
	must(t, f.Write(&out))
	return out.Bytes()
}

// everything is a form with every control, rules on one page, a cascade, and texts that only English has.
var everything = sheets{
	"survey": `
type|name|label::English (en)|label::Arabic (ar)|hint::English (en)|required|relevant|constraint|constraint_message::English (en)|choice_filter|appearance|calculation|read_only|parameters
begin_group|one|First **part**|الأول
text|nick|What <script>alert(1)</script> do _we_ call you?|ما اسمك؟|Not [your](javascript:alert(1)) real name
integer|age|Your age|عمرك||yes||. >= 0 and . < 130|Between 0 and 130, please
decimal|share|A share|حصة
date|born|Since when?|منذ متى؟
time|at|At what time?
select_one yesno|kids|Any children?|هل لديك أطفال؟
integer|many|How many?|كم؟|||\${kids} = 'yes'
acknowledge|ok|I have read this
range|scale|How good?|||||||||||start=0 end=5 step=1
end_group
begin_group|two|Where
select_one region|region|Region
select_one town|town|Town||||||| region = \${region}
select_one long|long|A long list
select_multiple yesno|both|Tick
text|story|Tell us more||||||||multiline
note|bye|Hello \${nick}, and goodbye
calculate|twice|||||||||| \${age} * 2
text|seen|Twice your age||||||||| \${age} * 2|yes
end_group
`,
	"choices": `
list_name|name|label::English (en)|label::Arabic (ar)|region
yesno|yes|Yes|نعم
yesno|no|No|لا
region|n|North|الشمال
region|s|South|الجنوب
town|n1|Nordby||n
town|n2|Norrtown||n
town|s1|Southby||s
`,
	"settings": `
form_title|form_id|default_language
All controls|all|English (en)
`,
}

func everythingForm(t *testing.T) []byte {
	t.Helper()
	sh := sheets{}
	for name, text := range everything {
		sh[name] = strings.ReplaceAll(text, `\$`, "$")
	}
	for i := range 20 {
		sh["choices"] += "long|c" + string(rune('a'+i)) + "|Choice " + string(rune('A'+i)) + "\n"
	}
	return sh.workbook(t)
}
