package genkan

import (
	"context"
	"sync"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/loop"
)

// RegisterOnShutdown has f called, on a goroutine of its own, when Shutdown begins.
func (srv *Server) RegisterOnShutdown(f func()) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.onShutdown = append(srv.onShutdown, f)
}

// Shutdown ends the server without cutting anybody off: it stops listening,
// closes connections that rest, answers what is being answered with
// "Connection: close", and waits until the last connection has gone and every
// goroutine of the server has returned, but for handlers that have taken their
// connection (Hijack): for those it does not wait. When ctx ends first it returns ctx's
// error, and the rest goes on; Close cuts it.
func (srv *Server) Shutdown(ctx context.Context) error {
	srv.begin()
	srv.stopListening(true)
	goneAway := make(chan error, 1)
	goAway := sync.OnceFunc(func() {
		engine := srv.engine()
		if engine == nil {
			goneAway <- nil
			return
		}
		go func() { goneAway <- engine.Shutdown(ctx) }()
	})
	wait := time.Millisecond
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		srv.closeIdle(http1.ServerShutdown)
		if srv.deciding.Load() == 0 {
			goAway() // not before those in a handshake have come: they are served, and told as well
		}
		if srv.Conns() == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			wait = min(2*wait, 100*time.Millisecond)
			timer.Reset(wait)
		}
	}
	goAway()
	if err := <-goneAway; err != nil {
		return err
	}
	g := srv.stopGroup()
	if g == nil || srv.hijackers.Load() > 0 {
		return nil // what handlers do with connections that they took is theirs
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-g.Done():
		return nil
	}
}

// Close ends the server at once: it stops listening and cuts every
// connection. It does not wait for handlers, whose next read or write fails.
func (srv *Server) Close() error {
	srv.begin()
	srv.stopListening(false)
	for _, c := range srv.directConns() {
		c.kill()
	}
	if engine := srv.engine(); engine != nil {
		engine.Close()
	}
	if g := srv.stopGroup(); g != nil {
		// A connection accepted in this moment is seen by the next round.
		for g.Conns() > 0 {
			killed := false
			g.Each(func(c *loop.Conn) bool {
				if !c.Killed() {
					killed = true
					c.Kill()
				}
				return true
			})
			if !killed {
				break
			}
		}
	}
	return nil
}

// Conns is how many connections are open.
func (srv *Server) Conns() int {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	n := len(srv.direct)
	if srv.group != nil {
		n += srv.group.Conns()
	}
	return n
}

func (srv *Server) stopListening(tell bool) {
	srv.mu.Lock()
	first := !srv.shutting.Swap(true)
	var stops []func()
	for l, stop := range srv.listeners {
		stops = append(stops, stop)
		delete(srv.listeners, l)
	}
	if tell && first {
		for _, f := range srv.onShutdown {
			go f()
		}
	}
	srv.mu.Unlock()
	for _, stop := range stops {
		stop()
	}
}

func (srv *Server) stopGroup() *loop.Group {
	srv.mu.Lock()
	g := srv.group
	srv.mu.Unlock()
	if g != nil {
		g.Stop()
	}
	return g
}

func (srv *Server) directConns() (all []*conn) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	for c := range srv.direct {
		all = append(all, c)
	}
	return all
}

// closeIdle closes the connections that rest between requests.
func (srv *Server) closeIdle(reason http1.CloseReason) {
	for _, c := range srv.directConns() {
		c.closeIfIdle(reason)
	}
	srv.mu.Lock()
	g := srv.group
	srv.mu.Unlock()
	if g == nil {
		return
	}
	g.Each(func(lc *loop.Conn) bool {
		lc.Visit(func(code loop.Code) loop.Ending { return code.(*conn).visitIdle(reason) })
		return true
	})
}
