package diagnosis

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"opengate/survey"
)

// Edit is one way in which a plan is not an extension of a catalogue.
type Edit struct {
	Entry string // ID of the catalogue entry
	What  string // "removed", "changed"
}

// EditError says that a plan changes what releases of this wave already show (R2). Additions are allowed; anything
// else needs a new wave, because two definitions of one figure could be subtracted.
type EditError struct{ Edits []Edit }

// Error names the first few edits and the remedy.
func (e *EditError) Error() string {
	var names []string
	for _, x := range e.Edits[:min(3, len(e.Edits))] {
		names = append(names, x.Entry+" "+x.What)
	}
	more := ""
	if n := len(e.Edits) - len(names); n > 0 {
		more = fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("the plan changes what earlier releases show: %s%s; undo this, or begin a new wave", strings.Join(names, ", "), more)
}

// entries writes the catalogue down.
func (c *catalogue) entries() []Entry {
	var list []Entry
	for _, p := range c.rows {
		list = append(list, Entry{ID: "row " + p.category, Definition: p.definition, Counted: p.counted})
	}
	for _, it := range c.items {
		list = append(list, Entry{ID: "item " + it.key, Definition: it.definition, Missing: it.missing, Counted: it.counted})
		for _, o := range it.options {
			list = append(list, Entry{ID: "indicator " + o.indicator.ID, Definition: o.definition})
		}
	}
	return list
}

// extends checks that the catalogue keeps everything that the previous release shows; nil for a first release.
func (c *catalogue) extends(previous *Cube) error {
	if previous == nil {
		return nil
	}
	now := map[string]Entry{}
	for _, e := range c.entries() {
		now[e.ID] = e
	}
	var edits []Edit
	for _, e := range previous.Catalogue {
		n, ok := now[e.ID]
		switch {
		case !ok:
			edits = append(edits, Edit{e.ID, "removed"})
		case n.Definition != e.Definition, !holdsAll(n.Missing, e.Missing), !holdsAll(n.Counted, e.Counted):
			edits = append(edits, Edit{e.ID, "changed"})
		}
	}
	if len(edits) > 0 {
		return &EditError{edits}
	}
	return nil
}

// holdsAll says whether every code of before is still there: codes may be added, but one that goes over to the other
// side of a base changes figures that were published.
func holdsAll(now, before []string) bool {
	return !slices.ContainsFunc(before, func(code string) bool { return !slices.Contains(now, code) })
}

// digest is the hash of a catalogue.
func digest(entries []Entry) [sha256.Size]byte {
	h := sha256.New()
	for _, e := range entries {
		for _, list := range [][]string{{e.ID, e.Definition}, e.Missing, e.Counted} {
			for _, s := range list {
				h.Write([]byte(token(s) + "|"))
			}
			h.Write([]byte(";"))
		}
		h.Write([]byte("\n"))
	}
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	return sum
}

// Check tells what the plan of a form asks for and cannot be published, in the order of the plan. A form with
// problems of severity error should not be published as it stands.
func Check(form *survey.Form, by []string) []PlanProblem {
	return newCatalogue([]*survey.Form{form}, by).problems
}

// Compatible checks that a new version of the form may join the wave of an earlier release: its catalogue may add to
// the earlier one and change nothing in it. The error is an *EditError.
func Compatible(previous *Cube, form *survey.Form, by []string) error {
	return newCatalogue([]*survey.Form{form}, by).extends(previous)
}

// ErrDiffers says that a release cannot be made again from what an auditor was given.
var ErrDiffers = errors.New("the release differs from what these answers, plan and key give")

// Verify makes a release again and compares every byte of it. The input is the one of Make, with the previous
// release and its sealed sizes where there is one.
func Verify(in Input, cube *Cube) error {
	again, _, _, err := Make(context.Background(), in)
	if err != nil {
		return fmt.Errorf("verify release %d: %w", cube.Release, err)
	}
	if again.Commitment != cube.Commitment {
		return fmt.Errorf("verify release %d: its commitment is to other answers, another plan or another key: %w", cube.Release, ErrDiffers)
	}
	a, err := again.Encode()
	if err != nil {
		return fmt.Errorf("verify release %d: %w", cube.Release, err)
	}
	b, err := cube.Encode()
	if err != nil {
		return fmt.Errorf("verify release %d: %w", cube.Release, err)
	}
	if !bytes.Equal(a, b) {
		return fmt.Errorf("verify release %d: its figures: %w", cube.Release, ErrDiffers)
	}
	return nil
}

// declaresWeights says whether the plan asks for weights: a weight question, or population margins.
func (c *catalogue) declaresWeights() bool {
	for q := range c.form.All() {
		if q.Analysis.Role == survey.RoleWeight {
			return true
		}
	}
	return len(c.form.Plan.Margins) > 0
}
