package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"
)

// "go run . slow" asks: how long does a quick request take while others are
// slow? One handler with both runs on Genkan and on net/http. A probe on
// another core (probe.go) asks for the quick route, and in turns
//
//	alone    for nothing else
//	unknown  for a slow route, each time one that the server has never seen
//	learned  for a slow route, always the same, already asked for a few times
//	again    for nothing else, once more: what differs from alone is noise
//
// The four follow each other closely, server by server, several rounds. What
// counts is the difference between unknown or learned and the mean of alone
// and again in the same round, and of those the median of the rounds: so a
// neighbour on the machine who comes for a minute spoils a round, not a result.
//
// handover.go measures what a hand-over costs. The results are printed and
// written to RESULTS-SLOW.md (slowmarkdown.go).

type slowOptions struct {
	rounds   int
	duration time.Duration // of each turn
	only     *regexp.Regexp
	cpus     [2]int
	quick    float64 // requests per second
	out      string
}

func parseSlow(args []string, usage io.Writer) (slowOptions, error) {
	var o slowOptions
	first, second := twoCores()
	flags := flag.NewFlagSet("bench slow", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.IntVar(&o.rounds, "rounds", 5, "how often each server has its turns; the median counts")
	flags.DurationVar(&o.duration, "duration", 2*time.Second, "of each turn")
	only := flags.String("only", "", "measure the slow handlers that match this `regexp`; handover is what a hand-over costs")
	cpus := flags.String("cpus", fmt.Sprintf("%d,%d", first, second), "core of the server, core of the probe; then the server has both")
	flags.Float64Var(&o.quick, "quick", 2000, "quick requests per second")
	flags.StringVar(&o.out, "out", "RESULTS-SLOW.md", "write the Markdown here; empty: nowhere")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("argument %q: only flags are taken; -h lists them", flags.Arg(0))
	}
	if o.rounds < 1 {
		return o, fmt.Errorf("-rounds %d: at least 1", o.rounds)
	}
	if o.duration < 100*time.Millisecond {
		return o, fmt.Errorf("-duration %v: at least 100ms", o.duration)
	}
	if o.quick < 100 || o.quick > 20000 {
		return o, fmt.Errorf("-quick %v: from 100, for percentiles, to 20000, which one thread can ask for", o.quick)
	}
	var err error
	if o.only, err = regexp.Compile(*only); err != nil {
		return o, fmt.Errorf("-only: %v", err)
	}
	o.cpus, err = parseCores(*cpus)
	return o, err
}

// situation is what else is asked for while the quick route is.
type situation int

const (
	alone situation = iota
	unknown
	learned
	again
	situations
)

func (s situation) String() string { return [...]string{"alone", "unknown", "learned", "again"}[s] }

// slowTurns is what one server did beside one kind of slow handler.
type slowTurns struct {
	server string
	kind   *slowKind
	cores  []int
	rounds [][situations]probed
}

// handler servers are those that run an http.Handler.
var handlerServers = []string{"genkan", reference}

// slow is the command.
func slow(args []string, out io.Writer) error {
	o, err := parseSlow(args, os.Stderr)
	if err == flag.ErrHelp {
		return nil
	}
	if err != nil {
		return fmt.Errorf("slow: %w", err)
	}
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
	r := &slowReport{slowOptions: o, args: args}
	for _, cores := range o.coreSets() {
		for _, k := range slowKinds {
			if !o.only.MatchString(k.name) {
				continue
			}
			fmt.Fprintf(out, "\n%s, server on %s: %s\n", k.name, coresText(cores), k.what)
			turns, err := o.compare(k, cores, scratch, out)
			if err != nil {
				return fmt.Errorf("%s: %w", k.name, err)
			}
			r.turns = append(r.turns, turns...)
			for _, t := range turns {
				fmt.Fprintf(out, "  median  %-9s %s\n", t.server, t.result())
			}
		}
	}
	if o.only.MatchString("handover") {
		fmt.Fprintf(out, "\nhandover: CPU time of a request that is handed over and need not be\n")
		if r.handover, err = o.measureHandover(scratch, out); err != nil {
			return fmt.Errorf("handover: %w", err)
		}
	}
	if len(r.turns) == 0 && len(r.handover) == 0 {
		return fmt.Errorf("-only %s: no slow handler is called so", o.only)
	}
	if o.out == "" {
		return nil
	}
	if err := os.WriteFile(o.out, []byte(r.markdown()), 0o644); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nwritten to %s\n", o.out)
	return nil
}

// coreSets are the cores that a server gets: one for itself, then both, of
// which it shares one with the probe.
func (o slowOptions) coreSets() [][]int {
	if o.cpus[0] == o.cpus[1] {
		return [][]int{{o.cpus[0]}}
	}
	return [][]int{{o.cpus[0]}, {o.cpus[0], o.cpus[1]}}
}

func coresText(cores []int) string {
	if len(cores) == 1 {
		return "one core"
	}
	return "two cores"
}

// compare gives each server its turns beside one kind of slow handler.
func (o slowOptions) compare(k *slowKind, cores []int, root string, out io.Writer) (all []*slowTurns, err error) {
	for round := range o.rounds {
		for n := range handlerServers {
			// Who begins moves on each round.
			name := handlerServers[(n+round)%len(handlerServers)]
			four, err := o.round(k, name, cores, root, uint64(round))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			var t *slowTurns
			for _, each := range all {
				if each.server == name {
					t = each
				}
			}
			if t == nil {
				t = &slowTurns{server: name, kind: k, cores: cores}
				all = append(all, t)
			}
			t.rounds = append(t.rounds, four)
			fmt.Fprintf(out, "  round %d %-9s", round+1, name)
			for s, one := range four {
				fmt.Fprintf(out, "  %v p99 %s p99.9 %s", situation(s), duration(one.P99), duration(one.P999))
			}
			fmt.Fprintln(out)
		}
	}
	return all, nil
}

// round is the four situations on a server that has just been started, so that
// handlers that never return do not add up.
func (o slowOptions) round(k *slowKind, name string, cores []int, root string, seed uint64) (four [situations]probed, err error) {
	srv, err := startServer(name, root, cores...)
	if err != nil {
		return four, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	p := probe{Address: srv.address, Seed: seed, Duration: o.duration, Quick: o.quick, Paths: []string{quickPath}, SlowEnds: k.ends}
	warm := p
	warm.Duration = min(o.duration, 300*time.Millisecond)
	if _, err := warm.onCore(o.cpus[1]); err != nil {
		return four, err
	}
	for s := range situations {
		one := p
		one.Seed = seed<<8 | uint64(s)
		switch s {
		case unknown:
			one.Slow, one.SlowPath = k.rate, "/slow/"+k.name+"/"
		case learned:
			one.Slow, one.SlowPath, one.Prime = k.rate, "/slow/"+k.name+"/same", 4
		}
		if four[s], err = one.onCore(o.cpus[1]); err != nil {
			return four, fmt.Errorf("%v: %w", s, err)
		}
	}
	return four, nil
}
