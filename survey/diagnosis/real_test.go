package diagnosis

import (
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"opengate/survey"
	"opengate/survey/xlsform"
)

// households reads the urban-water survey: the form as published, the records as exported, and the responses that an
// import makes of them.
func households(t *testing.T) (*survey.Form, []map[string]string, []survey.Response) {
	t.Helper()
	workbook, err := os.ReadFile(shared(t, "forms/reach_irq_urban_water_ar_en.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	result, err := xlsform.Read(workbook, xlsform.Options{Lenient: true, By: []string{"gender_hoh", "displace_status"}})
	if err != nil || result.Form == nil {
		t.Fatalf("form: %v, %+v", err, result)
	}
	file, err := os.Open(shared(t, "datasets/irq_urban_water_raw.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var records []map[string]string
	var rs []survey.Response
	for i, line := range lines[1:] {
		record := map[string]string{}
		for at, name := range lines[0] {
			record[name] = line[at]
		}
		records = append(records, record)
		a := survey.Answers{}
		for q := range result.Form.All() {
			text, ok := record[q.Name]
			if !ok || !q.Asks() {
				continue
			}
			raw := []string{text}
			if q.Kind == survey.KindSelectMultiple {
				raw = strings.Fields(text)
			}
			v, problem := survey.ParseAnswer(q, raw)
			switch {
			case problem != nil:
				v = survey.Value{State: survey.Invalid}
			case v.Text == "":
				v = survey.Value{State: survey.NotAsked}
			}
			a[q.ID] = v
		}
		rs = append(rs, survey.Response{ID: strconv.Itoa(i), Survey: "water", Wave: "w1", Version: 1, Mode: survey.ModeImported, Day: "2021-07-05", Answers: a})
	}
	return result.Form, records, rs
}

func TestRealAnswersCountAsInTheirFile(t *testing.T) {
	f, records, rs := households(t)
	in := input(f, rs)
	in.By = []string{"gender_hoh", "displace_status"}
	got := exactFrequencies(t, in)
	rows := map[string]func(map[string]string) bool{
		"all":                 func(map[string]string) bool { return true },
		"gender_hoh/female":   func(r map[string]string) bool { return r["gender_hoh"] == "female" },
		"gender_hoh/male":     func(r map[string]string) bool { return r["gender_hoh"] == "male" },
		"displace_status/yes": func(r map[string]string) bool { return r["displace_status"] == "yes" },
	}
	compared := 0
	for _, name := range []string{"shelter_occupation", "property_title", "primary_livelihood", "hh_hosting", "rental_contract"} {
		list := f.Lists[f.Question(name).List]
		for category, member := range rows {
			base, counts := 0, map[string]int{}
			for _, r := range records {
				ticked := strings.Fields(r[name])
				if !member(r) || !slices.ContainsFunc(ticked, func(c string) bool { return list.Choice(c) != nil && list.Choice(c).Missing == survey.NotAsked }) {
					continue
				}
				base++
				for _, c := range ticked {
					counts[c]++
				}
			}
			for _, c := range list.Choices {
				x, ok := got[token(name)+"="+token(c.Code)][category]
				if !ok {
					continue // of two answers one is published
				}
				compared++
				if x != (exactCell{counts[c.Code], base}) {
					t.Errorf("%s=%s of %s: %+v, want %d of %d", name, c.Code, category, x, counts[c.Code], base)
				}
			}
		}
	}
	if compared < 60 {
		t.Errorf("only %d counts compared", compared)
	}
	m := mustMake(t, in)
	if all := m.row(t, everybody); all.N < 628 || all.N > 636 {
		t.Errorf("everybody: %+v", all)
	}
	for _, category := range []string{"gender_hoh/male", "gender_hoh/female", "displace_status/yes"} {
		if !m.row(t, category).Shown {
			t.Errorf("%s is not shown", category)
		}
	}
	t.Logf("%d counts compared, %d indicators, %d cells, withheld %+v", compared, len(m.Indicators), len(m.Cells), m.Withheld)
}
