//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package socket

import "io/fs"

// thisHost is the machine of OS, of which nothing can be had here.
type thisHost struct{}

// maxUnixPath is the size of sockaddr_un's path on the systems that have it,
// without its NUL.
const maxUnixPath = 107

func (thisHost) LockFolder(string) (func(), error) { return nil, errNoOS }

func (thisHost) IsSocket(string) (bool, error) { return false, errNoOS }

func (thisHost) Unlink(string) error { return errNoOS }

func (thisHost) Chmod(string, fs.FileMode) error { return errNoOS }

func (thisHost) SetNonblock(FD) error { return errNoOS }
