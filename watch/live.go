package watch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/genkan-http/genkan/trace"
	"github.com/genkan-http/genkan/watch/record"
)

// LiveOptions say where the live page is and how much it remembers. The zero
// value is a page on a port of the kernel's choice, for this machine alone.
type LiveOptions struct {
	// Addr is where the page listens: a loopback address with its port, such as
	// "127.0.0.1:9090" or "[::1]:0", or a UNIX socket, "unix:/run/watch.sock",
	// which only its owner may open. Empty: "127.0.0.1:0". "localhost:9090" is
	// the first of the addresses that the machine's resolver has for it, all of
	// which must be loopback addresses. Others are refused: the page shows
	// everything that passes, and TLS protects only what it protects.
	Addr string

	// Exchanges and Bytes bound what is remembered, see [record.Options]; 0:
	// 100,000 exchanges and 64 MiB. StreamBytes is how much of each exchange, in
	// each direction; 0: 1 MiB.
	Exchanges   int
	Bytes       int64
	StreamBytes int64

	// ReplayAnywhere lets the page send requests again to other machines; else
	// to loopback addresses, localhost if that is such, and UNIX sockets alone.
	ReplayAnywhere bool

	// Target is where a request is sent again, "127.0.0.1:8000" or
	// "unix:/run/app.sock". Empty: where it was accepted.
	Target string
}

// Live is the live page of a watched server:
//
//	srv := &genkan.Server{Handler: h, Watch: watch.New(watch.LiveOptions{})}
//
// It listens by itself once the server begins, on an address of its own, never
// the server's. [Live.URL] is where to look, and holds a token that only who
// reads it has; the page sets a cookie for it. It records as fast as it can:
// what comes faster is lost, counted, and said; the server never waits for it.
type Live struct {
	o     LiveOptions
	ring  *trace.Ring
	store *record.Store
	token string

	begin sync.Once
	mu    sync.Mutex
	err   error
	addr  net.Addr
	path  string      // of a UNIX socket
	made  os.FileInfo // the file there
	srv   *http.Server

	ctx     context.Context // of all that the page does
	cancel  context.CancelFunc
	reader  *trace.Reader
	working sync.WaitGroup
	replays replays

	// What tests set to something else.
	lookup   func(ctx context.Context, host string) ([]netip.Addr, error)
	patience time.Duration // with who does not read the stream
	bounds   bounds        // of what is sent again
}

// ringBytes is how much of each call is taken: more than a server receives or
// sends at once.
const ringBytes = 256 << 10

// New makes a live page. Nothing is opened before the server begins, or URL is
// asked.
func New(o LiveOptions) *Live {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	l := &Live{
		o:     o,
		ring:  trace.NewRing(trace.Options{Events: 1 << 14, Bytes: ringBytes, MemoryLimit: 32 << 20}),
		store: record.New(record.Options{Exchanges: o.Exchanges, Bytes: o.Bytes, StreamBytes: o.StreamBytes, Secret: Secret, HTTP2: secrets2}),
		token: rand.Text(),

		lookup: lookup, patience: 30 * time.Second, bounds: replayBounds,
	}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.reader = l.ring.Reader()
	return l
}

// Ring is of [trace.Watcher]. It begins to listen; an error is what URL and
// Err say, for the server goes on without a page.
func (l *Live) Ring() *trace.Ring {
	l.start()
	return l.ring
}

// Store is what has been recorded.
func (l *Live) Store() *record.Store { return l.store }

// URL is where the page is, with the token that opens it; empty if it could not
// be opened, see Err. On a UNIX socket it is as curl's --unix-socket wants it,
// and Addr has the path.
func (l *Live) URL() string {
	l.start()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return ""
	}
	host := "localhost"
	if l.path == "" {
		host = l.addr.String()
	}
	return "http://" + host + "/?token=" + l.token
}

// Addr is where the page listens; nil if it does not.
func (l *Live) Addr() net.Addr {
	l.start()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.addr
}

