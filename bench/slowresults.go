package main

import (
	"fmt"
	"math"
	"slices"
)

// slowReport is what "slow" has measured.
type slowReport struct {
	slowOptions
	args     []string
	turns    []*slowTurns
	handover []*handoverTurns
}

// metric is one of a probe's numbers.
type metric func(probed) float64

func p50(p probed) float64   { return p.P50 }
func p99(p probed) float64   { return p.P99 }
func p999(p probed) float64  { return p.P999 }
func worst(p probed) float64 { return p.Max }

// addedMost is what a route that blocks for the first time may add to the quick
// ones' p99, in microseconds; one that is learned may add no more than noise.
const addedMost = 2000

// each is a metric in one situation, round by round.
func (t *slowTurns) each(s situation, m metric) (values []float64) {
	for _, r := range t.rounds {
		values = append(values, m(r[s]))
	}
	return values
}

// added is the median of what a situation added to the same round's mean of
// the two turns without slow requests.
func (t *slowTurns) added(s situation, m metric) float64 {
	var values []float64
	for _, r := range t.rounds {
		values = append(values, m(r[s])-(m(r[alone])+m(r[again]))/2)
	}
	return median(values)
}

// addedLeast is the same, of the rounds that were disturbed least: what a
// situation costs comes in every round, what a neighbour costs does not.
func (t *slowTurns) addedLeast(s situation, m metric) float64 {
	base := min(slices.Min(t.each(alone, m)), slices.Min(t.each(again, m)))
	return slices.Min(t.each(s, m)) - base
}

// noise is the median of how far the two turns without slow requests were
// apart in the same round.
func (t *slowTurns) noise(m metric) float64 {
	var values []float64
	for _, r := range t.rounds {
		values = append(values, math.Abs(m(r[alone])-m(r[again])))
	}
	return median(values)
}

// verdict compares with the targets, by p99.
func (t *slowTurns) verdict(s situation) string {
	most := float64(addedMost)
	if s == learned {
		most = t.noise(p99)
	}
	if t.added(s, p99) <= most {
		return "met"
	}
	return "missed"
}

// result is one line for whoever waits.
func (t *slowTurns) result() string {
	return fmt.Sprintf("alone p99 %s, apart by %s; added to it: unknown %s (%s), learned %s (%s)",
		duration(median(t.each(alone, p99))), duration(t.noise(p99)),
		signed(t.added(unknown, p99)), t.verdict(unknown), signed(t.added(learned, p99)), t.verdict(learned))
}

// signed is a difference in microseconds, for people.
func signed(microseconds float64) string {
	sign := "+"
	if microseconds < 0 {
		sign = "−"
	}
	if microseconds = math.Abs(microseconds); microseconds < 1000 {
		return fmt.Sprintf("%s%.0f µs", sign, microseconds)
	}
	return fmt.Sprintf("%s%.1f ms", sign, microseconds/1000)
}
