package diagnosis

import (
	"math/bits"
	"slices"
)

// set is a set of responses by number. It grows as responses are read.
type set []uint64

func (s *set) add(i int) {
	for len(*s) <= i>>6 {
		*s = append(*s, 0)
	}
	(*s)[i>>6] |= 1 << (i & 63)
}

func (s set) size() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// and gives the members of both.
func (s set) and(t set) set {
	both := make(set, min(len(s), len(t)))
	for i := range both {
		both[i] = s[i] & t[i]
	}
	return both
}

// without gives the members of s that are not in t.
func (s set) without(t set) set {
	rest := slices.Clone(s)
	for i := range min(len(s), len(t)) {
		rest[i] &^= t[i]
	}
	return rest
}

// common counts the members of both.
func (s set) common(t set) int {
	n := 0
	for i := range min(len(s), len(t)) {
		n += bits.OnesCount64(s[i] & t[i])
	}
	return n
}

// each calls f for every member in rising order.
func (s set) each(f func(i int)) {
	for at, w := range s {
		for ; w != 0; w &= w - 1 {
			f(at<<6 + bits.TrailingZeros64(w))
		}
	}
}

// codes is a column of numbers below 65,536, one per response, that starts with a byte each and widens when it must.
type codes struct {
	narrow []uint8
	wide   []uint16
}

func (c *codes) add(v int) {
	switch {
	case c.wide != nil:
		c.wide = append(c.wide, uint16(v)) //nolint:gosec // at most maxOptions + 1
	case v > 0xFF:
		c.wide = make([]uint16, len(c.narrow), cap(c.narrow)+1)
		for i, n := range c.narrow {
			c.wide[i] = uint16(n)
		}
		c.narrow = nil
		c.wide = append(c.wide, uint16(v)) //nolint:gosec // at most maxOptions + 1
	default:
		c.narrow = append(c.narrow, uint8(v)) //nolint:gosec // not above 0xFF, see the case before
	}
}

// tally counts each value among the members of s into counts, which is long enough for the largest value.
func (c *codes) tally(s set, counts []int) {
	if c.wide != nil {
		s.each(func(i int) { counts[c.wide[i]]++ })
		return
	}
	s.each(func(i int) { counts[c.narrow[i]]++ })
}
