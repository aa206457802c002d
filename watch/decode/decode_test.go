package decode

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

func fields(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func TestContent(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for _, test := range []struct {
		name, media, content string
		cut                  bool
		want                 func(b Body) bool
	}{
		{"nothing", "", "", false, func(b Body) bool { return b.Kind == "empty" }},
		{"JSON", "application/json", `{"a":[1,"x"]}`, false, func(b Body) bool { return b.Kind == "json" && strings.Contains(b.Text, "\n  \"a\": [\n") }},
		{"JSON by its suffix", "application/problem+json; charset=utf-8", `{}`, false, func(b Body) bool { return b.Kind == "json" && b.Error == "" }},
		{"no JSON", "application/json", `{"a"`, false, func(b Body) bool { return b.Kind == "json" && b.Error != "" && b.Text == `{"a"` }},
		{"JSON that was cut", "application/json", `{"a"`, true, func(b Body) bool { return b.Error == "" && b.Truncated }},
		{"a form", form, "q=%E7%8E%84+%2B&empty=&bad=%zz&&k", false, func(b Body) bool {
			return b.Kind == "form" && len(b.Fields) == 4 && b.Fields[0] == [2]string{"q", "玄 +"} && b.Fields[2] == [2]string{"bad", "%zz"} && b.Fields[3] == [2]string{"k", ""}
		}},
		{"parts", "multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--B--\r\n", false, func(b Body) bool {
			return b.Kind == "multipart" && len(b.Parts) == 1 && b.Parts[0] == Part{"f", "a.txt", "text/plain", 5, "hello"} && b.Error == ""
		}},
		{"parts that end early", "multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nhel", false, func(b Body) bool {
			return len(b.Parts) == 1 && b.Parts[0].Text == "hel" && b.Error != ""
		}},
		{"events", "text/event-stream", "event: tick\ndata: 1\ndata: 2\n\n: comment\n\ndata: later\r\n\r\ndata: not over", false, func(b Body) bool {
			return b.Kind == "events" && len(b.Frames) == 2 && b.Frames[0].Kind == "tick" && b.Frames[0].Text == "1\n2" && b.Frames[1].Kind == "message"
		}},
		{"a picture", "image/png", "\x89PNG\r\n\x1a\nrest", false, func(b Body) bool { return b.Kind == "image" && strings.HasPrefix(b.Image, "data:image/png;base64,") }},
		{"a picture that is a page", "image/png", "<script>", false, func(b Body) bool { return b.Kind == "text" && b.Image == "" && b.Error != "" }},
		{"a picture with scripts", "image/svg+xml", "<svg/>", false, func(b Body) bool { return b.Kind == "text" }},
		{"text without a type", "", "どうぞ\n", false, func(b Body) bool { return b.Kind == "text" && b.Text == "どうぞ\n" }},
		{"text cut within a character", "text/plain", "どう"[:5], true, func(b Body) bool { return b.Kind == "text" }},
		{"bytes", "application/octet-stream", "\x00\x01abc", false, func(b Body) bool { return b.Kind == "binary" && strings.HasPrefix(b.Text, "00000000  00 01 61 62 63 ") }},
	} {
		b := Content([]byte(test.content), fields("content-type", test.media), !test.cut)
		if !test.want(b) || b.Wire != int64(len(test.content)) {
			t.Errorf("%s: %+v", test.name, b)
		}
	}
}

func TestCodings(t *testing.T) {
	text := strings.Repeat("hello ", 1000)
	pack := func(make func(w io.Writer) io.WriteCloser) []byte {
		var b bytes.Buffer
		w := make(&b)
		io.WriteString(w, text)
		w.Close()
		return b.Bytes()
	}
	for name, content := range map[string][]byte{
		"gzip":    pack(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		"deflate": pack(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }),
		"Deflate": pack(func(w io.Writer) io.WriteCloser { f, _ := flate.NewWriter(w, 6); return f }),
		"br":      pack(func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) }),
		"zstd":    pack(func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z }),
	} {
		b := Content(content, fields("content-encoding", name), true)
		if b.Text != text || b.Encoding != strings.ToLower(name) || b.Size != len(text) || b.Error != "" {
			t.Errorf("%s: kind %s, %d bytes of %d, %q", name, b.Kind, b.Size, len(text), b.Error)
		}
		half := Content(content[:len(content)-3], fields("content-encoding", name), false)
		if half.Kind == "empty" || len(half.Text) > len(text)*2 {
			t.Errorf("%s, cut: %+v", name, half.Kind)
		}
	}
	twice := pack(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	var again bytes.Buffer
	br := brotli.NewWriter(&again)
	br.Write(twice)
	br.Close()
	if b := Content(again.Bytes(), fields("content-encoding", "gzip, br"), true); b.Text != text || b.Encoding != "br, gzip" {
		t.Errorf("two codings: %s, %s", b.Encoding, b.Error)
	}
	if b := Content([]byte("x"), fields("content-encoding", "rot13"), true); b.Error == "" || b.Text != "x" {
		t.Errorf("an unknown coding: %+v", b)
	}
}

