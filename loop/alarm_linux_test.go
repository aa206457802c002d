package loop

import (
	"testing"
	"time"
)

// TestAlarm: it rings after lookEvery, not before and not only by the timer
// that is there to wake the runtime's monitor.
func TestAlarm(t *testing.T) {
	a, err := newAlarm()
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	quickest := time.Hour // other work on the machine makes it late, never early
	for range 50 {
		began := time.Now()
		a.wait()
		took := time.Since(began)
		if took < lookEvery {
			t.Errorf("it rang after %v: two looks so close take batons from the quick", took)
		}
		quickest = min(quickest, took)
	}
	if quickest > lookAtLeast/2 {
		t.Errorf("at best it rang after %v, not after %v", quickest, lookEvery)
	}
}
