package genkan

import (
	"sync/atomic"
	"time"
)

// Which deadline applies in which phase of a connection:
//
//	phase     begins with                        deadline                            then
//	────────  ─────────────────────────────────  ──────────────────────────────────  ──────────────
//	handshake accept                             10 s                                close
//	proxy     accept, from a trusted proxy       3 s                                 close
//	new       accept                             ReadHeaderTimeout, 10 s             close
//	head      the first byte of a request        ReadHeaderTimeout, 10 s (the first  408, close
//	                                             request's counts from accept)
//	active    the head is whole
//	 recv     the handler waits for its body     30 s without a byte; 5 s + 1 s for  the read fails, close
//	                                             each 240 bytes, all waits together
//	 send     the peer does not take the answer  the same                            the write fails, close
//	 unread   the handler left body unread       2 s                                 close
//	idle      the answer is sent                 IdleTimeout, 75 s                   close
//	linger    an answer that ends all is sent    2 s; 500 ms more once 256 KiB are   close
//	                                             thrown away, reading nothing
//
// ReadTimeout, where set, ends new, head and recv earlier; WriteTimeout, where
// set, send. Only time spent waiting for the peer counts as recv or send: a
// slow handler is nobody's breach.
const (
	headTimeout      = 10 * time.Second
	handshakeTimeout = 10 * time.Second
	proxyTimeout     = 3 * time.Second // the least, PROXY 2: it covers a retransmission
	idleTimeout      = 75 * time.Second
	stallTimeout     = 30 * time.Second
	graceTime        = 5 * time.Second
	slowestRate      = 240 // bytes a second, after the grace
	unreadTimeout    = 2 * time.Second
	lingerTimeout    = 2 * time.Second
	lingerUnread     = 500 * time.Millisecond
)

// or is the first of the settings that was made, or none of them: the default.
// Negative means no limit.
func or(otherwise time.Duration, settings ...time.Duration) time.Duration {
	for _, s := range settings {
		if s != 0 {
			return s
		}
	}
	return otherwise
}

func (srv *Server) headTime() time.Duration {
	d := or(headTimeout, srv.ReadHeaderTimeout, srv.ReadTimeout)
	if srv.ReadTimeout > 0 && (d <= 0 || srv.ReadTimeout < d) {
		d = srv.ReadTimeout // the head is part of the whole
	}
	return d
}

func (srv *Server) idleTime() time.Duration {
	return or(idleTimeout, srv.IdleTimeout, srv.ReadTimeout)
}

// after is now + d, or no deadline for a d that is none.
func after(now time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return time.Time{}
	}
	return now.Add(d)
}

// sooner is the first of two deadlines, of which each may be none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// pace is how one direction of one message keeps its time: how much has moved,
// and how long we have waited for the peer altogether.
type pace struct {
	bytes  int64
	waited time.Duration
}

// deadline is how long the peer may keep us waiting now, hard being the
// deadline that the server's fields set, or none. tooSlow: who misses it was
// too slow all in all, and did not merely stall.
func (p *pace) deadline(now, hard time.Time) (at time.Time, tooSlow bool) {
	budget := graceTime + time.Duration(p.bytes)*(time.Second/slowestRate) - p.waited
	if p.bytes > 1<<40 { // the product would not fit, and 140 years are enough
		budget = stallTimeout
	}
	at = sooner(now.Add(min(budget, stallTimeout)), hard)
	return at, budget < stallTimeout && !at.Equal(hard)
}

// bound is a deadline that comes from the server's fields, and that the
// handler may move (http.ResponseController), also while somebody waits for
// it. What the handler has moved is the only bound there is: it knows better
// how fast its peer may be.
type bound struct {
	at    atomic.Pointer[time.Time] // nil: none
	moved atomic.Bool
}

func (b *bound) set(at time.Time) {
	if at.IsZero() {
		b.at.Store(nil)
		return
	}
	b.at.Store(&at)
}

func (b *bound) move(at time.Time) {
	b.set(at)
	b.moved.Store(true)
}

func (b *bound) get() (at time.Time) {
	if p := b.at.Load(); p != nil {
		at = *p
	}
	return at
}

// until is how long the peer may keep us waiting now.
func (p *pace) until(now time.Time, b *bound) (at time.Time, tooSlow bool) {
	if b.moved.Load() {
		return b.get(), false
	}
	return p.deadline(now, b.get())
}
