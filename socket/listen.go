//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import "math"

// Listen makes the socket a listener: the kernel completes connections and
// queues up to backlog of them until Accept takes them: listen(2). 0 or less
// means the kernel's own maximum, which also caps every other number
// (/proc/sys/net/core/somaxconn).
//
// Errors one meets: EADDRINUSE (another socket listens there), EOPNOTSUPP (a
// DGRAM socket).
func (system) Listen(fd FD, backlog int) error {
	if backlog <= 0 || backlog > math.MaxInt32 {
		// The kernel cuts it to its maximum, and reads it as an int.
		backlog = math.MaxInt32
	}
	return failed("listen", fd, sysListen(fd, backlog))
}
