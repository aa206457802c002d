package socket

import "golang.org/x/sys/unix"

// macOS before 2024 knows no MSG_NOSIGNAL: the socket is told once instead.
const msgNoSignal = 0

func noSigpipe(fd int) error {
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_NOSIGPIPE, 1)
}
