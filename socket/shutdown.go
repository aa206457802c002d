//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import "golang.org/x/sys/unix"

// Shutdown ends one or both directions of a connection without giving the
// descriptor back: shutdown(2). After SHUT_WR the peer's Recv returns 0 once it
// has taken everything. On a listener SHUT_RD makes a waiting Accept return
// EINVAL (Linux).
//
// Errors one meets: ENOTCONN (not connected, or not any more).
func (system) Shutdown(fd FD, how How) error {
	native := unix.SHUT_RDWR
	switch how {
	case SHUT_RD:
		native = unix.SHUT_RD
	case SHUT_WR:
		native = unix.SHUT_WR
	}
	return failed("shutdown", fd, errnoOf(unix.Shutdown(int(fd), native)))
}
