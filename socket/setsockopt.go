//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Setsockopt sets an option: setsockopt(2). The kernel may take less than it
// was asked for (buffer sizes, capped by /proc/sys/net/core/rmem_max and
// wmem_max); Getsockopt tells. Linux doubles buffer sizes for its own
// bookkeeping.
//
// Errors one meets: ENOPROTOOPT (this system or this type of socket lacks the
// option, or it can only be read), EINVAL (V6Only after Bind).
func (system) Setsockopt(fd FD, opt Option, value int) error {
	level, name, ok := opt.native()
	var errno syscall.Errno
	switch {
	case !ok, opt == SockError, opt == AcceptConn, opt == SockType:
		errno = syscall.ENOPROTOOPT
	case opt == LingerZero:
		errno = errnoOf(unix.SetsockoptLinger(int(fd), level, name, &unix.Linger{Onoff: int32(value)}))
	default:
		errno = errnoOf(unix.SetsockoptInt(int(fd), level, name, value))
	}
	if errno != 0 {
		return &Error{Call: "setsockopt " + opt.String(), FD: fd, Errno: errno}
	}
	return nil
}

// native is the option's level and name on this system.
func (o Option) native() (level, name int, ok bool) {
	switch o {
	case ReuseAddr:
		return unix.SOL_SOCKET, unix.SO_REUSEADDR, true
	case ReusePort:
		return unix.SOL_SOCKET, unix.SO_REUSEPORT, true
	case V6Only:
		return unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, true
	case NoDelay:
		return unix.IPPROTO_TCP, unix.TCP_NODELAY, true
	case KeepAlive:
		return unix.SOL_SOCKET, unix.SO_KEEPALIVE, true
	case RecvBuffer:
		return unix.SOL_SOCKET, unix.SO_RCVBUF, true
	case SendBuffer:
		return unix.SOL_SOCKET, unix.SO_SNDBUF, true
	case LingerZero:
		return unix.SOL_SOCKET, unix.SO_LINGER, true
	case SockError:
		return unix.SOL_SOCKET, unix.SO_ERROR, true
	case SockType:
		return unix.SOL_SOCKET, unix.SO_TYPE, true
	case DeferAccept:
		return unix.IPPROTO_TCP, tcpDeferAccept, tcpDeferAccept != 0
	case NotSentLowat:
		return unix.IPPROTO_TCP, tcpNotSentLowat, tcpNotSentLowat != 0
	case AcceptConn:
		return unix.SOL_SOCKET, soAcceptConn, soAcceptConn != 0
	}
	return 0, 0, false
}
