package loop

import "time"

// Instant is a time of the monotonic clock, in nanoseconds since this program
// began; 0 is none. It is what deadlines of connections at rest are kept in: a
// third of a time.Time's memory, and moved by an addition.
type Instant int64

var epoch = time.Now()

// InstantOf is t; none if t is zero.
func InstantOf(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return notNone(Instant(t.Sub(epoch)))
}

// notNone is i, but never 0: a nanosecond later is near enough.
func notNone(i Instant) Instant {
	if i == 0 {
		return 1
	}
	return i
}

// Time is i as a time.Time; zero if i is none.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return epoch.Add(time.Duration(i))
}

// After is d later, or none for a d that is no limit: 0 or less.
func (i Instant) After(d time.Duration) Instant {
	if d <= 0 {
		return 0
	}
	return notNone(i + Instant(d))
}
