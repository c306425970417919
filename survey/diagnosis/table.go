package diagnosis

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"slices"

	"opengate/survey"
)

// table holds the responses of a snapshot as columns: per response one or two bytes for a question with one answer
// and one bit for each other option. Responses have numbers in the order in which they were read; no result depends
// on it.
type table struct {
	catalogue *catalogue
	n         int
	eras      []int
	members   []set    // per row of the catalogue
	columns   []column // per item of the catalogue
	tallies   [tallyKinds]map[string]*set
	days      map[string]int
	digests   [][sha256.Size]byte
}

// column holds the answers to one item. A question with one answer fills codes: 0 outside the base, 1 in the base
// with an answer that is not published, 2+i for option i. Everything else fills base and options.
type column struct {
	one     codes
	base    set
	options []set
}

// What responses are tallied by, beside the groups of the plan.
const (
	byChannel = iota
	byMode
	byLanguage
	tallyKinds
)

var tallyNames = [tallyKinds]string{"#channel", "#mode", "#language"}

// progressStep is how many responses pass between two reports of progress, so that no report tells the exact number.
const progressStep = 1000

// read fills a table from the responses of one wave. Tests are never counted, and what came in the era of the release
// itself is left for the next one.
func read(ctx context.Context, c *catalogue, in Input) (*table, error) {
	t := newTable(c)
	scope, hash := c.scope(), &fingerprints{}
	for r, err := range in.Responses {
		if err != nil {
			return nil, fmt.Errorf("read responses: %w", err)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if r.Wave != in.Wave || r.Test || r.Era >= in.Release {
			continue
		}
		r.Channel = in.channel(r.Channel)
		t.add(r, scope, hash)
		if in.Progress != nil && t.n%progressStep == 0 {
			in.Progress(t.n)
		}
	}
	for i, p := range c.rows {
		if p.dimension >= 0 && c.dimensions[p.dimension].Kind == survey.DimensionCross {
			t.members[i] = t.members[p.parts[0]].and(t.members[p.parts[1]])
		}
	}
	return t, nil
}

func newTable(c *catalogue) *table {
	t := &table{catalogue: c, members: make([]set, len(c.rows)), columns: make([]column, len(c.items)), days: map[string]int{}}
	for i := range t.tallies {
		t.tallies[i] = map[string]*set{}
	}
	for i, it := range c.items {
		t.columns[i].options = make([]set, len(it.options))
	}
	return t
}

func (t *table) add(r survey.Response, scope *stored, hash *fingerprints) {
	i := t.n
	t.n++
	t.eras = append(t.eras, r.Era)
	t.digests = append(t.digests, hash.of(r))
	t.days[r.Day]++
	for kind, code := range [tallyKinds]string{r.Channel, string(r.Mode), string(r.Language)} {
		if t.tallies[kind][code] == nil {
			t.tallies[kind][code] = &set{}
		}
		t.tallies[kind][code].add(i)
	}
	t.members[0].add(i)
	t.join(i, r, scope)
	for at, it := range t.catalogue.items {
		t.columns[at].add(i, it, r.Answers)
	}
}

// join puts response i into its groups. Who is not a member, and whose membership is unknown, are alike here: no
// published count tells them apart, because the rest is everybody less the group.
func (t *table) join(i int, r survey.Response, scope *stored) {
	scope.answers, scope.day = r.Answers, r.Day
	var room [16]int
	for _, d := range t.catalogue.dimensions {
		if d.coded != nil {
			_, chosen := d.coded.read(r.Answers[d.coded.question.ID], room[:0])
			for _, at := range chosen {
				t.members[d.first+d.coded.choices[at].option].add(i)
			}
		}
		for j, when := range d.when {
			if when.Bool(scope) {
				t.members[d.first+j].add(i)
			}
		}
	}
}

func (c *column) add(i int, it *item, a survey.Answers) {
	switch {
	case it.measure != nil:
		in, yes := it.measure(a)
		if in {
			c.base.add(i)
		}
		for o := range c.options {
			if in && yes&(1<<o) != 0 {
				c.options[o].add(i)
			}
		}
	case it.coded.question.Kind == survey.KindSelectOne:
		c.one.add(it.single(a))
	default:
		c.addTicks(i, it, a)
	}
}

// single is the cell of a select_one in its column.
func (it *item) single(a survey.Answers) int {
	var room [4]int
	st, chosen := it.coded.read(a[it.coded.question.ID], room[:0])
	if st == outside || st == nonAnswer && !it.asked || !it.of.holds(a) {
		return 0
	}
	if len(chosen) == 0 {
		return 1
	}
	return 2 + it.publish[it.coded.choices[chosen[0]].option] // −1 where the option is derivable
}

func (c *column) addTicks(i int, it *item, a survey.Answers) {
	var room [16]int
	st, chosen := it.coded.read(a[it.coded.question.ID], room[:0])
	if st == outside || st == nonAnswer && !it.asked || !it.of.holds(a) {
		return
	}
	c.base.add(i)
	for _, at := range chosen {
		if o := it.publish[it.coded.choices[at].option]; o >= 0 {
			c.options[o].add(i)
		}
	}
}

// counts are exact numbers of people and stay inside the package.
type counts struct {
	base    int
	options []int
}

// count counts item at among the members of a row.
func (t *table) count(at int, members set) counts {
	it, col := t.catalogue.items[at], &t.columns[at]
	c := counts{options: make([]int, len(it.options))}
	if it.measure == nil && it.coded.question.Kind == survey.KindSelectOne {
		values := make([]int, 2+len(it.options))
		col.one.tally(members, values)
		copy(c.options, values[2:])
		for _, n := range values[1:] {
			c.base += n
		}
		return c
	}
	c.base = members.common(col.base)
	for o, s := range col.options {
		c.options[o] = members.common(s)
	}
	return c
}

// since counts the members of a set whose era is at least era.
func (t *table) since(members set, era int) int {
	if era <= 0 {
		return members.size()
	}
	n := 0
	members.each(func(i int) {
		if t.eras[i] >= era {
			n++
		}
	})
	return n
}

// months are when the first k responses had come and when the last k began to come; "" below k.
func (t *table) months() (first, last string) {
	if t.n < minGroup {
		return "", ""
	}
	days := slices.Sorted(maps.Keys(t.days))
	return month(t.reach(slices.Values(days))), month(t.reach(backward(days)))
}

func (t *table) reach(days iter.Seq[string]) string {
	seen := 0
	for day := range days {
		if seen += t.days[day]; seen >= minGroup {
			return day
		}
	}
	return ""
}

func backward(days []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, day := range slices.Backward(days) {
			if !yield(day) {
				return
			}
		}
	}
}

