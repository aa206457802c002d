package learn

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"errors"
)

func TestStep6EchoesToEachSender(t *testing.T) {
	r := start(t, 6)
	a, b := r.dial("udp"), r.dial("udp")
	a.Write([]byte("from a"))
	b.Write([]byte("from b"))
	data := make([]byte, 4096)
	n, err := b.Read(data)
	want(t, string(data[:n]), "from b", "each datagram goes back to its sender")
	if err != nil {
		t.Fatal(err)
	}
	n, _ = a.Read(data)
	want(t, string(data[:n]), "from a", "and one socket serves both, without a connection: nobody waits for the silent")

	a.Write(nil)
	if n, err := a.Read(data); n != 0 || err != nil {
		t.Errorf("an empty datagram came back as %d bytes, %v; want an empty datagram: it is a message too", n, err)
	}
	a.Write([]byte(strings.Repeat("x", 3000)))
	if n, _ := a.Read(data); n != 2048 {
		t.Errorf("of 3000 bytes %d came back; want 2048: the rest is cut, as the text confesses", n)
	}
}

func TestStep6LosesForReal(t *testing.T) {
	r := start(t, 6)
	m := regexp.MustCompile(`overrun: recvfrom × (\d+): 1 .*; lost: (\d+)\n`).FindStringSubmatch(r.out.String())
	if m == nil {
		t.Fatalf("no line about the overrun in\n%s", r.out)
	}
	arrived, _ := strconv.Atoi(m[1])
	lost, _ := strconv.Atoi(m[2])
	if arrived == 0 || lost == 0 || arrived+lost != 20 {
		t.Errorf("%d arrived and %d were lost of 20; want some of both", arrived, lost)
	}
	for _, line := range []string{
		`cut:     sent "Hello, world", received "Hell"; then: nothing now`,
		"closed:  sendto: no error; sendto: no error\n",
		"closed:  connect; send: no error; send: connection refused\n",
	} {
		if !strings.Contains(r.out.String(), line) {
			t.Errorf("%q is not in\n%s", line, r.out)
		}
	}
}

func TestStep6IsNoStream(t *testing.T) {
	r := start(t, 6)
	c := r.dial("udp")
	c.Write([]byte("one"))
	c.Write([]byte("two"))
	data := make([]byte, 64)
	for _, message := range []string{"one", "two"} {
		n, _ := c.Read(data)
		want(t, string(data[:n]), message, "a sendto is a recvfrom: the borders are kept")
	}
	c.SetReadDeadline(time.Now().Add(notYet))
	if _, err := c.Read(data); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read ended with %v; want that nothing comes: no end is announced", err)
	}
}
