//go:build !linux

package watch_test

import (
	"net"
	"testing"
)

// buffers is more than systems give to ends that asked for 4 KiB.
func buffers(testing.TB, net.Conn, net.Conn) int { return 256 << 10 }