func month(day string) string {
	if len(day) < len("2006-01") {
		return ""
	}
	return day[:len("2006-01")]
}

// fingerprints hashes responses; it keeps its buffers from one to the next.
type fingerprints struct {
	text []byte
	keys []string
}

// of is the hash of everything a response says.
func (f *fingerprints) of(r survey.Response) [sha256.Size]byte {
	f.text, f.keys = f.text[:0], f.keys[:0]
	for _, s := range [...]string{r.ID, r.Survey, r.Wave, string(r.Language), r.Channel, string(r.Mode), r.Day, r.Consent} {
		f.add(s)
	}
	f.text = fmt.Appendf(f.text, "%d %d %t %d %t", r.Version, r.Era, r.Complete, r.Fallback, r.Test)
	for key := range r.Answers {
		f.keys = append(f.keys, key)
	}
	slices.Sort(f.keys)
	for _, key := range f.keys {
		v := r.Answers[key]
		f.add(key)
		f.add(v.State.String())
		f.add(v.Text)
	}
	return sha256.Sum256(f.text)
}

// add writes a text behind its length, so that no two responses run together.
func (f *fingerprints) add(s string) {
	f.text = binary.BigEndian.AppendUint64(f.text, uint64(len(s)))
	f.text = append(f.text, s...)
}

// digest is the hash of the whole snapshot, alike for every order of reading.
func (t *table) digest() [sha256.Size]byte {
	slices.SortFunc(t.digests, func(a, b [sha256.Size]byte) int {
		return bytes.Compare(a[:], b[:])
	})
	h := sha256.New()
	for _, d := range t.digests {
		h.Write(d[:])
	}
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}
