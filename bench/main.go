// Bench measures what a request costs: Genkan beside servers in Go (net/http,
// fasthttp, fiber, hertz, nbio, and gnet, which has no HTTP), beside nginx, h2o,
// haproxy and lighttpd where they are installed, and beside a floor in C that
// parses nothing.
//
//	cd bench && go run . [flags]
//
// Each workload is driven by wrk against each server in turns, several rounds;
// the server has one core for itself and wrk another. What counts is the CPU
// time of the server's process per request, user and system: unlike requests
// per second it does not depend on who is the bottleneck, and it hardly moves
// when the machine has other work. The result is printed and written to
// RESULTS.md, with a plot beside it.
//
// How one measurement is made:
//
//	main ─ rounds ─ starts itself again, "serve NAME", on core 0   server.go
//	              ─ asks once and compares the answer              check.go
//	              ─ reads the process's CPU clock                  process_linux.go
//	              ─ runs wrk on core 1 with the bytes it checked   wrk.go, load.lua
//	              ─ reads the clock again; median of the rounds    results.go
//
// "go run . slow" measures something else: how long quick requests take beside
// slow handlers (slow.go); "go run . calls" counts system calls and allocations
// (calls.go); "go run . crowd" sets many resting connections beside busy ones
// (crowd.go).
//
// What it does not say: the kernel's work for the generator's half of a
// connection is not counted, and a loopback interface is no network.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// options are what the flags say.
type options struct {
	rounds   int
	duration time.Duration // of each run of wrk; whole seconds
	only     *regexp.Regexp
	servers  []string
	absent   []string // why others are not compared
	cpus     [2]int   // the server's, the generator's
	idle     int      // connections that rest, for the memory of each
	out      string   // file for the Markdown; empty: none
}

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "serve":
			exit(serve(os.Args[2:]))
		case "probe":
			exit(answerProbe(os.Stdin, os.Stdout))
		case "slow":
			exit(slow(os.Args[2:], os.Stdout))
		case "crowd":
			exit(crowd(os.Args[2:], os.Stdout))
		case "hold":
			exit(holdOpen(os.Args[2:]))
		case "calls":
			exit(calls(os.Args[2:], os.Stdout))
		}
	}
	o, err := parse(os.Args[1:], os.Stderr)
	if err == flag.ErrHelp {
		return
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(2)
	}
	exit(measure(o, os.Stdout, os.Args[1:]))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// parse reads the command line; what is wrong with it is an error that says
// what would be right. Usage goes to usage.
func parse(args []string, usage io.Writer) (options, error) {
	var o options
	first, second := twoCores()
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.IntVar(&o.rounds, "rounds", 3, "how often each server has its turn; the median counts")
	flags.DurationVar(&o.duration, "duration", 3*time.Second, "of each turn, in whole seconds")
	only := flags.String("only", "", "measure the workloads that match this `regexp`")
	servers := flags.String("servers", strings.Join(serverNames, ","), "compare these, a comma between them")
	cpus := flags.String("cpus", fmt.Sprintf("%d,%d", first, second), "core of the server, core of the generator")
	flags.IntVar(&o.idle, "idle", 15000, "connections that rest, for the memory of each")
	flags.StringVar(&o.out, "out", "RESULTS.md", "write the Markdown here; empty: nowhere")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("argument %q: only flags are taken; -h lists them", flags.Arg(0))
	}
	if o.rounds < 1 {
		return o, fmt.Errorf("-rounds %d: at least 1", o.rounds)
	}
	if o.duration < time.Second || o.duration%time.Second != 0 {
		return o, fmt.Errorf("-duration %v: wrk takes whole seconds, at least 1s", o.duration)
	}
	if o.idle < 1 {
		return o, fmt.Errorf("-idle %d: at least 1", o.idle)
	}
	var err error
	if o.only, err = regexp.Compile(*only); err != nil {
		return o, fmt.Errorf("-only: %v", err)
	}
	if o.cpus, err = parseCores(*cpus); err != nil {
		return o, err
	}
	o.servers = strings.Split(*servers, ",")
	return o, o.choose(flags)
}

// choose holds the servers against what this machine has: one that was asked
// for by name must be there.
func (o *options) choose(flags *flag.FlagSet) error {
	asked := false
	flags.Visit(func(f *flag.Flag) { asked = asked || f.Name == "servers" })
	var there []string
	for _, name := range o.servers {
		p := peerNamed(name)
		if p == nil {
			return fmt.Errorf("-servers: no server is called %q; there are: %s", name, strings.Join(serverNames, ", "))
		}
		switch why := p.missing(); {
		case why == "":
			there = append(there, name)
		case asked:
			return fmt.Errorf("-servers: %s", why)
		default:
			o.absent = append(o.absent, why)
		}
	}
	o.servers = there
	return nil
}

func parseCores(s string) (cores [2]int, err error) {
	server, generator, found := strings.Cut(s, ",")
	if found {
		cores[0], err = strconv.Atoi(server)
	}
	if found && err == nil {
		cores[1], err = strconv.Atoi(generator)
	}
	if !found || err != nil || cores[0] < 0 || cores[1] < 0 {
		return cores, fmt.Errorf("-cpus %q: two numbers of cores, as in 0,1", s)
	}
	return cores, nil
}
