package decode

import (
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/net/http2/hpack"
)

// HTTP2 is what one side of an HTTP/2 connection said, in pieces.
type HTTP2 struct {
	Pieces    []Piece
	Hidden    [][2]int64 // ranges of the wire that hold secrets, or what could not be read
	Truncated bool       // there is more than could be shown
}

// Piece is a frame (RFC 9113 4.1), or a part of one that means something. It
// lies within the piece of its frame.
type Piece struct {
	Off     int64  // in the bytes of its side
	Len     int64  // a frame's with its head
	Kind    string // frame, setting, field, hpack, part, error, data
	Name    string
	Text    string
	Explain string // a key of the words in watch/record
}

// Limits of what comes out. One byte of a header block may stand for a field of
// the table that is thousands of bytes long.
const (
	pieces2Most = 20_000
	text2Most   = 4 << 20 // of all pieces
	value2Most  = 4 << 10 // of one
	table2Most  = 1 << 20 // that the sender may have the receiver remember
	preview     = 160     // bytes of a DATA frame
)

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" // RFC 9113 3.4

// Frames reads the frames of one side, up to the first that is not whole.
// begins: wire is the side's from its first byte on; else fields may refer to
// earlier ones that nobody has, and are not read then. Values of secret fields
// are stars, and their whole header block is hidden; a nil secret hides
// nothing.
func Frames(wire []byte, begins bool, secret func(name string) bool) HTTP2 {
	s := side2{wire: wire, begins: begins, secret: secret}
	s.table = hpack.NewDecoder(4096, func(f hpack.HeaderField) { s.field = &f })
	s.table.SetAllowedMaxDynamicTableSize(table2Most)
	at := 0
	if begins && strings.HasPrefix(string(wire[:min(len(wire), len(preface))]), preface) {
		at = len(preface)
		s.add(0, at, Piece{Kind: "frame", Name: "PRI", Text: "HTTP/2.0", Explain: "h2.preface"})
	}
	for at < len(wire) {
		n := s.frame(at)
		if n == 0 {
			break
		}
		at += n
	}
	if len(s.block.bytes) > 0 || s.block.open {
		s.hideBlock()
	}
	return s.HTTP2
}

// side2 is the reading of one side.
type side2 struct {
	HTTP2
	wire   []byte
	begins bool
	secret func(string) bool
	table  *hpack.Decoder
	lost   bool // the table is not what the sender's is: fields cannot be read
	field  *hpack.HeaderField
	block  block2
	texts  int
}

// block2 is a header block that may be spread over several frames.
type block2 struct {
	open  bool
	bytes []byte
	parts [][2]int // where in the wire, in order
}

// at is where in the wire a byte of the block is.
func (b *block2) at(i int) int {
	for _, part := range b.parts {
		if n := part[1] - part[0]; i >= n {
			i -= n
			continue
		}
		return part[0] + i
	}
	return 0
}

func (s *side2) add(from, to int, p Piece) {
	if len(s.Pieces) >= pieces2Most || s.texts > text2Most {
		s.Truncated = true
		return
	}
	if len(p.Text) > value2Most {
		p.Text = valid(p.Text[:value2Most]) + "…"
	}
	s.texts += len(p.Text) + len(p.Name)
	p.Off, p.Len = int64(from), int64(to-from)
	s.Pieces = append(s.Pieces, p)
}

func (s *side2) hide(from, to int) {
	if from < to && s.secret != nil {
		s.Hidden = append(s.Hidden, [2]int64{int64(from), int64(to)})
	}
}

// frame reads one, and says how long it is; 0: nothing more can be read.
func (s *side2) frame(at int) int {
	head := s.wire[at:]
	if len(head) < 9 {
		return 0
	}
	f := frame2{
		at: at, length: int(head[0])<<16 | int(head[1])<<8 | int(head[2]), kind: head[3], flags: head[4],
		stream: binary.BigEndian.Uint32(head[5:]) & (1<<31 - 1),
	}
	if s.Truncated || !s.begins && (kinds2[f.kind] == "" || f.length > 1<<20) {
		s.Truncated = true
		s.hide(at, len(s.wire)) // no frame begins here, as far as anyone can tell
		return 0
	}
	end := min(at+9+f.length, len(s.wire))
	name, explain := kinds2[f.kind], "h2.frame."+kinds2[f.kind]
	if name == "" {
		name, explain = fmt.Sprintf("0x%02x", f.kind), "h2.frame.unknown"
	}
	s.add(at, end, Piece{Kind: "frame", Name: name, Text: f.text(), Explain: explain})
	fields := f.kind == 1 || f.kind == 5 || f.kind == 9
	if end < at+9+f.length {
		if fields {
			s.hide(at+9, end)
		}
		return 0
	}
	if s.block.open && f.kind != 9 { // RFC 9113 4.3: nothing may come between
		s.hideBlock()
	}
	f.from, f.to = at+9, end
	if !s.unpad(&f) {
		s.lost = s.lost || fields
		s.hide(at+9, end)
		return end - at
	}
	s.payload(&f)
	return end - at
}

