package genkan

import (
	"os"
	"runtime"
	"testing"
	"time"
)

// clean fails a test that leaves goroutines or descriptors behind. It is
// called before anything of the test's own is started.
func clean(t testing.TB) {
	t.Helper()
	goroutines, descriptors := runtime.NumGoroutine(), openDescriptors()
	t.Cleanup(func() {
		if t.Failed() {
			return // one failure at a time
		}
		deadline := time.Now().Add(5 * time.Second)
		for runtime.NumGoroutine() > goroutines || openDescriptors() > descriptors {
			if time.Now().After(deadline) {
				t.Errorf("%d goroutines and %d descriptors before the test, %d and %d after it\n%s",
					goroutines, descriptors, runtime.NumGoroutine(), openDescriptors(), stacks())
				return
			}
			time.Sleep(time.Millisecond)
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
