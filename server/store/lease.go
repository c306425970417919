package store

import (
	"context"
	"crypto/rand"
	"sync"
	"time"
)

// Lease takes the lease of that name, so that work is done by one process at a time; survey.ErrBusy while somebody
// else has it. It is renewed until release is called; after a crash it ends by itself within ttl. release may be
// called more than once.
func (s *Store) Lease(ctx context.Context, name string, ttl time.Duration) (release func(), err error) {
	holder := rand.Text()
	if err := s.e.Acquire(ctx, name, holder, ttl); err != nil {
		return nil, err
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		s.renew(context.WithoutCancel(ctx), stop, name, holder, ttl)
	}()
	return sync.OnceFunc(func() {
		close(stop)
		<-stopped
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = s.e.Yield(ctx, name, holder) // else it ends by itself
	}), nil
}

// renew holds the lease. An attempt that fails is followed by another one before the lease ends.
func (s *Store) renew(ctx context.Context, stop <-chan struct{}, name, holder string, ttl time.Duration) {
	t := time.NewTicker(ttl / 4)
	defer t.Stop()
	for {
		select {
		case <-stop:
			return
		case <-t.C:
			try, cancel := context.WithTimeout(ctx, ttl/4)
			_ = s.e.Acquire(try, name, holder, ttl)
			cancel()
		}
	}
}
