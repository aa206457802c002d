//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import "syscall"

// Socket makes a socket and gives the lowest free descriptor: socket(2). A
// child process does not inherit it (close-on-exec).
//
// Errors one meets: EMFILE and ENFILE (no descriptor left, in this process or
// in the system), EAFNOSUPPORT (no IPv6 here), ENOBUFS, ENOMEM.
func (system) Socket(family Family, typ Type) (FD, error) {
	for {
		fd, errno := sysSocket(family, typ)
		if errno == syscall.EINTR {
			continue
		}
		if errno != 0 {
			return -1, failed("socket", -1, errno)
		}
		return fd, nil
	}
}
