package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
	"github.com/genkan-http/genkan/watch"
)

// What serve and watch have in common: where to listen, and what to show.

type listenFlags struct {
	Listen []string `sep:"none" placeholder:"ADDRESS" help:"Where to listen, instead of at localhost:8080: :8080 (everywhere), 127.0.0.1:0 (any free port), tcp4://…, tcp6://…, unix:///run/x.sock?mode=0660, unix://@name, fd://3. May be given several times."`
}

type showFlags struct {
	JSON    bool   `name:"json" help:"Log one JSON object per request instead of text."`
	Verbose int    `short:"v" type:"counter" help:"Show each exchange, as curl -v does; -vv: each system call too."`
	Page    string `placeholder:"ADDRESS" help:"Where the live page is, instead of at a free port: 127.0.0.1:9090, or unix:/run/watch.sock. It is never opened to other machines."`
}

// open opens what was asked for, or the default.
func (c *listenFlags) open(srv *genkan.Server) (places []place, note string, err error) {
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

// watch shows what srv does, on the console and on the live page, as far as
// that was asked for. Beside a log in JSON, which stands alone, the console's
// goes to standard error. stop ends it when everything that happened has been
// shown.
func (c *showFlags) watch(srv *genkan.Server, live *watch.Live, console *console) (stop func()) {
	var ring *trace.Ring
	switch {
	case live != nil:
		srv.Watch = live
		ring = live.Ring()
	case c.Verbose > 0:
		ring = trace.NewRing(trace.Options{Bytes: watched})
		srv.Watch = ring
	}
	if c.Verbose == 0 {
		return func() {}
	}
	out, color := console.out, console.color
	if c.JSON {
		out, color = console.err, false
	}
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

// pageLine says where the live page is; empty if there is none.
func pageLine(live *watch.Live) (string, error) {
	if live == nil {
		return "", nil
	}
	if err := live.Err(); err != nil {
		return "", err
	}
	url := live.URL()
	if addr := live.Addr(); addr.Network() == "unix" {
		url = "curl --unix-socket " + quoteForShell(addr.String()) + " " + quoteForShell(url)
	}
	return fmt.Sprintf("\nThe wire, live, for this machine alone:\n\n  %s\n", url), nil
}
