package app_test

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"opengate/server/app"
	"opengate/server/web/journeys"
)

// serve runs the service on a free port until the test ends and gives its address.
func serve(t *testing.T, a *app.App) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	address, done := make(chan string, 1), make(chan error, 1)
	go func() {
		s := app.Serving{Addr: "127.0.0.1:0", QuickExit: "https://www.wikipedia.org/", Demo: true}
		done <- a.Serve(ctx, s, slog.New(slog.DiscardHandler), io.Discard, func(base string) { address <- base })
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the service did not stop cleanly: %v", err)
		}
	})
	select {
	case base := <-address:
		return base
	case err := <-done:
		done <- err
		t.Fatalf("the service did not start: %v", err)
		return ""
	}
}

// TestResidentsFillInTheDemonstration: a browser in Ukrainian without JavaScript and in Arabic with it, from the
// first page to the receipt and back out again.
func TestResidentsFillInTheDemonstration(t *testing.T) { onBothEngines(t, residentsFillIn) }

func residentsFillIn(t *testing.T, s app.Storage) {
	t.Helper()
	base := serve(t, demonstration(t, s))
	for name, o := range map[string]journeys.Options{
		"Ukrainian without JavaScript": {Base: base, Path: "/uk/s/demo", Lang: "uk", NoScript: true},
		"Arabic with JavaScript":       {Base: base, Path: "/ar/s/demo", Lang: "ar"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := "ltr"
			if o.Lang == "ar" {
				dir = "rtl"
			}
			res := journeys.Fill(t, o)
			res.Check(t, o.Lang, dir)
			if res.Receipt == "" || res.Filled < 40 {
				t.Fatalf("receipt %q after %d answers", res.Receipt, res.Filled)
			}
			o.Path = "/" + o.Lang + "/withdraw"
			out := journeys.Withdraw(t, o, res.Receipt)
			out.Check(t, o.Lang, dir)
			if !out.Withdrawn {
				t.Error("the receipt did not withdraw the answers")
			}
		})
	}
}
