package loop

import (
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// timerFD is an alarm made of timerfd_create(2), waited for as epoll is: in
// the runtime's poller, and past the scheduler.
//
// A time.Ticker would do the same and cost others dear. When all processors
// are idle, the runtime's monitor (sysmon, in runtime/proc.go) sleeps until
// somebody makes a system call, and then looks every 20 us for processors that
// are stuck in one. But if what ends its sleep is a timer of Go's, it believes
// that nothing happens, and by and by looks only every 10 ms. With a tick each
// millisecond it always believes that, and a handler in a blocking system call
// keeps its processor for 10 ms. (Measured with GOMAXPROCS=1, added to the p99
// of quick requests by reads of a pipe: 15 ms with a ticker, 1 ms with this,
// and nothing instead of 11 ms once their route is known to block.)
type timerFD struct {
	file *os.File // owns fd
	raw  syscall.RawConn
	fd   int
	read func(fd uintptr) bool
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
	t.read = func(fd uintptr) bool {
		var times uint64
		_, _, errno := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&times)), unsafe.Sizeof(times))
		return errno != unix.EAGAIN
	}
	return t, nil
}

func (t *timerFD) start() { t.set(lookEvery) }

func (t *timerFD) stop() { t.set(0) }

func (t *timerFD) set(every time.Duration) {
	spec := unix.NsecToTimespec(int64(every))
	// It fails for a bad descriptor or time only, and they are ours.
	_ = unix.TimerfdSettime(t.fd, 0, &unix.ItimerSpec{Interval: spec, Value: spec}, nil)
}

func (t *timerFD) wait() {
	t.file.SetReadDeadline(time.Now().Add(lookAtLeast))
	t.raw.Read(t.read)
}

func (t *timerFD) close() error { return t.file.Close() }
