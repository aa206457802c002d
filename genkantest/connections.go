package genkantest

import (
	"net"
	"net/http"
	"sync"
)

// connections knows which connections are open, by listening to ConnState.
type connections struct {
	mu   sync.Mutex
	open map[net.Conn]struct{}
}

// listening is ConnState, told before then, the test's own, is.
func (cs *connections) listening(then func(net.Conn, http.ConnState)) func(net.Conn, http.ConnState) {
	return func(c net.Conn, state http.ConnState) {
		cs.note(c, state)
		if then != nil {
			then(c, state)
		}
	}
}

func (cs *connections) note(c net.Conn, state http.ConnState) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	switch state {
	case http.StateNew:
		if cs.open == nil {
			cs.open = map[net.Conn]struct{}{}
		}
		cs.open[c] = struct{}{}
	case http.StateHijacked, http.StateClosed:
		delete(cs.open, c)
	}
}

func (cs *connections) now() (all []net.Conn) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	for c := range cs.open {
		all = append(all, c)
	}
	return all
}

// CloseClientConnections cuts the connections that are open, whatever happens
// on them, and leaves the server as it is: new ones are served. Those that a
// handler has hijacked are the handler's. It does not wait for handlers, whose
// next read or write fails; with TLS, where a connection ends with a message,
// it may wait a few seconds for a client that reads nothing.
func (s *Server) CloseClientConnections() {
	var closing sync.WaitGroup
	defer closing.Wait()
	for _, c := range s.connections.now() {
		closing.Go(func() { c.Close() })
	}
}
