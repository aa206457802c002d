package interop

import (
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"
)

// patience is how long a test waits for anything before it fails.
const patience = 15 * time.Second

// wantNothingLeft fails a test after which there are more goroutines or open
// descriptors than before. It is called before the test starts anything.
func wantNothingLeft(t testing.TB) {
	t.Helper()
	goroutines, descriptors := runtime.NumGoroutine(), openDescriptors()
	t.Cleanup(func() {
		if t.Failed() {
			return // one failure at a time
		}
		http.DefaultClient.CloseIdleConnections()
		for deadline := time.Now().Add(patience); runtime.NumGoroutine() > goroutines || openDescriptors() > descriptors; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Errorf("%d goroutines and %d descriptors before the test, %d and %d after it\n%s",
					goroutines, descriptors, runtime.NumGoroutine(), openDescriptors(), stacks())
				return
			}
		}
	})
}

// openDescriptors is how many descriptors this process has open; 0 where the
// system does not tell.
func openDescriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

func stacks() string {
	b := make([]byte, 1<<20)
	return string(b[:runtime.Stack(b, true)])
}

// until polls for a condition that other goroutines bring about.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s\n%s", patience, what, stacks())
		}
	}
}

// within waits for c, which somebody closes or sends to.
func within[T any](t testing.TB, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("not within %v: %s\n%s", patience, what, stacks())
	}
	return v
}
