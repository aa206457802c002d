//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import "syscall"

// Recvfrom is Recv with the sender's address: recvfrom(2). On a DGRAM socket it
// takes one message; what does not fit into p is lost. The address is zero
// where the kernel knows none: a STREAM, or a UNIX sender without a name.
//
// Errors one meets: as Recv; ECONNREFUSED on a connected DGRAM socket (an
// earlier message found nobody).
func (system) Recvfrom(fd FD, p []byte, flags MsgFlag) (n int, from Addr, err error) {
	for {
		n, from, errno := sysRecvfrom(fd, p, flags)
		if errno == 0 {
			return n, from, nil
		}
		if errno != syscall.EINTR {
			return 0, Addr{}, failed("recvfrom", fd, errno)
		}
	}
}
