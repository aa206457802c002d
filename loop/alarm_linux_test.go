package loop

import (
	"testing"
	"time"
)

// TestAlarm: it rings each lookEvery, and when it was stopped only the timer
// rings that wakes the runtime's monitor.
func TestAlarm(t *testing.T) {
	a, err := newAlarm()
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	quickest := time.Hour // other work on the machine makes it late, never early
	for range 5 {
		a.start()
		began := time.Now()
		for range 5 {
			a.wait()
		}
		took := time.Since(began)
		if took < 4*lookEvery {
			t.Errorf("five times within %v: it rings each %v", took, lookEvery)
		}
		quickest = min(quickest, took)
	}
	if quickest > lookAtLeast {
		t.Errorf("at best it rang five times in %v, not in %v", quickest, 5*lookEvery)
	}
	a.stop()
	began := time.Now()
	a.wait()
	if took := time.Since(began); took < lookAtLeast-5*lookEvery {
		t.Errorf("stopped, it rang after %v: an idle server must use no CPU", took)
	}
}
