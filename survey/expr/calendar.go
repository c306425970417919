package expr

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Names is what a [Scope] may offer beside its methods: the short names of months and weekdays in the form's
// language, for %b and %a of format-date. Without it they are English.
type Names interface {
	Month(time.Month) string
	Weekday(time.Weekday) string
}

// calendar reads and writes days and moments in the time zone of a scope. Years are 0 to 9999.
type calendar struct {
	zone  *time.Location
	names Names // may be nil
}

const dayMillis = 86_400_000

// days gives the days since 1970-01-01 UTC of a text such as 2025-03-04, 2025-03-04T05:06, 2025-03-04T05:06:07.000
// or one of these moments with Z or an offset. Without an offset it means the calendar's zone.
func (c *calendar) days(s string) (float64, bool) {
	t, ok := c.parse(s)
	if !ok {
		return math.NaN(), false
	}
	return toDays(t), true
}

func toDays(t time.Time) float64 { return float64(t.UnixMilli()) / dayMillis }

func (c *calendar) parse(s string) (time.Time, bool) {
	day, clock, timed := strings.Cut(s, "T")
	if len(day) != 10 || day[4] != '-' || day[7] != '-' {
		return time.Time{}, false
	}
	y, ok1 := digits(day[:4])
	m, ok2 := digits(day[5:7])
	d, ok3 := digits(day[8:])
	if !ok1 || !ok2 || !ok3 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return time.Time{}, false
	}
	if !timed {
		return time.Date(y, time.Month(m), d, 0, 0, 0, 0, c.zone), true
	}
	k, ok := parseClock(clock)
	if !ok {
		return time.Time{}, false
	}
	zone := c.zone
	if k.zoned {
		zone = time.FixedZone("", k.offset*60)
	}
	return time.Date(y, time.Month(m), d, k.hour, k.minute, k.second, k.milli*1_000_000, zone).In(c.zone), true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// clock is a time of day; offset is minutes east of Greenwich when zoned.
type clock struct {
	hour, minute, second, milli int
	zoned                       bool
	offset                      int
}

// parseClock reads 05:06, 05:06:07 or 05:06:07.890, each with or without Z or +hh:mm.
func parseClock(s string) (clock, bool) {
	var k clock
	if strings.HasSuffix(s, "Z") {
		k.zoned, s = true, s[:len(s)-1]
	} else if n := len(s) - 6; n >= 5 && (s[n] == '+' || s[n] == '-') && s[n+3] == ':' {
		h, ok1 := digits(s[n+1 : n+3])
		m, ok2 := digits(s[n+4:])
		if !ok1 || !ok2 || h > 23 || m > 59 {
			return k, false
		}
		k.zoned, k.offset = true, h*60+m
		if s[n] == '-' {
			k.offset = -k.offset
		}
		s = s[:n]
	}
	if len(s) < 5 || s[2] != ':' {
		return k, false
	}
	var ok1, ok2, ok3 bool
	k.hour, ok1 = digits(s[:2])
	k.minute, ok2 = digits(s[3:5])
	if !ok1 || !ok2 || k.hour > 23 || k.minute > 59 {
		return k, false
	}
	if s = s[5:]; s == "" {
		return k, true
	}
	if len(s) < 3 || s[0] != ':' {
		return k, false
	}
	if k.second, ok3 = digits(s[1:3]); !ok3 || k.second > 59 {
		return k, false
	}
	if s = s[3:]; s == "" {
		return k, true
	}
	if len(s) < 2 || s[0] != '.' || len(s) > 10 {
		return k, false
	}
	if _, ok := digits(s[1:]); !ok {
		return k, false
	}
	k.milli, _ = digits((s[1:] + "00")[:3])
	return k, true
}

// digits reads a number that is nothing but digits.
func digits(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if !isDigit(rune(s[i])) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}

// maxDays keeps moments within the years that have four digits.
const maxDays = 2_932_896

// moment makes a dated number of days since 1970-01-01 UTC: blank text when it is no moment of the calendar.
func (c *calendar) moment(days float64) value {
	if math.IsNaN(days) || days > maxDays || days < -719_528 {
		return textValue("")
	}
	return c.dated(time.UnixMilli(int64(math.Floor(float64(days*dayMillis) + 0.5))))
}

// dated writes midnight as a day and everything else as a moment with milliseconds and offset.
func (c *calendar) dated(t time.Time) value {
	t = t.In(c.zone)
	if y := t.Year(); y < 0 || y > 9999 {
		return textValue("")
	}
	text := fmt.Sprintf("%04d-%02d-%02d", t.Year(), t.Month(), t.Day())
	if t.Hour() != 0 || t.Minute() != 0 || t.Second() != 0 || t.UnixMilli()%1000 != 0 {
		_, offset := t.Zone()
		sign := '+'
		if offset < 0 {
			sign, offset = '-', -offset
		}
		text += fmt.Sprintf("T%02d:%02d:%02d.%03d%c%02d:%02d", t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1_000_000, sign, offset/3600, offset/60%60)
	}
	return value{kind: isNumber, dated: true, num: toDays(t), text: text}
}

var (
	shortMonths   = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
	shortWeekdays = [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
)

// format writes a day or moment by the pattern of format-date; "" when s is none.
func (c *calendar) format(s, pattern string) string {
	t, ok := c.parse(s)
	if !ok {
		return ""
	}
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' || i+1 == len(pattern) {
			b.WriteByte(pattern[i])
			continue
		}
		if part, known := c.part(t, pattern[i+1]); known {
			b.WriteString(part)
			i++
		} else {
			b.WriteByte('%')
		}
	}
	return b.String()
}

func (c *calendar) part(t time.Time, letter byte) (string, bool) {
	two := func(n int) (string, bool) { return fmt.Sprintf("%02d", n), true }
	plain := func(n int) (string, bool) { return fmt.Sprint(n), true }
	switch letter {
	case 'Y':
		return fmt.Sprintf("%04d", t.Year()), true
	case 'y':
		return two(t.Year() % 100)
	case 'm':
		return two(int(t.Month()))
	case 'n':
		return plain(int(t.Month()))
	case 'b':
		if c.names != nil {
			return c.names.Month(t.Month()), true
		}
		return shortMonths[t.Month()-1], true
	case 'd':
		return two(t.Day())
	case 'e':
		return plain(t.Day())
	case 'a':
		if c.names != nil {
			return c.names.Weekday(t.Weekday()), true
		}
		return shortWeekdays[t.Weekday()], true
	case 'H':
		return two(t.Hour())
	case 'h':
		return plain(t.Hour())
	case 'M':
		return two(t.Minute())
	case 'S':
		return two(t.Second())
	case '3':
		return fmt.Sprintf("%03d", t.Nanosecond()/1_000_000), true
	}
	return "", false
}
