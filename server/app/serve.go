package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"opengate/server/locale"
	"opengate/server/web"
)

const (
	drainTime    = 20 * time.Second // for requests under way when the service is told to stop
	housekeeping = time.Hour
)

// Serve answers requests until ctx ends, then finishes those under way. ready, which may be nil, is called with the
// public address once the service listens. Notices for the person who starts it go to out, logs to log.
func (a *App) Serve(ctx context.Context, s Serving, log *slog.Logger, out io.Writer, ready func(base string)) error {
	if err := s.Check(); err != nil {
		return err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w; is the service running already? choose another address with --addr", s.Addr, err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	base := s.baseURL(port)
	handler, err := a.handler(s, base, log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 60 * time.Second,
		WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug), // its messages hold addresses of clients
	}
	if err := a.welcome(ctx, s, base, out); err != nil {
		return errors.Join(err, l.Close())
	}
	go a.housekeep(ctx, log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	if ready != nil {
		ready(base)
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping: finishing requests under way")
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		return fmt.Errorf("some requests did not finish within %s: %w", drainTime, err)
	}
	return nil
}

func (a *App) handler(s Serving, base string, log *slog.Logger) (http.Handler, error) {
	catalog, err := locale.New()
	if err != nil {
		return nil, fmt.Errorf("interface texts: %w", err)
	}
	return web.New(web.Deps{
		Intake: a.Intake, Store: a.Store, Release: a.Release, Catalog: catalog, Log: log,
		Staff: web.StaffDeps{Office: a.Office, People: a.Staff, Sessions: a.Store.Sessions(), TmpDir: a.tmp},
		Config: web.Config{
			BaseURL: base, Demo: s.Demo, TrustedProxies: s.TrustedProxies, QuickExit: s.QuickExit, Now: a.now,
		},
	})
}

// welcome tells the person who starts the service where to go.
func (a *App) welcome(ctx context.Context, s Serving, base string, out io.Writer) error {
	if s.Demo {
		fmt.Fprintf(out, "Demonstration survey, made-up answers only:\n  %s/s/demo\n", base)
	} else {
		fmt.Fprintf(out, "OpenGate is ready: %s\n", base)
	}
	token, made, err := a.Staff.FirstLink(ctx)
	if err != nil {
		return fmt.Errorf("first administrator: %w", err)
	}
	if made {
		fmt.Fprintf(out, "Nobody can sign in yet. This link makes the administrator, once:\n  %s/staff/invite/%s\n", base, token)
	} else {
		fmt.Fprintf(out, "Staff sign in at\n  %s/staff\n", base)
	}
	return nil
}

// housekeep removes what has expired, at the start and every hour.
func (a *App) housekeep(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(housekeeping)
	defer tick.Stop()
	for {
		if err := a.Store.Expire(ctx, a.now().Unix()/86400); err != nil && ctx.Err() == nil {
			log.Error("removing expired drafts failed; trying again in an hour", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
