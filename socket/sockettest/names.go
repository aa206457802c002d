package sockettest

import (
	"io/fs"
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// node is what stands under a UNIX path, or an abstract name.
type node struct {
	sock   *sock // nil after its close: the file stays, abstract names go
	socket bool
	mode   fs.FileMode
}

func (k *Kernel) bindName(s *sock, addr socket.Addr) syscall.Errno {
	if len(addr.Path) > 107 {
		return syscall.ENAMETOOLONG
	}
	if k.names[addr.Path] != nil {
		return syscall.EADDRINUSE
	}
	k.names[addr.Path] = &node{sock: s, socket: true, mode: 0o755}
	s.local = addr
	return 0
}

// named is the socket at a UNIX address.
func (k *Kernel) named(addr socket.Addr) (*sock, syscall.Errno) {
	n := k.names[addr.Path]
	switch {
	case n != nil && n.sock != nil:
		return n.sock, 0
	case n == nil && !addr.Abstract():
		return nil, syscall.ENOENT
	}
	return nil, syscall.ECONNREFUSED
}

// unname takes an abstract name away, and leaves a path as a file.
func (k *Kernel) unname(s *sock) {
	if n := k.names[s.local.Path]; n != nil && n.sock == s {
		n.sock = nil
		if s.local.Abstract() {
			delete(k.names, s.local.Path)
		}
	}
}

// Touch makes an ordinary file at a path, to stand in a socket's way.
func (k *Kernel) Touch(path string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.names[path] = &node{mode: 0o644}
}

// Mode is the permissions of the file at a path.
func (k *Kernel) Mode(path string) (fs.FileMode, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := k.names[path]; n != nil {
		return n.mode, nil
	}
	return 0, syscall.ENOENT
}

// LockFolder is for [socket.Open], which asks a kernel that has files of its
// own about them; the methods below too.
func (k *Kernel) LockFolder(folder string) (unlock func(), err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for k.locked[folder] {
		k.changed.Wait()
	}
	k.locked[folder] = true
	return func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.locked, folder)
		k.changed.Broadcast()
	}, nil
}

// IsSocket says whether a path is a socket.
func (k *Kernel) IsSocket(path string) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := k.names[path]; n != nil {
		return n.socket, nil
	}
	return false, syscall.ENOENT
}

// Unlink removes a path. A socket bound to it lives on, unreachable.
func (k *Kernel) Unlink(path string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.names[path] == nil {
		return syscall.ENOENT
	}
	delete(k.names, path)
	return nil
}

// Chmod changes the permissions that Mode tells.
func (k *Kernel) Chmod(path string, mode fs.FileMode) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	n := k.names[path]
	if n == nil {
		return syscall.ENOENT
	}
	n.mode = mode
	return nil
}

// SetNonblock makes a descriptor non-blocking.
func (k *Kernel) SetNonblock(fd socket.FD) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, errno := k.sock(fd)
	if errno != 0 {
		return errno
	}
	s.nonblock = true
	return nil
}