// Err is why the page could not be opened; nil if it could.
func (l *Live) Err() error {
	l.start()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func (l *Live) start() {
	l.begin.Do(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.ctx.Err() != nil {
			l.err = net.ErrClosed
			return
		}
		l.working.Go(l.record)
		nc, err := l.listen()
		if err != nil {
			l.err = err
			return
		}
		l.addr = nc.Addr()
		if l.path != "" { // the socket itself knows the name that it was made under
			l.addr = &net.UnixAddr{Name: l.path, Net: "unix"}
		}
		l.srv = &http.Server{
			Handler:           l,
			ReadHeaderTimeout: 10 * time.Second,
			BaseContext:       func(net.Listener) context.Context { return l.ctx },
		}
		l.working.Go(func() { l.srv.Serve(nc) })
	})
}

// listen opens the page's address, if it is one that nobody else can reach.
func (l *Live) listen() (net.Listener, error) {
	if path, ok := strings.CutPrefix(l.o.Addr, "unix:"); ok {
		nc, made, err := listenPrivately(strings.TrimPrefix(path, "//"))
		if err != nil {
			return nil, fmt.Errorf("watch: listen %s: %w", l.o.Addr, err)
		}
		l.path, l.made = strings.TrimPrefix(path, "//"), made
		return nc, nil
	}
	host, port, err := net.SplitHostPort(l.o.Addr)
	if err != nil {
		return nil, fmt.Errorf("watch: %q is no address: %w; for example 127.0.0.1:0", l.o.Addr, err)
	}
	found, err := l.nearby(l.ctx, host)
	if err == errNotHere {
		return nil, fmt.Errorf("watch: %q is not a loopback address: the page shows all that passes, secrets too; use 127.0.0.1, [::1] or a path with unix: before it", l.o.Addr)
	}
	if err != nil {
		return nil, fmt.Errorf("watch: listen %s: %w", l.o.Addr, err)
	}
	var failed error
	for _, address := range joined(found, port) {
		nc, err := net.Listen("tcp", address)
		if err == nil {
			return nc, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, fmt.Errorf("watch: %w", failed)
}

// listenPrivately listens at a path that only its owner may open. What is there
// already stays, but for a socket at which nobody answers.
func listenPrivately(path string) (net.Listener, os.FileInfo, error) {
	switch before, err := os.Lstat(path); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, nil, err
	case before.Mode().Type() != os.ModeSocket:
		return nil, nil, errors.New("there is a file that is no socket")
	default:
		if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
			c.Close()
			return nil, nil, errors.New("somebody listens there already")
		}
	}
	// Between bind and chmod nobody else may come in: so it is made in a folder
	// that they cannot enter, on the same file system.
	dir, err := os.MkdirTemp(filepath.Dir(path), ".genkan-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	hidden := filepath.Join(dir, "s")
	nc, err := net.Listen("unix", hidden)
	if err != nil {
		return nil, nil, err
	}
	nc.(*net.UnixListener).SetUnlinkOnClose(false)
	var made os.FileInfo
	if err = os.Chmod(hidden, 0o600); err == nil {
		if err = os.Rename(hidden, path); err == nil {
			made, err = os.Lstat(path)
		}
	}
	if err != nil {
		nc.Close()
		return nil, nil, err
	}
	return nc, made, nil
}

// record takes the events out of the ring until Close.
func (l *Live) record() {
	for {
		e, lost, err := l.reader.Next(l.ctx)
		if err != nil {
			return
		}
		l.store.Lost(lost)
		l.store.Add(e)
	}
}

// Close ends the page and what it records, and waits for both. The watched
// server may go on; it is no longer seen.
func (l *Live) Close() error {
	l.mu.Lock()
	l.cancel()
	srv, path, made := l.srv, l.path, l.made
	l.mu.Unlock()
	var err error
	if srv != nil {
		err = srv.Close()
	}
	if now, lerr := os.Lstat(path); path != "" && lerr == nil && os.SameFile(now, made) {
		err = errors.Join(err, os.Remove(path)) // somebody else's stays
	}
	l.working.Wait()
	return err
}
