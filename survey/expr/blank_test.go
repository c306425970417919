package expr

import (
	"strings"
	"testing"
)

// TestConditionsThatAMissingAnswerMakesTrue looks at each name on its own.
func TestConditionsThatAMissingAnswerMakesTrue(t *testing.T) {
	for source, want := range map[string]string{
		"${a} != 'x'":                                     "a",
		"'x' != ${a}":                                     "a",
		"${a} != 5":                                       "a",
		"not(${a} >= 18)":                                 "a",
		"not(not(${a} != 'x'))":                           "a",
		"${a} != 'x' and ${b} != 'y'":                     "a b",
		"${a} != 'x' or ${b} = 'y'":                       "a",
		"${a} != 'x' and (${a} != '' or ${b} = 'y')":      "a",
		"not(selected(${a}, 'x') or selected(${b}, 'y'))": "a b",
		"${a} != 'x' and ${a} != ''":                      "",
		"${a} != 'x' and string-length(${a}) > 0":         "",
		"${a} = ''":                                       "",
		"${a} = 'x'":                                      "",
		"${a} < 18":                                       "",
		"not(${a} = '')":                                  "",
		"coalesce(${a}, 'no') = 'no'":                     "",
		"${a} != ${b}":                                    "",
		"${a}":                                            "",
	} {
		if got := strings.Join(parse(t, source).TrueWhenBlank(), " "); got != want {
			t.Errorf("%s: %q, want %q", source, got, want)
		}
	}
}
