package socket_test

import (
	"bytes"
	"errors"
	"syscall"
	"testing"

	"github.com/genkan-http/genkan/socket"
)

func TestStream(t *testing.T) {
	onEachFamily(t, func(t *testing.T, b *bench, f socket.Family) {
		client, server := b.pair(f)
		if _, err := b.Recv(server, make([]byte, 1), 0); err != socket.ErrAgain {
			t.Fatalf("recv with nothing there: %v, want ErrAgain: the socket is non-blocking", err)
		}
		if _, err := b.Recv(client, make([]byte, 1), socket.DONTWAIT); err != socket.ErrAgain {
			t.Fatalf("recv with DONTWAIT: %v, want ErrAgain whatever the descriptor's mode", err)
		}
		b.sends(client, "one")
		b.sends(client, "two")
		b.eventually("six bytes", func() bool {
			n, _ := b.Recv(server, make([]byte, 9), socket.PEEK)
			return n == 6
		})
		buf := make([]byte, 4)
		n, err := b.Recv(server, buf, 0)
		if string(buf[:n]) != "onet" || err != nil {
			t.Fatalf("recv = %q, %v: a stream has no borders, and PEEK takes nothing", buf[:n], err)
		}
		b.receives(server, "wo", "what did not fit stays")

		b.must(b.Shutdown(client, socket.SHUT_WR))
		b.receives(server, "", "SHUT_WR is the end for the peer: 0 bytes, no error")
		b.receives(server, "", "the end stays the end")
		_, err = b.Send(client, []byte("x"), 0)
		b.fails(err, syscall.EPIPE, "this side was shut down")
		b.sends(server, "still")
		b.receives(client, "still", "the other direction is open")
	})
}

func TestBackpressure(t *testing.T) {
	onEachFamily(t, func(t *testing.T, b *bench, f socket.Family) {
		client, server := b.pair(f)
		chunk := bytes.Repeat([]byte("0123456789abcdef"), 1024)
		sent := 0
		for {
			n, err := b.Send(server, chunk, socket.DONTWAIT)
			sent += n
			if err == socket.ErrAgain {
				break
			}
			b.must(err)
			if sent > 64<<20 {
				t.Fatal("64 MiB without a reader: memory must be bounded")
			}
		}
		got := 0
		b.eventually("all bytes", func() bool {
			n, err := b.Recv(client, make([]byte, 1<<20), socket.DONTWAIT)
			if err != socket.ErrAgain {
				b.must(err)
			}
			got += n
			return got >= sent
		})
		b.eventually("room again", func() bool {
			_, err := b.Send(server, []byte("x"), 0)
			return err == nil
		})
	})
}

func TestCloseWithUnreadBytesResets(t *testing.T) {
	onEachFamily(t, func(t *testing.T, b *bench, f socket.Family) {
		client, server := b.pair(f)
		b.sends(client, "unread")
		b.eventually("arrival", func() bool {
			n, _ := b.Recv(server, make([]byte, 9), socket.PEEK)
			return n == 6
		})
		b.must(b.Close(server))
		_, err := b.recv(client)
		b.fails(err, syscall.ECONNRESET, "RFC 2525 2.17: data was lost, and the peer must know")
		b.receives(client, "", "the error is told once; then it is the end")
		_, err = b.Send(client, []byte("x"), 0)
		b.fails(err, syscall.EPIPE, "a send after the reset was told")
	})
}

func TestLingerZeroResets(t *testing.T) {
	for _, f := range families[:2] { // UNIX has no linger
		onBoth(t, func(t *testing.T, b *bench) {
			defer b.closeAll()
			client, server := b.pair(f)
			b.sends(server, "before")
			b.must(b.Setsockopt(server, socket.LingerZero, 1))
			if v, err := b.Getsockopt(server, socket.LingerZero); v != 1 || err != nil {
				t.Errorf("SO_LINGER = %d, %v", v, err)
			}
			b.must(b.Close(server))
			b.receives(client, "before", "bytes that arrived before the reset can be read")
			_, err := b.recv(client)
			b.fails(err, syscall.ECONNRESET, "linger 0 makes close a reset")
		})
	}
}

func TestSendAfterPeerClosed(t *testing.T) {
	onEachFamily(t, func(t *testing.T, b *bench, f socket.Family) {
		client, server := b.pair(f)
		b.must(b.Close(server))
		b.receives(client, "", "a close without unread bytes is the end")
		b.eventually("EPIPE", func() bool {
			_, err := b.Send(client, []byte("x"), 0)
			return errors.Is(err, syscall.EPIPE)
		})
		b.receives(client, "", "after EPIPE, recv still says the end")
	})
}
