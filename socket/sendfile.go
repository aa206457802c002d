//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Sendfile copies up to n bytes of the file in, from offset, to the socket out,
// inside the kernel: sendfile(2). in's own offset stays. 0 with a nil error:
// offset is at or behind the file's end. It may wait for the disk.
//
// Errors one meets: ErrAgain (no room), EPIPE, ECONNRESET, EINVAL and ENOSYS
// (in is not a file that can be mapped: read it and Send), ENOTCONN.
func (system) Sendfile(out FD, in FD, offset int64, n int) (int, error) {
	if n <= 0 {
		return 0, nil
	}
	for {
		off := offset
		sent, err := unix.Sendfile(int(out), int(in), &off, n)
		if sent > 0 {
			// macOS reports what went out together with EAGAIN or EINTR.
			return sent, nil
		}
		if err == nil {
			return 0, nil
		}
		if errno := errnoOf(err); errno != syscall.EINTR {
			return 0, failed("sendfile", out, errno)
		}
	}
}
