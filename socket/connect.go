//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Connect asks for a connection to addr: connect(2). On a DGRAM socket it only
// notes where Send shall send. A non-blocking socket returns ErrAgain while the
// connection is under way; wait until the socket is writable, then read
// [SockError]. (On a non-blocking UNIX socket ErrAgain means that the
// listener's queue is full, and nothing is under way: call again later.)
//
// A signal does not stop a connection that is under way, and connect(2) may
// not be repeated then, so Connect waits for the outcome as it would have done.
//
// Errors one meets: ECONNREFUSED (nobody listens), ETIMEDOUT, EHOSTUNREACH,
// ENETUNREACH, ENOENT (no such path), EACCES, EADDRNOTAVAIL (no local port
// left), EISCONN.
func (system) Connect(fd FD, addr Addr) error {
	errno := sysConnect(fd, addr)
	if errno == syscall.EINTR {
		errno = connected(fd)
	}
	return failedAt("connect", fd, addr, errno)
}

// connected waits until the connection under way is there or has failed.
func connected(fd FD) syscall.Errno {
	p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	for {
		_, err := unix.Poll(p, -1)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return errnoOf(err)
		}
		n, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		if err != nil {
			return errnoOf(err)
		}
		return syscall.Errno(n)
	}
}
