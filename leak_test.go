package genkan

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// The first timer makes the runtime open its poller, for good. That shall not
// look as if the first test had left it behind.
var _ = time.AfterFunc(0, func() {})

// clean fails a test that leaves goroutines or descriptors behind. It is
// called before anything of the test's own is started.
func clean(t testing.TB) {
	t.Helper()
	goroutines, descriptors := runtime.NumGoroutine()-theirs(), openDescriptors()
	t.Cleanup(func() {
		if t.Failed() {
			return // one failure at a time
		}
		deadline := time.Now().Add(5 * time.Second)
		for runtime.NumGoroutine()-theirs() > goroutines || openDescriptors() > descriptors {
			if time.Now().After(deadline) {
				t.Errorf("%d goroutines and %d descriptors before the test, %d and %d after it\n%s",
					goroutines, descriptors, runtime.NumGoroutine(), openDescriptors(), stacks())
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
}

// theirs is how many goroutines the testing package has started and keeps:
// under -fuzz one waits for signals.
func theirs() int {
	return strings.Count(stacks(), "\nos/signal.loop()")
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
