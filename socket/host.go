//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import (
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// thisHost is the machine of OS.
type thisHost struct{}

// maxUnixPath is how many bytes a UNIX path may have.
const maxUnixPath = pathMax

// folderPatience is how long LockFolder waits. A Genkan that starts holds the
// lock for less than a millisecond; longer means that another program holds
// it, and a server that starts should say so instead of hanging.
const folderPatience = 2 * time.Second

func (thisHost) LockFolder(folder string) (unlock func(), err error) {
	fd, err := unix.Open(folder, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(folderPatience); ; time.Sleep(5 * time.Millisecond) {
		err = unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { unix.Close(fd) }, nil
		}
		if err != unix.EAGAIN && err != unix.EINTR || time.Now().After(deadline) {
			unix.Close(fd)
			return nil, explained{errnoOf(err), "another process holds the lock (flock) on folder " + folder}
		}
	}
}

func (thisHost) IsSocket(path string) (bool, error) {
	fi, err := os.Lstat(path)
	if err != nil {
		return false, bare(err)
	}
	return fi.Mode().Type() == fs.ModeSocket, nil
}

func (thisHost) Unlink(path string) error { return bare(os.Remove(path)) }

func (thisHost) Chmod(path string, mode fs.FileMode) error {
	if err := os.Chmod(path, mode); err != nil {
		return &Error{Call: "chmod", Addr: Unix(path), Errno: bare(err)}
	}
	return nil
}

func (thisHost) SetNonblock(fd FD) error {
	unix.CloseOnExec(int(fd))
	return unix.SetNonblock(int(fd), true)
}

// bare is the errno of an error of package os, whose text repeats the path.
func bare(err error) error {
	if pe, ok := err.(*fs.PathError); ok {
		if errno, ok := pe.Err.(syscall.Errno); ok {
			return errno
		}
	}
	return err
}
