package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// row is one contestant's line of the table: medians of its turns.
type row struct {
	label      string
	perSecond  float64
	perRequest float64 // CPU, microseconds
	ratio      float64 // perRequest, divided by net/http's; 0: net/http did not run
	p99        float64 // microseconds; 0: unknown
	busy       float64 // share of its core that the server used
	generator  float64 // and wrk
	failures   load    // all turns together
}

type section struct {
	*workload
	rows []row
}

// report is what has been measured so far.
type report struct {
	options
	args     []string
	sections []section
	idle     []resting
}

func newReport(o options, args []string) *report { return &report{options: o, args: args} }

func (r *report) empty() bool { return len(r.sections) == 0 && len(r.idle) == 0 }

// add makes rows of what a workload's contestants did, and prints them.
func (r *report) add(w *workload, standings []*standing, out io.Writer) {
	s := section{workload: w}
	var base float64
	for _, each := range standings {
		one := each.row()
		if w.depth > 1 {
			// wrk corrects latencies by the mean time between answers,
			// as if one were asked for at a time; of a pipeline its
			// percentiles are then wrong, down to 0.
			one.p99 = 0
		}
		if each.label == reference {
			base = one.perRequest
		}
		s.rows = append(s.rows, one)
	}
	for i := range s.rows {
		if base > 0 {
			s.rows[i].ratio = s.rows[i].perRequest / base
		}
		one := s.rows[i]
		fmt.Fprintf(out, "  median   %-24s %8.0f requests/s %8.2f µs CPU  × %s  p99 %s\n",
			one.label, one.perSecond, one.perRequest, one.ratioText(), duration(one.p99))
		if n := one.failures.failures(); n > 0 {
			fmt.Fprintf(out, "           %s\n", one.failureText())
		}
	}
	if len(s.rows) > 0 {
		r.sections = append(r.sections, s)
	}
}

func (s *standing) row() row {
	of := func(value func(sample) float64) float64 {
		all := make([]float64, len(s.samples))
		for i, one := range s.samples {
			all[i] = value(one)
		}
		return median(all)
	}
	one := row{
		label:      s.label,
		perSecond:  of(sample.perSecond),
		perRequest: of(sample.perRequest),
		p99:        of(func(s sample) float64 { return float64(s.P99) }),
		busy:       of(func(s sample) float64 { return s.cpu.Seconds() / s.took.Seconds() }),
		generator:  of(func(s sample) float64 { return s.load.cpu.Seconds() / s.took.Seconds() }),
	}
	for _, turn := range s.samples {
		one.failures.Connect += turn.Connect
		one.failures.Read += turn.Read
		one.failures.Write += turn.Write
		one.failures.Status += turn.Status
		one.failures.Timeout += turn.Timeout
	}
	return one
}

// median is the middle of the values, or the mean of the two in the middle.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func (r row) ratioText() string {
	if r.ratio == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", r.ratio)
}

func (r row) failureText() string {
	f := r.failures
	return fmt.Sprintf("%s failed: connect %d, read %d, write %d, status %d, timeout %d",
		r.label, f.Connect, f.Read, f.Write, f.Status, f.Timeout)
}

// duration is microseconds, for people; 0 is not known.
func duration(microseconds float64) string {
	switch {
	case microseconds == 0:
		return "–"
	case microseconds < 1000:
		return fmt.Sprintf("%.0f µs", microseconds)
	}
	return fmt.Sprintf("%.1f ms", microseconds/1000)
}

// failure is an error if anything failed: numbers of a server that drops
// requests are not to be compared.
func (r *report) failure() error {
	var all []string
	for _, s := range r.sections {
		for _, one := range s.rows {
			if one.failures.failures() > 0 {
				all = append(all, s.name+": "+one.failureText())
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return errors.New("not every request was answered:\n" + strings.Join(all, "\n"))
}
