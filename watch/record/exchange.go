package record

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/genkan-http/genkan/trace"
)

// State is how far an exchange has come.
type State string

// The states.
const (
	Open     State = "open"     // the answer is not out yet
	Done     State = "done"     // answered
	Refused  State = "refused"  // the request broke a rule
	Upgraded State = "upgraded" // the connection speaks something else now
	Aborted  State = "aborted"  // the connection ended before the answer did
	HTTP2    State = "http2"    // all that a connection said that speaks HTTP/2
)

// Summary is an exchange in one line.
type Summary struct {
	ID     uint64    `json:"id"`   // from 1, in the order in which requests were parsed
	Conn   uint64    `json:"conn"` // number of the connection
	Nth    int       `json:"nth"`  // the how manieth on it
	Time   time.Time `json:"time"` // of the call that brought its first byte
	TookNS int64     `json:"took_ns"`
	Method string    `json:"method"`
	Target string    `json:"target"`
	Host   string    `json:"host"`
	Proto  string    `json:"proto"`
	Status int       `json:"status"` // 0: not answered yet
	In     int64     `json:"in"`     // bytes received for it
	Out    int64     `json:"out"`    // and sent
	State  State     `json:"state"`
	Type   string    `json:"type"`    // Content-Type of the answer
	ReqTyp string    `json:"reqtype"` // and of the request
	Rule   string    `json:"rule"`    // that it broke
	Reason string    `json:"reason"`  // in words; or why the connection closed after it
	Marked bool      `json:"marked"`
	TLS    bool      `json:"tls"`
}

// Conn is a connection in one line.
type Conn struct {
	Conn     uint64     `json:"conn"`
	Peer     string     `json:"peer"`
	Local    string     `json:"local"` // where it was accepted; empty: not known
	Opened   time.Time  `json:"opened"`
	Closed   *time.Time `json:"closed,omitempty"`
	Reason   string     `json:"reason"`
	Requests int        `json:"requests"`
}

// exchange is what is known of one request and its answer.
type exchange struct {
	Summary
	conn *connection
	gone bool // dropped by the store
	cost int64

	received, sent stream
	inEnd          int64 // where the next request begins; 0: nobody knows
	headOff        int64
	answers        []int64 // where heads of answers begin, interim ones too
	events         []trace.Event
	cut            int // events that are not kept
	refused        *Refusal
	responded      bool // a final answer has begun
}

// Refusal is which rule a request broke.
type Refusal struct {
	Status   int    `json:"status"`
	Rule     string `json:"rule"`
	Section  string `json:"section"`
	URL      string `json:"url"`
	Sentence string `json:"sentence"`
	Offset   int64  `json:"offset"` // from the first byte of the request
	Reason   string `json:"reason"`
}

// connection is what is known of one, while it is open or any of its
// exchanges is kept.
type connection struct {
	number   uint64
	peer     string
	local    string
	opened   time.Time
	closed   time.Time
	reason   string
	requests int
	sealed   bool // its calls move ciphertext
	taken    bool // hijacked, or handed over
	http2    bool // handed to the engine of HTTP/2

	current   *exchange     // the last request parsed, until the connection rests
	exchanges []*exchange   // kept, oldest first
	waiting   []trace.Event // calls of the next request, before its head is known
	pendingIn stream        // and what they brought
}

func (c *connection) over() bool { return !c.closed.IsZero() && len(c.exchanges) == 0 }

// drop takes an exchange off the list, mostly the first.
func (c *connection) drop(x *exchange) {
	if i := c.index(x); i == 0 {
		c.exchanges[0] = nil
		c.exchanges = c.exchanges[1:]
	} else if i > 0 {
		c.exchanges = slices.Delete(c.exchanges, i, i+1)
	}
}

// index is where an exchange is in the list; -1: it is not there.
func (c *connection) index(x *exchange) int {
	i, there := slices.BinarySearchFunc(c.exchanges, x.ID, func(other *exchange, id uint64) int { return cmp.Compare(other.ID, id) })
	if !there {
		return -1
	}
	return i
}

// around is the exchanges of the connection next to x, x among them, and how
// many come before these and after.
func (c *connection) around(x *exchange) (earlier int, list []Summary, later int) {
	at := max(c.index(x), 0)
	from, to := max(at-siblingsAround, 0), min(at+siblingsAround+1, len(c.exchanges))
	list = make([]Summary, 0, to-from)
	for _, other := range c.exchanges[from:to] {
		list = append(list, other.Summary)
	}
	return from, list, len(c.exchanges) - to
}

func (c *connection) line() Conn {
	line := Conn{Conn: c.number, Peer: c.peer, Local: c.local, Opened: c.opened, Reason: c.reason, Requests: c.requests}
	if !c.closed.IsZero() {
		at := c.closed
		line.Closed = &at
	}
	return line
}

// closed reports whether the event is the call that closes.
func closed(e *trace.Event) bool {
	return e.Verb == trace.Close || e.Verb == trace.Shutdown
}

// statusOf is the code in "HTTP/1.1 200 OK".
func statusOf(note string) int {
	words := strings.SplitN(note, " ", 3)
	if len(words) < 2 {
		return 0
	}
	n, err := strconv.Atoi(words[1])
	if err != nil {
		return 0
	}
	return n
}
