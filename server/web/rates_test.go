package web

import (
	"testing"
	"time"
)

func TestBucketsSlowDownANeighbourhoodAndForgetIt(t *testing.T) {
	now := time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC)
	b := newBuckets(func() time.Time { return now }, false)
	for i := range forPeople.burst {
		if d := b.wait("192.0.2.1"); d != 0 {
			t.Fatalf("request %d waits %v", i, d)
		}
	}
	if d := b.wait("192.0.2.200"); d <= 0 || d > longestWait {
		t.Errorf("over the allowance: waits %v", d)
	}
	if d := b.wait("192.0.3.1"); d != 0 {
		t.Errorf("another neighbourhood waits %v", d)
	}
	if d := b.wait("::ffff:192.0.2.7"); d <= 0 {
		t.Error("the same address written as IPv6 has another bucket")
	}
	now = now.Add(time.Minute)
	for i := range forPeople.perMinute - 2 {
		if d := b.wait("192.0.2.1"); d != 0 {
			t.Fatalf("a minute later request %d waits %v", i, d)
		}
	}
	key := b.key
	now = now.Add(keyLife)
	b.wait("192.0.2.1")
	if b.key == key {
		t.Error("the key outlives a day")
	}
}

func TestAProgramThatHammersDoesNotPushItsBucketForEver(t *testing.T) {
	now := time.Now()
	b := newBuckets(func() time.Time { return now }, false)
	for range 10_000 {
		b.wait("2001:db8::1")
	}
	if d := b.wait("2001:db8:0:0:ffff::2"); d > 2*longestWait {
		t.Errorf("waits %v: refused requests were charged", d)
	}
	if d := b.wait("2001:db8:0:100::2"); d != 0 {
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
		if d := b.wait("192.0.2.1"); d != 0 {
			t.Fatalf("switched off, but waits %v", d)
		}
	}
}
