package loop

import (
	"io"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/genkan-http/genkan/socket/sockettest"
)

func TestQuickHandlersKeepTheBaton(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		c := h.dial()
		for range 100 {
			h.say(c, "abc"[:1], "a")
		}
		if n := h.lost.Load(); n != 0 {
			t.Errorf("%d of 100 quick handlers lost the baton, want 0: a hand-over is what they must not cost", n)
		}
		c.Close()
	})
}

func TestBlockedHandlerDelaysOthersByTwoLooksAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		blocked, other := h.dial(), h.dial()
		io.WriteString(blocked, "b")
		synctest.Wait() // inside the handler
		began := time.Now()
		h.say(other, "q", "q")
		if d := time.Since(began); d > 2*lookEvery {
			t.Errorf("the other connection waited %v, want at most two looks, %v", d, 2*lookEvery)
		}
		close(h.gate)
		h.hear(blocked, "b")
		if n := h.lost.Load(); n != 1 {
			t.Errorf("%d handlers lost the baton, want the one that blocked", n)
		}
		// It is known now: the next one delays nobody at all.
		h.gate = make(chan struct{})
		io.WriteString(blocked, "b")
		synctest.Wait()
		began = time.Now()
		h.say(other, "q", "q")
		if d := time.Since(began); d != 0 {
			t.Errorf("the other connection waited %v behind a handler known to block, want 0", d)
		}
		close(h.gate)
		h.hear(blocked, "b")
		blocked.Close()
		other.Close()
	})
}

func TestHandlerThatNeverReturnsLeavesTheRestServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		var stuck []*sockettest.Conn
		for range 50 {
			c := h.dial()
			io.WriteString(c, "b")
			stuck = append(stuck, c)
		}
		c := h.dial()
		h.say(c, "q", "q")
		h.group.Stop()
		select {
		case <-h.group.Done():
			t.Error("Done while 50 handlers have not returned")
		case <-time.After(time.Minute):
		}
		close(h.gate)
		for _, c := range stuck {
			h.hear(c, "b")
			c.Close()
		}
		c.Close()
		h.close()
	})
}

func TestGoexitInAHandlerLosesNoBaton(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		quiet := h.dial()
		began := time.Now()
		for range 20 {
			c := h.dial()
			io.WriteString(c, "x")
			if _, err := c.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("read %v after Goexit, want EOF", err)
			}
			c.Close()
			h.say(quiet, "q", "q")
		}
		if d := time.Since(began); d != 0 {
			t.Errorf("it took %v, want 0: the baton is passed by the goroutine that exits, not found by the watchman", d)
		}
		quiet.Close()
	})
}

func TestWaitingForBytesPassesTheBaton(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		c, other := h.dial(), h.dial()
		io.WriteString(c, "w")
		synctest.Wait()
		began := time.Now()
		h.say(other, "q", "q")
		if d := time.Since(began); d != 0 {
			t.Errorf("the other waited %v behind one that waits for bytes, want 0: it passes the baton first", d)
		}
		h.say(c, "z", "Z")
		h.say(c, "w", "!") // nothing comes: the wait has a deadline
		if d := time.Since(began); d != time.Second {
			t.Errorf("the wait took %v, want its deadline, 1 s", d)
		}
		h.say(c, "q", "q")
		c.Close()
		other.Close()
	})
}

func TestFullSendBufferPassesTheBaton(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		c, other := h.dial(), h.dial()
		c.SetRecvBuffer(1)
		go io.WriteString(c, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
		synctest.Wait()
		h.say(other, "q", "q")
		h.hear(c, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
		c.Close()
		other.Close()
	})
}

func TestRestEndsAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 2})
		defer h.close()
		h.rest = 10 * time.Second
		began := time.Now()
		idle, busy := h.dial(), h.dial()
		for range 3 { // a request moves the deadline: 4 s, 8 s, 12 s
			time.Sleep(4 * time.Second)
			h.say(busy, "q", "q")
		}
		if _, err := idle.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the idle one: %v, want EOF", err)
		}
		if d := time.Since(began); d != 12*time.Second {
			t.Errorf("it is %v, and the idle one should have ended before", d)
		}
		if n := h.expired.Load(); n != 1 {
			t.Errorf("%d expired at 12 s, want the idle one, at 10 s", n)
		}
		busy.SetReadDeadline(time.Time{})
		if _, err := busy.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the busy one: %v, want EOF", err)
		}
		if d := time.Since(began) - 22*time.Second; d < 0 || d > 2*time.Duration(timerSlack) {
			t.Errorf("the busy one ended %v after 10 s of rest, want 0 to %v", d, 2*time.Duration(timerSlack))
		}
		idle.Close()
		busy.Close()
	})
}

func TestRestThatBeginsAfterTheTimerLookedStillEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		h.rest = 10 * time.Second
		began := time.Now()
		c := h.dial()
		io.WriteString(c, "b")
		time.Sleep(15 * time.Second) // the timer has looked, and found it owned
		close(h.gate)
		h.hear(c, "b")
		c.SetReadDeadline(time.Time{})
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("read %v, want EOF", err)
		}
		if d := time.Since(began) - 25*time.Second; d < 0 || d > 2*time.Duration(timerSlack) {
			t.Errorf("it ended %v after 10 s of rest, want 0 to %v", d, 2*time.Duration(timerSlack))
		}
		c.Close()
	})
}

func TestIdleGroupDoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 2})
		defer h.close()
		c := h.dial()
		h.say(c, "q", "q")
		time.Sleep(time.Second)
		synctest.Wait()
		if !h.group.watchman.asleep.Load() {
			t.Error("the watchman is awake after a second without a request: an idle server must use no CPU")
		}
		h.say(c, "q", "q")
		c.Close()
	})
}

func TestQuietGroupKeepsFewGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		var blocked []*sockettest.Conn
		for range 30 {
			c := h.dial()
			io.WriteString(c, "b")
			blocked = append(blocked, c)
		}
		time.Sleep(100 * time.Millisecond)
		close(h.gate)
		for _, c := range blocked {
			h.hear(c, "b")
			c.Close()
		}
		time.Sleep(time.Second)
		h.group.idle.mu.Lock()
		n := len(h.group.idle.parked)
		h.group.idle.mu.Unlock()
		if n > 2 {
			t.Errorf("%d goroutines wait for work a second after 30 handlers blocked, want 2 at most", n)
		}
	})
}

func TestAcceptingPausesAtTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1, MaxConns: 3})
		defer h.close()
		var in []*sockettest.Conn
		for range 3 {
			c := h.dial()
			h.say(c, "q", "q")
			in = append(in, c)
		}
		out := h.dial() // the kernel's queue takes it
		io.WriteString(out, "q")
		synctest.Wait()
		if n := h.group.Conns(); n != 3 {
			t.Errorf("%d connections, want the limit, 3", n)
		}
		in[0].Close()
		h.hear(out, "q")
		out.Close()
		in[1].Close()
		in[2].Close()
	})
}

func TestAcceptingSurvivesErrors(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOBUFS, syscall.ECONNABORTED, syscall.EINTR} {
		t.Run(errno.Error(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHouse(t, Options{Loops: 1})
				defer h.close()
				old := h.dial()
				h.say(old, "q", "q")
				h.kernel.Fault(sockettest.Fault{Call: "accept", N: h.kernel.Calls("accept") + 1, Err: errno})
				c := h.dial()
				h.say(old, "q", "q") // those that are open go on
				if errno != syscall.ECONNABORTED {
					h.say(c, "q", "q") // and it recovers
				}
				h.kernel.ClearFaults()
				late := h.dial()
				h.say(late, "q", "q")
				late.Close()
				c.Close()
				old.Close()
			})
		})
	}
}

// TestAcceptingResumes: that the poller, too, has no memory when accepting is to
// go on, is no end of it, and is not told more often than once a second.
func TestAcceptingResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		h.kernel.Fault(sockettest.Fault{Call: "accept", N: h.kernel.Calls("accept") + 1, Err: syscall.ENOMEM})
		h.poller.refuses.Store(true)
		c := h.dial()
		time.Sleep(5 * time.Second)
		h.poller.refuses.Store(false)
		h.say(c, "q", "q")
		c.Close()
		if n := h.logged.Load(); n < 5 || n > 6 {
			t.Errorf("told %d times in 5 s, want once a second", n)
		}
	})
}

func TestKillEndsWhoeverOwns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 2})
		resting, waiting := h.dial(), h.dial()
		h.say(resting, "q", "q")
		io.WriteString(waiting, "w")
		synctest.Wait()
		began := time.Now()
		h.close()
		for _, c := range []*sockettest.Conn{resting, waiting} {
			if _, err := c.Read(make([]byte, 2)); err == nil {
				t.Error("a killed connection said something")
			}
			c.Close()
		}
		if d := time.Since(began); d > 2*lookEvery {
			t.Errorf("it took %v; a wait of 1 s should have been woken", d)
		}
	})
}

func TestPeerThatLeavesIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		c := h.dial()
		io.WriteString(c, "b")
		synctest.Wait()
		time.Sleep(10 * time.Millisecond) // the watchman hands the baton on
		c.Close()
		synctest.Wait()
		if h.gone.Load() == 0 {
			t.Error("the owner was not told that the peer has gone")
		}
		close(h.gate)
	})
}

func TestEndInTheSameEdgeAsTheLastBytesIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, Options{Loops: 1})
		defer h.close()
		h.size = 8 // a short recv
		c, other := h.dial(), h.dial()
		h.say(c, "q", "q")
		io.WriteString(other, "b") // keeps the leader busy while both arrive
		synctest.Wait()
		io.WriteString(c, "q")
		c.CloseWrite()
		h.hear(c, "q")
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("read %v after we ended our side, want EOF: the server saw our end", err)
		}
		close(h.gate)
		h.hear(other, "b")
		c.Close()
		other.Close()
	})
}

// Many connections, many loops, all kinds of handlers, for real: what the
// race detector is for.
func TestStress(t *testing.T) {
	h := newHouse(t, Options{Loops: 3})
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 5 {
				c := h.dial()
				switch i % 4 {
				case 0, 1:
					for range 20 {
						h.say(c, "q", "q")
					}
				case 2:
					h.say(c, "w", "")
					h.say(c, "z", "Z")
				case 3:
					io.WriteString(c, "x")
					c.Read(make([]byte, 1))
				}
				c.Close()
			}
		}()
	}
	wg.Wait()
	eventually(t, "all connections are closed", func() bool { return h.group.Conns() == 0 })
	h.close()
}
