//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import "syscall"

// Accept takes the oldest connection off the listener's queue: accept(2). A
// child process does not inherit the new descriptor (close-on-exec). peer of a
// UNIX connection usually has no path: clients seldom bind.
//
// Errors one meets: ErrAgain (the queue is empty, the listener non-blocking);
// ECONNABORTED (the peer has given up already: go on with the next); EMFILE,
// ENFILE, ENOBUFS, ENOMEM (the connection stays in the queue: wait a while, or
// close something); EINVAL (not a listener). On Linux, errors of the network
// below, such as EPROTO or EHOSTUNREACH, come out here too: go on with the next.
func (system) Accept(fd FD, flags Type) (conn FD, peer Addr, err error) {
	for {
		conn, peer, errno := sysAccept(fd, flags)
		if errno == syscall.EINTR {
			continue
		}
		if errno != 0 {
			return -1, Addr{}, failed("accept", fd, errno)
		}
		return conn, peer, nil
	}
}
