package diagnosis

import (
	"reflect"
	"testing"
)

func TestCorrectedLabelsShowInFiguresThatStay(t *testing.T) {
	m := mustMake(t, input(madeUp(t), people(200, 1, 0)))
	before, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	f := madeUp(t)
	f.Title = words("Corrected city")
	f.Question("home").Label = words("corrected home")
	f.Lists["gender"].Choices[0].Label = words("corrected woman")
	f.Plan.Areas[0].Label = words("corrected housing")
	got := m.Relabel(f, nil)
	found := 0
	for _, i := range got.Indicators {
		if i.ID == "home=full" && i.Item["en"] == "corrected home" || i.ID == "area:HOU=need" && i.Item["en"] == "corrected housing" {
			found++
		}
	}
	if got.Title["en"] != "Corrected city" || found != 2 || got.Dimensions[0].Categories[0].Label["en"] != "corrected woman" ||
		got.Dimensions[3].Categories[0].Label["en"] != "corrected woman × pl" || got.Areas[0].Label["en"] != "corrected housing" {
		t.Errorf("labels were not corrected: %d, %+v", found, got.Dimensions)
	}
	if !reflect.DeepEqual(got.Cells, m.Cells) || !reflect.DeepEqual(got.Rows, m.Rows) || got.Commitment != m.Commitment {
		t.Error("figures changed with the labels")
	}
	after, err := m.Encode()
	if err != nil || string(after) != string(before) {
		t.Error("the release itself changed")
	}
}
