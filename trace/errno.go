package trace

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// errorText is the result of a call that failed, as strace(1) has it without
// the -1: "ECONNRESET (connection reset by peer)".
func errorText(v Verb, err error) string {
	if err == socket.ErrAgain {
		return againText(v)
	}
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return "error (" + err.Error() + ")"
	}
	words := errno.Error()
	if refusal := (*socket.Error)(nil); errors.As(err, &refusal) {
		words = refusal.Errno.Error() // may say more than the errno does
	}
	return fmt.Sprintf("%s (%s)", errnoName(errno), words)
}

// againText says what there was none of: the errno alone is the same for all.
func againText(v Verb) string {
	switch v {
	case Connect:
		return "EINPROGRESS (under way)"
	case Accept:
		return "EAGAIN (nobody waits)"
	case Send, Sendto, Sendfile:
		return "EAGAIN (no room now)"
	}
	return "EAGAIN (nothing now)"
}

// errnoName is the name that errno(3) gives. Only what the manual pages of the
// calls of [socket.Kernel] list; x/sys/unix has them all, but not on every
// system that this package builds for.
func errnoName(e syscall.Errno) string {
	if name, ok := errnoNames[e]; ok {
		return name
	}
	return fmt.Sprintf("errno %d", uintptr(e))
}

var errnoNames = map[syscall.Errno]string{
	syscall.EACCES:          "EACCES",
	syscall.EADDRINUSE:      "EADDRINUSE",
	syscall.EADDRNOTAVAIL:   "EADDRNOTAVAIL",
	syscall.EAFNOSUPPORT:    "EAFNOSUPPORT",
	syscall.EAGAIN:          "EAGAIN",
	syscall.EALREADY:        "EALREADY",
	syscall.EBADF:           "EBADF",
	syscall.ECONNABORTED:    "ECONNABORTED",
	syscall.ECONNREFUSED:    "ECONNREFUSED",
	syscall.ECONNRESET:      "ECONNRESET",
	syscall.EDESTADDRREQ:    "EDESTADDRREQ",
	syscall.EFAULT:          "EFAULT",
	syscall.EHOSTUNREACH:    "EHOSTUNREACH",
	syscall.EINPROGRESS:     "EINPROGRESS",
	syscall.EINTR:           "EINTR",
	syscall.EINVAL:          "EINVAL",
	syscall.EIO:             "EIO",
	syscall.EISCONN:         "EISCONN",
	syscall.EMFILE:          "EMFILE",
	syscall.EMSGSIZE:        "EMSGSIZE",
	syscall.ENAMETOOLONG:    "ENAMETOOLONG",
	syscall.ENETDOWN:        "ENETDOWN",
	syscall.ENETUNREACH:     "ENETUNREACH",
	syscall.ENFILE:          "ENFILE",
	syscall.ENOBUFS:         "ENOBUFS",
	syscall.ENODEV:          "ENODEV",
	syscall.ENOENT:          "ENOENT",
	syscall.ENOMEM:          "ENOMEM",
	syscall.ENOPROTOOPT:     "ENOPROTOOPT",
	syscall.ENOTCONN:        "ENOTCONN",
	syscall.ENOTSOCK:        "ENOTSOCK",
	syscall.EOPNOTSUPP:      "EOPNOTSUPP",
	syscall.EPERM:           "EPERM",
	syscall.EPIPE:           "EPIPE",
	syscall.EPROTO:          "EPROTO",
	syscall.EPROTONOSUPPORT: "EPROTONOSUPPORT",
	syscall.EROFS:           "EROFS",
	syscall.ETIMEDOUT:       "ETIMEDOUT",
}
