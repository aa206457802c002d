package genkan

import (
	"errors"
	"log/slog"
	"runtime"
	"sync/atomic"

	"github.com/genkan-http/genkan/http1"
)

// Refusal is a request that broke a rule of the wire, as OnRefused is told of
// it. It may be kept: nothing of it is used again.
type Refusal struct {
	Rule       http1.Rule // which rule, its source in the RFCs and its sentence
	Status     int        // of the answer; 0: the answer is the handler's, see Body
	Reason     string     // what was wrong, in words; bytes of the peer are quoted in it, and few
	Offset     int64      // the byte that broke the rule, counted from the first of the request
	RemoteAddr string     // the peer, as in http.Request

	// Around is what was received around that byte, aroundMost bytes on either
	// side at most; At is the byte's place in it, len(Around) if it has not
	// arrived (a request that ends too early). These are the peer's raw bytes,
	// secrets and control characters included.
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

const plainType = "text/plain; charset=utf-8"

// refusals counts the breaches of each rule. Its keys never change.
type refusals map[string]*atomic.Uint64

func newRefusals() refusals {
	counts := refusals{ruleTargetURL.ID: new(atomic.Uint64)}
	for _, rule := range http1.Rules() {
		counts[rule.ID] = new(atomic.Uint64)
	}
	return counts
}

// Refused is how many requests have broken each rule, by the rule's ID, since
// the server began; rules that nobody broke are left out. Requests of HTTP/2
// are not counted: their rules are the engine's.
func (srv *Server) Refused() map[string]uint64 {
	srv.begin()
	all := map[string]uint64{}
	for id, count := range srv.refusals {
		if n := count.Load(); n > 0 {
			all[id] = n
		}
	}
	return all
}

// tellRefused counts a breach and tells OnRefused of it, which may block: so
// the baton is passed first. A panic in it is logged, and changes nothing.
func (c *conn) tellRefused(w *work, breach *http1.Error, r *Refusal) {
	c.srv.refusals[breach.Rule.ID].Add(1)
	if c.srv.OnRefused == nil {
		return
	}
	r.Rule, r.Reason, r.Offset, r.RemoteAddr = breach.Rule, breach.Reason, breach.Offset, c.remoteAddr()
	r.Around, r.At = w.around(breach.Offset)
	c.pass(w, nil)
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			stack := make([]byte, 64<<10)
			stack = stack[:runtime.Stack(stack, false)]
			c.srv.report(slog.LevelError, "OnRefused panicked", "genkan: OnRefused panicked for %v: %v\n%s",
				slog.String("peer", r.RemoteAddr), slog.Any("panic", v), slog.String("stack", string(stack)))
			return
		}
		c.close(http1.Refused) // runtime.Goexit: nobody else comes by to do it
	}()
	c.srv.OnRefused(r)
	returned = true
}

// bodyRefused is tellRefused for a breach in a body, whose answer is the
// handler's; any other error is none.
func (c *conn) bodyRefused(w *work, err error) {
	var breach *http1.Error
	if errors.As(err, &breach) {
		c.tellRefused(w, breach, &Refusal{})
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
