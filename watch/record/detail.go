package record

import (
	"time"

	"github.com/genkan-http/genkan/trace"
)

// siblingsAround is how many exchanges of the same connection, before one and
// after it, a [Detail] has: a connection may have carried a hundred thousand.
const siblingsAround = 40

// Detail is everything that is known of one exchange.
type Detail struct {
	Summary    Summary   `json:"summary"`
	Connection Conn      `json:"connection"`
	Siblings   []Summary `json:"siblings"` // the nearest of the same connection, itself among them
	Earlier    int       `json:"earlier"`  // kept ones of the same connection that came before these
	Later      int       `json:"later"`    // and after
	Received   []Chunk   `json:"received"`
	Sent       []Chunk   `json:"sent"`
	Request    *Message  `json:"request"`   // nil: it could not be read
	Responses  []Message `json:"responses"` // interim ones too
	Events     []Event   `json:"events"`
	Refused    *Refusal  `json:"refused"`
	Truncated  bool      `json:"truncated"` // some bytes or events are not kept
}

// Chunk is what one call moved, or the part of it that belongs to the exchange.
type Chunk struct {
	Off    int64      `json:"off"` // from the connection's first byte
	Len    int64      `json:"len"`
	Seq    uint64     `json:"seq"`    // of the event
	Data   []byte     `json:"data"`   // the first of the bytes; those hidden are stars
	Hidden [][2]int64 `json:"hidden"` // ranges within Data
}

// Event is an event without bytes, in the schema of package watch.
type Event struct {
	Seq    uint64    `json:"seq"`
	Time   time.Time `json:"time"`
	TookNS int64     `json:"took_ns,omitempty"`
	Conn   uint64    `json:"conn"`
	FD     int       `json:"fd"`
	Verb   string    `json:"verb"`
	Off    int64     `json:"off,omitempty"`
	Len    int       `json:"len,omitempty"`
	Args   string    `json:"args,omitempty"`
	Result string    `json:"result,omitempty"`
	Note   string    `json:"note,omitempty"`
	Error  string    `json:"error,omitempty"`
}

// Detail is that of an exchange; false: it is not kept. Secrets are replaced by
// stars unless shown.
func (s *Store) Detail(id uint64, secrets bool) (Detail, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.find(id)
	if x == nil {
		return Detail{}, false
	}
	d := s.detail(x, secrets)
	d.Earlier, d.Siblings, d.Later = x.conn.around(x)
	return d, true
}

// Alone is a Detail without siblings, for who looks at many.
func (s *Store) Alone(id uint64, secrets bool) (Detail, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.find(id)
	if x == nil {
		return Detail{}, false
	}
	return s.detail(x, secrets), true
}

// Raw is the bytes of an exchange, secrets too, as they were on the wire. whole:
// all of them are there.
func (s *Store) Raw(id uint64) (received, sent []byte, whole, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.find(id)
	if x == nil {
		return nil, nil, false, false
	}
	return x.received.all(), x.sent.all(), x.received.whole() && x.sent.whole(), true
}

// All is the ids of what is kept, oldest first.
func (s *Store) All() []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := make([]uint64, len(s.exchanges))
	for i, x := range s.exchanges {
		ids[i] = x.ID
	}
	return ids
}

// all is the kept bytes up to the first gap.
func (s stream) all() []byte {
	if len(s) == 0 {
		return nil
	}
	return s.bytes(s[0].off)
}

func (s *Store) detail(x *exchange, secrets bool) Detail {
	d := Detail{Summary: x.Summary, Connection: x.conn.line(), Refused: x.refused,
		Truncated: x.cut > 0 || !x.received.whole() || !x.sent.whole()}
	in, out := x.messages()
	if len(in) > 0 {
		d.Request = &in[0].Message
	}
	for i := range out {
		d.Responses = append(d.Responses, out[i].Message)
	}
	var hiddenIn, hiddenOut [][2]int64
	switch {
	case !secrets && x.State == HTTP2:
		hiddenIn, hiddenOut = s.hidden2(x)
	case !secrets:
		hiddenIn, hiddenOut = s.hidden(x.received, in), s.hidden(x.sent, out)
		for _, m := range [][]message{in, out} {
			for i := range m {
				m[i].hide(s.o.Secret)
			}
		}
	}
	d.Received, d.Sent = chunks(x.received, hiddenIn), chunks(x.sent, hiddenOut)
	for i := range x.events {
		d.Events = append(d.Events, plainEvent(&x.events[i], s.o.Secret, secrets))
	}
	return d
}

