package store

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/survey"
)

func sample() Entry {
	return Entry{ReceiptHash: []byte{1, 2}, Response: survey.Response{
		ID: "id", Survey: "s", Wave: "w", Version: 2, Language: "ar", Channel: "c", Mode: survey.ModeKiosk, Day: "2026-11-22", Era: 4,
		Consent: "v1", Complete: true, Fallback: 3, Answers: survey.Answers{
			"a": {State: survey.Answered, Text: "x"}, "b": {State: survey.DontKnow, Text: "98"}, "c": {State: survey.Skipped}, "d": {},
		},
	}}
}

func TestEveryStateHasALastingNumber(t *testing.T) {
	names := []string{"not_asked", "answered", "dk", "pnts", "na", "skipped", "not_reached", "invalid"}
	for code, name := range names { // what databases hold: never change a row
		s, ok := survey.ParseState(name)
		if !ok || stateCodes[s] != int32(code) || stateOf[int32(code)] != s {
			t.Errorf("state %s has number %d, want %d", name, stateCodes[s], code)
		}
	}
	if _, more := survey.ParseState(survey.State(len(names) - 1).String()); !more || len(stateCodes) != len(names) {
		t.Error("a new state needs a number here")
	}
}

func TestOurDocumentsAreBSON(t *testing.T) {
	e := sample()
	raw, err := encodeResponse(&e, []byte{9})
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Validate(); err != nil {
		t.Error(err)
	}
	if got := raw.Lookup("a", "b", "t").StringValue(); got != "98" {
		t.Errorf("the driver reads %q", got)
	}
	got, kind, err := newDecoder().response(raw)
	if err != nil || kind != kindReal || !reflect.DeepEqual(got, e.Response) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatCannotBeStored(t *testing.T) {
	for name, change := range map[string]func(*survey.Response){
		"no id":              func(r *survey.Response) { r.ID = "" },
		"a name with NUL":    func(r *survey.Response) { r.Answers["a\x00b"] = survey.Value{State: survey.Skipped} },
		"a state of its own": func(r *survey.Response) { r.Answers["x"] = survey.Value{State: 77} },
	} {
		e := sample()
		change(&e.Response)
		if _, err := encodeResponse(&e, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestANewerShapeIsRefused(t *testing.T) {
	raw, err := marshal(bson.D{{Key: "_id", Value: "x"}, {Key: "schema", Value: int32(2)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := newDecoder().response(raw); err == nil || !strings.Contains(err.Error(), "shape 2") {
		t.Error(err)
	}
}

// FuzzDecode feeds damaged documents: an error or a response, never a panic.
func FuzzDecode(f *testing.F) {
	e := sample()
	raw, err := encodeResponse(&e, []byte{9})
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(raw))
	f.Add([]byte{5, 0, 0, 0, 0})
	f.Fuzz(func(_ *testing.T, doc []byte) {
		r, _, err := newDecoder().response(doc)
		if err == nil && bson.Raw(doc).Validate() == nil {
			_ = len(r.Answers)
		}
		_, _ = judge(doc, []byte{9})
	})
}

// TestEveryCutIsNoticed cuts and bends a document at every byte.
func TestEveryCutIsNoticed(t *testing.T) {
	e := sample()
	raw, err := encodeResponse(&e, []byte{9})
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		if _, _, err := newDecoder().response(raw[:i]); err == nil {
			t.Errorf("cut at %d: no error", i)
		}
		bent := bytes.Clone(raw)
		bent[i] ^= 0xff
		_, _, _ = newDecoder().response(bent) // must not panic
	}
}

func TestTheCodeOfAnswers(t *testing.T) {
	key := []byte("key")
	same := func(a, b survey.Response) bool {
		return bytes.Equal(answersMAC(key, a.Survey, a.Answers), answersMAC(key, b.Survey, b.Answers))
	}
	base := sample().Response
	later := sample().Response
	later.Day, later.Era, later.Language, later.ID = "2027-01-01", 9, "pl", "other"
	delete(later.Answers, "d") // not asked and absent are alike
	if !same(base, later) {
		t.Error("a repeat has another code")
	}
	for name, a := range map[string]survey.Answers{
		"another text":     {"a": {State: survey.Answered, Text: "y"}},
		"another question": {"b": {State: survey.Answered, Text: "x"}},
		"another state":    {"a": {State: survey.DontKnow, Text: "x"}},
		"moved":            {"ax": {State: survey.Answered}},
		"one more":         {"a": {State: survey.Answered, Text: "x"}, "b": {State: survey.Skipped}},
	} {
		one := survey.Response{Survey: "s", Answers: survey.Answers{"a": {State: survey.Answered, Text: "x"}}}
		if same(one, survey.Response{Survey: "s", Answers: a}) {
			t.Errorf("%s: the same code", name)
		}
	}
	if bytes.Equal(answersMAC([]byte("other"), base.Survey, base.Answers), answersMAC(key, base.Survey, base.Answers)) {
		t.Error("the code does not depend on the key")
	}
}

func TestBands(t *testing.T) {
	for n, want := range map[int]int{0: 0, 9: 0, 10: 10, 19: 10, 20: 20, 49: 20, 99: 50, 100: 100, 199: 100, 499: 200, 999: 500, 1000: 1000, 5363: 5000} {
		if got := band(n); got != want {
			t.Errorf("band of %d: %d, want %d", n, got, want)
		}
	}
}

func TestMasterKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "master.key")
	var wg sync.WaitGroup
	keys := make([]Key, 8)
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], _, err = LoadMaster(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] || k == (Key{}) {
			t.Error("first starts at once made two keys")
		}
	}
	if _, created, err := LoadMaster(path); created || err != nil {
		t.Error(created, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if got := fmt.Sprintf("%v %s %+v %#v", keys[0], keys[0], keys[0], keys[0]); strings.Contains(got, hex.EncodeToString(keys[0][:4])) || strings.Contains(got, fmt.Sprint(keys[0][0], " ")) {
		t.Errorf("a key prints itself: %s", got)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, _, err := LoadMaster(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file that others may read: %v", err)
	}
	damaged := filepath.Join(t.TempDir(), "master.key")
	for _, content := range []string{"", "abc", strings.Repeat("a", 63), strings.Repeat("g", 64), strings.Repeat("a", 66)} {
		if err := os.WriteFile(damaged, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := LoadMaster(damaged); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%q: %v", content, err)
		}
	}
}

func TestSealing(t *testing.T) {
	k := NewKey()
	sealed := k.seal([]byte("text"), "place")
	if text, ok := k.open(sealed, "place"); !ok || string(text) != "text" {
		t.Error("it does not open")
	}
	if bytes.Equal(sealed, k.seal([]byte("text"), "place")) {
		t.Error("twice the same")
	}
	bent := bytes.Clone(sealed)
	bent[len(bent)-1] ^= 1
	for name, try := range map[string]func() ([]byte, bool){
		"another place": func() ([]byte, bool) { return k.open(sealed, "elsewhere") },
		"another key":   func() ([]byte, bool) { return NewKey().open(sealed, "place") },
		"bent":          func() ([]byte, bool) { return k.open(bent, "place") },
		"cut":           func() ([]byte, bool) { return k.open(sealed[:5], "place") },
	} {
		if _, ok := try(); ok {
			t.Errorf("%s: it opens", name)
		}
	}
	if !strings.Contains(ErrLostKey.Error(), "master.key") || errors.Is(ErrLostKey, survey.ErrNotFound) {
		t.Error("the message of a lost key says nothing")
	}
}
