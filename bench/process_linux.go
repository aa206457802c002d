package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// supported is nil where this program can measure.
var supported error

// onCores runs start on a thread that may use these cores only. A process that
// it starts inherits that, sched_setaffinity(2).
func onCores(cores []int, start func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, these unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("sched_getaffinity: %w", err)
	}
	for _, core := range cores {
		these.Set(core)
	}
	if err := unix.SchedSetaffinity(0, &these); err != nil {
		return fmt.Errorf("sched_setaffinity: cores %d: %w: -cpus says which cores are used", cores, err)
	}
	defer unix.SchedSetaffinity(0, &before)
	return start()
}

// twoCores are the first two cores that this process may use; the same one
// twice if there is only one.
func twoCores() (first, second int) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return 0, 0
	}
	var cores []int
	for core := 0; core < 1024 && len(cores) < 2; core++ {
		if set.IsSet(core) {
			cores = append(cores, core)
		}
	}
	switch len(cores) {
	case 0:
		return 0, 0
	case 1:
		return cores[0], cores[0]
	}
	return cores[0], cores[1]
}

// cpuTime is what a process has used, user and system, of all its threads, in
// nanoseconds: the clock that clock_getcpuclockid(3) names. /proc/PID/stat
// counts the same in hundredths of a second.
func cpuTime(pid int) (time.Duration, error) {
	const wholeProcess = 2 // CPUCLOCK_SCHED, without the bit for one thread
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|wholeProcess), &t); err != nil {
		return 0, fmt.Errorf("CPU clock of process %d: %w", pid, err)
	}
	return time.Duration(t.Nano()), nil
}

// withChildren is a process and those that it started, proc_pid_children(5).
func withChildren(pid int) []int {
	pids := []int{pid}
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return pids
	}
	for _, word := range strings.Fields(string(list)) {
		if child, err := strconv.Atoi(word); err == nil {
			pids = append(pids, child)
		}
	}
	return pids
}

// endWithUs has a process that is about to be started end when this one does.
func endWithUs(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// memory is what a process holds, in bytes.
type memory struct {
	resident int64 // VmRSS, proc_pid_status(5)
	dirty    int64 // Private_Dirty of all mappings, proc_pid_smaps(5)
}

func memoryOf(pid int) (m memory, err error) {
	if m.resident, err = kilobytes(fmt.Sprintf("/proc/%d/status", pid), "VmRSS:"); err != nil {
		return m, err
	}
	m.dirty, err = kilobytes(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Private_Dirty:")
	return m, err
}

// kilobytes is the number of a line "Key:  123 kB", in bytes.
func kilobytes(path, key string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		rest, found := strings.CutPrefix(lines.Text(), key)
		if !found {
			continue
		}
		var n int64
		if _, err := fmt.Sscanf(rest, "%d kB", &n); err != nil {
			return 0, fmt.Errorf("%s: %q: %w", path, lines.Text(), err)
		}
		return n << 10, nil
	}
	return 0, fmt.Errorf("%s has no line %s", path, key)
}

// descriptors is how many files a process may open, RLIMIT_NOFILE.
func descriptors() (int, error) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("getrlimit: %w", err)
	}
	return int(min(limit.Max, 1<<20)), nil
}

// kernel is what uname(2) says of the system.
func kernel() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return runtime.GOOS
	}
	return unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:]) +
		" " + unix.ByteSliceToString(u.Machine[:])
}

// processor is the first core's name, of /proc/cpuinfo.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, _ := strings.Cut(lines.Text(), ":"); strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// portByConnect leaves the choice of the port to connect(2), which knows the
// other end: bind(2) would look for one that nobody uses at all, and takes ever
// longer (IP_BIND_ADDRESS_NO_PORT, ip(7)).
func portByConnect(_, _ string, c syscall.RawConn) error {
	var err error
	cerr := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	})
	return errors.Join(cerr, err)
}

// available is MemAvailable of proc_meminfo(5), in bytes; 0 if it is not told.
func available() int64 {
	n, err := kilobytes("/proc/meminfo", "MemAvailable:")
	if err != nil {
		return 0
	}
	return n
}
