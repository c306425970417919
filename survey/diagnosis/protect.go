package diagnosis

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
)

// Both numbers are public and fixed before the first release; only the key is secret.
const (
	minGroup     = 10 // k: rows and item bases of fewer people are not shown
	roundingBase = 5  // b: every published count is a multiple of it
)

// Answers of the canonical definitions that are not answers of anybody. Real tokens never hold a "#" or "*".
const (
	baseOf = "#base" // the people an item's shares are out of
	sizeOf = "*=#n"  // the size of a row
)

// attr is one condition of a population, both tokens already percent-encoded.
type attr struct{ name, value string }

// token writes a name or code so that it cannot be taken for a separator: every byte but letters, digits, "-", ".",
// "_" and "~" becomes %XX.
func token(s string) string {
	const upperHex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
		}
	}
	return b.String()
}

// protector rounds counts at a secret point that depends on what is counted, never on who.
type protector struct {
	key  []byte
	wave string // encoded
}

// canonical is the definition of one cell: "v1|wave|attr=value&…|question=answer", the conditions sorted.
func (p protector) canonical(pop []attr, item string) string {
	conditions := make([]string, len(pop))
	for i, a := range pop {
		conditions[i] = a.name + "=" + a.value
	}
	slices.Sort(conditions)
	return "v1|" + p.wave + "|" + strings.Join(conditions, "&") + "|" + item
}

// offset is the secret rounding point in [0, roundingBase).
func (p protector) offset(canonical string) int {
	mac := hmac.New(sha256.New, p.key)
	mac.Write([]byte(canonical))
	return int(binary.BigEndian.Uint64(mac.Sum(nil)) % roundingBase) //nolint:gosec // below roundingBase
}

// protect rounds x up or down to a multiple of roundingBase. It is unbiased over keys, monotone in x, off by at most
// four, and keeps 0 at 0.
func (p protector) protect(x int, canonical string) int {
	return roundingBase * ((x + p.offset(canonical)) / roundingBase)
}
