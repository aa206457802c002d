package socket_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/genkan-http/genkan/socket"
)

func TestDatagrams(t *testing.T) {
	onEachFamily(t, func(t *testing.T, b *bench, f socket.Family) {
		server := b.socket(f, socket.DGRAM)
		b.must(b.Bind(server, b.place(f)))
		addr, err := b.Getsockname(server)
		b.must(err)
		client := b.socket(f, socket.DGRAM)
		if f == socket.UNIX { // a UNIX sender without a name cannot be answered
			b.must(b.Bind(client, socket.Unix(filepath.Join(b.folder, "client.sock"))))
		}
		for _, msg := range []string{"long message", "second"} {
			n, err := b.Sendto(client, []byte(msg), 0, addr)
			if n != len(msg) || err != nil {
				t.Fatalf("sendto = %d, %v", n, err)
			}
		}
		buf := make([]byte, 4)
		n, from, err := b.Recvfrom(server, buf, 0)
		if string(buf[:n]) != "long" || err != nil {
			t.Fatalf("recvfrom = %q, %v", buf[:n], err)
		}
		mine, err := b.Getsockname(client)
		b.must(err)
		if f != socket.UNIX && from.IP.Port() != mine.IP.Port() || f == socket.UNIX && from != mine {
			t.Errorf("from %v, want %v", from, mine)
		}
		n, _, err = b.Recvfrom(server, buf, 0)
		if string(buf[:n]) != "seco" || err != nil {
			t.Errorf("recvfrom = %q, %v: each message is for itself, and what does not fit is lost", buf[:n], err)
		}
		if _, _, err = b.Recvfrom(server, buf, socket.DONTWAIT); err != socket.ErrAgain {
			t.Errorf("recvfrom with nothing there: %v, want ErrAgain", err)
		}
		if _, err := b.Sendto(server, []byte("back"), 0, from); err != nil {
			t.Fatal(err)
		}
		b.receives(client, "back", "the address of recvfrom answers")
	})
}

func TestDatagramsToNobody(t *testing.T) {
	onBoth(t, func(t *testing.T, b *bench) {
		defer b.closeAll()
		server := b.socket(socket.INET, socket.DGRAM)
		b.must(b.Bind(server, tcp("127.0.0.1:0")))
		addr, err := b.Getsockname(server)
		b.must(err)
		b.must(b.Close(server))
		client := b.socket(socket.INET, socket.DGRAM)
		if n, err := b.Sendto(client, []byte("lost"), 0, addr); n != 4 || err != nil {
			t.Errorf("sendto nobody = %d, %v; want 4: UDP promises nothing", n, err)
		}
		b.must(b.Connect(client, addr))
		b.sends(client, "lost too")
		b.eventually("refusal", func() bool {
			_, err := b.Send(client, []byte("x"), 0)
			return errors.Is(err, syscall.ECONNREFUSED)
		})
		_, err = b.Sendto(client, make([]byte, 70000), 0, addr)
		if !errors.Is(err, syscall.EMSGSIZE) && !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("sendto of 70000 bytes: %v, want EMSGSIZE", err)
		}
	})
}
