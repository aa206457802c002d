package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"path/filepath"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/files"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
	"github.com/genkan-http/genkan/watch"
)

type serveCommand struct {
	Dir     string   `arg:"" optional:"" default:"." help:"The folder; the current one if not given."`
	Listen  []string `sep:"none" placeholder:"ADDRESS" help:"Where to listen, instead of at localhost:8080: :8080 (everywhere), 127.0.0.1:0 (any free port), tcp4://…, tcp6://…, unix:///run/x.sock?mode=0660, unix://@name, fd://3. May be given several times."`
	JSON    bool     `name:"json" help:"Log one JSON object per request instead of text."`
	Verbose int      `short:"v" type:"counter" help:"Show each exchange, as curl -v does; -vv: each system call too."`
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
		Handler:   access.wrap(bodyless(folder)),
		OnRefused: access.refused,
		ErrorLog:  log.New(console.err, "genkan: ", 0),
	}
	stopWatching := c.watch(srv, console)
	defer stopWatching()

	places, note, err := c.open(srv)
	if err != nil {
		return err
	}
	fmt.Fprint(console.err, note, banner(shownFolder(c.Dir), places, ownAddresses()))
	var listeners []net.Listener
	for _, p := range places {
		listeners = append(listeners, p.Listener)
	}
	return serve(srv, listeners, signals, drainTime, requests, console.err)
}

// open opens what was asked for, or the default.
func (c *serveCommand) open(srv *genkan.Server) (places []place, note string, err error) {
	open := func(endpoint socket.Endpoint) (net.Listener, socket.Addr, error) {
		listener, err := srv.Listen(endpoint)
		if err != nil {
			return nil, socket.Addr{}, err
		}
		return listener, listener.SocketAddr(), nil
	}
	if len(c.Listen) == 0 {
		places, err = openInherited(open, os.Getenv, os.Getpid)
		if len(places) > 0 || err != nil {
			return places, inheritedNote(places), err
		}
		return openDefault(open)
	}
	places, err = openWanted(open, c.Listen)
	return places, "", err
}

// watched is how many bytes of each event are kept for whoever watches: a head
// of the usual size as a whole.
const watched = 4096

// watch shows on the console what srv does, if that was asked for. Beside a log
// in JSON, which stands alone, it goes to standard error. stop ends it when
// everything that happened has been shown.
func (c *serveCommand) watch(srv *genkan.Server, console *console) (stop func()) {
	if c.Verbose == 0 {
		return func() {}
	}
	out, color := console.out, console.color
	if c.JSON {
		out, color = console.err, false
	}
	ring := trace.NewRing(trace.Options{Bytes: watched})
	srv.Watch = ring
	printer := watch.Text(out, watch.Options{Level: c.Verbose, Color: color, JSON: c.JSON})
	reader := ring.Reader()
	shown := make(chan error, 1)
	go func() { shown <- printer.Run(context.Background(), reader) }()
	return func() {
		reader.Close()
		if err := <-shown; err != nil && !errors.Is(err, os.ErrClosed) {
			fmt.Fprintln(console.err, "genkan: the exchanges could not be shown:", err)
		}
	}
}

// shownFolder is the folder's whole path, so that "." says which one.
func shownFolder(dir string) string {
	if whole, err := filepath.Abs(dir); err == nil {
		return whole
	}
	return dir
}
