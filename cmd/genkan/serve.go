package main

import (
	"fmt"
	"log"
	"net"
	"path/filepath"
	"time"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/files"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/watch"
)

type serveCommand struct {
	Dir string `arg:"" optional:"" default:"." help:"The folder; the current one if not given."`
	listenFlags
	showFlags
	Watch   bool `help:"Open a page, for this machine alone, that shows the wire live."`
	Sandbox bool `negatable:"" default:"true" help:"Give up the right to read anything but the folder, where the system can (Landlock). On unless --no-sandbox is given."`
}

func (*serveCommand) Help() string {
	return `Files come with their type, in parts if asked (Range), and not again if unchanged (ETag).
Folders show index.html or a listing. Names that start with a dot, and links that lead
out of the folder, are not served.

Started by systemd with sockets (LISTEN_FDS), and without --listen, it serves at those.

The first Ctrl-C lets the requests under way finish, for 10 s at most; the second stops at once.`
}

func (c *serveCommand) Run(console *console) error {
	folder, err := files.New(c.Dir, files.Options{})
	if err != nil {
		return err
	}
	defer folder.Close()

	signals, release := stopSignals()
	defer release()

	requests := &underway{}
	access := &accessLog{out: console.out, json: c.JSON, color: console.color, underway: requests}
	srv := &genkan.Server{
		OnRefused: access.refused,
		ErrorLog:  log.New(console.err, "genkan: ", 0),
	}
	srv.Handler = bodyless(srv, access.wrap(folder)) // refusals are logged as such, by OnRefused
	var live *watch.Live
	if c.Watch || c.Page != "" {
		live = watch.New(watch.LiveOptions{Addr: c.Page})
		defer live.Close()
	}
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
	kept := ""
	if c.Sandbox {
		_, _ = time.Now().Zone() // reads the zone, which nobody can later
		if kept, err = sandbox(c.Dir, live != nil); err != nil {
			return advised{err, "--no-sandbox serves without it."}
		}
	}
	var staying []string
	if kept != "" {
		staying = leavePaths(places)
		if live != nil && live.Addr().Network() == "unix" {
			staying = append(staying, live.Addr().String())
		}
	}
	fmt.Fprint(console.err, note, banner(shownFolder(c.Dir), places, ownAddresses()), sandboxLine(kept, staying), page)
	var listeners []net.Listener
	for _, p := range places {
		listeners = append(listeners, p.Listener)
	}
	return serve(srv, listeners, signals, drainTime, requests, console.err)
}

// leavePaths makes the UNIX sockets of the program's own leave their paths when
// they are closed, and returns these. Whoever listens there next finds that
// nobody answers, and replaces them (package socket).
func leavePaths(places []place) []string {
	var paths []string
	for _, p := range places {
		if p.addr.Family != socket.UNIX || p.addr.Abstract() || p.inherited() {
			continue
		}
		p.Listener.(*genkan.Listener).SetUnlinkOnClose(false)
		paths = append(paths, p.addr.Path)
	}
	return paths
}

// sandboxLine says what this process can still do, and which files will stay
// because of that.
func sandboxLine(kept string, staying []string) string {
	if kept == "" {
		return ""
	}
	text := "This program " + kept + ".\n"
	for _, path := range staying {
		text += "It cannot remove " + printable(path) + " at its end; the next start replaces it.\n"
	}
	return text
}

// shownFolder is the folder's whole path, so that "." says which one.
func shownFolder(dir string) string {
	if whole, err := filepath.Abs(dir); err == nil {
		return whole
	}
	return dir
}
