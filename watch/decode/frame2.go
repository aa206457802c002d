package decode

import (
	"fmt"
	"strings"
)

// frame2 is the head of a frame of HTTP/2, and where its payload lies.
type frame2 struct {
	at, length  int
	kind, flags byte
	stream      uint32
	from, to    int // the payload, without padding
}

// kinds2 are the types of frames, RFC 9113 6 and RFC 9218 7.1.
var kinds2 = map[byte]string{
	0: "DATA", 1: "HEADERS", 2: "PRIORITY", 3: "RST_STREAM", 4: "SETTINGS", 5: "PUSH_PROMISE",
	6: "PING", 7: "GOAWAY", 8: "WINDOW_UPDATE", 9: "CONTINUATION", 16: "PRIORITY_UPDATE",
}

// settings2 are the settings, RFC 9113 6.5.2, RFC 8441 3 and RFC 9218 2.1.
var settings2 = map[uint16]string{
	1: "HEADER_TABLE_SIZE", 2: "ENABLE_PUSH", 3: "MAX_CONCURRENT_STREAMS", 4: "INITIAL_WINDOW_SIZE",
	5: "MAX_FRAME_SIZE", 6: "MAX_HEADER_LIST_SIZE", 8: "ENABLE_CONNECT_PROTOCOL", 9: "NO_RFC7540_PRIORITIES",
}

// errors2 are the error codes, RFC 9113 7, by their numbers.
var errors2 = []string{
	"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
	"FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
	"INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
}

// flags2 are the names of the flags that a type of frame has.
var flags2 = map[byte][]struct {
	bit  byte
	name string
}{
	0: {{1, "END_STREAM"}, {8, "PADDED"}},
	1: {{1, "END_STREAM"}, {4, "END_HEADERS"}, {8, "PADDED"}, {0x20, "PRIORITY"}},
	4: {{1, "ACK"}},
	5: {{4, "END_HEADERS"}, {8, "PADDED"}},
	6: {{1, "ACK"}},
	9: {{4, "END_HEADERS"}},
}

// text is the head in words that every language has.
func (f *frame2) text() string {
	names := []string{}
	left := f.flags
	for _, one := range flags2[f.kind] {
		if f.flags&one.bit != 0 {
			names = append(names, one.name)
			left &^= one.bit
		}
	}
	if left != 0 {
		names = append(names, fmt.Sprintf("0x%02x", left))
	}
	text := fmt.Sprintf("stream=%d length=%d", f.stream, f.length)
	if f.flags != 0 {
		text += fmt.Sprintf(" flags=0x%02x %s", f.flags, strings.Join(names, "|"))
	}
	return text
}
