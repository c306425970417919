package diagnosis

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"

	"opengate/survey"
)

// Input is everything a release is made of. The same input gives the same bytes, in whatever order the responses come.
type Input struct {
	Survey         string
	Wave           string
	Forms          map[int]*survey.Form // every version that a response may name, by number
	Current        int                  // the version whose plan and labels hold
	Responses      iter.Seq2[survey.Response, error]
	Key            []byte // 32 random bytes of this survey alone, never changed within a wave
	KeyID          string
	Release        int    // from 1, rising; responses of this era or later are left for the next one
	AsOf           string // YYYY-MM-DD
	Software       string
	Previous       *Cube  // the release before in the same wave, nil for the first
	PreviousSealed []byte // what Make returned beside it
	By             []string
	// Channels names the ways in by link code, "" being the open address. A code opens a survey, so it never leaves:
	// Make counts by name, links of one name together, and calls the links that are not here "other".
	Channels map[string]string
	MadeUp   bool           // demonstration data
	Progress func(done int) // called with multiples of a thousand; may be nil
}

// Make counts the responses, protects every number and gives the release's cube, the exact row sizes sealed for the
// release after it, and a report without unprotected numbers. It implements rules R1 to R7 and R9: rows and item
// bases of at least ten people, a closed catalogue, one immutable cube, rows recomputed after ten changes, no
// redundant cells, secret rounding points.
//
// It returns *EditError when the plan is not an extension of the previous release's catalogue, ErrKey when the key
// is not the previous one's, and the first error of the responses.
func Make(ctx context.Context, in Input) (*Cube, []byte, *Report, error) {
	if err := in.check(); err != nil {
		return nil, nil, nil, fmt.Errorf("diagnosis of %s: %w", in.Survey, err)
	}
	c := newCatalogue(in.versions(), in.By)
	if err := c.extends(in.Previous); err != nil {
		return nil, nil, nil, fmt.Errorf("diagnosis of %s: %w", in.Survey, err)
	}
	past, err := in.past()
	if err != nil {
		return nil, nil, nil, fmt.Errorf("diagnosis of %s: %w", in.Survey, err)
	}
	t, err := read(ctx, c, in)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("diagnosis of %s: %w", in.Survey, err)
	}
	m := newMaker(in, c, t, past)
	cube := m.cube()
	s, err := newSealer(in.Key, in.Survey, in.Wave, in.Release)
	if err != nil {
		return nil, nil, nil, err
	}
	sealed, err := s.seal(m.baselines, m.near)
	if err != nil {
		return nil, nil, nil, err
	}
	return cube, sealed, m.report(cube), nil
}

// check refuses what would break a rule in silence.
func (in Input) check() error {
	switch {
	case len(in.Key) != keySize:
		return fmt.Errorf("the protection key has %d bytes, not %d", len(in.Key), keySize)
	case in.Release < 1:
		return fmt.Errorf("release %d: releases are numbered from 1", in.Release)
	case in.Forms[in.Current] == nil:
		return fmt.Errorf("form version %d is missing", in.Current)
	case in.Responses == nil:
		return errors.New("no responses given")
	case in.Previous == nil:
		return nil
	case in.Previous.Survey != in.Survey || in.Previous.Wave != in.Wave:
		return fmt.Errorf("the previous release belongs to survey %s, wave %q", in.Previous.Survey, in.Previous.Wave)
	case in.Previous.Release >= in.Release:
		return fmt.Errorf("release %d is not later than the previous one, %d", in.Release, in.Previous.Release)
	case in.Previous.KeyID != in.KeyID:
		return ErrKey
	}
	return nil
}

// versions lists the forms in rising version with the current one last.
func (in Input) versions() []*survey.Form {
	var forms []*survey.Form
	for _, v := range slices.Sorted(maps.Keys(in.Forms)) {
		if v != in.Current && in.Forms[v] != nil {
			forms = append(forms, in.Forms[v])
		}
	}
	return append(forms, in.Forms[in.Current])
}

// past opens what the previous release left; it is empty for a first release.
func (in Input) past() (memory, error) {
	if in.Previous == nil {
		return memory{}, nil
	}
	s, err := newSealer(in.Key, in.Survey, in.Wave, in.Previous.Release)
	if err != nil {
		return memory{}, err
	}
	return s.open(in.PreviousSealed)
}

// maker makes one cube.
type maker struct {
	in        Input
	catalogue *catalogue
	table     *table
	past      map[string]baseline
	protector protector
	baselines []baseline
	nearPast  [][2]string // as memory.Near, of the previous release
	near      [][2]string // and of this one
	fresh     []bool      // per row: recomputed in this release
	rows      []Row
	carried   map[[2]string]Cell           // by indicator and category
	rowBefore map[string]Row               // of the previous release
	before    [tallyKinds]map[string]Tally // of the previous release
}

