//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import "syscall"

// Send hands bytes to the kernel, which takes as many as it has room for:
// send(2). That they are taken does not mean that they have arrived. Without
// [DONTWAIT], on a blocking descriptor, it waits for room and holds a thread of
// the program meanwhile. It never raises SIGPIPE.
//
// Errors one meets: ErrAgain (no room), EPIPE (this side was shut down, or the
// peer's reset was reported already), ECONNRESET, ETIMEDOUT, ENOTCONN, ENOBUFS,
// ECONNREFUSED and EMSGSIZE (DGRAM).
func (system) Send(fd FD, p []byte, flags MsgFlag) (n int, err error) {
	for {
		n, errno := sysSend(fd, p, flags)
		if errno == 0 {
			return n, nil
		}
		if errno != syscall.EINTR {
			return 0, failed("send", fd, errno)
		}
	}
}
