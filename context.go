package genkan

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// requestContext is the context of one request. It ends when the handler
// returns or the peer goes. Most handlers never ask for its end, so the channel
// is made at the first question.
type requestContext struct {
	ex *exchange

	mu    sync.Mutex
	done  chan struct{}
	err   error
	after map[*func()]func() // what AfterFunc registered
	stop  func() bool        // ends the watch over the parent
	addr  net.Addr

	// Over a net.Conn somebody has to look whether the peer is still there:
	// once the handler wants to know, and once the body has been read.
	asked, read bool
	settled     bool // the connection is not ours to ask any more
}

// ServerContextKey is a key of a request's context: its value is the *Server.
// (http.ServerContextKey's is an *http.Server, as handlers expect: a stand-in
// that serves nothing and has the fields of the real one.)
var ServerContextKey = &contextKey{"genkan-server"}

type contextKey struct{ name string }

func (k *contextKey) String() string { return "genkan context value " + k.name }

var closedChannel = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

func (x *requestContext) parent() context.Context { return x.ex.c.base }

func (x *requestContext) Deadline() (time.Time, bool) { return x.parent().Deadline() }

func (x *requestContext) Done() <-chan struct{} {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.follow()
	if x.done == nil {
		if x.err != nil {
			x.done = closedChannel
		} else {
			x.done = make(chan struct{})
		}
	}
	return x.done
}

func (x *requestContext) Err() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.follow()
	return x.err
}

// follow makes the end of the parent our end. x.mu is held.
func (x *requestContext) follow() {
	parent := x.parent()
	if !x.asked {
		x.asked = true
		x.watchPeer()
	}
	if x.stop != nil || x.err != nil || parent.Done() == nil {
		return
	}
	if err := parent.Err(); err != nil {
		x.end(err)
		return
	}
	x.stop = context.AfterFunc(parent, func() { x.cancel(parent.Err()) })
}

// bodyRead says that no more of the body will be received.
func (x *requestContext) bodyRead() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.read = true
	x.watchPeer()
}

// watchPeer has the transport look, if it is time. x.mu is held, and once the
// exchange is over x.err is set: so no watch begins after it.
func (x *requestContext) watchPeer() {
	if x.asked && x.read && x.err == nil && !x.settled {
		x.ex.c.tr.watchPeer(func() { x.cancel(context.Canceled) })
	}
}

// AfterFunc is what package context looks for, to follow a context of another
// package's without a goroutine.
func (x *requestContext) AfterFunc(f func()) (stop func() bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.follow()
	if x.err != nil {
		go f()
		return func() bool { return false }
	}
	if x.after == nil {
		x.after = map[*func()]func(){}
	}
	key := &f
	x.after[key] = f
	return func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		_, there := x.after[key]
		delete(x.after, key)
		return there
	}
}

func (x *requestContext) Value(key any) any {
	switch key {
	case http.ServerContextKey:
		return x.ex.c.srv.standIn
	case ServerContextKey:
		return x.ex.c.srv
	case http.LocalAddrContextKey:
		return x.localAddr()
	}
	return x.parent().Value(key)
}

func (x *requestContext) localAddr() net.Addr {
	x.mu.Lock()
	defer x.mu.Unlock()
	// After the handler the descriptor may be somebody else's. It is not closed
	// before done is set and cancel has had the lock.
	if x.addr == nil && !x.settled && !x.ex.done.Load() {
		x.addr = x.ex.c.localAddr()
	}
	return x.addr
}

// settle asks the connection the last time, before it is given away.
func (x *requestContext) settle() {
	addr := x.localAddr()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.addr, x.settled = addr, true
}

// cancel ends the context. Only the first call counts.
func (x *requestContext) cancel(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.end(err)
}

func (x *requestContext) end(err error) {
	if x.err != nil {
		return
	}
	x.err = err
	if x.done != nil {
		close(x.done)
	}
	if x.stop != nil {
		x.stop()
	}
	for _, f := range x.after {
		go f()
	}
	x.after = nil
}