func newMaker(in Input, c *catalogue, t *table, past memory) *maker {
	m := &maker{
		in: in, catalogue: c, table: t, past: past.sizes(), nearPast: past.Near, protector: protector{in.Key, token(in.Wave)},
		carried: map[[2]string]Cell{}, rowBefore: map[string]Row{},
	}
	for i := range m.before {
		m.before[i] = map[string]Tally{}
	}
	if in.Previous == nil {
		return m
	}
	for _, x := range in.Previous.Cells {
		m.carried[[2]string{x.Indicator, x.Category}] = x
	}
	for _, r := range in.Previous.Rows {
		m.rowBefore[r.Category] = r
	}
	for kind, list := range [tallyKinds][]Tally{in.Previous.Method.Channels, in.Previous.Method.Modes, in.Previous.Method.Languages} {
		for _, x := range list {
			m.before[kind][x.Code] = x
		}
	}
	return m
}

// refresh decides whether a row is recomputed (R4) and gives its last refresh, which is this one where it is. Joins
// are members who came after the last refresh, leaves are those of the old size who are gone; below k changes the row
// is carried forward, so that no single person's joining or leaving shows. A row that was never published is
// recomputed once it has k members.
func (m *maker) refresh(category string, members set) (last baseline, fresh bool) {
	last = m.past[category]
	size := members.size()
	joins := m.table.since(members, last.Refreshed)
	leaves := last.Size + joins - size
	if leaves < 0 {
		leaves = -leaves // people whom a restored backup brought back
	}
	fresh = joins+leaves >= minGroup
	if fresh {
		last = baseline{Category: category, Size: size, Refreshed: m.in.Release}
	}
	if last.Refreshed > 0 {
		m.baselines = append(m.baselines, last)
	}
	return last, fresh
}

// row publishes the size of one row, or carries it forward.
func (m *maker) row(p population, members set) (Row, bool) {
	last, fresh := m.refresh(p.category, members)
	if !fresh {
		r, ok := m.rowBefore[p.category]
		if !ok {
			r = Row{Category: p.category}
		}
		return r, false
	}
	r := Row{Category: p.category, Refreshed: m.in.Release, AsOf: m.in.AsOf}
	if last.Size >= minGroup {
		r.Shown = true
		r.N = m.protector.protect(last.Size, m.protector.canonical(p.attrs, sizeOf))
	}
	return r, true
}

func (m *maker) cube() *Cube {
	c, in := m.catalogue, m.in
	for i, p := range c.rows {
		r, fresh := m.row(p, m.table.members[i])
		m.rows, m.fresh = append(m.rows, r), append(m.fresh, fresh)
	}
	cube := &Cube{
		Schema: schema, Survey: in.Survey, Wave: in.Wave, Version: in.Current, Release: in.Release, AsOf: in.AsOf, KeyID: in.KeyID,
		Software: in.Software, MadeUp: in.MadeUp, Title: c.form.Title, Languages: c.form.Languages, Default: c.form.Default,
		Areas: c.form.Plan.Areas, Rows: m.rows, Cells: m.cells(), Catalogue: c.entries(),
	}
	for _, d := range c.dimensions {
		cube.Dimensions = append(cube.Dimensions, d.Dimension)
	}
	for _, it := range c.items {
		for _, o := range it.options {
			cube.Indicators = append(cube.Indicators, o.indicator)
		}
	}
	cube.Method = m.method()
	m.near = m.nearlySame(m.nearPast)
	cube.Withheld = withheld(cube.Cells)
	cube.Commitment = m.commitment(cube.Catalogue)
	return cube
}

// commitment binds the release to the snapshot, the plan, the key and the software, so that an auditor who is given
// key and answers can recompute it and nobody else can test guesses against it.
func (m *maker) commitment(entries []Entry) string {
	snapshot := m.table.digest()
	plan := digest(entries)
	previous := ""
	if m.in.Previous != nil {
		previous = m.in.Previous.Commitment
	}
	mac := hmac.New(sha256.New, m.in.Key)
	for _, s := range []string{
		"commitment", m.in.Survey, m.in.Wave, strconv.Itoa(m.in.Release), m.in.AsOf, m.in.KeyID, m.in.Software,
		hex.EncodeToString(snapshot[:]), hex.EncodeToString(plan[:]), previous,
	} {
		mac.Write([]byte(token(s) + "|"))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// withheld counts hidden cells by rule and remedy, in the order in which they first appear.
func withheld(cells []Cell) []Withheld {
	var log []Withheld
	for _, x := range cells {
		if x.Hidden == "" {
			continue
		}
		remedy := CodeFewAnswers
		if x.Hidden == ruleRefresh {
			remedy = CodeWaitsForRefresh
		}
		at := slices.IndexFunc(log, func(w Withheld) bool { return w.Rule == x.Hidden && w.Remedy == remedy })
		if at < 0 {
			at = len(log)
			log = append(log, Withheld{Rule: x.Hidden, Remedy: remedy})
		}
		log[at].Cells++
	}
	return log
}
