package socket

import (
	"strconv"
	"syscall"
)

// ErrAgain says that a call that was told not to wait found nothing to do:
// EAGAIN, EWOULDBLOCK, and EINPROGRESS of connect. It is returned bare, so
// err == ErrAgain holds, and returning it allocates nothing: it is the
// commonest error of all.
var ErrAgain error = again{}

type again struct{}

func (again) Error() string { return "nothing now: the call would have to wait" }

// Is makes errors.Is(ErrAgain, syscall.EAGAIN) true.
func (again) Is(target error) bool { return target == error(syscall.EAGAIN) }

// Error is the kernel's refusal of one call.
type Error struct {
	Call  string // the system call: "bind"
	FD    FD     // the descriptor it was asked about; 0 or less: none
	Addr  Addr   // the address it was asked about, where the call takes one
	Errno error  // why: a syscall.Errno, or an error that unwraps to one
}

// Error is "bind 127.0.0.1:80: permission denied", or with no address
// "recv fd 7: connection reset by peer".
func (e *Error) Error() string {
	what := e.Call
	switch {
	case e.Addr.Family != 0:
		what += " " + e.Addr.String()
	case e.FD > 0:
		what += " fd " + strconv.Itoa(int(e.FD))
	}
	if e.Errno == nil {
		return what + ": failed"
	}
	return what + ": " + e.Errno.Error()
}

// Unwrap is the errno, so that errors.Is(err, syscall.ECONNRESET) works.
func (e *Error) Unwrap() error { return e.Errno }

// explained is an errno with the words that the errno lacks.
type explained struct {
	errno syscall.Errno
	words string
}

func (e explained) Error() string { return e.errno.Error() + ": " + e.words }
func (e explained) Unwrap() error { return e.errno }

// failed turns the errno of a call into what Kernel promises: nil, ErrAgain or
// an *Error.
func failed(call string, fd FD, errno syscall.Errno) error {
	switch errno {
	case 0:
		return nil
	case syscall.EAGAIN, syscall.EINPROGRESS: // EWOULDBLOCK is EAGAIN on every system here
		return ErrAgain
	}
	return &Error{Call: call, FD: fd, Errno: errno}
}

// failedAt is failed for the calls that take an address.
func failedAt(call string, fd FD, addr Addr, errno syscall.Errno) error {
	err := failed(call, fd, errno)
	if e, ok := err.(*Error); ok {
		e.Addr = addr
	}
	return err
}
