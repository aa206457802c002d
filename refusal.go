package genkan

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/genkan-http/genkan/http1"
)

// Rule is a sentence that a request can break: one of the wire's, see
// [http1.Rules], or one that a handler has for its requests, see [Server.Refuse].
type Rule = http1.Rule

// The rules of the wire that are not http1's.
var (
	// Which strings are URLs is for package net/url to say, because handlers
	// are given its URL.
	ruleTargetURL = Rule{ID: "target-url", Source: "RFC 3986 3", Status: http.StatusBadRequest,
		Text: "The target is a URL whose parts can be told apart."}
	// http1 has no clock.
	ruleHeadTime = Rule{ID: "head-time", Source: "RFC 9110 15.5.9", Status: http.StatusRequestTimeout,
		Text: "The head of a request arrives as a whole within its time."}
	// It never comes to a parser.
	ruleTLS = Rule{ID: "tls-missing", Source: "RFC 9110 4.2.2", Status: http.StatusBadRequest,
		Text: "A request to an HTTPS server comes over TLS: its address begins with https://."}
)

// Refusal is a request that broke a rule, as OnRefused is told of it. It may be
// kept: nothing of it is used again.
type Refusal struct {
	Rule       Rule   // which rule, its source in the RFCs and its sentence
	Status     int    // of the answer; 0: the answer is the handler's, see Body
	Reason     string // what was wrong, in words; bytes of the peer are quoted in it, and few
	Offset     int64  // the byte that broke the rule, counted from the first of the request; -1: none did
	RemoteAddr string // the peer, as in http.Request

	// Request is what a handler was asked and has refused (Server.Refuse).
	// Nil: the rule is the wire's, and there is no request to speak of.
	Request *http.Request

	// Around is what was received around that byte, aroundMost bytes on either
	// side at most; At is the byte's place in it, len(Around) if it has not
	// arrived (a request that ends too early). These are the peer's raw bytes,
	// secrets and control characters included. There are none with a Request.
	Around []byte
	At     int

	// Body is what will be sent, as ContentType; both may be changed. An empty
	// ContentType sends none, and CR and LF in it become spaces. After a
	// breach in a request's body the answer is the handler's, which has seen
	// its Read fail: then Status is 0, and Body is not sent.
	Body        string
	ContentType string
}

// aroundMost is how much of Refusal.Around is on one side of the byte.
const aroundMost = 32

// refusals counts the breaches of each rule.
type refusals struct {
	wire map[string]*atomic.Uint64 // its keys never change

	mu  sync.Mutex
	own map[string]uint64 // of rules that handlers have
}

func (c *refusals) begin() {
	c.wire = map[string]*atomic.Uint64{}
	for _, rule := range append(http1.Rules(), ruleTargetURL, ruleHeadTime, ruleTLS) {
		c.wire[rule.ID] = new(atomic.Uint64)
	}
	c.own = map[string]uint64{}
}

func (c *refusals) add(id string) {
	if count := c.wire[id]; count != nil {
		count.Add(1)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.own[id]++
}

// Refused is how many requests have broken each rule, by the rule's ID, since
// the server began; rules that nobody broke are left out. Requests of HTTP/2
// are not counted where the rules are the engine's, only where a handler's.
func (srv *Server) Refused() map[string]uint64 {
	srv.begin()
	all := map[string]uint64{}
	for id, count := range srv.refusals.wire {
		if n := count.Load(); n > 0 {
			all[id] = n
		}
	}
	srv.refusals.mu.Lock()
	defer srv.refusals.mu.Unlock()
	for id, n := range srv.refusals.own {
		all[id] = n
	}
	return all
}

// Refuse answers a request that breaks a rule of the handler's own, one about
// how requests are made, in the way in which the server answers those that
// break the wire's: Refused counts it, OnRefused is told, with reason, and may
// choose the body, the answer names the rule, to a browser on a page, and the
// connection ends after it. What the handler has not read of the body is not
// read for it. The rule's ID, Source, Status (0: 400) and Text are sent to the
// peer; reason, what was wrong in words, is not.
//
// The handler calls it before it writes, and returns after it.
func (srv *Server) Refuse(w http.ResponseWriter, r *http.Request, rule Rule, reason string) {
	srv.begin()
	if rule.Status == 0 {
		rule.Status = http.StatusBadRequest
	}
	told := newRefusal(&http1.Error{Status: rule.Status, Rule: rule, Offset: -1, Reason: reason}, http1.PrefersHTML(r.Header["Accept"]))
	told.RemoteAddr, told.Request = r.RemoteAddr, r
	srv.refusals.add(rule.ID)
	srv.tell(told, func() {})

	h := w.Header()
	for _, name := range [...]string{"Content-Length", "Content-Encoding", "Etag", "Last-Modified"} {
		delete(h, name)
	}
	h["Content-Type"] = nil // none: nobody is to guess one
	if told.ContentType != "" {
		h.Set("Content-Type", strings.NewReplacer("\r", " ", "\n", " ").Replace(told.ContentType))
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Connection", "close")
	w.WriteHeader(told.Status)
	_, _ = io.WriteString(w, told.Body) // whoever does not take it has gone
}

// tellRefused counts a breach of the wire's rules and tells OnRefused of it,
// which may block: so the baton is passed first. If it ends its goroutine the
// connection is closed, for this reason.
func (c *conn) tellRefused(w *work, breach *http1.Error, r *Refusal, reason http1.CloseReason) {
	c.srv.refusals.add(breach.Rule.ID)
	if c.srv.OnRefused == nil {
		return
	}
	r.Rule, r.Reason, r.Offset, r.RemoteAddr = breach.Rule, breach.Reason, breach.Offset, c.remoteAddr()
	r.Around, r.At = w.around(breach.Offset)
	c.pass(w, nil)
	c.srv.tell(r, func() { c.close(reason) }) // runtime.Goexit: nobody else comes by to do it
}

// tell calls OnRefused. A panic in it is logged, and changes nothing; exits is
// called if it ends its goroutine.
func (srv *Server) tell(r *Refusal, exits func()) {
	if srv.OnRefused == nil {
		return
	}
	status, returned := r.Status, false
	defer func() {
		r.Status = status // the answer's, and not to be chosen
		if returned {
			return
		}
		if v := recover(); v != nil {
			stack := make([]byte, 64<<10)
			stack = stack[:runtime.Stack(stack, false)]
			srv.report(slog.LevelError, "OnRefused panicked", "genkan: OnRefused panicked for %v: %v\n%s",
				slog.String("peer", r.RemoteAddr), slog.Any("panic", v), slog.String("stack", string(stack)))
			return
		}
		exits()
	}()
	srv.OnRefused(r)
	returned = true
}

// bodyRefused is tellRefused for a breach in a body, whose answer is the
// handler's; any other error is none.
func (c *conn) bodyRefused(w *work, err error) {
	var breach *http1.Error
	if errors.As(err, &breach) {
		c.tellRefused(w, breach, &Refusal{}, http1.Refused)
	}
}

// around is a copy of the bytes on either side of one of the message's that is
// being parsed, as far as they are here, and its place among them.
func (w *work) around(offset int64) (bytes []byte, at int) {
	begin := w.r - int(w.parser.Advanced()) // of the message in w.in; below 0 if its first bytes are gone
	i := min(max(begin+int(offset), 0), w.w)
	from, to := max(i-aroundMost, begin, 0), min(i+aroundMost, w.w)
	return append([]byte(nil), w.in[from:to]...), i - from
}