// unpad takes the length of the padding and the padding off, RFC 9113 6.1.
func (s *side2) unpad(f *frame2) bool {
	if f.flags&8 == 0 || f.kind != 0 && f.kind != 1 && f.kind != 5 {
		return true
	}
	if f.from == f.to {
		return false
	}
	n := int(s.wire[f.from])
	s.add(f.from, f.from+1, Piece{Kind: "part", Name: "Pad Length", Text: fmt.Sprint(n), Explain: "h2.padding"})
	f.from++
	if n > f.to-f.from {
		return false
	}
	f.to -= n
	return true
}

// payload reads what the frame carries.
func (s *side2) payload(f *frame2) {
	body := s.wire[f.from:f.to]
	switch f.kind {
	case 0:
		if len(body) > 0 {
			s.add(f.from, f.to, Piece{Kind: "data", Text: fmt.Sprintf("%d: %s", len(body), preview2(body)), Explain: "h2.data"})
		}
	case 1:
		if f.flags&0x20 != 0 && len(body) >= 5 {
			s.priority(f.from)
			f.from += 5
		}
		s.fragment(f)
	case 2:
		if len(body) == 5 {
			s.priority(f.from)
		}
	case 3:
		s.errorCode(f.from, body)
	case 4:
		s.settings(f.from, body)
	case 5:
		if len(body) >= 4 {
			s.number(f.from, "Promised Stream", "h2.promised")
			f.from += 4
		}
		s.fragment(f)
	case 6:
		s.add(f.from, f.to, Piece{Kind: "part", Name: "Opaque Data", Text: fmt.Sprintf("%x", body[:min(len(body), 8)]), Explain: "h2.ping"})
	case 7:
		if len(body) >= 8 {
			s.number(f.from, "Last-Stream-ID", "h2.last-stream")
			s.errorCode(f.from+4, body[4:8])
			if len(body) > 8 {
				s.add(f.from+8, f.to, Piece{Kind: "part", Name: "Debug Data", Text: preview2(body[8:]), Explain: "h2.debug"})
			}
		}
	case 8:
		if len(body) == 4 {
			s.number(f.from, "Window Size Increment", "h2.increment")
		}
	case 9:
		s.fragment(f)
	case 16:
		if len(body) >= 4 {
			s.number(f.from, "Prioritized Stream", "h2.prioritized")
			s.add(f.from+4, f.to, Piece{Kind: "part", Name: "Priority Field Value", Text: preview2(body[4:]), Explain: "field.priority"})
		}
	}
}

// number is 31 bits at this place.
func (s *side2) number(at int, name, explain string) {
	n := binary.BigEndian.Uint32(s.wire[at:]) & (1<<31 - 1)
	s.add(at, at+4, Piece{Kind: "part", Name: name, Text: fmt.Sprint(n), Explain: explain})
}

func (s *side2) priority(at int) {
	on := binary.BigEndian.Uint32(s.wire[at:])
	exclusive := ""
	if on>>31 == 1 {
		exclusive = " exclusive"
	}
	s.add(at, at+5, Piece{Kind: "part", Name: "Priority",
		Text: fmt.Sprintf("stream=%d%s weight=%d", on&(1<<31-1), exclusive, int(s.wire[at+4])+1), Explain: "h2.priority"})
}

func (s *side2) errorCode(at int, body []byte) {
	if len(body) < 4 {
		return
	}
	code := binary.BigEndian.Uint32(body)
	name := "unknown"
	explain := "h2.error.unknown"
	if int64(code) < int64(len(errors2)) {
		name = errors2[code]
		explain = "h2.error." + name
	}
	s.add(at, at+4, Piece{Kind: "error", Name: name, Text: fmt.Sprintf("0x%x", code), Explain: explain})
}

func (s *side2) settings(at int, body []byte) {
	for ; len(body) >= 6; at, body = at+6, body[6:] {
		id, value := binary.BigEndian.Uint16(body), binary.BigEndian.Uint32(body[2:])
		name, explain := settings2[id], "h2.setting."+settings2[id]
		if name == "" {
			name, explain = fmt.Sprintf("0x%x", id), "h2.setting.unknown"
		}
		s.add(at, at+6, Piece{Kind: "setting", Name: name, Text: fmt.Sprint(value), Explain: explain})
	}
}

// preview2 is the beginning of some bytes, as text if they are.
func preview2(b []byte) string {
	cut := len(b) > preview
	shown := b[:min(len(b), preview)]
	text := ""
	if isText(shown, cut) {
		text = valid(string(shown))
	} else {
		text = fmt.Sprintf("% x", shown[:min(len(shown), 32)])
		cut = len(b) > 32
	}
	if cut {
		text += "…"
	}
	return text
}
