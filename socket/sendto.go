//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import "syscall"

// Sendto sends p as one message to an address: sendto(2). That it was taken
// does not mean that anybody will get it.
//
// Errors one meets: as Send; EMSGSIZE (longer than a message may be),
// EISCONN (connected to somebody already), ENOENT and ECONNREFUSED (UNIX:
// nobody has this path), ENETUNREACH.
func (system) Sendto(fd FD, p []byte, flags MsgFlag, to Addr) (n int, err error) {
	for {
		n, errno := sysSendto(fd, p, flags, to)
		if errno == 0 {
			return n, nil
		}
		if errno != syscall.EINTR {
			return 0, failedAt("sendto", fd, to, errno)
		}
	}
}
