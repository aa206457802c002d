//go:build !linux

package loop

// wakeMonitor is needed where pollers are asked past the scheduler.
func wakeMonitor() {}
