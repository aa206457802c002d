//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

// Close gives the descriptor back: close(2). Its number may belong to a new
// socket at once, in another goroutine, so nobody may use it any more. Bytes
// that were sent still go out; bytes that arrived and were not read make the
// kernel send a reset (RFC 2525 2.17).
//
// Errors one meets: EBADF (closed already: a bug of the caller), EINTR (the
// descriptor is gone nevertheless).
func (system) Close(fd FD) error {
	return failed("close", fd, sysClose(fd))
}
