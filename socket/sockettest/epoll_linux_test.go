package sockettest_test

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/socket/sockettest"
)

// poller is what epoll(7) and the Poller have in common.
type poller interface {
	Add(fd socket.FD, key uint64, listener bool) error
	Mod(fd socket.FD, key uint64, wantWrite bool) error
	Wait(ready []sockettest.Ready, block bool) (int, error)
}

// epoll is the real thing, the shortest way.
type epoll int

const edges = unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLET

func (e epoll) Add(fd socket.FD, key uint64, listener bool) error {
	ev := unix.EpollEvent{Events: edges, Fd: int32(key)}
	if listener {
		ev.Events = unix.EPOLLIN
	}
	return unix.EpollCtl(int(e), unix.EPOLL_CTL_ADD, int(fd), &ev)
}

func (e epoll) Mod(fd socket.FD, key uint64, wantWrite bool) error {
	ev := unix.EpollEvent{Events: edges, Fd: int32(key)}
	if wantWrite {
		ev.Events |= unix.EPOLLOUT
	}
	return unix.EpollCtl(int(e), unix.EPOLL_CTL_MOD, int(fd), &ev)
}

func (e epoll) Wait(ready []sockettest.Ready, _ bool) (int, error) {
	evs := make([]unix.EpollEvent, len(ready))
	n, err := unix.EpollWait(int(e), evs, 0)
	for i, ev := range evs[:max(n, 0)] {
		const hup = unix.EPOLLHUP | unix.EPOLLERR | unix.EPOLLRDHUP
		ready[i] = sockettest.Ready{
			Key:   uint64(ev.Fd),
			Read:  ev.Events&(unix.EPOLLIN|hup) != 0,
			Write: ev.Events&(unix.EPOLLOUT|unix.EPOLLHUP|unix.EPOLLERR) != 0,
			Hup:   ev.Events&hup != 0,
		}
	}
	return n, err
}

// One story, told to both: what epoll reports, the Poller reports.
func TestPollerIsEpoll(t *testing.T) {
	memory := sockettest.New()
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	for _, f := range []socket.Endpoint{{Addr: socket.TCP(addrOf("127.0.0.1:0"))}, {Addr: socket.Unix("@genkan-test-epoll")}} {
		t.Run(f.Addr.Family.String()+"/memory", func(t *testing.T) { tell(t, memory, memory.NewPoller(), f) })
		t.Run(f.Addr.Family.String()+"/os", func(t *testing.T) { tell(t, socket.OS, epoll(fd), f) })
	}
}

func tell(t *testing.T, k socket.Kernel, p poller, at socket.Endpoint) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(want sockettest.Ready, why string) {
		t.Helper()
		ready := make([]sockettest.Ready, 4)
		n := 0
		// What is wanted may take a moment on the real kernel; that nothing
		// comes cannot be waited for, and is looked at once.
		for end := time.Now().Add(5 * time.Second); n == 0 && time.Now().Before(end); {
			var err error
			n, err = p.Wait(ready, false)
			must(err)
			if want == (sockettest.Ready{}) {
				break
			}
		}
		if n > 1 || ready[0] != want {
			t.Fatalf("ready: %+v, want %+v: %s", ready[:n], want, why)
		}
	}
	nothing := sockettest.Ready{}
	buf := make([]byte, 1<<20)

	l, addr, err := socket.Open(k, at, 0)
	must(err)
	defer k.Close(l)
	must(p.Add(l, 7, true))
	want(nothing, "nobody yet")
	client, err := k.Socket(addr.Family, socket.STREAM)
	must(err)
	must(k.Connect(client, addr))
	want(sockettest.Ready{Key: 7, Read: true}, "somebody is in the queue")
	want(sockettest.Ready{Key: 7, Read: true}, "level-triggered")
	server, _, err := k.Accept(l, socket.NONBLOCK)
	must(err)
	defer k.Close(server)
	want(nothing, "the queue is empty")

	must(p.Add(server, 8, false))
	want(nothing, "nothing has arrived")
	_, err = k.Send(client, []byte("hello"), 0)
	must(err)
	want(sockettest.Ready{Key: 8, Read: true}, "bytes")
	want(nothing, "an edge comes once, though the bytes are still there")
	must(p.Mod(server, 8, true))
	want(sockettest.Ready{Key: 8, Read: true, Write: true}, "Mod reports anew")
	_, err = k.Recv(server, buf, 0)
	must(err)
	for err == nil {
		_, err = k.Send(server, buf, 0)
	}
	if err != socket.ErrAgain {
		t.Fatal(err)
	}
	for drained := 0; drained < 1; {
		if _, err := k.Recv(client, buf, socket.DONTWAIT); err == socket.ErrAgain {
			drained++
		}
	}
	want(sockettest.Ready{Key: 8, Write: true}, "room, after a send found none")
	must(k.Shutdown(client, socket.SHUT_WR))
	want(sockettest.Ready{Key: 8, Read: true, Write: true, Hup: true}, "the end")
	must(p.Mod(server, 8, false))
	want(sockettest.Ready{Key: 8, Read: true, Hup: true}, "the end is still there")
	must(k.Close(client))
}
