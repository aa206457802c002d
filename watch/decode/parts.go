package decode

import (
	"bytes"
	"io"
	"mime/multipart"
	"strconv"
	"strings"
)

func (b *Body) multipart(content []byte, boundary string) {
	b.Kind = "multipart"
	r := multipart.NewReader(bytes.NewReader(content), boundary)
	left := textMost
	for {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			if !b.Truncated {
				b.Error = "The parts end too early: " + err.Error()
			}
			return
		}
		if len(b.Parts) == partsMost {
			b.Truncated = true
			return
		}
		data, err := io.ReadAll(part)
		one := Part{Name: valid(part.FormName()), Filename: valid(part.FileName()), MediaType: valid(part.Header.Get("Content-Type")), Size: len(data)}
		if isText(data, false) {
			one.Text = valid(string(data[:min(len(data), left)]))
		} else {
			one.Text = dump(data[:min(len(data), 512)])
		}
		left -= min(left, len(one.Text))
		b.Parts = append(b.Parts, one)
		if err != nil && !b.Truncated {
			b.Error = "The last part ends too early: " + err.Error()
			return
		}
	}
}

// events reads server-sent events as browsers do (HTML Living Standard,
// 9.2.6).
func (b *Body) events(content []byte) {
	b.Kind = "events"
	b.setText(content)
	begin, name := 0, ""
	var data []string
	some := false
	for at := 0; at < len(content); {
		end, next := lineEnd(content, at)
		if next < 0 {
			return // the event is not over
		}
		line := string(content[at:end])
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if some {
				if len(b.Frames) == framesMost {
					b.Truncated = true
					return
				}
				if name == "" {
					name = "message"
				}
				b.Frames = append(b.Frames, Frame{Off: int64(begin), Len: int64(next - begin), Dir: "out", Kind: valid(name), Text: valid(strings.Join(data, "\n"))})
			}
			begin, name, data, some = next, "", nil, false
		case field == "data":
			data, some = append(data, value), true
		case field == "event":
			name, some = value, true
		case field == "":
			// a comment, which keeps the connection alive
		default:
			some = true
		}
		at = next
	}
}

// lineEnd is where a line ends and where the next begins; -1: it does not end.
func lineEnd(content []byte, at int) (end, next int) {
	i := bytes.IndexAny(content[at:], "\r\n")
	if i < 0 {
		return len(content), -1
	}
	end = at + i
	if content[end] == '\r' && end+1 < len(content) && content[end+1] == '\n' {
		return end, end + 2
	}
	return end, end + 1
}

// closeText is the body of a close frame: its code, and words.
func closeText(payload []byte) string {
	if len(payload) < 2 {
		return ""
	}
	code := int(payload[0])<<8 | int(payload[1])
	text := strconv.Itoa(code)
	if name := closeCodes[code]; name != "" {
		text += " " + name
	}
	if len(payload) > 2 {
		text += ": " + valid(string(payload[2:]))
	}
	return text
}

// closeCodes are those of RFC 6455 7.4.1.
var closeCodes = map[int]string{
	1000: "normal closure", 1001: "going away", 1002: "protocol error", 1003: "unsupported data", 1007: "invalid payload",
	1008: "policy violation", 1009: "message too big", 1010: "mandatory extension", 1011: "internal error",
}
