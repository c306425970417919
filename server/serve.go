package main

import (
	"fmt"

	"opengate/server/app"
)

type serveCommand struct {
	app.Serving
}

// Run serves until it is interrupted.
func (c *serveCommand) Run(t *terminal) error {
	c.BaseURL = t.baseURL
	if err := c.Check(); err != nil {
		return err
	}
	return t.with(func(a *app.App) error {
		if c.Demo {
			if err := a.Demo(t.ctx, t.out); err != nil {
				return err
			}
		}
		return a.Serve(t.ctx, c.Serving, t.logger(c.LogLevel), t.out, func(string) {
			fmt.Fprintln(t.out, "Stop with Ctrl+C.")
		})
	})
}
