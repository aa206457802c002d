//go:build !linux

package loop

import (
	"errors"
	"fmt"
	"runtime"
)

// Supported says whether this system has a loop: it has none. The server then
// runs each connection on a goroutine of its own, over a net.Conn.
const Supported = false

// NewEpoll fails: epoll(7) is Linux's.
func NewEpoll() (Poller, error) {
	return nil, fmt.Errorf("epoll on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}
