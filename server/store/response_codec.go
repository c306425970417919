package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"opengate/survey"
)

// responseSchema is the shape that encodeResponse writes.
const responseSchema = 1

// Kinds of document in the collection of responses.
const (
	kindReal = "real"
	kindTest = "test"
	kindGone = "gone" // a tombstone: the response was withdrawn
)

// stateCodes are the numbers that states have in the database. They never change.
var stateCodes = map[survey.State]int32{
	survey.NotAsked: 0, survey.Answered: 1, survey.DontKnow: 2, survey.Refused: 3,
	survey.NotApplicable: 4, survey.Skipped: 5, survey.NotReached: 6, survey.Invalid: 7,
}

var stateOf = func() map[int32]survey.State {
	m := map[int32]survey.State{}
	for s, code := range stateCodes {
		m[code] = s
	}
	return m
}()

// encodeResponse makes the one document of a response. Its answers are a flat document "a": question key → a string
// (answered), a number (a state without a text), or {s, t} (a state that keeps a text).
func encodeResponse(e *Entry, mac []byte) (bson.Raw, error) {
	r := &e.Response
	if r.ID == "" {
		return nil, errors.New("a response has no ID")
	}
	kind := kindReal
	if r.Test {
		kind = kindTest
	}
	f := flat{b: make([]byte, 0, 512+32*len(r.Answers))}
	f.begin()
	f.string("_id", r.ID)
	f.int64("rev", 1)
	f.int32("schema", responseSchema)
	f.string("survey", r.Survey)
	f.string("kind", kind)
	f.string("wave", r.Wave)
	f.int64("era", int64(r.Era))
	f.string("channel", r.Channel)
	f.binary("receipt", e.ReceiptHash)
	f.binary("mac", mac)
	f.int64("version", int64(r.Version))
	f.string("language", string(r.Language))
	f.string("mode", string(r.Mode))
	f.string("day", r.Day)
	f.string("consent", r.Consent)
	f.bool("complete", r.Complete)
	f.int64("fallback", int64(r.Fallback))
	f.document("a")
	for _, key := range sortedKeys(r.Answers) {
		encodeValue(&f, key, r.Answers[key])
	}
	f.end()
	f.end()
	if f.err != nil {
		return nil, f.err
	}
	return f.b, nil
}

func encodeValue(f *flat, key string, v survey.Value) {
	code, ok := stateCodes[v.State]
	switch {
	case !ok:
		f.err = fmt.Errorf("answer %s has the unknown state %d", key, v.State)
	case v.State == survey.Answered:
		f.string(key, v.Text)
	case v.Text == "":
		f.int32(key, code)
	default:
		f.document(key)
		f.int32("s", code)
		f.string("t", v.Text)
		f.end()
	}
}

func sortedKeys(a survey.Answers) []string {
	keys := make([]string, 0, len(a))
	for k := range a {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// answersMAC recognises equal answers to the same survey without telling anything about them to those who lack the
// key. "Not asked" and absent are alike; day, language and era may differ between repeats.
func answersMAC(key []byte, slug string, a survey.Answers) []byte {
	h := hmac.New(sha256.New, key)
	sum(h, "answers 1")
	sum(h, slug)
	for _, k := range sortedKeys(a) {
		if v := a[k]; v != (survey.Value{}) {
			sum(h, k)
			sum(h, v.State.String())
			sum(h, v.Text)
		}
	}
	return h.Sum(nil)
}

// sum adds a text with its length, so that no two sequences of texts are alike.
func sum(h hash.Hash, s string) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(s)))
	h.Write(n[:])
	h.Write([]byte(s))
}

// decoder reads documents of responses. Names and short texts that occur again and again are kept once.
type decoder struct{ known map[string]string }

func newDecoder() *decoder { return &decoder{map[string]string{}} }

// Bounds of what the decoder remembers: choice codes and names, not free text.
const (
	maxKnown    = 1 << 14
	maxKnownLen = 32
)

func (d *decoder) text(b []byte) string {
	if len(b) > maxKnownLen {
		return string(b)
	}
	if s, ok := d.known[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(d.known) < maxKnown {
		d.known[s] = s
	}
	return s
}

// response decodes one document and says of which kind it is. A tombstone has no answers.
func (d *decoder) response(doc []byte) (r survey.Response, kind string, err error) {
	err = visit(doc, func(t byte, key, value []byte) error {
		switch t {
		case typeString:
			d.setText(&r, &kind, string(key), stringOf(value))
		case typeInt32, typeInt64:
			return setNumber(&r, string(key), intOf(t, value))
		case typeBool:
			if string(key) == "complete" {
				r.Complete = value[0] != 0
			}
		case typeDocument:
			if string(key) == "a" {
				var err error
				r.Answers, err = d.answers(value)
				return err
			}
		}
		return nil
	})
	r.Test = kind == kindTest
	return r, kind, err
}

func (d *decoder) setText(r *survey.Response, kind *string, key string, value []byte) {
	switch key {
	case "_id":
		r.ID = string(value)
	case "survey":
		r.Survey = d.text(value)
	case "kind":
		*kind = d.text(value)
	case "wave":
		r.Wave = d.text(value)
	case "channel":
		r.Channel = d.text(value)
	case "language":
		r.Language = survey.Lang(d.text(value))
	case "mode":
		r.Mode = survey.Mode(d.text(value))
	case "day":
		r.Day = d.text(value)
	case "consent":
		r.Consent = d.text(value)
	}
}

func setNumber(r *survey.Response, key string, n int64) error {
	switch key {
	case "schema":
		if n != responseSchema {
			return fmt.Errorf("a response has shape %d, which this version of OpenGate does not know", n)
		}
	case "era":
		r.Era = int(n)
	case "version":
		r.Version = int(n)
	case "fallback":
		r.Fallback = int(n)
	}
	return nil
}

func (d *decoder) answers(doc []byte) (survey.Answers, error) {
	n := 0
	if err := visit(doc, func(byte, []byte, []byte) error { n++; return nil }); err != nil {
		return nil, err
	}
	a := make(survey.Answers, n)
	err := visit(doc, func(t byte, key, value []byte) error {
		v, err := d.value(t, value)
		a[d.text(key)] = v
		return err
	})
	return a, err
}

func (d *decoder) value(t byte, value []byte) (v survey.Value, err error) {
	switch t {
	case typeString:
		return survey.Value{State: survey.Answered, Text: d.text(stringOf(value))}, nil
	case typeInt32:
		v.State, err = state(intOf(t, value))
		return v, err
	case typeDocument:
		err = visit(value, func(t byte, key, part []byte) (err error) {
			switch {
			case t == typeInt32 && string(key) == "s":
				v.State, err = state(intOf(t, part))
			case t == typeString && string(key) == "t":
				v.Text = d.text(stringOf(part))
			}
			return err
		})
		return v, err
	}
	return v, fmt.Errorf("%w: an answer of type %#x", errNotBSON, t)
}

func state(code int64) (survey.State, error) {
	s, ok := stateOf[int32(code)] //nolint:gosec // was read as an int32
	if !ok {
		return s, fmt.Errorf("%w: an answer of the unknown state %d", errNotBSON, code)
	}
	return s, nil
}
