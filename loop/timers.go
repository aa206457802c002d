package loop

import "time"

// timers is a loop's list of connections at rest, by when to look at them: a
// binary heap, under the loop's mutex.
//
// It is lazy. A request moves its connection's deadline by storing a number;
// the heap learns of it only when the old time has come and it looks. So the
// heap costs something per connection, nothing per request.
type timers struct {
	heap  []*Conn
	timer *time.Timer
	next  int64 // when the timer fires; 0: it does not
}

// The timer fires this much after the first deadline, so that connections that
// began to rest at about the same time cost one wake-up together.
const timerSlack = int64(5 * time.Millisecond)

// restUntil gives the connection up until the deadline. False: something came
// in between, and the caller still owns it.
func (c *Conn) restUntil(deadline Instant) bool {
	c.deadline.Store(int64(deadline))
	return c.release()
}

// release gives the connection up until the deadline it has.
//
// The order is what makes it safe beside expire, which first takes the
// connection off the heap and then tries to own it: either expire's claim
// comes after our rest, and succeeds, or our look at c.at comes after expire's
// removal, and puts it back (interleave_test.go).
func (c *Conn) release() bool {
	l, at := c.loop, c.deadline.Load()
	if !c.claim.rest() {
		return false
	}
	// From here on somebody else may own c, and may have closed it.
	if look := c.at.Load(); at != 0 && (look == 0 || look > at) {
		l.mu.Lock()
		if at = c.deadline.Load(); at != 0 && !c.claim.has(shut) {
			l.timers.put(c, at)
			l.setTimer()
		}
		l.mu.Unlock()
	}
	return true
}

// setTimer makes the timer fire for the first of the heap. l.mu is held.
func (l *Loop) setTimer() {
	t := &l.timers
	if len(t.heap) == 0 || l.group.stopping.Load() {
		return
	}
	at := t.heap[0].at.Load()
	if t.next != 0 && t.next <= at {
		return
	}
	t.next = at
	d := time.Duration(Instant(at+timerSlack) - InstantOf(time.Now()))
	if t.timer == nil {
		t.timer = time.AfterFunc(d, l.expire)
	} else {
		t.timer.Reset(d)
	}
}

// expire looks at what is due, on the timer's goroutine.
func (l *Loop) expire() {
	if !l.group.enterAlive() {
		return
	}
	defer l.group.leaveAlive()
	var due []*Conn
	l.mu.Lock()
	now := int64(InstantOf(time.Now()))
	t := &l.timers
	t.next = 0
	for len(t.heap) > 0 && t.heap[0].at.Load() <= now {
		c := t.heap[0]
		t.remove(c)
		if at := c.deadline.Load(); at > now {
			t.put(c, at) // it has moved since
			continue
		}
		if c.claim.take() {
			due = append(due, c)
		}
	}
	l.setTimer()
	l.mu.Unlock()
	for _, c := range due {
		l.expired(c, now)
	}
}

func (l *Loop) expired(c *Conn, now int64) {
	if at := c.deadline.Load(); at == 0 || at > now {
		// It was served between the look and the claim: rest as before.
		l.outside(c, func(Code, *Runner) Ending { return Rest(Instant(at)) })
		return
	}
	l.outside(c, Code.Expired)
}

// put inserts c, or moves it, to be looked at at.
func (t *timers) put(c *Conn, at int64) {
	c.at.Store(at)
	if c.index < 0 {
		c.index = int32(len(t.heap))
		t.heap = append(t.heap, c)
	}
	t.fix(int(c.index))
}

func (t *timers) remove(c *Conn) {
	i, last := int(c.index), len(t.heap)-1
	if i < 0 {
		return
	}
	t.swap(i, last)
	t.heap[last] = nil
	t.heap = t.heap[:last]
	c.index = -1
	c.at.Store(0)
	if i < last {
		t.fix(i)
	}
}

func (t *timers) fix(i int) {
	for i > 0 && t.less(i, (i-1)/2) {
		t.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(t.heap); child++ {
			if t.less(child, least) {
				least = child
			}
		}
		if least == i {
			return
		}
		t.swap(i, least)
		i = least
	}
}

func (t *timers) less(i, j int) bool { return t.heap[i].at.Load() < t.heap[j].at.Load() }

func (t *timers) swap(i, j int) {
	h := t.heap
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = int32(i), int32(j)
}
