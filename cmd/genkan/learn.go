package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/genkan-http/genkan/learn"
)

type learnCommand struct {
	Step   *int   `arg:"" optional:"" help:"The step to take; without it the steps are listed."`
	Port   int    `default:"${learn_port}" help:"Where the step's server listens (${default})."`
	Source bool   `help:"Print the step's code instead of running it."`
	Lang   string `placeholder:"ja|en" help:"Japanese or English; by the environment if not given."`
}

func (c *learnCommand) Run(console *console) error {
	switch c.Lang {
	case "":
		c.Lang = learn.Language(os.Getenv)
	case "ja", "en":
	default:
		return usageError{fmt.Errorf("--lang %s: there are ja (Japanese) and en (English)", printable(c.Lang))}
	}
	steps := learn.Steps()
	switch {
	case c.Step == nil && c.Source:
		return usageError{fmt.Errorf("--source: of which step? For example: genkan learn 1 --source")}
	case c.Step == nil:
		learn.List(console.out, c.Lang)
		return nil
	case *c.Step < 0 || *c.Step >= len(steps):
		return usageError{fmt.Errorf("there is no step %d; there are 0 to %d, see genkan learn", *c.Step, len(steps)-1)}
	case c.Port < 1 || c.Port > 65535:
		return usageError{fmt.Errorf("--port %d: a port is a number from 1 to 65535", c.Port)}
	}
	step := steps[*c.Step]
	if c.Source {
		_, err := io.WriteString(console.out, step.SourceIn(c.Lang))
		return err
	}
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	context.AfterFunc(ctx, release) // a second Ctrl-C ends the program as it would any other
	return learn.Live(ctx, console.out, step, learn.LiveOptions{Port: c.Port, Lang: c.Lang, Color: console.color})
}
