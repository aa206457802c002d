package loop

// wakeProcessor has the scheduler wake another processor if one is idle. That
// finds nothing to run, and stays to wait in the runtime's poller. Otherwise
// nobody waits there while the one who came from it is inside a handler that
// keeps its processor: neither requests nor the watchman's alarm are heard
// until the monitor asks, 10 ms later. Any new goroutine has this effect.
func wakeProcessor() { go func() {}() }
