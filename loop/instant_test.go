package loop

import (
	"testing"
	"time"
)

func TestInstant(t *testing.T) {
	if i := InstantOf(time.Time{}); i != 0 || !i.Time().IsZero() {
		t.Errorf("no time is %d, and %v", i, i.Time())
	}
	if i := InstantOf(epoch); i == 0 || i.Time().Sub(epoch) > time.Nanosecond {
		t.Errorf("the beginning is none, or %v later", i.Time().Sub(epoch))
	}
	now := time.Now()
	for _, d := range []time.Duration{-time.Hour, 1, time.Second, 24 * 365 * time.Hour} {
		if i := InstantOf(now.Add(d)); !i.Time().Equal(now.Add(d)) {
			t.Errorf("%v becomes %v", now.Add(d), i.Time())
		}
	}
	for d, want := range map[time.Duration]Instant{0: 0, -1: 0, 1: 6, time.Second: 5 + 1e9} {
		if got := Instant(5).After(d); got != want {
			t.Errorf("5 and %v are %d, want %d", d, got, want)
		}
	}
	if got := Instant(-7).After(7); got == 0 {
		t.Error("a deadline at the beginning is none")
	}
}
