package export

import (
	"math"
	"slices"

	"opengate/survey"
	"opengate/survey/diagnosis"
)

// words4 is a text in the four languages of the fixture.
func words4(pl, en, uk, ar string) survey.Text {
	return survey.Text{"pl": pl, "en": en, "uk": uk, "ar": ar}
}

var fixtureLanguages = []survey.Language{
	{Tag: "pl", Name: "Polski", Reviewed: true},
	{Tag: "en", Name: "English", Reviewed: true},
	{Tag: "uk", Name: "Українська", Reviewed: true},
	{Tag: "ar", Name: "العربية"},
}

// fixtureForm is a small questionnaire with what makes exports fail elsewhere: formulas, missing translations,
// line breaks, numbers that are codes.
func fixtureForm() *survey.Form {
	one, five := 1.0, 5.0
	scale := &survey.List{Name: "scale", Choices: []*survey.Choice{
		{Code: "full", Label: words4("w pełni", "fully", "повністю", "تمامًا"), Score: &one},
		{Code: "none", Label: words4("wcale", "not at all", "зовсім ні", "إطلاقًا"), Score: &five},
		{Code: "pnts", Label: words4("wolę nie mówić", "prefer not to say", "не хочу казати", "أفضل عدم الإجابة"), Missing: survey.Refused, Exclusive: true},
	}}
	barrier := &survey.List{Name: "barrier", Choices: []*survey.Choice{
		{Code: "007", Label: words4("=1+1", "=HYPERLINK(\"http://example.org\",\"click\")", "+48 12 000", "@sum")},
		{Code: "cost", Label: survey.Text{"pl": "- koszt"}},
	}}
	f := &survey.Form{
		Slug: "needs", Version: 2, Title: words4("Potrzeby w Krakowie", "Needs in Kraków", "Потреби в Кракові", "الاحتياجات في كراكوف"),
		Languages: slices.Clone(fixtureLanguages), Default: "pl", Lists: map[string]*survey.List{"scale": scale, "barrier": barrier},
		Body: []*survey.Question{{ID: "needs", Name: "needs", Kind: survey.KindGroup, Label: words4("Potrzeby", "Needs", "Потреби", "الاحتياجات"), Children: []*survey.Question{
			{
				ID: "q03", Name: "q03", Kind: survey.KindSelectOne, List: "scale", Label: words4("Moje mieszkanie jest bezpieczne", "My home is safe", "Моє житло безпечне", "منزلي آمن"),
				Hint: survey.Text{"pl": "Chodzi o dziś", "en": "Think of today"}, Analysis: survey.Analysis{Role: survey.RoleNeed, Area: "HOU", Recall: "now"},
			},
			{
				ID: "q17", Name: "q17", Kind: survey.KindSelectMultiple, List: "barrier", Label: words4("Co przeszkodziło?", "What stood in the way?", "Що завадило?", "ما الذي حال دون ذلك؟"),
				Analysis: survey.Analysis{Role: survey.RoleBarrier, Special: true},
			},
			{ID: "q30", Name: "q30", Kind: survey.KindText, Label: survey.Text{"pl": "Jedna zmiana\nktóra liczy się najbardziej"}},
		}}},
	}
	f.Index()
	return f
}

