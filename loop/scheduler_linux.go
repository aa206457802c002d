package loop

import "golang.org/x/sys/unix"

// wakeMonitor wakes the Go runtime's monitor, which takes the processor from
// goroutines that compute for long (sysmon, in runtime/proc.go). It sleeps
// when nothing runs, for up to a minute, until a timer is due or a goroutine
// makes a system call that the scheduler is told of. Our way from a poller to
// a handler makes none: then a handler that computes would keep its processor
// for as long as it likes, and with GOMAXPROCS=1 nothing else would run at
// all. So one is made, and which does not matter.
func wakeMonitor() { unix.Syscall(unix.SYS_GETPID, 0, 0, 0) }
