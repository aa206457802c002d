// Package export carries recorded exchanges to other tools: as a command for
// curl, as a Go test, as a seed for Go's fuzzer, as HAR 1.2, and as packets that
// Wireshark opens. What is written is made from the bytes of the wire; where a
// format needs what they do not hold (packets, for one), it is made up, and the
// file says so.
//
// Secrets are whatever the caller leaves in: an [Exchange] that was made with
// secrets hidden has stars in their place, and notes say that.
package export

import (
	"time"
)

// Exchange is one request and its answer, as they are exported.
type Exchange struct {
	ID       uint64
	Conn     uint64
	Peer     string // "127.0.0.1:51234 (tcp)"
	Local    string // host:port of the server; empty: not known
	TLS      bool
	Began    time.Time
	Took     time.Duration
	Received []Chunk
	Sent     []Chunk
	Request  *Message // nil: it could not be read
	Response *Message // the final one; nil: there is none
	Hidden   bool     // some values are stars
	Whole    bool     // no bytes are missing
}

// Chunk is what one call moved, and when.
type Chunk struct {
	At   time.Time
	Data []byte
}

// Message is a head in parts, and the body without its framing.
type Message struct {
	Method, Target, Version string // of a request
	Status                  int    // of an answer
	Reason                  string
	Fields                  [][2]string // names as they were sent
	HeadSize                int
	Body                    []byte
	BodyWire                int64 // on the wire
}

// Field is the first value of a field, in any case; empty: there is none.
func (m *Message) Field(name string) string {
	for i := range m.Fields {
		if equalFold(m.Fields[i][0], name) {
			return m.Fields[i][1]
		}
	}
	return ""
}

func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if x >= 'A' && x <= 'Z' {
			x |= 0x20
		}
		if y >= 'A' && y <= 'Z' {
			y |= 0x20
		}
		if x != y {
			return false
		}
	}
	return true
}

// bytes are the kept bytes of a direction, in order.
func join(chunks []Chunk) (all []byte) {
	for i := range chunks {
		all = append(all, chunks[i].Data...)
	}
	return all
}

// RawRequest and RawResponse are the bytes of the wire.
func RawRequest(x *Exchange) []byte  { return join(x.Received) }
func RawResponse(x *Exchange) []byte { return join(x.Sent) }

const hiddenNote = "Values that are secrets were replaced by stars."
