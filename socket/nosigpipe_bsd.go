//go:build dragonfly || freebsd || netbsd || openbsd

package socket

import "golang.org/x/sys/unix"

// Each send says that it wants no SIGPIPE.
const msgNoSignal = unix.MSG_NOSIGNAL

func noSigpipe(int) error { return nil }
