//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

// Getsockname is the socket's own address: getsockname(2). After Bind with
// port 0 it has the port that the kernel chose.
//
// Errors one meets: EBADF, ENOTSOCK.
func (system) Getsockname(fd FD) (Addr, error) {
	addr, errno := sysGetsockname(fd)
	return addr, failed("getsockname", fd, errno)
}
