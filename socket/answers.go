package socket

import (
	"errors"
	"io/fs"
	"syscall"
)

// answers reports whether somebody listens at a UNIX path, by connecting to it.
// Only a refusal is a no: a full queue, or a socket of another type, belongs to
// somebody. A path that is gone is a no as well.
func answers(k Kernel, addr Addr) (bool, error) {
	fd, err := k.Socket(UNIX, STREAM|NONBLOCK)
	if err != nil {
		return false, err
	}
	defer k.Close(fd)
	for {
		err = k.Connect(fd, addr)
		if !isErrno(err, syscall.EINTR) {
			break
		}
	}
	switch {
	case err == nil, err == ErrAgain, isErrno(err, syscall.EPROTOTYPE):
		return true, nil
	case isErrno(err, syscall.ECONNREFUSED), isNotExist(err):
		return false, nil
	}
	return false, err
}

func isErrno(err error, errno syscall.Errno) bool { return errors.Is(err, errno) }

func isNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }
