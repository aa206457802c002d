package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// sample is one turn of one contestant.
type sample struct {
	load
	took time.Duration // from wrk's start to its end
	cpu  time.Duration // of the server, in that time
}

// perRequest is the server's CPU time for each request, in microseconds.
func (s sample) perRequest() float64 {
	return float64(s.cpu.Nanoseconds()) / 1e3 / float64(max(s.Requests, 1))
}

func (s sample) perSecond() float64 { return float64(s.Requests) / (float64(s.Microseconds) / 1e6) }

// standing is a contestant ready to run, and its turns so far.
type standing struct {
	contestant
	srv     *server
	request []byte
	samples []sample
}

// measure does all that the options ask for; text goes to out.
func measure(o options, out io.Writer, args []string) error {
	if supported != nil {
		return supported
	}
	scratch, err := os.MkdirTemp("", "genkan-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if err := writeFiles(scratch); err != nil {
		return err
	}
	gen, err := newGenerator(scratch, o.cpus[1])
	if err != nil {
		return err
	}
	if o.cpus[0] == o.cpus[1] {
		fmt.Fprintf(out, "Server and generator share core %d: CPU time per request still holds, requests per second do not.\n", o.cpus[0])
	}
	report := newReport(o, args)
	for _, w := range workloads() {
		if !o.only.MatchString(w.name) {
			continue
		}
		fmt.Fprintf(out, "\n%s: %s\n", w.name, w.what)
		standings, err := w.run(o, gen, scratch, out)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		report.add(w, standings, out)
	}
	if o.only.MatchString("idle") {
		fmt.Fprintf(out, "\nidle: connections that rest after one request\n")
		if err := report.addIdle(o, scratch, out); err != nil {
			return fmt.Errorf("idle: %w", err)
		}
	}
	if report.empty() {
		return fmt.Errorf("-only %s: no workload of these servers is called so", o.only)
	}
	if o.out != "" {
		if err := os.WriteFile(o.out, []byte(report.markdown()), 0o644); err != nil {
			return err
		}
		fmt.Fprintf(out, "\nwritten to %s\n", o.out)
		if len(report.sections) > 0 {
			if err := report.plot(plotFile(o.out)); err != nil {
				return err
			}
		}
	}
	return report.failure()
}

// run gives each contestant its turns. All of a workload's servers stay up
// from the first to the last; those whose turn it is not have nothing to do.
func (w *workload) run(o options, gen *generator, root string, out io.Writer) (list []*standing, err error) {
	defer func() {
		for _, s := range list {
			err = errors.Join(err, s.srv.stop())
		}
	}()
	for _, c := range w.paths {
		if !slices.Contains(o.servers, c.server) {
			continue
		}
		srv, err := startServer(w.serverName(c), root, o.cpus[0])
		if err != nil {
			return list, err
		}
		s := &standing{contestant: c, srv: srv}
		list = append(list, s)
		if s.request, err = w.prepare(srv.address, c.path); err != nil {
			return list, fmt.Errorf("%s: %w", c.label, err)
		}
	}
	for _, s := range list { // buffers, pools and the heap find their size
		if _, err := w.load(gen, s, time.Second); err != nil {
			return list, fmt.Errorf("%s: %w", s.label, err)
		}
	}
	for round := range o.rounds {
		for turn := range list {
			// Who begins moves on each round, so that nobody always runs
			// after the same neighbour.
			s := list[(turn+round)%len(list)]
			one, err := w.turn(gen, s, o.duration)
			if err != nil {
				return list, fmt.Errorf("%s: %w", s.label, err)
			}
			s.samples = append(s.samples, one)
			fmt.Fprintf(out, "  round %d  %-24s %8.0f requests/s %8.2f µs CPU\n", round+1, s.label, one.perSecond(), one.perRequest())
		}
	}
	for _, s := range list {
		if err := w.check(s.srv.address, s.request); err != nil {
			return list, fmt.Errorf("%s, after the load: %w", s.label, err)
		}
	}
	return list, nil
}

// load has the generator ask, from its own core or the server's.
func (w *workload) load(gen *generator, s *standing, duration time.Duration) (load, error) {
	if w.together {
		gen = gen.on(s.srv.core)
	}
	if w.streams > 0 {
		return gen.runH2(s.srv.address, s.path, w.conns, w.streams, duration)
	}
	return gen.run(w.scheme()+s.srv.address, w.conns, duration, s.request)
}

func (w *workload) turn(gen *generator, s *standing, duration time.Duration) (one sample, err error) {
	before, err := s.srv.used()
	if err != nil {
		return one, err
	}
	began := time.Now()
	if one.load, err = w.load(gen, s, duration); err != nil {
		return one, err
	}
	one.took = time.Since(began)
	after, err := s.srv.used()
	one.cpu = after - before
	return one, err
}
