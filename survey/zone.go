package survey

import "time"

// Zone is the time zone of the plan, in which days begin; UTC where the plan names none.
func (f *Form) Zone() *time.Location {
	if z, err := time.LoadLocation(f.Plan.Settings.Timezone); err == nil && f.Plan.Settings.Timezone != "" {
		return z
	}
	return time.UTC
}
