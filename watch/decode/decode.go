// Package decode makes of a body's bytes what a person can read: JSON set out
// in lines, the fields of a form, the parts of a multipart message, pictures,
// events, the frames of a websocket and of HTTP/2. Compression is undone.
// Everything is bounded: by how much is read, and by how much comes out of it.
package decode

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// Body is what can be shown of one.
type Body struct {
	Kind      string      `json:"kind"` // empty, json, form, multipart, image, text, events, websocket, binary
	MediaType string      `json:"media_type"`
	Encoding  string      `json:"encoding,omitempty"` // that was undone
	Text      string      `json:"text,omitempty"`
	Fields    [][2]string `json:"fields,omitempty"` // of a form
	Parts     []Part      `json:"parts,omitempty"`  // of a multipart body
	Frames    []Frame     `json:"frames,omitempty"`
	Image     string      `json:"image,omitempty"` // a data: URL
	Size      int         `json:"size"`            // decoded
	Wire      int64       `json:"wire"`            // as it came, without framing
	Truncated bool        `json:"truncated,omitempty"`
	Error     string      `json:"error,omitempty"` // why no more could be made of it
}

// Part is one of a multipart body, RFC 7578.
type Part struct {
	Name      string `json:"name"`
	Filename  string `json:"filename,omitempty"`
	MediaType string `json:"media_type,omitempty"`
	Size      int    `json:"size"`
	Text      string `json:"text,omitempty"`
}

// Frame is one of a websocket, or one event of a stream.
type Frame struct {
	Off  int64  `json:"off"` // in the bytes of its side
	Len  int64  `json:"len"`
	Dir  string `json:"dir"`  // in, out
	Kind string `json:"kind"` // text, binary, ping, …; the name of an event
	Text string `json:"text"`
}

// Limits of what comes out.
const (
	decodedMost = 4 << 20
	textMost    = 1 << 20
	partsMost   = 200
	framesMost  = 2000
	fieldsMost  = 2000
)

// Content decodes a body without its framing. header is a field of its message,
// by its name in lower case. whole: content is all of it.
func Content(content []byte, header func(name string) string, whole bool) Body {
	b := Body{Kind: "empty", Wire: int64(len(content)), Truncated: !whole, MediaType: header("content-type")}
	if len(content) == 0 {
		return b
	}
	content = b.inflate(content, header("content-encoding"))
	b.Size = len(content)
	media, parameters, err := mime.ParseMediaType(b.MediaType)
	if err != nil {
		media = ""
	}
	switch {
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		b.json(content)
	case media == "application/x-www-form-urlencoded":
		b.form(content)
	case strings.HasPrefix(media, "multipart/") && parameters["boundary"] != "":
		b.multipart(content, parameters["boundary"])
	case media == "text/event-stream":
		b.events(content)
	case pictures[media]:
		b.picture(content, media)
	default:
		b.text(content)
	}
	return b
}

// inflate undoes codings, the last one first (RFC 9110 8.4).
func (b *Body) inflate(content []byte, codings string) []byte {
	list := strings.Split(codings, ",")
	var undone []string
	for i := len(list) - 1; i >= 0; i-- {
		name := strings.ToLower(strings.TrimSpace(list[i]))
		if name == "" || name == "identity" {
			continue
		}
		out, cut, err := undo(name, content)
		if err != nil && len(out) == 0 {
			b.Error = fmt.Sprintf("%s could not be undone: %v", name, err)
			return content
		}
		if err != nil {
			b.Error = fmt.Sprintf("%s ends early: %v", name, err)
		}
		b.Truncated = b.Truncated || cut
		undone = append(undone, name)
		content = out
	}
	b.Encoding = strings.Join(undone, ", ")
	return content
}

// undo gives at most decodedMost bytes.
func undo(name string, content []byte) (out []byte, cut bool, err error) {
	var r io.Reader
	in := bytes.NewReader(content)
	switch name {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(in)
	case "deflate": // zlib, or what some servers send instead
		if r, err = zlib.NewReader(in); err != nil {
			r, err = flate.NewReader(bytes.NewReader(content)), nil
		}
	case "br":
		r = brotli.NewReader(in)
	case "zstd":
		var d *zstd.Decoder
		if d, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20)); err == nil {
			defer d.Close()
			r = d
		}
	default:
		err = errors.New("nobody here knows it")
	}
	if err != nil {
		return nil, false, err
	}
	out, err = io.ReadAll(io.LimitReader(r, decodedMost+1))
	if len(out) > decodedMost {
		return out[:decodedMost], true, nil
	}
	return out, false, err
}

func (b *Body) json(content []byte) {
	b.Kind = "json"
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, content, "", "  "); err != nil {
		b.text(content)
		b.Kind = "json"
		if !b.Truncated {
			b.Error = "This is no JSON: " + err.Error()
		}
		return
	}
	b.setText(pretty.Bytes())
}

func (b *Body) form(content []byte) {
	b.Kind = "form"
	for pair := range strings.SplitSeq(string(content), "&") {
		if len(b.Fields) == fieldsMost {
			b.Truncated = true
			return
		}
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		b.Fields = append(b.Fields, [2]string{unescaped(name), unescaped(value)})
	}
}

// unescaped is s decoded, or as it is if it cannot be.
func unescaped(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return valid(u)
	}
	return valid(s)
}

// pictures are the kinds that run no script.
var pictures = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

func (b *Body) picture(content []byte, media string) {
	if b.Truncated || http.DetectContentType(content) != media {
		b.text(content)
		if !b.Truncated {
			b.Error = "This is no " + media + "."
		}
		return
	}
	b.Kind = "image"
	b.Image = "data:" + media + ";base64," + base64.StdEncoding.EncodeToString(content)
}

// text is what can be read, or a dump of what cannot.
func (b *Body) text(content []byte) {
	if isText(content, b.Truncated) {
		b.Kind = "text"
		b.setText(content)
		return
	}
	b.Kind = "binary"
	b.Text = dump(content)
}

func (b *Body) setText(content []byte) {
	if len(content) > textMost {
		content, b.Truncated = content[:textMost], true
	}
	b.Text = valid(string(content))
}

// isText: UTF-8 without control characters that text does not have. One that
// was cut may end in the middle of a character.
func isText(content []byte, cut bool) bool {
	for i := 0; i < len(content); {
		r, n := utf8.DecodeRune(content[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			return cut && !utf8.FullRune(content[i:])
		case r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' && r != 0x1b, r == 0x7f:
			return false
		}
		i += n
	}
	return true
}

func valid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

// dumpMost is how many bytes are dumped.
const dumpMost = 16 << 10

// dump is offset, sixteen bytes in hexadecimal, and those of them that are
// ASCII.
func dump(content []byte) string {
	content = content[:min(len(content), dumpMost)]
	var b strings.Builder
	for at := 0; at < len(content); at += 16 {
		line := content[at:min(at+16, len(content))]
		fmt.Fprintf(&b, "%08x  % -48x  ", at, line)
		for _, c := range line {
			if c < ' ' || c > '~' {
				c = '.'
			}
			b.WriteByte(c)
		}
		b.WriteByte('\n')
	}
	return b.String()
}