// fixtureDiagnosis is a release made by hand: every status, bound and age that a figure can have.
func fixtureDiagnosis() *diagnosis.Diagnosis {
	areas := []survey.Area{
		{Code: "HOU", Label: words4("Mieszkanie", "Housing", "Житло", "السكن")},
		{Code: "HEA", Label: words4("Zdrowie", "Health", "Здоров’я", "الصحة")},
		{Code: "SAF", Label: words4("Godność, bezpieczeństwo, wolność od przemocy", "Dignity, safety, freedom from violence", "Гідність, безпека, свобода від насильства", "الكرامة والأمان والتحرر من العنف")},
	}
	c := &diagnosis.Cube{
		Schema: 1, Survey: "needs", Wave: "2025", Version: 2, Release: 3, AsOf: "2025-03-14", KeyID: "k1", Software: "opengate 0.2",
		Commitment: "9f2c4a", MadeUp: true, Title: words4("Potrzeby w Krakowie", "Needs in Kraków", "Потреби в Кракові", "الاحتياجات في كراكوف"),
		Languages: slices.Clone(fixtureLanguages), Default: "pl", Areas: areas,
		Dimensions: []diagnosis.Dimension{
			{Code: "gender", Kind: survey.DimensionSingle, Label: words4("Płeć", "Gender", "Стать", "النوع"), Categories: []diagnosis.Category{
				{Code: "woman", Label: words4("Kobieta", "Woman", "Жінка", "امرأة")},
				{Code: "man", Label: words4("Mężczyzna", "Man", "Чоловік", "رجل")},
				{Code: "nb", Label: words4("Osoba niebinarna", "Non-binary person", "Небінарна особа", "شخص غير ثنائي")},
			}},
			{Code: "age band", Kind: survey.DimensionSingle, Label: words4("Wiek", "Age", "Вік", "العمر"), Categories: []diagnosis.Category{
				{Code: "16-34", Label: words4("16–34", "16–34", "16–34", "16–34")}, {Code: "75+", Label: survey.Text{"pl": "75 i więcej"}},
			}},
			{Code: "both", Kind: survey.DimensionCross, Label: words4("Wiek × Płeć", "Age × Gender", "Вік × Стать", "العمر × النوع"), Categories: []diagnosis.Category{
				{Code: "age%20band/16-34*gender/woman", Label: words4("16–34 × Kobieta", "16–34 × Woman", "16–34 × Жінка", "16–34 × امرأة")},
			}},
		},
		Rows: []diagnosis.Row{
			{Category: "all", N: 415, Shown: true, Refreshed: 3, AsOf: "2025-03-14"},
			{Category: "gender/woman", N: 230, Shown: true, Refreshed: 3, AsOf: "2025-03-14"},
			{Category: "gender/man", N: 150, Shown: true, Refreshed: 2, AsOf: "2025-02-01"},
			{Category: "gender/nb"},
			{Category: "age%20band/16-34", N: 120, Shown: true, Refreshed: 3, AsOf: "2025-03-14"},
			{Category: "age%20band/75%2B", N: 20, Shown: true, Refreshed: 3, AsOf: "2025-03-14"},
			{Category: "age%20band/16-34*gender/woman", N: 70, Shown: true, Refreshed: 3, AsOf: "2025-03-14"},
		},
		Method: diagnosis.Method{
			K: 10, B: 5, Responses: 415, FirstDay: "2025-01", LastDay: "2025-03", Comparisons: 24, WeightNote: "weights_not_yet",
			Channels:  []diagnosis.Tally{{Code: "", Count: 300, Shown: true}, {Code: "library", Count: 115, Shown: true}, {Code: "=shelter"}},
			Modes:     []diagnosis.Tally{{Code: "self", Count: 400, Shown: true}, {Code: "paper"}},
			Languages: []diagnosis.Tally{{Code: "pl", Count: 300, Shown: true}, {Code: "uk", Count: 85, Shown: true}},
		},
		Withheld: []diagnosis.Withheld{{Rule: "R1", Cells: 8, Remedy: "fewer_than_ten_answers"}},
	}
	for _, area := range areas {
		c.Indicators = append(c.Indicators, diagnosis.Indicator{ID: "area:" + area.Code + "=need", Option: "need", Measure: "need", Kind: "share", Area: area.Code, Role: survey.RoleNeed, Recall: "now", Item: area.Label})
	}
	home := words4("Moje mieszkanie jest bezpieczne", "My home is safe", "Моє житло безпечне", "منزلي آمن")
	why := words4("Co przeszkodziło?", "What stood in the way?", "Що завадило?", "ما الذي حال دون ذلك؟")
	c.Indicators = append(c.Indicators,
		diagnosis.Indicator{ID: "q03=full", Question: "q03", Option: "full", Kind: "share", Area: "HOU", Role: survey.RoleNeed, Label: words4("w pełni", "fully", "повністю", "تمامًا"), Item: home},
		diagnosis.Indicator{ID: "q03=%23mean", Question: "q03", Kind: "mean", Area: "HOU", Role: survey.RoleNeed, Label: words4("średnia", "mean", "середнє", "المتوسط"), Item: home},
		diagnosis.Indicator{ID: "role:experience:yesno=any", Option: "any", Measure: "any", Kind: "share", Role: survey.RoleExperience},
		diagnosis.Indicator{ID: "q17=007", Question: "q17", Option: "007", Kind: "share", Role: survey.RoleBarrier, Label: words4("=1+1", "=HYPERLINK(\"http://example.org\",\"click\")", "+48 12 000", "@sum"), Item: why},
		diagnosis.Indicator{ID: "q17=cost", Question: "q17", Option: "cost", Kind: "share", Role: survey.RoleBarrier, Label: survey.Text{"pl": "- koszt"}, Item: why},
	)
	d := &diagnosis.Diagnosis{Cube: c}
	for i, ind := range c.Indicators {
		for j, row := range c.Rows {
			d.Figures = append(d.Figures, fixtureFigure(i, j, ind, row))
		}
	}
	return d
}

// fixtureFigure invents a figure; which kind depends on where it stands.
func fixtureFigure(i, j int, ind diagnosis.Indicator, row diagnosis.Row) diagnosis.Figure {
	f := diagnosis.Figure{Indicator: ind.ID, Category: row.Category, Base: row.N, Status: statusPoint, AsOf: row.AsOf}

	p := math.Round(float64((i*37+j*23)%80+5)) / 100
	f.Count = min(max(5, int(p*float64(f.Base)/5)*5), f.Base-5)
	ptr := func(v float64) *float64 { v = math.Round(v*100) / 100; return &v }
	f.Estimate, f.Low, f.High = ptr(p), ptr(max(0, p-0.07)), ptr(min(1, p+0.08))
	switch {
	case !row.Shown:
		return diagnosis.Figure{Indicator: ind.ID, Category: row.Category, Status: statusHidden, Reason: "R1"}
	case ind.Kind == "mean":
		f.Estimate, f.Low, f.High = ptr(1+4*p), ptr(0.8+4*p), ptr(1.2+4*p)
	case row.N < 30:
		f.Status, f.Estimate = statusInterval, nil
	case i == 1 && j == 2:
		f.Count, f.Bound, f.Estimate, f.Low = 5, boundBelow, ptr(0.04), ptr(0)
	case i == 6 && j == 1:
		f.Count, f.Bound, f.Estimate, f.High = f.Base-5, boundAbove, ptr(0.98), ptr(1)
	}
	if f.Status == statusPoint && ind.Kind == "share" && j > 0 {
		f.Gap, f.GapLow, f.GapHigh, f.Marked = ptr(p-0.3), ptr(p-0.4), ptr(p-0.2), p > 0.6
	}
	return f
}