// hidden is the ranges of a stream that are secrets: values in heads and
// trailers, and in what could not be read everything that looks like a field.
func (s *Store) hidden(in stream, messages []message) (ranges [][2]int64) {
	if len(in) == 0 {
		return nil
	}
	if len(messages) == 0 {
		return secretLines(in.all(), in[0].off, s.o.Secret)
	}
	for i := range messages {
		ranges = append(ranges, messages[i].secrets(s.o.Secret)...)
	}
	return ranges
}

func chunks(in stream, hidden [][2]int64) []Chunk {
	list := make([]Chunk, 0, len(in))
	for i := range in {
		one := Chunk{Off: in[i].off, Len: in[i].len, Seq: in[i].seq, Data: in[i].data, Hidden: [][2]int64{}}
		for _, h := range hidden {
			from, to := max(h[0]-one.Off, 0), min(h[1]-one.Off, int64(len(one.Data)))
			if from >= to {
				continue
			}
			if len(one.Hidden) == 0 {
				one.Data = append([]byte(nil), one.Data...) // the stream's is as it was on the wire
			}
			one.Hidden = append(one.Hidden, [2]int64{from, to})
			for j := from; j < to; j++ {
				one.Data[j] = '*'
			}
		}
		list = append(list, one)
	}
	return list
}

func plainEvent(e *trace.Event, secret func(string) bool, secrets bool) Event {
	one := Event{
		Seq: e.Seq, Time: e.Time, TookNS: e.Took.Nanoseconds(), Conn: e.Conn, FD: int(e.FD), Verb: e.Verb.String(),
		Off: e.Off, Len: e.Len, Args: e.Args, Result: e.Result, Note: e.Note,
	}
	if e.Err != nil {
		one.Error = e.Err.Error()
	}
	if !secrets {
		one.Note, one.Error = hideQuoted(one.Note, secret), hideQuoted(one.Error, secret)
	}
	return one
}

// Carried is a message's body as it was carried, its framing removed.
type Carried struct {
	Fields   [][2]string // of the head, names in lower case
	Content  []byte
	Whole    bool // it is over, and all of it is kept
	Upgraded bool // what followed the head is another protocol's: In and Out
	In, Out  []byte
}

// Field is the first value of a field, its name in lower case; empty: there is
// none.
func (c *Carried) Field(name string) string {
	for i := range c.Fields {
		if c.Fields[i][0] == name {
			return c.Fields[i][1]
		}
	}
	return ""
}

// Carried is the body of an exchange's request, or of its final answer. After
// an upgrade, In and Out are what each side sent after its head.
func (s *Store) Carried(id uint64, request bool) (c Carried, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.find(id)
	if x == nil {
		return c, false
	}
	in, out := x.messages()
	side := out
	if request {
		side = in
	}
	if len(side) == 0 {
		return c, true
	}
	m := &side[len(side)-1]
	c.Fields, c.Whole = m.fields, m.complete
	for _, part := range m.content {
		c.Content = append(c.Content, part...)
	}
	if x.State == Upgraded && len(in) > 0 && len(out) > 0 {
		c.Upgraded = true
		c.Fields = out[len(out)-1].fields
		c.In = x.received.bytes(in[0].Off + in[0].Len)
		last := &out[len(out)-1]
		c.Out = x.sent.bytes(last.Off + last.Len)
		c.Whole = x.received.whole() && x.sent.whole()
	}
	return c, true
}
