package xlsform

import (
	"hash/fnv"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"opengate/survey"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

var (
	inParentheses = regexp.MustCompile(`^(.*)\(([^()]*)\)$`)
	tagShape      = regexp.MustCompile(`^[a-z]{2,3}(-[a-z0-9]{1,8})*$`)
)

// tagOf finds the language that a header such as "English (en)", "english", "en" or "العربية" names. A name that
// nobody knows becomes a private tag such as "x-klingonx", so that its texts are kept apart and shown.
func tagOf(name string) survey.Lang {
	name = strings.TrimSpace(name)
	if m := inParentheses.FindStringSubmatch(name); m != nil {
		if tag, ok := wellFormed(m[2]); ok {
			return tag
		}
		if tag, ok := languageNames()[strings.ToLower(strings.TrimSpace(m[2]))]; ok {
			return tag // Kurdish (Sorani)
		}
		name = strings.TrimSpace(m[1])
	}
	if tag, ok := languageNames()[strings.ToLower(name)]; ok {
		return tag
	}
	if tag, ok := wellFormed(name); ok {
		return tag
	}
	return privateTag(name)
}

// wellFormed accepts a tag whose language subtag is registered; three-letter codes become two-letter ones where
// those exist. Variants need not be registered: "pl-simple" is easy-to-read Polish.
func wellFormed(code string) (survey.Lang, bool) {
	code = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(code)), "_", "-")
	if !tagShape.MatchString(code) {
		return "", false
	}
	first, rest, _ := strings.Cut(code, "-")
	base, err := language.ParseBase(first)
	if err != nil {
		return "", false
	}
	if rest != "" {
		rest = "-" + rest
	}
	return survey.Lang(base.String() + rest), true
}

// privateTag keeps ASCII letters and digits in pieces of at most eight (BCP 47), or a checksum of the name.
func privateTag(name string) survey.Lang {
	var kept []rune
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			kept = append(kept, r)
		}
	}
	if len(kept) == 0 {
		sum := fnv.New32a()
		_, _ = sum.Write([]byte(name)) // never fails
		return survey.Lang("x-" + strconv.FormatUint(uint64(sum.Sum32()), 36))
	}
	kept = kept[:min(len(kept), 24)]
	tag := "x"
	for len(kept) > 0 {
		n := min(8, len(kept))
		tag += "-" + string(kept[:n])
		kept = kept[n:]
	}
	return survey.Lang(tag)
}

// languageNames maps names in lower case, in English and in the language itself, to tags.
var languageNames = sync.OnceValue(func() map[string]survey.Lang {
	names := map[string]survey.Lang{
		"tetun": "tet", "tetum": "tet", "kiswahili": "sw", "farsi": "fa", "dari": "prs", "sorani": "ckb", "kurdish": "ku",
		"kurmanji": "kmr", "mandarin": "zh", "burmese": "my", "castellano": "es", "flemish": "nl", "tagalog": "tl",
		"kinyarwanda": "rw", "haitian creole": "ht", "kreyòl": "ht", "pidgin": "pcm", "romani": "rom",
	}
	english := display.English.Tags()
	for _, tag := range display.Supported.Tags() {
		base, script, region := tag.Raw()
		if script.String() != "Zzzz" && tag != language.Make(base.String()) || region.String() != "ZZ" {
			continue // "American English" names no questionnaire column
		}
		for _, name := range []string{english.Name(tag), display.Self.Name(tag)} {
			if name = strings.ToLower(name); name != "" {
				if _, taken := names[name]; !taken {
					names[name] = survey.Lang(base.String())
				}
			}
		}
	}
	return names
})
