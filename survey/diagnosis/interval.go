package diagnosis

import (
	"math"
	"slices"
)

// z95 is the 97.5th percentile of the standard normal distribution.
const z95 = 1.959963984540054

// wilson is the score interval of a proportion p out of an effective number m > 0 (Wilson 1927; Brown, Cai and
// DasGupta 2001).
func wilson(p, m float64) (low, high float64) {
	zz := z95 * z95
	d := 1 + zz/m
	c := (p + zz/(2*m)) / d
	h := z95 / d * math.Sqrt(p*(1-p)/m+zz/(4*m*m))
	return math.Max(0, c-h), math.Min(1, c+h)
}

// rounded describes how a printed proportion came about, so that its interval can include the rounding.
type rounded struct {
	count, size int     // printed numbers, size > 0
	base        int     // rounding base b
	draws       int     // independent roundings in each number: 1 as published, 2 for a difference of two
	deff        float64 // design effect, at least 1 in practice
}

// share is min(1, count/size).
func (r rounded) share() float64 { return math.Min(1, float64(r.count)/float64(r.size)) }

// interval is the 95 % uncertainty interval: Wilson's, widened in quadrature by the variance of the rounding,
// V = draws·(b²−1)/6·(1+p²)/size². Where nobody or everybody seems to have answered so, the limit also covers the
// people that rounding may have hidden.
func (r rounded) interval() (low, high float64) {
	p, n, b := r.share(), float64(r.size), float64(r.base)
	l, u := wilson(p, n/r.deff)
	v := float64(r.draws) * (b*b - 1) / 6 * (1 + p*p) / (n * n)
	low = p - math.Sqrt((p-l)*(p-l)+z95*z95*v)
	high = p + math.Sqrt((u-p)*(u-p)+z95*z95*v)
	hideable := float64(r.draws) * (b - 1) / n
	if r.count <= 0 {
		_, u = wilson(math.Min(1, hideable), n/r.deff)
		low, high = 0, math.Max(high, u)
	}
	if r.count >= r.size {
		l, _ = wilson(math.Max(0, 1-hideable), n/r.deff)
		low, high = math.Min(low, l), 1
	}
	return math.Max(0, low), math.Min(1, high)
}

// estimate is a proportion with its interval.
type estimate struct{ p, low, high float64 }

// complement is the same figure told of those who did not.
func (e estimate) complement() estimate { return estimate{1 - e.p, 1 - e.high, 1 - e.low} }

// gap compares two disjoint populations: group minus rest, with the interval of Newcombe's method 10 (MOVER) and the
// two-sided probability of a difference that large by chance, from the half-widths of both intervals.
func gap(group, rest estimate) (d, low, high, chance float64) {
	d = group.p - rest.p
	low = d - math.Hypot(group.p-group.low, rest.high-rest.p)
	high = d + math.Hypot(group.high-group.p, rest.p-rest.low)
	se := math.Hypot((group.high-group.low)/2, (rest.high-rest.low)/2) / z95
	return d, math.Max(-1, low), math.Min(1, high), math.Erfc(math.Abs(d) / se / math.Sqrt2)
}

// adjust gives the false discovery rates of Benjamini and Hochberg (1995), in the order of p: q of the i-th smallest
// is the minimum over j ≥ i of m·p/j.
func adjust(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	q, smallest := make([]float64, len(p)), 1.0
	for i, at := range slices.Backward(order) {
		smallest = math.Min(smallest, float64(len(p))*p[at]/float64(i+1))
		q[at] = smallest
	}
	return q
}
