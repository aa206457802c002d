package socket

import (
	"strconv"
	"syscall"
)

// Two options that tell what somebody else's socket is. Getsockopt only.
const (
	AcceptConn Option = SockError + 1 + iota // SO_ACCEPTCONN: 1 if it listens
	SockType                                 // SO_TYPE: its Type
)

// inherit takes a listener over that the parent process left, after a look at
// what it is: a wrong number would otherwise show as an odd error at the first
// accept.
func inherit(k Kernel, fd FD) (FD, Addr, error) {
	if fd < 0 {
		return -1, Addr{}, &Error{Call: "inherit", FD: -1,
			Errno: explained{syscall.EINVAL, "the endpoint has neither an address nor an inherited descriptor"}}
	}
	wrong := func(errno syscall.Errno, words string) (FD, Addr, error) {
		return -1, Addr{}, &Error{Call: "inherit fd " + strconv.Itoa(int(fd)), FD: fd, Errno: explained{errno, words}}
	}
	typ, err := k.Getsockopt(fd, SockType)
	switch {
	case isErrno(err, syscall.EBADF):
		return wrong(syscall.EBADF, "the parent process has left no such descriptor")
	case isErrno(err, syscall.ENOTSOCK):
		return wrong(syscall.ENOTSOCK, "it is a file or a pipe")
	case err != nil:
		return -1, Addr{}, err
	case Type(typ) != STREAM:
		return wrong(syscall.EOPNOTSUPP, "it is not a SOCK_STREAM socket")
	}
	listens, err := k.Getsockopt(fd, AcceptConn)
	if err != nil {
		return -1, Addr{}, err
	}
	if listens == 0 {
		return wrong(syscall.EINVAL, "the socket does not listen; the parent process has to call listen")
	}
	if err := hostOf(k).SetNonblock(fd); err != nil {
		return -1, Addr{}, &Error{Call: "fcntl", FD: fd, Errno: err}
	}
	addr, err := k.Getsockname(fd)
	if err != nil {
		return -1, Addr{}, err
	}
	return fd, addr, nil
}
