package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"time"
)

// A probe asks a server for quick answers, and for slow ones beside them. It
// is a process of its own, on a core of its own where there is one, with one
// thread that never waits for an answer (probe_linux.go).
//
// It is open: when a request is due is decided beforehand, by chance as calls
// come in (a Poisson process), whatever the answers do. A request that finds
// no connection free opens one. Latency is counted from when the request was
// due, so that neither the server nor the probe can hide what they delayed.
type probe struct {
	Address  string
	Seed     uint64
	Duration time.Duration
	Quick    float64  // requests per second
	Paths    []string // of the quick ones, in turns
	Slow     float64  // requests per second
	SlowPath string   // a slash at its end: each request adds a name that nobody has used before
	SlowEnds bool     // slow requests are answered
	Prime    int      // slow requests to make before all others, one by one
}

// probed is what came of it; times in microseconds.
type probed struct {
	Count               int
	P50, P99, P999, Max float64
	Late                float64 // p99 of how late the probe itself sent
	Slow                int     // slow requests made
	Failed              string  // what went wrong, if anything
}

// quickPath is the quick requests' beside slow ones.
const quickPath = "/plain"

// due is one request to come.
type due struct {
	at   time.Duration // since the start
	slow bool
	path string
}

// schedule is all of a probe's requests in order of time.
func (p probe) schedule() []due {
	chance := rand.New(rand.NewPCG(p.Seed, 1))
	var all []due
	add := func(rate float64, make func(n int, at time.Duration) due) {
		if rate <= 0 {
			return
		}
		at := time.Duration(0)
		for n := 0; ; n++ {
			at += time.Duration(chance.ExpFloat64() / rate * float64(time.Second))
			if at >= p.Duration {
				return
			}
			all = append(all, make(n, at))
		}
	}
	add(p.Quick, func(n int, at time.Duration) due { return due{at: at, path: p.Paths[n%len(p.Paths)]} })
	add(p.Slow, func(n int, at time.Duration) due { return due{at: at, slow: true, path: p.slowPath(n)} })
	slices.SortStableFunc(all, func(a, b due) int { return int(a.at - b.at) })
	return all
}

func (p probe) slowPath(n int) string {
	if p.SlowPath == "" || p.SlowPath[len(p.SlowPath)-1] != '/' {
		return p.SlowPath
	}
	return p.SlowPath + letters(p.Seed) + letters(uint64(n))
}

// letters writes n without a digit: a path's segments that have one may be
// taken for the same route.
func letters(n uint64) string {
	var b []byte
	for range 14 { // 26^14 > 2^64
		b = append(b, byte('a'+n%26))
		n /= 26
	}
	return string(b)
}

// summary makes percentiles of latencies, which it sorts.
func (r *probed) summary(latencies, late []int64) {
	slices.Sort(latencies)
	slices.Sort(late)
	r.Count = len(latencies)
	r.P50, r.P99, r.P999 = percentile(latencies, 0.5), percentile(latencies, 0.99), percentile(latencies, 0.999)
	r.Max, r.Late = percentile(latencies, 1), percentile(late, 0.99)
}

// percentile is the smallest value that is no less than the share q of all
// (sorted, in nanoseconds), in microseconds.
func percentile(sorted []int64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	n := int(q*float64(len(sorted))+0.999999) - 1
	return float64(sorted[min(max(n, 0), len(sorted)-1)]) / 1e3
}

// answerProbe is the process: a probe in JSON in, what came of it out.
func answerProbe(in io.Reader, out io.Writer) error {
	var p probe
	if err := json.NewDecoder(in).Decode(&p); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	r, err := p.run()
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	return json.NewEncoder(out).Encode(r)
}

// onCore has a process of this program on that core make the probe.
func (p probe) onCore(core int) (r probed, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	cmd := exec.Command(self, "probe")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return r, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return r, err
	}
	if err := onCores([]int{core}, cmd.Start); err != nil {
		return r, fmt.Errorf("start a probe on core %d: %w", core, err)
	}
	json.NewEncoder(in).Encode(p) // a probe that cannot read says so itself
	in.Close()
	broken := json.NewDecoder(out).Decode(&r)
	if err := cmd.Wait(); err != nil {
		return r, fmt.Errorf("probe: %w", err)
	}
	if broken != nil {
		return r, fmt.Errorf("probe: its answer: %w", broken)
	}
	if r.Failed != "" {
		return r, fmt.Errorf("%s", r.Failed)
	}
	return r, nil
}
