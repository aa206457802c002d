package watch_test

import (
	"net"
	"syscall"
	"testing"
)

// buffers is how many bytes the kernel holds between two ends, one that sends
// and one that receives, at most (socket(7): SO_SNDBUF, SO_RCVBUF).
func buffers(t testing.TB, sends, receives net.Conn) (sum int) {
	t.Helper()
	for option, c := range map[int]net.Conn{syscall.SO_SNDBUF: sends, syscall.SO_RCVBUF: receives} {
		raw, err := c.(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		raw.Control(func(fd uintptr) {
			n, err := syscall.GetsockoptInt(int(fd), syscall.SOL_SOCKET, option)
			if err != nil {
				t.Error(err)
			}
			sum += n
		})
	}
	return sum
}
