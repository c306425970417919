package survey

import "slices"

// Lang is a BCP 47 tag in lower case, such as "pl", "uk" or "pl-simple".
type Lang string

// Text is one wording per language, Markdown with `${question}` references left in. A language that is absent is
// not translated; one that is present with the default's words is translated with the same words.
type Text map[Lang]string

// In gives the wording in the first of langs that has one, and which one that was. Without any it falls back to
// the smallest tag in alphabetical order, so that a text that exists at all is always shown, and shown alike.
// An empty Text gives "", "".
func (t Text) In(langs ...Lang) (string, Lang) {
	for _, l := range langs {
		if s := t[l]; s != "" {
			return s, l
		}
	}
	tags := make([]Lang, 0, len(t))
	for l, s := range t {
		if s != "" {
			tags = append(tags, l)
		}
	}
	if len(tags) == 0 {
		return "", ""
	}
	l := slices.Min(tags)
	return t[l], l
}

// Empty says whether no language has a wording.
func (t Text) Empty() bool {
	for _, s := range t {
		if s != "" {
			return false
		}
	}
	return true
}
