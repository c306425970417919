package web

import (
	"context"

	"opengate/server/office"
	"opengate/server/store"
	"opengate/survey"
)

type confirmBody struct {
	Slug, Band    string
	Few, NoGroups bool // little or nothing would be seen
	Last          *lastRelease
}

// lastRelease is the newest release of the wave; Responses is its protected number.
type lastRelease struct {
	Number    int
	Day       string
	Responses int
}

func (d *desk) confirmRelease(v *visit) error {
	view, err := d.Staff.Office.View(v.ctx, v.Param("slug"))
	if err != nil {
		return err
	}
	n, err := d.Store.CountBand(v.ctx, view.Survey.Slug)
	if err != nil {
		return err
	}
	body := confirmBody{
		Slug: view.Survey.Slug, Band: band(v.p, n), Few: n == 0,
		NoGroups: !hasGroups(view),
	}
	if body.Last, err = d.lastRelease(v.ctx, view.Survey); err != nil {
		return err
	}
	return d.show(v, "release_new", d.releasePage(v, view, "staff.release.new", "/new", body))
}

// hasGroups says whether the plan or the publisher divides people into groups.
func hasGroups(view *office.View) bool {
	for q := range view.Form.All() {
		if q.Analysis.Role == survey.RoleGroup {
			return true
		}
	}
	return len(view.Form.Plan.Dimensions) > 0 || len(view.Survey.By) > 0
}

// lastRelease finds the release that the next one would go on from, nil when it would be the first of its wave.
func (d *desk) lastRelease(ctx context.Context, sv store.Survey) (*lastRelease, error) {
	list, err := d.Release.List(ctx, sv.Slug)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	newest := list[len(list)-1]
	diag, _, err := d.Release.Diagnosis(ctx, sv.Slug, newest.Number)
	if err != nil || diag.Wave != sv.Wave {
		return nil, err
	}
	return &lastRelease{newest.Number, newest.Day, diag.Method.Responses}, nil
}
