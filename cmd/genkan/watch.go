package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"strings"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/front"
	"github.com/genkan-http/genkan/watch"
)

type watchCommand struct {
	To       string `placeholder:"APP" help:"Where the app listens: http://127.0.0.1:8000, https://…, unix:///run/app.sock, or a port."`
	Insecure bool   `short:"k" help:"Do not ask who an https app is."`
	OwnHost  bool   `name:"own-host" help:"Send the app its own name as Host, not the one that was asked for."`
	listenFlags
	showFlags
	Command []string `arg:"" optional:"" passthrough:"" help:"The app, to be started with a free port in $PORT and stopped again."`
}

func (*watchCommand) Help() string {
	return `Genkan stands before the app, and the live page shows what passes: the bytes, what they
mean, and the system calls that moved them.

  genkan watch --to http://127.0.0.1:8000
  genkan watch -- python3 manage.py runserver '$PORT'
  genkan watch -- node app.js

A word '$PORT' in the command is replaced by the port, for apps that do not look at their
environment.`
}

func (c *watchCommand) Run(console *console) error {
	if len(c.Command) > 0 && c.Command[0] == "--" {
		c.Command = c.Command[1:]
	}
	if (c.To == "") == (len(c.Command) == 0) {
		return usageError{errors.New("watch: say where the app is (--to), or how to start it (-- and the command), and not both")}
	}
	signals, release := stopSignals()
	defer release()

	app, err := c.app(console)
	if err != nil {
		return err
	}
	defer app.stop()

	requests := &underway{}
	access := &accessLog{out: console.out, json: c.JSON, color: console.color, underway: requests}
	words := log.New(console.err, "genkan: ", 0)
	srv := &genkan.Server{
		Handler:   access.wrap(front.New(app.target, front.Options{Insecure: c.Insecure, OwnHost: c.OwnHost, ErrorLog: words})),
		OnRefused: access.refused,
		ErrorLog:  words,
	}
	live := watch.New(watch.LiveOptions{Addr: c.Page})
	defer live.Close()
	stopWatching := c.watch(srv, live, console)
	defer stopWatching()
	places, note, err := c.open(srv)
	if err != nil {
		return err
	}
	page, err := pageLine(live)
	if err != nil {
		return err
	}
	fmt.Fprint(console.err, note, watchBanner(app.target, places, ownAddresses()), page)
	var listeners []net.Listener
	for _, p := range places {
		listeners = append(listeners, p.Listener)
	}
	app.whenEnded(func() { srv.Close() })
	if err := serve(srv, listeners, signals, drainTime, requests, console.err); err != nil {
		return err
	}
	return app.stop()
}

// watchBanner says where to ask, and who answers.
func watchBanner(target front.Target, places []place, own []string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "Before %s\n\n", printable(target.String()))
	for _, link := range links(places, own) {
		fmt.Fprintf(&text, "  %s\n", link)
	}
	text.WriteString("\nCtrl-C stops.\n")
	return text.String()
}

// app finds the app, or starts it and waits until it listens.
func (c *watchCommand) app(console *console) (*app, error) {
	if c.To == "" {
		return startApp(c.Command, console)
	}
	target, err := front.ParseTarget(c.To)
	if err != nil {
		return nil, usageError{fmt.Errorf("--to: %w", err)}
	}
	return &app{target: target}, nil
}
