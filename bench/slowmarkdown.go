package main

import (
	"fmt"
	"runtime"
	"strings"
)

const slowExplanation = `How long quick requests take while others are slow. One http.Handler with both
runs on Genkan and on net/http. A probe on the other core asks for the quick
route, when chance says so and whatever the answers do (an open load, Poisson),
and counts from when each request was due. Beside that it asks for

* **alone**, **again**: nothing else. How far the two are apart is noise.
* **unknown**: a slow route, each time one that the server has never seen.
* **learned**: a slow route, always the same, asked for four times before.

"Added" is against the mean of alone and again of the same round; what is shown
is the median of the rounds and, after it, the same for the least disturbed
rounds alone (the least of one situation less the least of the other). Targets
for Genkan, by the median p99: less than 2 ms added by an unknown route, and no
more than noise by a learned one.

A handler that computes on a server's only core is no matter of the server's:
Go's scheduler takes the core from it every 10 ms, and gives it back. So quick
requests wait for a slice or two, on either server.
`

// markdown is the file with everything in it.
func (r *slowReport) markdown() string {
	var b strings.Builder
	b.WriteString("# Quick requests beside slow ones\n\nWritten by `go run . slow` in this folder; not to be edited.\n\n")
	for _, line := range [][2]string{
		{"command", "`" + strings.Join(append([]string{"go run . slow"}, r.args...), " ") + "`"},
		{"rounds", fmt.Sprintf("%d of %v each; %.0f quick requests per second", r.rounds, r.duration, r.quick)},
		{"machine", fmt.Sprintf("%s, %d cores; server on core %d, or on %d and %d; probe on core %d",
			processor(), runtime.NumCPU(), r.cpus[0], r.cpus[0], r.cpus[1], r.cpus[1])},
		{"kernel", kernel()},
		{"Go", runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
		{"Genkan", revision()},
	} {
		fmt.Fprintf(&b, "* %s: %s\n", line[0], line[1])
	}
	if len(r.turns) > 0 {
		b.WriteString("\n" + slowExplanation + "\nThe slow handlers:\n\n")
		for _, k := range slowKinds {
			if r.only.MatchString(k.name) {
				fmt.Fprintf(&b, "* **%s**: %s; %.0f requests per second\n", k.name, k.what, k.rate)
			}
		}
	}
	for _, cores := range r.coreSets() {
		r.addedTable(&b, cores)
	}
	for _, cores := range r.coreSets() {
		r.latencyTable(&b, cores)
	}
	r.handoverTable(&b)
	return b.String()
}

func (r *slowReport) on(cores []int) (these []*slowTurns) {
	for _, t := range r.turns {
		if len(t.cores) == len(cores) {
			these = append(these, t)
		}
	}
	return these
}

// addedTable is what is added, server by server.
func (r *slowReport) addedTable(b *strings.Builder, cores []int) {
	these := r.on(cores)
	if len(these) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## Added to the quick route, server on %s\n\n", coresText(cores))
	b.WriteString("| slow handler | server | p99 alone | noise of p99 | unknown: p99 | p99.9 | target | learned: p99 | p99.9 | target |\n" +
		"|---|---|--:|--:|--:|--:|---|--:|--:|---|\n")
	for _, t := range these {
		fmt.Fprintf(b, "| %s | %s | %s | %s |", t.kind.name, t.server, duration(median(t.each(alone, p99))), duration(t.noise(p99)))
		for _, s := range []situation{unknown, learned} {
			verdict := ""
			if t.server != reference {
				verdict = t.verdict(s)
			}
			fmt.Fprintf(b, " %s (%s) | %s (%s) | %s |", signed(t.added(s, p99)), signed(t.addedLeast(s, p99)),
				signed(t.added(s, p999)), signed(t.addedLeast(s, p999)), verdict)
		}
		b.WriteString("\n")
	}
}

// latencyTable is the latency itself, medians of the rounds.
func (r *slowReport) latencyTable(b *strings.Builder, cores []int) {
	these := r.on(cores)
	if len(these) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## Latency of the quick route, server on %s\n\n", coresText(cores))
	b.WriteString("| slow handler | server | beside it | p50 | p99 | p99.9 | max | probe late, p99 |\n|---|---|---|--:|--:|--:|--:|--:|\n")
	for _, t := range these {
		for s := range situations {
			fmt.Fprintf(b, "| %s | %s | %v |", t.kind.name, t.server, s)
			for _, m := range []metric{p50, p99, p999, worst, func(p probed) float64 { return p.Late }} {
				fmt.Fprintf(b, " %s |", duration(median(t.each(s, m))))
			}
			b.WriteString("\n")
		}
	}
}

func (r *slowReport) handoverTable(b *strings.Builder) {
	if len(r.handover) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## What a hand-over costs\n\n"+
		"CPU µs of the server for each request, %d requests per second, of which every eighth naps for\n"+
		"%v. Mixed: all eight on one route, which stays learned as slow, so that the seven quick ones\n"+
		"are handed over as well. Apart: the naps have a route of their own. net/http learns nothing: its\n"+
		"difference is noise. Medians of %d rounds, server on one core.\n\n"+
		"| server | apart | mixed | one hand-over |\n|---|--:|--:|--:|\n", handoverRate, shortNap, r.rounds)
	for _, t := range r.handover {
		fmt.Fprintf(b, "| %s | %.2f | %.2f | %.2f |\n", t.server, median(t.apart), median(t.mixed), median(t.cost()))
	}
}
