package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net"
	"slices"
	"time"
)

// resting is what connections cost that rest, of one server, in bytes for each.
type resting struct {
	label    string
	conns    int
	resident float64 // growth of VmRSS, as the load left it
	dirty    float64 // growth of Private_Dirty, between two collections of garbage
}

// idleConns is wanted, or an error if that many cannot be open: some descriptors
// a process needs for itself, and Genkan accepts connections up to 80 % of the
// limit by default.
func idleConns(wanted int) (int, error) {
	limit, err := descriptors()
	if err != nil {
		return 0, err
	}
	if most := limit*8/10 - 100; wanted > most {
		return 0, fmt.Errorf("-idle %d: a process may open %d files here, which allows %d: raise it (ulimit -n) or ask for fewer", wanted, limit, most)
	}
	return wanted, nil
}

// addIdle measures each server once: memory hardly varies.
func (r *report) addIdle(o options, root string, out io.Writer) error {
	n, err := idleConns(o.idle)
	if err != nil {
		return err
	}
	for _, w := range workloads() {
		if w.name != "plain" && w.name != "tls" {
			continue
		}
		n, after := n, ""
		if w.secure {
			n, after = min(n, handshakesMost), " over TLS"
		}
		for _, c := range w.paths {
			if !slices.Contains(o.servers, c.server) {
				continue
			}
			label := c.label + after
			if most := peerNamed(c.server).conns; most > 0 && n > most {
				fmt.Fprintf(out, "  %-24s left out: it holds %d connections at most\n", label, most)
				continue
			}
			one, err := w.rest(c, root, o.cpus[0], n)
			if err != nil {
				return fmt.Errorf("%s: %w", label, err)
			}
			one.label = label
			r.idle = append(r.idle, one)
			fmt.Fprintf(out, "  %-24s %8.0f bytes each, %d connections\n", label, one.dirty, n)
		}
	}
	return nil
}

// handshakesMost is how many connections rest over TLS: each costs both sides
// about a millisecond to begin with.
const handshakesMost = 5000

// rest opens n connections, asks once on each, lets them rest and reads what
// the server's process has grown by.
func (w *workload) rest(c contestant, root string, core, n int) (one resting, err error) {
	srv, err := startServer(w.serverName(c), root, core)
	if err != nil {
		return one, err
	}
	conns := make([]net.Conn, 0, n)
	defer func() {
		for _, c := range conns {
			c.Close()
		}
		if serr := srv.stop(); err == nil {
			err = serr
		}
	}()
	request, err := w.prepare(srv.address, c.path)
	if err != nil {
		return one, err
	}
	before, err := settled(srv)
	if err != nil {
		return one, err
	}
	reader := bufio.NewReader(nil)
	for len(conns) < n {
		c, err := w.dial(srv.address)
		if err != nil {
			return one, fmt.Errorf("connection %d: %w", len(conns)+1, err)
		}
		conns = append(conns, c)
		if err := w.askOn(c, reader, request); err != nil {
			return one, fmt.Errorf("connection %d: %w", len(conns), err)
		}
	}
	raw, err := srv.memory()
	if err != nil {
		return one, err
	}
	after, err := settled(srv)
	if err != nil {
		return one, err
	}
	if err := stillServed(conns, w, request); err != nil {
		return one, err
	}
	return resting{"", n, each(raw.resident-before.resident, n), each(after.dirty-before.dirty, n)}, nil
}

func each(bytes int64, n int) float64 { return math.Max(0, float64(bytes)/float64(n)) }

// settled is the server's memory without garbage, once two readings agree.
func settled(srv *server) (m memory, err error) {
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		if err := srv.collect(); err != nil {
			return m, err
		}
		now, err := srv.memory()
		if err != nil {
			return m, err
		}
		if math.Abs(float64(now.dirty-m.dirty)) <= 0.005*float64(now.dirty) {
			return now, nil
		}
		if time.Now().After(end) {
			return m, fmt.Errorf("memory does not settle: %d bytes, then %d", m.dirty, now.dirty)
		}
		m = now
	}
}

// stillServed asks once more on each connection: one that the server has closed
// meanwhile costs nothing, and would make the result too good.
func stillServed(conns []net.Conn, w *workload, request []byte) error {
	reader := bufio.NewReader(nil)
	for i, c := range conns {
		if err := w.askOn(c, reader, request); err != nil {
			return fmt.Errorf("connection %d, after its rest: %w", i+1, err)
		}
	}
	return nil
}
