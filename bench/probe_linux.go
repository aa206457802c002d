package main

import (
	"bytes"
	"fmt"
	"net/netip"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"
)

// line is one connection of a probe, with at most one request on its way.
type line struct {
	fd   int
	slow bool
	due  time.Duration
	got  []byte
}

// prober is a probe at work: one thread, ppoll(2), non-blocking sockets.
type prober struct {
	probe
	peer  unix.SockaddrInet4
	start time.Time
	free  [2][]*line // quick, slow: the one that rested longest comes first
	busy  []*line    // wait for an answer
	polls []unix.PollFd
	spent []int64 // latency of each quick request
	late  []int64 // how late each was sent
	made  probed
}

const (
	quickLines = 64 // open from the start, so that a stall is not a storm of new connections
	slowLines  = 4
)

// run makes the probe.
func (p probe) run() (probed, error) {
	runtime.LockOSThread() // for the slack of its timers, and ppoll
	debug.SetGCPercent(-1) // a probe of some seconds makes some megabytes
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		return probed{}, fmt.Errorf("prctl PR_SET_TIMERSLACK: %w", err)
	}
	address, err := netip.ParseAddrPort(p.Address)
	if err != nil {
		return probed{}, err
	}
	w := &prober{probe: p, peer: unix.SockaddrInet4{Port: int(address.Port()), Addr: address.Addr().As4()}}
	all := p.schedule()
	w.spent, w.late = make([]int64, 0, len(all)), make([]int64, 0, len(all))
	for range quickLines {
		if err := w.open(false); err != nil {
			return probed{}, err
		}
	}
	for range slowLines {
		if err := w.open(true); err != nil {
			return probed{}, err
		}
	}
	if err := w.prime(); err != nil {
		return probed{}, err
	}
	w.start = time.Now()
	if err := w.work(all); err != nil {
		return probed{}, err
	}
	w.made.summary(w.spent, w.late)
	return w.made, nil
}

func (w *prober) now() time.Duration { return time.Since(w.start) }

// open adds a connection. connect(2) to this machine returns when the
// listener's queue has it, whether or not somebody accepts.
func (w *prober) open(slow bool) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	if err := unix.Connect(fd, &w.peer); err != nil {
		return fmt.Errorf("connect %s: %w", w.Address, err)
	}
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if err := unix.SetNonblock(fd, true); err != nil {
		return fmt.Errorf("O_NONBLOCK: %w", err)
	}
	w.free[which(slow)] = append(w.free[which(slow)], &line{fd: fd, slow: slow, got: make([]byte, 0, 1024)})
	return nil
}

func which(slow bool) int {
	if slow {
		return 1
	}
	return 0
}

// prime makes the slow requests from which a server can learn.
func (w *prober) prime() error {
	for range w.Prime {
		w.start = time.Now()
		if err := w.send(due{slow: true, path: w.slowPath(0)}); err != nil {
			return err
		}
		if !w.SlowEnds {
			time.Sleep(held)
			continue
		}
		for len(w.busy) > 0 {
			if err := w.wait(patience); err != nil {
				return err
			}
			if w.now() > patience {
				return fmt.Errorf("%s: no answer within %v", w.slowPath(0), patience)
			}
		}
	}
	w.made.Slow = 0
	return nil
}

// work sends what is due when it is due, and reads what comes, until all is
// answered that will be.
func (w *prober) work(all []due) error {
	for len(all) > 0 || len(w.busy) > 0 {
		now := w.now()
		for len(all) > 0 && all[0].at <= now {
			if err := w.send(all[0]); err != nil {
				return err
			}
			all = all[1:]
			now = w.now()
		}
		until := w.Duration + patience - now
		if len(all) > 0 {
			until = all[0].at - now
		} else if until <= 0 {
			w.made.Failed = fmt.Sprintf("%d requests without an answer after %v", len(w.busy), patience)
			return nil
		}
		if err := w.wait(max(until, 0)); err != nil {
			return err
		}
	}
	return nil
}

func (w *prober) send(d due) error {
	lines := &w.free[which(d.slow)]
	if len(*lines) == 0 {
		if err := w.open(d.slow); err != nil {
			return err
		}
	}
	l := (*lines)[0]
	*lines = (*lines)[1:]
	l.due, l.got = d.at, l.got[:0]
	request := "GET " + d.path + " HTTP/1.1\r\nHost: " + w.Address + "\r\n\r\n"
	if n, err := unix.Write(l.fd, []byte(request)); err != nil || n < len(request) {
		return fmt.Errorf("send %s: %d of %d bytes, %w", d.path, n, len(request), err)
	}
	switch {
	case !d.slow:
		w.late = append(w.late, int64(w.now()-d.at))
	default:
		w.made.Slow++
	}
	if !d.slow || w.SlowEnds {
		w.busy = append(w.busy, l)
	}
	return nil
}

// wait reads answers as they come, for at most d.
func (w *prober) wait(d time.Duration) error {
	w.polls = w.polls[:0]
	for _, l := range w.busy {
		w.polls = append(w.polls, unix.PollFd{Fd: int32(l.fd), Events: unix.POLLIN})
	}
	t := unix.NsecToTimespec(int64(d))
	n, err := unix.Ppoll(w.polls, &t, nil)
	if err != nil && err != unix.EINTR {
		return fmt.Errorf("ppoll: %w", err)
	}
	if n <= 0 {
		return nil
	}
	still := w.busy[:0]
	for i, l := range w.busy {
		done := false
		if w.polls[i].Revents != 0 {
			if done, err = w.read(l); err != nil {
				return err
			}
		}
		if !done {
			still = append(still, l)
		}
	}
	w.busy = still
	return nil
}

// read takes what has arrived; done: it was the whole answer, as the handler
// plain gives it.
func (w *prober) read(l *line) (done bool, err error) {
	n, err := unix.Read(l.fd, l.got[len(l.got):cap(l.got)])
	if err == unix.EAGAIN || err == unix.EINTR {
		return false, nil
	}
	if err != nil || n == 0 {
		return false, fmt.Errorf("the connection ended after %q: %v", l.got, err)
	}
	l.got = l.got[:len(l.got)+n]
	if !bytes.HasSuffix(l.got, []byte("\r\n\r\n"+plainText)) {
		if len(l.got) == cap(l.got) {
			return false, fmt.Errorf("not the answer that was expected: %q", l.got)
		}
		return false, nil
	}
	if !bytes.HasPrefix(l.got, []byte("HTTP/1.1 200 ")) {
		return false, fmt.Errorf("not the answer that was expected: %q", l.got)
	}
	if !l.slow {
		w.spent = append(w.spent, int64(w.now()-l.due))
	}
	w.free[which(l.slow)] = append(w.free[which(l.slow)], l)
	return true, nil
}
