package socket

import (
	"io/fs"
	"path/filepath"
	"syscall"
)

// A UNIX path and its troubles.
//
// bind makes a file, and close leaves it; a server that was killed leaves it
// too, and the next bind finds EADDRINUSE. So a path that is there is asked: who
// connects to it and is refused knows that nobody listens, and may remove it.
// Two servers that start together could remove each other's: both ask, one
// removes and binds, the other removes that. So asking, removing, binding and
// listening happen under a lock on the path's folder (flock(2): no lock file
// stays behind, and a killed process frees it).
//
// The mode is set between bind and listen. Nobody can connect in between, since
// the kernel refuses connections to a socket that does not listen, so there is
// no moment at which the umask decides who comes in. (The usual ways round are
// worse: the umask belongs to the whole process, and a socket bound to another
// name and renamed tells its peers the wrong name for ever.)

// host is what Open asks of the machine beside its sockets. A Kernel that plays
// a machine of its own has these methods too; any other runs on this machine.
type host interface {
	// LockFolder waits for the right to change the folder's sockets.
	LockFolder(folder string) (unlock func(), err error)
	// IsSocket says what a path is; if nothing, the error is fs.ErrNotExist.
	IsSocket(path string) (bool, error)
	Unlink(path string) error
	Chmod(path string, mode fs.FileMode) error
	// SetNonblock makes an inherited descriptor non-blocking and close-on-exec.
	SetNonblock(fd FD) error
}

// hostOf finds the machine behind a kernel, through whatever wraps it.
func hostOf(k Kernel) host {
	for {
		if h, ok := k.(host); ok {
			return h
		}
		w, ok := k.(interface{ Unwrap() Kernel })
		if !ok {
			return thisHost{}
		}
		k = w.Unwrap()
	}
}

func openPath(k Kernel, e Endpoint, backlog int) (FD, Addr, error) {
	h, path := hostOf(k), e.Addr.Path
	unlock, err := h.LockFolder(filepath.Dir(path))
	if err != nil {
		return -1, Addr{}, refused(e.Addr, err)
	}
	defer unlock()
	if err := clearStale(k, h, e.Addr); err != nil {
		return -1, Addr{}, err
	}
	bound := false
	fd, addr, err := build(k, e, func(fd FD) error {
		if err := k.Bind(fd, e.Addr); err != nil {
			return err
		}
		bound = true
		if e.Mode != 0 {
			if err := h.Chmod(path, e.Mode.Perm()); err != nil {
				return err
			}
		}
		return k.Listen(fd, backlog)
	})
	if err != nil && bound {
		h.Unlink(path)
	}
	return fd, addr, err
}

// clearStale removes the socket at addr if nobody listens behind it. Nothing
// there is fine as well; anything else is an error.
func clearStale(k Kernel, h host, addr Addr) error {
	isSocket, err := h.IsSocket(addr.Path)
	switch {
	case isNotExist(err):
		return nil
	case err != nil:
		return refused(addr, err)
	case !isSocket:
		return refused(addr, explained{syscall.EADDRINUSE,
			"a file that is not a socket is there; choose another path, or remove it"})
	}
	live, err := answers(k, addr)
	if err != nil {
		return refused(addr, err)
	}
	if live {
		return refused(addr, explained{syscall.EADDRINUSE,
			"a server is listening there; stop it, or choose another path"})
	}
	if err := h.Unlink(addr.Path); err != nil && !isNotExist(err) {
		return refused(addr, err)
	}
	return nil
}

// RemoveUnix removes the file of a UNIX address after its listener was closed.
// It stays if somebody listens there: a successor that took the path over, or
// a child process that inherited the listener. Other addresses have no file,
// and nothing happens.
func RemoveUnix(k Kernel, addr Addr) error {
	if addr.Family != UNIX || addr.Path == "" || addr.Abstract() {
		return nil
	}
	h := hostOf(k)
	unlock, err := h.LockFolder(filepath.Dir(addr.Path))
	if err != nil {
		if isNotExist(err) {
			return nil // the folder went, and the file with it
		}
		return &Error{Call: "unlink", Addr: addr, Errno: err}
	}
	defer unlock()
	isSocket, err := h.IsSocket(addr.Path)
	if isNotExist(err) || err == nil && !isSocket {
		return nil
	}
	if err != nil {
		return &Error{Call: "unlink", Addr: addr, Errno: err}
	}
	if live, err := answers(k, addr); live || err != nil {
		return err
	}
	if err := h.Unlink(addr.Path); err != nil && !isNotExist(err) {
		return &Error{Call: "unlink", Addr: addr, Errno: err}
	}
	return nil
}

// refused is the error of a path that cannot be bound.
func refused(addr Addr, why error) error {
	return &Error{Call: "bind", FD: -1, Addr: addr, Errno: why}
}
