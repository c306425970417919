package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"
)

// buckets slow down whoever asks for very much. A bucket belongs to a neighbourhood of addresses (IPv4 /24, IPv6 /56)
// under a keyed hash whose key lives in memory for a day, so nothing here can be traced to a person afterwards. A
// shelter or library behind one address is slowed down a little and never refused.
type buckets struct {
	now  func() time.Time
	off  bool
	mu   sync.Mutex
	key  [32]byte
	born time.Time
	by   map[[16]byte]*rate.Limiter
}

// allowance is how many requests a bucket holds, and how many flow back into it in a minute.
type allowance struct{ burst, perMinute int }

var (
	forPeople   = allowance{60, 30}     // of one neighbourhood, for what costs much or could be guessed
	forPages    = allowance{600, 600}   // of one neighbourhood, for saving pages of an answer that was begun
	forPrograms = allowance{1000, 6000} // with one key: a partner that sends what it collected
)

const (
	longestWait = 5 * time.Second
	keyLife     = 24 * time.Hour
	mostBuckets = 100_000
)

func newBuckets(now func() time.Time, off bool) *buckets {
	b := &buckets{now: now, off: off}
	b.renew()
	return b
}

func (b *buckets) renew() {
	_, _ = rand.Read(b.key[:])
	b.born, b.by = b.now(), map[[16]byte]*rate.Limiter{}
}

// limiter finds the bucket of a name.
func (b *buckets) limiter(name string, a allowance) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.now().Sub(b.born) > keyLife || len(b.by) > mostBuckets {
		b.renew()
	}
	mac := hmac.New(sha256.New, b.key[:])
	mac.Write([]byte(name))
	id := [16]byte(mac.Sum(nil))
	if b.by[id] == nil {
		b.by[id] = rate.NewLimiter(rate.Limit(a.perMinute)/60, a.burst)
	}
	return b.by[id]
}

// wait is how long a request from the address should be held back; 0 within the allowance.
func (b *buckets) wait(address string, a allowance) time.Duration {
	return b.hold(fmt.Sprint("address ", neighbourhood(address), a), a)
}

// waitKey is the same for a program that comes with the key of a link.
func (b *buckets) waitKey(link string) time.Duration { return b.hold("key "+link, forPrograms) }

func (b *buckets) hold(name string, a allowance) time.Duration {
	if b.off {
		return 0
	}
	now := b.now()
	r := b.limiter(name, a).ReserveN(now, 1)
	d := r.DelayFrom(now)
	if d > longestWait {
		r.CancelAt(now)
	}
	return d
}

func neighbourhood(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	ip = ip.Unmap()
	bits := 56
	if ip.Is4() {
		bits = 24
	}
	p, _ := ip.Prefix(bits)
	return p.String()
}

// unhurried is unhurry as a step before a handler.
func (s *Server) unhurried(c *gin.Context) { s.unhurry(c, forPeople) }

// unhurry holds a resident's request back when the neighbourhood is over its allowance, at most five seconds.
func (s *Server) unhurry(c *gin.Context, a allowance) {
	d := min(s.rates.wait(c.ClientIP(), a), longestWait)
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.Request.Context().Done():
	}
}
