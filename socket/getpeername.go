//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

// Getpeername is the address of the other end: getpeername(2).
//
// Errors one meets: ENOTCONN (not connected, or not any more).
func (system) Getpeername(fd FD) (Addr, error) {
	addr, errno := sysGetpeername(fd)
	return addr, failed("getpeername", fd, errno)
}
