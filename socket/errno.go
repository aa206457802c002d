//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import "syscall"

// errnoOf is the errno of an error of package unix, which are all errnos.
func errnoOf(err error) syscall.Errno {
	if err == nil {
		return 0
	}
	if errno, ok := err.(syscall.Errno); ok {
		return errno
	}
	return syscall.EINVAL
}

// nativeFamily is the system's number for a family; 0 (AF_UNSPEC) is refused
// by the kernel.
func nativeFamily(f Family) int {
	switch f {
	case INET:
		return syscall.AF_INET
	case INET6:
		return syscall.AF_INET6
	case UNIX:
		return syscall.AF_UNIX
	}
	return syscall.AF_UNSPEC
}

// nativeType is the system's number for a type without its flag; 0 is refused
// by the kernel.
func nativeType(t Type) int {
	switch t &^ NONBLOCK {
	case STREAM:
		return syscall.SOCK_STREAM
	case DGRAM:
		return syscall.SOCK_DGRAM
	}
	return 0
}
