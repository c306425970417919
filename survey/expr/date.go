package expr

import (
	"math"
	"strings"
	"time"
)

var dateFunctions = []*function{
	{name: "today", usage: "today()", volatile: true, eval: func(e *evaluation, _ []*node, _ *node) value {
		t := e.scope.Now()
		return e.calendar().dated(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location()))
	}},
	{name: "now", usage: "now()", server: true, volatile: true, eval: func(e *evaluation, _ []*node, _ *node) value {
		return e.calendar().dated(e.scope.Now())
	}},
	{name: "date", usage: "date('2025-03-04')", min: 1, max: 1, eval: toDate},
	{name: "date-time", usage: "date-time('2025-03-04T05:06:07')", min: 1, max: 1, eval: toDate},
	{name: "format-date", usage: "format-date(${date}, '%Y-%m-%d')", min: 2, max: 2, eval: formatDate},
	{name: "format-date-time", usage: "format-date-time(${moment}, '%Y-%m-%d %H:%M')", min: 2, max: 2, eval: formatDate},
	{name: "decimal-date-time", usage: "decimal-date-time(${date})", min: 1, max: 1, eval: func(e *evaluation, a []*node, _ *node) value {
		v := e.eval(a[0])
		if v.kind == isNumber {
			return numberValue(v.num)
		}
		days, _ := e.calendar().days(v.string())
		return numberValue(days)
	}},
	{name: "decimal-time", usage: "decimal-time(${time})", min: 1, max: 1, eval: decimalTime},
}

// toDate turns a text or a number of days into a day or moment; what is neither becomes blank. It also reads days
// whose month or day has one digit.
func toDate(e *evaluation, a []*node, _ *node) value {
	v := e.eval(a[0])
	switch v.kind {
	case isBool:
		return textValue("")
	case isNumber:
		return e.calendar().moment(v.num)
	default:
	}
	t, ok := e.calendar().parse(pad(v.string()))
	if !ok {
		return textValue("")
	}
	return e.calendar().dated(t)
}

// pad writes 2025-3-4 as 2025-03-04 and leaves everything else alone.
func pad(s string) string {
	day, clock, timed := strings.Cut(s, "T")
	parts := strings.Split(day, "-")
	if len(parts) != 3 || len(parts[0]) != 4 {
		return s
	}
	for i, p := range parts[1:] {
		if len(p) == 1 {
			parts[i+1] = "0" + p
		}
	}
	if day = strings.Join(parts, "-"); timed {
		return day + "T" + clock
	}
	return day
}

func formatDate(e *evaluation, a []*node, _ *node) value {
	s := e.text(a[0])
	return textValue(clip(e.calendar().format(s, e.text(a[1]))))
}

// decimalTime gives the part of the day that a time is; a time with an offset is first brought to the calendar's
// zone, as it was on 1970-01-01.
func decimalTime(e *evaluation, a []*node, _ *node) value {
	s := e.text(a[0])
	k, ok := parseClock(s)
	if !ok {
		return numberValue(math.NaN())
	}
	if k.zoned {
		t, _ := e.calendar().parse("1970-01-01T" + s)
		k = clock{hour: t.Hour(), minute: t.Minute(), second: t.Second(), milli: t.Nanosecond() / 1_000_000}
	}
	return numberValue(float64(((k.hour*60+k.minute)*60+k.second)*1000+k.milli) / dayMillis)
}
