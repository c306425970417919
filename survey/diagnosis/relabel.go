package diagnosis

import "opengate/survey"

// Relabel gives the same release in the words of a corrected form: labels and translations may change at any time,
// figures may not. What the form no longer names keeps the words it was released with.
func (c *Cube) Relabel(form *survey.Form, by []string) *Cube {
	now := newCatalogue([]*survey.Form{form}, by)
	out := *c
	out.Title, out.Languages, out.Default = form.Title, form.Languages, form.Default
	out.Areas = make([]survey.Area, len(c.Areas))
	for i, a := range c.Areas {
		for _, b := range form.Plan.Areas {
			if b.Code == a.Code {
				a = b
			}
		}
		out.Areas[i] = a
	}
	labels := map[string]Indicator{}
	for _, it := range now.items {
		for _, o := range it.options {
			labels[o.indicator.ID] = o.indicator
		}
	}
	out.Indicators = make([]Indicator, len(c.Indicators))
	for i, x := range c.Indicators {
		if n, ok := labels[x.ID]; ok {
			x.Label, x.Item = n.Label, n.Item
		}
		out.Indicators[i] = x
	}
	out.Dimensions = make([]Dimension, len(c.Dimensions))
	for i, d := range c.Dimensions {
		out.Dimensions[i] = d
		for _, n := range now.dimensions {
			if n.Code == d.Code {
				out.Dimensions[i] = d.relabel(n.Dimension)
			}
		}
	}
	return &out
}

func (d Dimension) relabel(now Dimension) Dimension {
	words := map[string]survey.Text{}
	for _, c := range now.Categories {
		words[c.Code] = c.Label
	}
	d.Label = now.Label
	categories := make([]Category, len(d.Categories))
	for i, c := range d.Categories {
		if label, ok := words[c.Code]; ok {
			c.Label = label
		}
		categories[i] = c
	}
	d.Categories = categories
	return d
}
