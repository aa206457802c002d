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
	server   string
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
	for _, name := range serverNames {
		if !slices.Contains(o.servers, name) {
			continue
		}
		if most := peerNamed(name).conns; most > 0 && n > most {
			fmt.Fprintf(out, "  %-24s left out: it holds %d connections at most\n", name, most)
			continue
		}
		one, err := rest(name, root, o.cpus[0], n)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		r.idle = append(r.idle, one)
		fmt.Fprintf(out, "  %-24s %8.0f bytes each, %d connections\n", name, one.dirty, n)
	}
	return nil
}

// rest opens n connections, asks once on each, lets them rest and reads what
// the server's process has grown by.
func rest(name, root string, core, n int) (one resting, err error) {
	srv, err := startServer(name, root, core)
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
	w := workloads()[0]
	request, err := w.prepare(srv.address, w.paths[0].path)
	if err != nil {
		return one, err
	}
	before, err := settled(srv)
	if err != nil {
		return one, err
	}
	reader := bufio.NewReader(nil)
	for len(conns) < n {
		c, err := net.DialTimeout("tcp", srv.address, patience)
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
	return resting{name, n, each(raw.resident-before.resident, n), each(after.dirty-before.dirty, n)}, nil
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
