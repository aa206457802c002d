package main

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// handoverTurns is the server's CPU time per request, in microseconds, round
// by round. The same requests are made in both columns: seven quick ones and
// one that naps for a millisecond, which keeps its route learned as slow.
//
//	mixed  all of one route: on Genkan the seven are handed over too
//	apart  the napping ones have a route of their own: only they are
//
// Seven requests of eight differ, so a hand-over costs 8/7 of the difference.
type handoverTurns struct {
	server       string
	mixed, apart []float64
}

// handoverRate is that of all eight kinds together, per second: enough for the
// cost of being woken for a single request not to rule the result.
const handoverRate = 8000

var (
	mixedPaths = []string{"/mixed", "/mixed", "/mixed", "/mixed", "/mixed", "/mixed", "/mixed", "/mixed?nap"}
	apartPaths = []string{"/mixed", "/mixed", "/mixed", "/mixed", "/mixed", "/mixed", "/mixed", "/apart?nap"}
)

func (t *handoverTurns) cost() (costs []float64) {
	for i := range t.mixed {
		costs = append(costs, (t.mixed[i]-t.apart[i])*8/7)
	}
	return costs
}

func (o slowOptions) measureHandover(root string, out io.Writer) (all []*handoverTurns, err error) {
	for _, name := range handlerServers {
		t := &handoverTurns{server: name}
		all = append(all, t)
		for round := range o.rounds {
			for n := range 2 {
				mixed := (n+round)%2 == 0
				micros, err := o.handoverTurn(name, root, mixed, uint64(round))
				if err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
				if mixed {
					t.mixed = append(t.mixed, micros)
				} else {
					t.apart = append(t.apart, micros)
				}
			}
			fmt.Fprintf(out, "  round %d %-9s  apart %.2f µs  mixed %.2f µs\n", round+1, name, t.apart[round], t.mixed[round])
		}
		fmt.Fprintf(out, "  median  %-9s  a hand-over %.2f µs\n", name, median(t.cost()))
	}
	return all, nil
}

// handoverTurn has a server of its own: nothing is learned of earlier turns.
func (o slowOptions) handoverTurn(name, root string, mixed bool, seed uint64) (micros float64, err error) {
	srv, err := startServer(name, root, o.cpus[0])
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	p := probe{Address: srv.address, Seed: seed, Duration: o.duration, Quick: handoverRate, Paths: apartPaths}
	if mixed {
		p.Paths = mixedPaths
	}
	warm := p
	warm.Duration = min(o.duration, 300*time.Millisecond)
	if _, err := warm.onCore(o.cpus[1]); err != nil {
		return 0, err
	}
	before, err := srv.used()
	if err != nil {
		return 0, err
	}
	made, err := p.onCore(o.cpus[1])
	if err != nil {
		return 0, err
	}
	after, err := srv.used()
	return float64((after - before).Nanoseconds()) / 1e3 / float64(max(made.Count, 1)), err
}
