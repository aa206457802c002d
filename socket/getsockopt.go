//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// Getsockopt reads an option: getsockopt(2). Booleans are 0 or 1. Reading
// [SockError] clears it.
//
// Errors one meets: ENOPROTOOPT (this system or this type of socket lacks the
// option).
func (system) Getsockopt(fd FD, opt Option) (int, error) {
	level, name, ok := opt.native()
	if !ok {
		return 0, &Error{Call: "getsockopt " + opt.String(), FD: fd, Errno: syscall.ENOPROTOOPT}
	}
	var value int
	var err error
	if opt == LingerZero {
		var l *unix.Linger
		if l, err = unix.GetsockoptLinger(int(fd), level, name); err == nil && l.Onoff != 0 && l.Linger == 0 {
			value = 1
		}
	} else {
		value, err = unix.GetsockoptInt(int(fd), level, name)
	}
	if err != nil {
		return 0, &Error{Call: "getsockopt " + opt.String(), FD: fd, Errno: err}
	}
	switch opt {
	case ReuseAddr, ReusePort, V6Only, NoDelay, KeepAlive, AcceptConn:
		if value != 0 {
			value = 1 // the BSDs give the flag's bit
		}
	case SockType:
		value = int(typeOf(value))
	}
	return value, nil
}

// typeOf is the Type of the system's number for it.
func typeOf(native int) Type {
	switch native {
	case unix.SOCK_STREAM:
		return STREAM
	case unix.SOCK_DGRAM:
		return DGRAM
	}
	return 0
}
