package genkan

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/genkan-http/genkan/loop"
)

// records keeps what a Logger is told.
type records struct {
	mu   sync.Mutex
	list []slog.Record
}

func (r *records) Enabled(context.Context, slog.Level) bool { return true }
func (r *records) WithAttrs([]slog.Attr) slog.Handler       { return r }
func (r *records) WithGroup(string) slog.Handler            { return r }

func (r *records) Handle(_ context.Context, record slog.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, record.Clone())
	return nil
}

// find is the first record with this message, and its attributes.
func (r *records) find(message string) (level slog.Level, attrs map[string]any, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, record := range r.list {
		if record.Message != message {
			continue
		}
		attrs = map[string]any{}
		record.Attrs(func(a slog.Attr) bool { attrs[a.Key] = a.Value.Any(); return true })
		return record.Level, attrs, true
	}
	return 0, nil, false
}

// wrong are handlers that break rules, by path.
func wrong(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/panic":
		panic("oh")
	case "/twice":
		w.WriteHeader(200)
		w.WriteHeader(404)
	case "/long":
		w.Header().Set("Content-Length", "1")
		w.Write([]byte("ab"))
	case "/field":
		w.Header()["Bad name"] = []string{"v"}
	}
}

// TestLogger: with a Logger, trouble is told in records with levels and
// attributes, and ErrorLog hears nothing; without one, ErrorLog hears the
// lines that http.Server's does.
func TestLogger(t *testing.T) {
	for _, c := range []struct {
		path, message string
		level         slog.Level
		attrs         []string
		line          string
	}{
		{"/panic", "a handler panicked", slog.LevelError, []string{"panic", "peer", "stack"}, "genkan: panic serving "},
		{"/twice", "superfluous WriteHeader", slog.LevelWarn, []string{"status", "before", "caller"}, "genkan: superfluous WriteHeader(404) after 200, called from github.com/genkan-http/genkan.wrong "},
		{"/long", "an answer was longer than its Content-Length and was cut", slog.LevelWarn, []string{"method", "target", "length"}, `genkan: the answer to GET "/long" is longer than its Content-Length, 1, and was cut (RFC 9110 8.6)`},
		{"/field", "a field cannot be sent and was left out", slog.LevelWarn, []string{"name", "value"}, `genkan: field "Bad name" with value "v" cannot be sent and was left out (RFC 9110 5.1, 5.5)`},
	} {
		ask := func(h *hall) {
			v := h.visit()
			v.say("GET " + c.path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
			v.hear(-1)
		}
		kept := &records{}
		h := serve(t, stageDirect, wrong, func(srv *Server) { srv.Logger = slog.New(kept) })
		ask(h)
		level, attrs, found := kept.find(c.message)
		if !found || level != c.level {
			t.Errorf("%s: the records are %v, want %q at %v", c.path, kept.list, c.message, c.level)
		}
		for _, key := range c.attrs {
			if attrs[key] == nil {
				t.Errorf("%s: no attribute %q among %v", c.path, key, attrs)
			}
		}
		if got := h.log.String(); got != "" {
			t.Errorf("%s: ErrorLog was told %q, with a Logger set", c.path, got)
		}
		if c.path == "/panic" && (attrs["panic"] != any("oh") || !strings.Contains(attrs["stack"].(string), "genkan.wrong")) {
			t.Errorf("the panic's value and stack are %v, %.200v", attrs["panic"], attrs["stack"])
		}

		h = serve(t, stageDirect, wrong)
		ask(h)
		if got := h.log.String(); !strings.HasPrefix(got, c.line) {
			t.Errorf("%s: without a Logger ErrorLog was told %.300q, want %q", c.path, got, c.line)
		}
	}
}

// faltering is a listener whose first Accept fails for a while.
type faltering struct {
	net.Listener
	failed bool
}

type passing struct{ error }

func (passing) Temporary() bool { return true }
func (passing) Timeout() bool   { return false }

func (l *faltering) Accept() (net.Conn, error) {
	if !l.failed {
		l.failed = true
		return nil, passing{http.ErrServerClosed}
	}
	return l.Listener.Accept()
}

// TestLoggerOfTransports: what happens below the handlers is told as well, with
// its error; what package loop says, too.
func TestLoggerOfTransports(t *testing.T) {
	kept := &records{}
	s := stageDirect
	s.raise = func(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
		l, dial := raiseDirect(t, srv)
		return &faltering{Listener: l}, dial
	}
	h := serve(t, s, at, func(srv *Server) { srv.Logger = slog.New(kept) })
	h.whoIs()
	level, attrs, found := kept.find("accepting pauses")
	if !found || level != slog.LevelWarn || attrs["error"] == nil || attrs["pause"] != any(loop.PauseFor) {
		t.Errorf("accepting pauses: %v, %v, %v", found, level, attrs)
	}
	h.srv.logf("loop: %v", net.ErrClosed)
	if level, attrs, found = kept.find("loop: " + net.ErrClosed.Error()); !found || level != slog.LevelWarn || attrs["error"] != any(net.ErrClosed) {
		t.Errorf("a line of package loop: %v, %v, %v", found, level, attrs)
	}
	h.srv.standIn.ErrorLog.Print("a handler's own")
	if level, _, found = kept.find("a handler's own"); !found || level != slog.LevelError {
		t.Errorf("what handlers say to their http.Server: %v, %v", found, level)
	}
}
