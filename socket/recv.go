//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import "syscall"

// Recv takes up to len(p) bytes that have arrived: recv(2). 0 with a nil error
// is the end of the stream, if p is not empty. Without [DONTWAIT], on a
// blocking descriptor, it waits and holds a thread of the program meanwhile.
//
// Errors one meets: ErrAgain, ECONNRESET (the peer sent a reset: bytes that
// were sent to it may be lost), ETIMEDOUT (keep-alive found nobody), ENOTCONN.
func (system) Recv(fd FD, p []byte, flags MsgFlag) (n int, err error) {
	for {
		n, errno := sysRecv(fd, p, flags)
		if errno == 0 {
			return n, nil
		}
		if errno != syscall.EINTR {
			return 0, failed("recv", fd, errno)
		}
	}
}
