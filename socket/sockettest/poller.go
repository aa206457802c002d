package sockettest

import (
	"errors"
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// Poller tells which descriptors are ready, as epoll(7) does. Listeners are
// level-triggered: reported as long as somebody is in the queue. Connections
// are edge-triggered: reported once for new bytes, the end, a reset, or room
// after a send that found too little.
//
// Like epoll it keeps, for each edge, only that there was one; what is ready is
// looked up when Wait reports it, and nothing is reported if it is over by then.
type Poller struct {
	k      *Kernel
	ready  []*watch // queued, in the order of their edges
	woken  bool
	closed bool
}

// Ready is one answer of a Poller.
type Ready struct {
	Key   uint64 // as given to Add
	Read  bool   // bytes, a connection, or the end of the stream
	Write bool   // room to send
	Hup   bool   // the peer has gone or will send no more
}

// watch is one poller's interest in one socket.
type watch struct {
	p         *Poller
	sock      *sock
	key       uint64
	listener  bool
	wantWrite bool
	queued    bool
}

var errClosed = errors.New("the poller is closed")

// NewPoller makes a poller with nothing in it. It is not a descriptor, and
// costs none.
func (k *Kernel) NewPoller() *Poller { return &Poller{k: k} }

// Add registers fd. What is ready already is reported.
func (p *Poller) Add(fd socket.FD, key uint64, listener bool) error {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	s, errno := p.k.sock(fd)
	switch {
	case p.closed:
		return errClosed
	case errno == 0 && p.find(s) != nil:
		errno = syscall.EEXIST
	}
	if errno != 0 {
		return refused("epoll_ctl add", fd, socket.Addr{}, errno)
	}
	w := &watch{p: p, sock: s, key: key, listener: listener}
	s.watches = append(s.watches, w)
	w.queue()
	return nil
}

// Mod says whether room to send is of interest. What is ready already is
// reported anew.
func (p *Poller) Mod(fd socket.FD, key uint64, wantWrite bool) error {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	w, errno := p.watch(fd)
	if errno != 0 {
		return refused("epoll_ctl mod", fd, socket.Addr{}, errno)
	}
	w.key, w.wantWrite = key, wantWrite
	w.queue()
	return nil
}

// Del forgets fd. Close of the descriptor does so too.
func (p *Poller) Del(fd socket.FD) error {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	w, errno := p.watch(fd)
	if errno != 0 {
		return refused("epoll_ctl del", fd, socket.Addr{}, errno)
	}
	w.forget()
	for i, other := range w.sock.watches {
		if other == w {
			w.sock.watches = append(w.sock.watches[:i:i], w.sock.watches[i+1:]...)
			break
		}
	}
	return nil
}

// Wait fills ready and returns how many it filled. With block it waits until
// there is at least one, or Wake or Close was called.
func (p *Poller) Wait(ready []Ready, block bool) (int, error) {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	for {
		if p.closed {
			return 0, errClosed
		}
		n := p.collect(ready)
		if n > 0 || !block || p.woken {
			return n, nil
		}
		p.k.changed.Wait()
	}
}

// Wake makes the present and each later Wait return at once.
func (p *Poller) Wake() {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	p.woken = true
	p.k.changed.Broadcast()
}

// Close forgets everything. A Wait that is under way returns an error.
func (p *Poller) Close() error {
	p.k.mu.Lock()
	defer p.k.mu.Unlock()
	p.closed = true
	p.ready = nil
	for _, o := range p.k.fds {
		if o.sock == nil {
			continue
		}
		kept := o.sock.watches[:0]
		for _, w := range o.sock.watches {
			if w.p != p {
				kept = append(kept, w)
			}
		}
		o.sock.watches = kept
	}
	p.k.changed.Broadcast()
	return nil
}

func (p *Poller) find(s *sock) *watch {
	for _, w := range s.watches {
		if w.p == p {
			return w
		}
	}
	return nil
}

func (p *Poller) watch(fd socket.FD) (*watch, syscall.Errno) {
	s, errno := p.k.sock(fd)
	if errno != 0 {
		return nil, errno
	}
	if w := p.find(s); w != nil {
		return w, 0
	}
	return nil, syscall.ENOENT
}

// collect moves what is queued and still ready into out. Listeners stay queued,
// behind all others, so that one crowd does not hide the rest.
func (p *Poller) collect(out []Ready) int {
	n := 0
	var again []*watch
	for n < len(out) && len(p.ready) > 0 {
		w := p.ready[0]
		p.ready = p.ready[1:]
		w.queued = false
		r := w.sock.readiness(w)
		if !r.Read && !r.Write && !r.Hup {
			continue
		}
		out[n] = r
		n++
		if w.listener {
			again = append(again, w)
		}
	}
	for _, w := range again {
		w.queue()
	}
	return n
}

// readiness is what s is ready for now.
func (s *sock) readiness(w *watch) Ready {
	r := Ready{Key: w.key}
	st := s.stream
	switch {
	case s.listening:
		r.Read = len(s.queue) > 0
	case s.typ == socket.DGRAM:
		r.Read = len(s.mail) > 0 || s.err != 0
		r.Write = w.wantWrite
	case st == nil:
		// Not connected (any more): EPOLLHUP.
		r.Read, r.Write, r.Hup = true, true, true
	default:
		r.Hup = st.fin || st.down || s.err != 0 || st.noRecv
		r.Read = len(s.in) > 0 || r.Hup
		gone := st.down || s.err != 0
		r.Write = gone || w.wantWrite && !st.connecting && (st.noSend || w.p.k.room(s) > 0)
	}
	return r
}

// edge tells everybody who waits for s, or watches it, that something happened.
func (k *Kernel) edge(s *sock) {
	for _, w := range s.watches {
		w.queue()
	}
	k.changed.Broadcast()
}

func (w *watch) queue() {
	if w.queued || w.p.closed {
		return
	}
	w.queued = true
	w.p.ready = append(w.p.ready, w)
	w.p.k.changed.Broadcast()
}

// forget takes w off its poller's list.
func (w *watch) forget() {
	for i, other := range w.p.ready {
		if other == w {
			w.p.ready = append(w.p.ready[:i:i], w.p.ready[i+1:]...)
			break
		}
	}
	w.queued = true // and an edge finds it so, and leaves it
}