// A bomb gives no more than the limit, and says so.
func TestBomb(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	for range 64 {
		w.Write(make([]byte, 1<<20))
	}
	w.Close()
	b := Content(bomb.Bytes(), fields("content-encoding", "gzip"), true)
	if b.Size != decodedMost || !b.Truncated {
		t.Errorf("%d bytes, truncated %v", b.Size, b.Truncated)
	}
}

func TestWebSocket(t *testing.T) {
	in := []byte{0x81, 0x85, 1, 2, 3, 4, 'h' ^ 1, 'e' ^ 2, 'l' ^ 3, 'l' ^ 4, 'o' ^ 1, 0x89, 0x80, 0, 0, 0, 0}
	out := append([]byte{0x01, 3, 'f', 'o', 'o', 0x80, 3, 'b', 'a', 'r', 0x88, 6, 0x03, 0xe8}, "bye!"...)
	out = append(out, 0x82, 126, 0) // not whole
	b := WebSocket(in, out, "", true)
	var got []string
	for _, f := range b.Frames {
		got = append(got, f.Dir+" "+f.Kind+" "+f.Text)
	}
	want := []string{"in text hello", "in ping ", "out text, more follows foo", "out continuation bar", "out close 1000 normal closure: bye!"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q", got)
	}
}

// Two messages of one deflate context: the second refers to the first.
func TestWebSocketDeflate(t *testing.T) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, 9)
	if err != nil {
		t.Fatal(err)
	}
	var wire []byte
	text := "a message that comes twice, a message that comes twice"
	for range 2 {
		b.Reset()
		io.WriteString(w, text)
		w.Flush()
		payload := bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xff, 0xff})
		wire = append(wire, 0xc1, byte(len(payload)))
		wire = append(wire, payload...)
	}
	got := WebSocket(nil, wire, "permessage-deflate", true)
	if len(got.Frames) != 2 || got.Frames[0].Text != text || got.Frames[1].Text != text {
		t.Errorf("%+v", got.Frames)
	}
}

func FuzzContent(f *testing.F) {
	for _, media := range []string{"application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=B", "text/event-stream", "image/png", ""} {
		for _, coding := range []string{"", "gzip", "br", "zstd", "deflate"} {
			f.Add([]byte("--B\r\n\r\n{\"a\":1}\r\n--B--"), media, coding)
		}
	}
	f.Fuzz(func(t *testing.T, content []byte, media, coding string) {
		b := Content(content, fields("content-type", media, "content-encoding", coding), len(content)%2 == 0)
		if len(b.Text) > 5*textMost || b.Size > max(decodedMost, len(content)) {
			t.Errorf("%d bytes of text, size %d", len(b.Text), b.Size)
		}
		WebSocket(content, content, coding, true)
	})
}
