package sockettest_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/socket/sockettest"
)

// look is what the poller reports now, without waiting: "7r 8rw 9rh".
func look(t *testing.T, p *sockettest.Poller) string {
	t.Helper()
	ready := make([]sockettest.Ready, 8)
	n, err := p.Wait(ready, false)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range ready[:n] {
		s := fmt.Sprint(r.Key)
		if r.Read {
			s += "r"
		}
		if r.Write {
			s += "w"
		}
		if r.Hup {
			s += "h"
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

func TestPollerEdges(t *testing.T) {
	k, l, server, client := serve(t)
	p := k.NewPoller()
	want := func(want, why string) {
		t.Helper()
		if got := look(t, p); got != want {
			t.Fatalf("ready: %q, want %q: %s", got, want, why)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(p.Add(l, 7, true))
	client.Write([]byte("early"))
	must(p.Add(server, 8, false))
	want("8r", "what is ready at Add is reported")
	want("", "an edge is reported once")
	client.Write([]byte("more"))
	client.Write([]byte("more"))
	want("8r", "new bytes are an edge; two before a Wait are one")

	other, err := k.Dial(addr)
	must(err)
	want("7r", "somebody is in the queue")
	want("7r", "a listener is level-triggered")
	conn, _, err := k.Accept(l, socket.NONBLOCK)
	must(err)
	want("", "nobody is in the queue")

	must(p.Mod(server, 8, true))
	want("8rw", "Mod reports anew what is ready: unread bytes, and room")
	client.SetRecvBuffer(4)
	if n, err := k.Send(server, []byte("123456"), 0); n != 4 || err != nil {
		t.Fatalf("send = %d, %v", n, err)
	}
	want("", "no room")
	if n, err := client.Read(make([]byte, 9)); n != 4 || err != nil {
		t.Fatalf("read = %d, %v", n, err)
	}
	want("8rw", "room again, after a send that found too little")

	client.CloseWrite()
	want("8rwh", "the end is an edge")
	must(p.Del(server))
	client.Close()
	want("", "forgotten")
	must(p.Add(server, 9, false))
	want("9rh", "the end")

	must(p.Add(conn, 10, false))
	other.Reset()
	want("10rwh", "a reset: recv and send both have something to say")
	must(k.Close(conn))
	want("", "closed descriptors are forgotten")
	if err := p.Del(conn); err == nil {
		t.Error("Del of a closed descriptor succeeded")
	}
}

// After a fault the poller tells again, as the next bytes would.
func TestPollerAfterFaults(t *testing.T) {
	k, _, server, client := serve(t)
	p := k.NewPoller()
	if err := p.Add(server, 1, false); err != nil {
		t.Fatal(err)
	}
	client.Write([]byte("hello"))
	look(t, p)
	k.Fault(sockettest.Fault{Call: "recv", N: 1, Err: syscall.EAGAIN})
	if _, err := k.Recv(server, make([]byte, 9), 0); err != socket.ErrAgain {
		t.Fatalf("recv: %v, want ErrAgain", err)
	}
	if got := look(t, p); got != "1r" {
		t.Errorf("after a false EAGAIN: %q, want 1r, or a loop would wait for ever", got)
	}
	k.Fault(sockettest.Fault{Call: "recv", N: 2, Short: 1})
	k.Recv(server, make([]byte, 9), 0)
	if got := look(t, p); got != "1r" {
		t.Errorf("after a short recv: %q, want 1r: who takes fewer than asked for may stop there", got)
	}
}

func TestPollerWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, _, server, client := serve(t)
		p := k.NewPoller()
		if err := p.Add(server, 1, false); err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Hour)
			client.Write([]byte("x"))
			time.Sleep(time.Hour)
			p.Wake()
		}()
		start := time.Now()
		ready := make([]sockettest.Ready, 1)
		if n, err := p.Wait(ready, true); n != 1 || err != nil || time.Since(start) != time.Hour {
			t.Errorf("Wait = %d, %v after %v; want the byte after an hour (of the bubble)", n, err, time.Since(start))
		}
		for range 2 {
			if n, err := p.Wait(ready, true); n != 0 || err != nil || time.Since(start) != 2*time.Hour {
				t.Errorf("Wait = %d, %v after %v; want Wake after two hours, for good", n, err, time.Since(start))
			}
		}
		if p.Close() != nil {
			t.Error("Close failed")
		}
		if _, err := p.Wait(ready, true); err == nil {
			t.Error("Wait on a closed poller waited")
		}
	})
}
