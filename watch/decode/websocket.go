package decode

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"io"
	"strings"
)

// WebSocket reads the frames of RFC 6455 on both sides of a connection that was
// upgraded; received and sent begin after the heads. extensions is
// Sec-WebSocket-Extensions of the answer: permessage-deflate is undone.
func WebSocket(received, sent []byte, extensions string, whole bool) Body {
	b := Body{Kind: "websocket", Wire: int64(len(received) + len(sent)), Size: len(received) + len(sent), Truncated: !whole}
	deflated := strings.Contains(extensions, "permessage-deflate")
	b.side("in", received, deflated, strings.Contains(extensions, "client_no_context_takeover"))
	b.side("out", sent, deflated, strings.Contains(extensions, "server_no_context_takeover"))
	return b
}

var opcodes = map[byte]string{0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}

// side reads the frames of one direction, up to the first that is not whole.
func (b *Body) side(dir string, wire []byte, deflated, noContext bool) {
	var message []byte // of fragments so far, if compressed
	compressed := false
	var window []byte // what earlier messages leave to those that refer to it
	for at := 0; at < len(wire); {
		if len(b.Frames) == framesMost {
			b.Truncated = true
			return
		}
		f, ok := readFrame(wire[at:])
		if !ok {
			return
		}
		kind := opcodes[f.opcode]
		if kind == "" {
			kind = "reserved"
		}
		shown := f.payload
		control := f.opcode >= 8
		if deflated && !control {
			if f.opcode != 0 {
				compressed, message = f.rsv1, nil
			}
			if compressed {
				message = append(message, f.payload...)
				shown = nil
				if f.final {
					shown, window = inflateMessage(message, window, noContext)
					kind += " (deflated)"
				}
			}
		}
		if !f.final && !control {
			kind += ", more follows"
		}
		b.Frames = append(b.Frames, Frame{Off: int64(at), Len: int64(f.size), Dir: dir, Kind: kind, Text: frameText(f.opcode, shown)})
		at += f.size
	}
}

type frame struct {
	final, rsv1 bool
	opcode      byte
	payload     []byte // unmasked
	size        int    // with its head
}

// readFrame reads one whole frame, RFC 6455 5.2.
func readFrame(b []byte) (f frame, ok bool) {
	if len(b) < 2 {
		return f, false
	}
	f.final, f.rsv1, f.opcode = b[0]&0x80 != 0, b[0]&0x40 != 0, b[0]&0x0f
	masked, length := b[1]&0x80 != 0, uint64(b[1]&0x7f)
	at := 2
	switch length {
	case 126:
		if len(b) < 4 {
			return f, false
		}
		length, at = uint64(binary.BigEndian.Uint16(b[2:])), 4
	case 127:
		if len(b) < 10 {
			return f, false
		}
		length, at = binary.BigEndian.Uint64(b[2:]), 10
	}
	var mask [4]byte
	if masked {
		if len(b) < at+4 {
			return f, false
		}
		copy(mask[:], b[at:])
		at += 4
	}
	if uint64(len(b)-at) < length {
		return f, false
	}
	f.payload = bytes.Clone(b[at : at+int(length)])
	if masked {
		for i := range f.payload {
			f.payload[i] ^= mask[i%4]
		}
	}
	f.size = at + int(length)
	return f, true
}

func frameText(opcode byte, payload []byte) string {
	payload = payload[:min(len(payload), 64<<10)]
	if opcode == 8 {
		return closeText(payload)
	}
	if isText(payload, true) {
		return valid(string(payload))
	}
	return dump(payload[:min(len(payload), 256)])
}

// inflateMessage undoes RFC 7692 for a whole message. The window is what came
// before, 32 KiB at most, if the sender keeps it.
func inflateMessage(message, window []byte, noContext bool) (out, next []byte) {
	if noContext {
		window = nil
	}
	tail := append(bytes.Clone(message), 0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff)
	r := flate.NewReaderDict(bytes.NewReader(tail), window)
	out, err := io.ReadAll(io.LimitReader(r, textMost))
	if err != nil && len(out) == 0 {
		return message, nil
	}
	next = append(bytes.Clone(window), out...)
	if len(next) > 32<<10 {
		next = next[len(next)-32<<10:]
	}
	return out, next
}
