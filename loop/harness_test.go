package loop

import (
	"io"
	"net/netip"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/socket/sockettest"
)

// memoryPoller is sockettest's poller as ours.
type memoryPoller struct {
	*sockettest.Poller
	ready [readyMax]sockettest.Ready

	refuses atomic.Bool // to add anything
}

func (p *memoryPoller) Add(fd socket.FD, key uint64, level bool) error {
	if p.refuses.Load() {
		return syscall.ENOMEM
	}
	return p.Poller.Add(fd, key, level)
}

func (p *memoryPoller) Wait(ready []Ready, block bool) (n int, waited bool, err error) {
	n, err = p.Poller.Wait(p.ready[:len(ready)], block)
	for i := range n {
		ready[i] = Ready(p.ready[i])
	}
	return n, true, err
}

// house is a group on a kernel in memory with one listener, whose connections
// run the letters that they receive, one handler a letter (see letters.handle).
type house struct {
	t      *testing.T
	kernel *sockettest.Kernel
	group  *Group
	poller *memoryPoller // the last that was made
	addr   socket.Addr
	ln     *Listener
	fd     socket.FD
	gate   chan struct{} // what the letter b blocks on

	lost    atomic.Int32 // handlers that came back without the baton
	gone    atomic.Int32
	expired atomic.Int32
	logged  atomic.Int32
	rest    time.Duration
	size    int // of a recv; 1, so that what w waits for is not taken by the turn itself
}

func newHouse(t *testing.T, o Options) *house {
	t.Helper()
	h := &house{t: t, kernel: sockettest.New(), gate: make(chan struct{}), rest: time.Hour, size: 1}
	o.Kernel = h.kernel
	o.NewPoller = func() (Poller, error) {
		h.poller = &memoryPoller{Poller: h.kernel.NewPoller()}
		return h.poller, nil
	}
	o.Log = func(format string, args ...any) {
		h.logged.Add(1)
		t.Logf(format, args...)
	}
	var err error
	if h.group, err = New(o); err != nil {
		t.Fatal(err)
	}
	e := socket.Endpoint{Addr: socket.TCP(netip.MustParseAddrPort("127.0.0.1:0")), Inherited: -1}
	if h.fd, h.addr, err = socket.Open(h.kernel, e, 0); err != nil {
		t.Fatal(err)
	}
	h.ln, err = h.group.Listen(h.fd, func(fd socket.FD, _ socket.Addr) {
		c := &letters{house: h}
		if err := h.group.Add(&c.Conn, fd, c, InstantOf(time.Now()).After(h.rest)); err != nil {
			t.Errorf("adding a connection: %v", err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// close ends the house and checks that nothing of it is left.
func (h *house) close() {
	h.t.Helper()
	h.ln.Stop()
	h.kernel.Close(h.fd)
	h.group.Each(func(c *Conn) bool { c.Kill(); return true })
	h.group.Stop()
	select {
	case <-h.group.Done():
	case <-time.After(10 * time.Second):
		buf := make([]byte, 1<<16)
		h.t.Fatalf("goroutines of a stopped group go on:\n%s", buf[:runtime.Stack(buf, true)])
	}
	if open := h.kernel.Open(); len(open) > 0 {
		h.t.Errorf("descriptors left open: %v", open)
	}
}

func (h *house) dial() *sockettest.Conn {
	h.t.Helper()
	c, err := h.kernel.Dial(h.addr)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

// say sends letters and reads the answer that they should have.
func (h *house) say(c *sockettest.Conn, letters, want string) {
	h.t.Helper()
	if _, err := io.WriteString(c, letters); err != nil {
		h.t.Errorf("sending %q: %v", letters, err)
		return
	}
	h.hear(c, want)
}

func (h *house) hear(c *sockettest.Conn, want string) {
	h.t.Helper()
	c.SetReadDeadline(time.Now().Add(10 * time.Second))
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c, got); err != nil || string(got) != want {
		h.t.Errorf("heard %q, %v; want %q", got[:n], err, want)
	}
}

// hogs is how long the letters c, d and e compute.
const hogs = 300 * time.Millisecond

// letters is the code of a connection in these tests.
type letters struct {
	Conn
	house *house
}

func (c *letters) Turn(r *Runner) Ending {
	buf := make([]byte, c.house.size)
	for {
		n, err := c.Recv(buf)
		switch {
		case err == socket.ErrAgain:
			return Rest(InstantOf(time.Now()).After(c.house.rest))
		case err != nil || n == 0:
			c.Close()
			return Closed()
		}
		for _, letter := range buf[:n] {
			if !c.handle(r, letter) {
				c.Close()
				return Closed()
			}
		}
	}
}

func (c *letters) handle(r *Runner, letter byte) (ok bool) {
	key := uint32(letter) << 8
	likely, _ := r.Blocks(key)
	if likely {
		r.Pass()
	}
	turn := r.Enter(key)
	answer := letter
	switch letter {
	case 'b':
		<-c.house.gate
	case 'c', 'd', 'e':
		for began := time.Now(); time.Since(began) < hogs; {
		}
	case 'x':
		defer c.Close()
		runtime.Goexit()
	case 'w': // wait for one more letter, as a body does
		var more [1]byte
		for {
			n, err := c.Recv(more[:])
			if err == socket.ErrAgain {
				turn.Pass()
				if err = c.WaitRead(time.Now().Add(time.Second)); err == nil {
					continue
				}
			}
			if err != nil {
				answer = '!'
			} else if n == 1 {
				answer = more[0] - 'a' + 'A'
			}
			break
		}
	}
	lost := r.Leave(turn)
	if lost {
		c.house.lost.Add(1)
	}
	return c.send(r, answer) == nil
}

func (c *letters) send(r *Runner, answer byte) error {
	for {
		_, err := c.Send([]byte{answer}, false)
		if err != socket.ErrAgain {
			return err
		}
		r.Pass()
		if err := c.WaitWrite(time.Now().Add(time.Second)); err != nil {
			return err
		}
	}
}

func (c *letters) Expired(*Runner) Ending {
	c.house.expired.Add(1)
	c.Close()
	return Closed()
}

func (c *letters) Gone() { c.house.gone.Add(1) }

// eventually polls until ok, or fails the test after ten seconds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for began := time.Now(); !ok(); time.Sleep(time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}
