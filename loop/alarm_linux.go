package loop

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// timerFD is an alarm made of timerfd_create(2), waited for as epoll is: in
// the runtime's poller, and past the scheduler.
//
// A timer of Go's would do the same and cost others dear. When all processors
// are idle, the runtime's monitor (sysmon, in runtime/proc.go) sleeps until
// somebody makes a system call, and then looks every 20 us for processors that
// are stuck in one. But if what ends its sleep is a timer of Go's, it believes
// that nothing happens, and by and by looks only every 10 ms. With a tick each
// millisecond it always believes that, and a handler in a blocking system call
// keeps its processor for 10 ms. (Measured with GOMAXPROCS=1, added to the p99
// of quick requests by reads of a pipe: 15 ms with such a timer, 1 ms with this,
// and nothing instead of 11 ms once their route is known to block.)
type timerFD struct {
	file *os.File // owns fd
	raw  syscall.RawConn
	fd   int
	due  time.Time
	rung func(fd uintptr) bool // made once: a closure a wait would be an allocation a wait
}

// lookAtLeast is a timer of Go's after all, and should never run out: it is
// for a handler that computes on the only processor while the monitor sleeps.
// It wakes the monitor, and the watchman when the processor is taken.
const lookAtLeast = 50 * lookEvery

func newAlarm() (alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("timerfd_create: %w", err)
	}
	t := &timerFD{file: os.NewFile(uintptr(fd), "timerfd"), fd: fd}
	if t.raw, err = t.file.SyscallConn(); err != nil {
		t.file.Close()
		return nil, fmt.Errorf("timerfd: %w", err)
	}
	t.rung = func(uintptr) bool { return !time.Now().Before(t.due) }
	return t, nil
}

// wait sets the timer anew, which also takes back that it has rung: nobody has
// to read it.
func (t *timerFD) wait() {
	now := time.Now()
	t.due = now.Add(lookEvery)
	t.file.SetReadDeadline(now.Add(lookAtLeast))
	once := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(lookEvery))}
	// Both fail for a bad descriptor or time only, and those are ours, or when
	// the deadline has come first, which is a ring as well.
	_ = unix.TimerfdSettime(t.fd, 0, &once, nil)
	_ = t.raw.Read(t.rung)
}

func (t *timerFD) close() error { return t.file.Close() }
