package loop

import "time"

// alarm is the watchman's clock: it rings every lookEvery, from start to stop.
type alarm interface {
	start()
	stop()
	wait() // until it rings, or nearly so: once too often does no harm
	close() error
}

// ticks is the alarm where a poller is not ours: such a poller may be part of
// a test whose clock is not the system's either (testing/synctest).
type ticks struct{ *time.Ticker }

func newTicks() alarm {
	t := ticks{time.NewTicker(lookEvery)}
	t.stop()
	return t
}

func (t ticks) start()       { t.Reset(lookEvery) }
func (t ticks) stop()        { t.Ticker.Stop() }
func (t ticks) wait()        { <-t.C }
func (t ticks) close() error { t.stop(); return nil }
