package web

import (
	"net/http"
	"testing"
	"time"
)

func TestBucketsSlowDownANeighbourhoodAndForgetIt(t *testing.T) {
	now := time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC)
	b := newBuckets(func() time.Time { return now }, false)
	for i := range forPeople.burst {
		if d := b.wait("192.0.2.1", forPeople); d != 0 {
			t.Fatalf("request %d waits %v", i, d)
		}
	}
	if d := b.wait("192.0.2.200", forPeople); d <= 0 || d > longestWait {
		t.Errorf("over the allowance: waits %v", d)
	}
	if d := b.wait("192.0.3.1", forPeople); d != 0 {
		t.Errorf("another neighbourhood waits %v", d)
	}
	if d := b.wait("::ffff:192.0.2.7", forPeople); d <= 0 {
		t.Error("the same address written as IPv6 has another bucket")
	}
	now = now.Add(time.Minute)
	for i := range forPeople.perMinute - 2 {
		if d := b.wait("192.0.2.1", forPeople); d != 0 {
			t.Fatalf("a minute later request %d waits %v", i, d)
		}
	}
	key := b.key
	now = now.Add(keyLife)
	b.wait("192.0.2.1", forPeople)
	if b.key == key {
		t.Error("the key outlives a day")
	}
}

func TestAProgramThatHammersDoesNotPushItsBucketForEver(t *testing.T) {
	now := time.Now()
	b := newBuckets(func() time.Time { return now }, false)
	for range 10_000 {
		b.wait("2001:db8::1", forPeople)
	}
	if d := b.wait("2001:db8:0:0:ffff::2", forPeople); d > 2*longestWait {
		t.Errorf("waits %v: refused requests were charged", d)
	}
	if d := b.wait("2001:db8:0:100::2", forPeople); d != 0 {
		t.Error("another /56 waits")
	}
}

func TestAProgramWithAKeyHasAnAllowanceOfItsOwn(t *testing.T) {
	now := time.Now()
	b := newBuckets(func() time.Time { return now }, false)
	for i := range forPrograms.burst {
		if d := b.waitKey("partner"); d != 0 {
			t.Fatalf("request %d waits %v", i, d)
		}
	}
	for range 1000 {
		b.waitKey("partner")
	}
	if d := b.waitKey("partner"); d <= longestWait {
		t.Errorf("far over the allowance: waits %v", d)
	}
	if d := b.waitKey("another"); d != 0 {
		t.Errorf("another key waits %v", d)
	}
}

func TestBucketsCanBeSwitchedOff(t *testing.T) {
	now := time.Now()
	b := newBuckets(func() time.Time { return now }, true)
	for range 10 * forPeople.burst {
		if d := b.wait("192.0.2.1", forPeople); d != 0 {
			t.Fatalf("switched off, but waits %v", d)
		}
	}
}

// timed is how long a request takes.
func timed(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}

// hurry switches the buckets on and stops their clock: nothing flows back.
func (s *site) hurry() {
	now := s.now
	s.server.rates.off, s.server.rates.now = false, func() time.Time { return now }
}

func TestResidentsAreHeldBackAndNeverRefused(t *testing.T) {
	s := newSite(t)
	s.hurry()
	const most, pause = 3, 60 * time.Millisecond
	defer func(a allowance) { forPeople = a }(forPeople)
	forPeople = allowance{most, int(time.Minute / pause)}
	intro := s.get("/uk/s/needs").want(http.StatusOK)
	for range most {
		s.press(intro, "start", "q:consent", "yes", "q:screen", "yes").want(http.StatusOK)
	}
	for name, do := range map[string]func(){
		"start":    func() { s.press(intro, "start", "q:consent", "yes", "q:screen", "yes").want(http.StatusOK) },
		"withdraw": func() { s.press(s.get("/uk/withdraw"), "", "receipt", "x").want(http.StatusUnprocessableEntity) },
		"resume":   func() { s.press(s.get("/uk/resume"), "", "code", "x").want(http.StatusUnprocessableEntity) },
	} {
		if took := timed(do); took < pause/2 || took > longestWait {
			t.Errorf("%s over the allowance took %v", name, took)
		}
	}
}

func TestABusyShelterSavesPagesWithoutWaiting(t *testing.T) {
	s, page := opened(t, "en")
	s.hurry()
	for i := range 100 {
		button := []string{"stay", "lang", "back", "next"}[i%4]
		took := timed(func() { page = s.press(page, button, "q:age", "30") })
		if took > time.Second || page.code >= 500 {
			t.Fatalf("page %d (%s) took %v: %d", i, button, took, page.code)
		}
	}
	s.press(page, "send").want(http.StatusOK).has("#receipt")
}
