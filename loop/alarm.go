package loop

import "time"

// alarm is the watchman's clock. Nothing rings while he does not wait.
type alarm interface {
	wait() // for lookEvery
	close() error
}

// goTimer is the alarm where a poller is not ours: such a poller may be part
// of a test whose clock is not the system's either (testing/synctest).
type goTimer struct{ *time.Timer }

func newGoTimer() alarm {
	t := goTimer{time.NewTimer(lookEvery)}
	t.Stop()
	return t
}

func (t goTimer) wait() {
	t.Reset(lookEvery)
	<-t.C
}

func (t goTimer) close() error {
	t.Stop()
	return nil
}
