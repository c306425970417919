package diagnosis

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"opengate/survey"
)

// by makes n responses that came by one way, mode and language; the last part of their name keeps them apart.
func by(n, era int, channel string, mode survey.Mode, language survey.Lang, name string) []survey.Response {
	rs := people(n, 77, era)
	for i := range rs {
		rs[i].ID, rs[i].Channel, rs[i].Mode, rs[i].Language = fmt.Sprint(name, i), channel, mode, language
	}
	return rs
}

func tallyOf(list []Tally, code string) (Tally, bool) {
	at := slices.IndexFunc(list, func(t Tally) bool { return t.Code == code })
	if at < 0 {
		return Tally{}, false
	}
	return list[at], true
}

func TestOneAnswerNamesNeitherItsChannelNorItsModeNorItsLanguage(t *testing.T) {
	m := mustMake(t, input(madeUp(t), by(1, 0, "ngo", survey.ModeAssisted, "ar", "x")))
	if len(m.Method.Channels)+len(m.Method.Modes) > 0 {
		t.Errorf("channels %+v, modes %+v", m.Method.Channels, m.Method.Modes)
	}
	if want := []Tally{{Code: "en"}, {Code: "pl"}}; !slices.Equal(m.Method.Languages, want) {
		t.Errorf("languages %+v, want those of the form: %+v", m.Method.Languages, want)
	}
}

func TestOnePersonWhoComesAnotherWayChangesNoTally(t *testing.T) {
	f := madeUp(t)
	for name, old := range map[string][]survey.Response{
		"all came one way": by(60, 0, "", survey.ModeSelf, "en", "a"),
		"two ways":         slices.Concat(by(60, 0, "", survey.ModeSelf, "en", "a"), by(40, 0, "ngo", survey.ModePaper, "pl", "b")),
	} {
		first := mustMake(t, input(f, old))
		for _, joiner := range []survey.Response{
			by(1, 1, "shelter", survey.ModeSelf, "en", "j")[0], by(1, 1, "", survey.ModeKiosk, "en", "j")[0],
			by(1, 1, "", survey.ModeSelf, "pl", "j")[0], by(1, 1, "", survey.ModeSelf, "ar", "j")[0],
			by(1, 1, "shelter", survey.ModeKiosk, "ar", "j")[0],
		} {
			in := first.after(input(f, append(slices.Clone(old), joiner)))
			in.AsOf = "2026-06-01"
			m := mustMake(t, in)
			if !reflect.DeepEqual(m.Method, first.Method) {
				t.Errorf("%s: one joiner by %q, %s, %s: method %+v, was %+v", name, joiner.Channel, joiner.Mode, joiner.Language, m.Method, first.Method)
			}
		}
	}
}

func TestTenOthersDoNotRevealHowOneMoreCame(t *testing.T) {
	f := madeUp(t)
	old := slices.Concat(by(60, 0, "", survey.ModeSelf, "en", "a"), by(12, 0, "ngo", survey.ModePaper, "pl", "b"))
	first := mustMake(t, input(f, old))
	known := slices.Concat(old, by(12, 1, "", survey.ModeSelf, "en", "known"))
	without := mustMake(t, first.after(input(f, known)))
	if x, ok := tallyOf(without.Method.Modes, "self"); !ok || x.Refreshed != 2 {
		t.Fatalf("modes %+v: nothing was refreshed, so this tests nothing", without.Method.Modes)
	}
	for _, one := range []survey.Response{by(1, 1, "ngo", survey.ModePaper, "pl", "j")[0], by(1, 1, "shelter", survey.ModeKiosk, "ar", "j")[0]} {
		with := mustMake(t, first.after(input(f, append(slices.Clone(known), one))))
		if !reflect.DeepEqual(with.Method.Channels, without.Method.Channels) || !reflect.DeepEqual(with.Method.Modes, without.Method.Modes) ||
			!reflect.DeepEqual(with.Method.Languages, without.Method.Languages) {
			t.Errorf("one more by %s: %+v, without %+v", one.Mode, with.Method, without.Method)
		}
	}
	left := mustMake(t, first.after(input(f, slices.Concat(known[:60], known[63:])))) // three of twelve on paper
	if !reflect.DeepEqual(left.Method.Modes, without.Method.Modes) {
		t.Errorf("three left: %+v, without %+v", left.Method.Modes, without.Method.Modes)
	}
}

func TestATallyOfNearlyEverybodyIsNotASecondDrawOfEverybody(t *testing.T) {
	f := madeUp(t)
	for rest, shown := range map[int]bool{0: false, 1: false, 9: false, 10: true, 25: true} {
		rs := slices.Concat(by(60, 0, "", survey.ModeSelf, "en", "a"), by(rest, 0, "ngo", survey.ModePaper, "pl", "b"))
		m := mustMake(t, input(f, rs))
		for kind, x := range map[string]struct {
			list []Tally
			code string
		}{"channel": {m.Method.Channels, ""}, "mode": {m.Method.Modes, "self"}, "language": {m.Method.Languages, "en"}} {
			got, _ := tallyOf(x.list, x.code)
			if got.Shown != shown || !shown && got != (Tally{Code: got.Code}) {
				t.Errorf("60 and %d others: %s is %+v", rest, kind, got)
			}
		}
		_, small := tallyOf(m.Method.Modes, "paper")
		if small != shown {
			t.Errorf("%d on paper: listed %v", rest, small)
		}
	}
}

func TestChannelsHaveTheNamesOfTheirLinksAndNeverTheirCodes(t *testing.T) {
	f := madeUp(t)
	rs := slices.Concat(by(30, 0, "k7Qx", survey.ModeSelf, "en", "a"), by(20, 0, "p9Zw", survey.ModeSelf, "en", "b"),
		by(25, 0, "lost1", survey.ModeSelf, "en", "c"), by(15, 0, "noname", survey.ModeSelf, "en", "d"), by(40, 0, "", survey.ModeSelf, "en", "e"))
	in := input(f, rs)
	in.Channels = map[string]string{"k7Qx": "Library & museum", "p9Zw": "Library & museum", "noname": ""}
	m := mustMake(t, in)
	for code, n := range map[string]int{"Library & museum": 50, "other": 40, "": 40} {
		x, ok := tallyOf(m.Method.Channels, code)
		if !ok || !x.Shown || x.Count < n-4 || x.Count > n+4 {
			t.Errorf("%q: %+v, want about %d", code, x, n)
		}
	}
	if len(m.Method.Channels) != 3 {
		t.Errorf("channels %+v", m.Method.Channels)
	}
	in.Channels[""] = "Open address"
	m2 := mustMake(t, in)
	if x, ok := tallyOf(m2.Method.Channels, "Open address"); !ok || !x.Shown {
		t.Errorf("channels %+v", m2.Method.Channels)
	}
	s, err := newSealer(in.Key, in.Survey, in.Wave, 1)
	if err != nil {
		t.Fatal(err)
	}
	past, err := s.open(m.sealed)
	if err != nil {
		t.Fatal(err)
	}
	everything := fmt.Sprintf("%+v %+v %+v", *m.Cube, *m.report, past)
	for _, code := range []string{"k7Qx", "p9Zw", "lost1", "noname"} {
		if bytes.Contains([]byte(everything), []byte(code)) {
			t.Errorf("the release holds the code %s of a link", code)
		}
	}
}
