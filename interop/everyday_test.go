package interop

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The small site that every router of these tests serves, each in its own
// manner, and what is asked of it.
//
//	GET    /                   welcome, in plain text
//	GET    /articles/{slug}    an article as JSON; 404 for one that is not there
//	POST   /articles           an article from JSON; 201, or 400 with the reason
//	DELETE /articles/{slug}    204
//	POST   /form               the fields of a form
//	POST   /upload             name and size of each file of a multipart form
//	GET    /static/…           a folder
//	GET    /stream             lines, each flushed
//	POST   /echo               the body, as it comes
//	GET    /old                a redirect, with a cookie
//	GET    /panic              a panic, which a middleware catches
//	GET    /zip                a long text, which a middleware compresses
type article struct {
	Slug  string `json:"slug" binding:"required"`
	Title string `json:"title" binding:"required"`
	Pages int    `json:"pages"`
}

var articles = map[string]article{"sockets": {"sockets", "From socket() to a framework", 7}}

// longText is longer than what servers keep back to count it.
var longText = strings.Repeat("A line of a text that is long enough to be sent in pieces.\n", 2000)

// streamed are the lines of /stream.
const streamed = 20

func streamLine(i int) string { return fmt.Sprintf("line %d\n", i) }

func describeFile(h *multipart.FileHeader) string {
	return fmt.Sprintf("%s: %d bytes of %s\n", h.Filename, h.Size, h.Header.Get("Content-Type"))
}

// staticFolder is a folder whose files are the same each time, with their times.
func staticFolder(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"index.html":   "<!doctype html><title>Index</title>",
		"style.css":    "body { color: black }\n",
		"big.bin":      strings.Repeat("0123456789abcdef", 20_000),
		"sub/page.txt": "below\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		day := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		if err := os.Chtimes(path, day, day); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// uploaded is a multipart body with a small and a large file, and its type.
func uploaded() (body, contentType string) {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	form.SetBoundary("seven-steps-up-to-the-door")
	form.WriteField("title", "two files")
	for _, file := range []struct {
		name string
		size int
	}{{"small.txt", 12}, {"large.bin", 300_000}} {
		part, _ := form.CreateFormFile("files", file.name)
		part.Write(bytes.Repeat([]byte("x"), file.size))
	}
	form.Close()
	return b.String(), form.FormDataContentType()
}

// everyday asks for what the site has, the usual and the slightly wrong.
func everyday() []ask {
	upload, uploadType := uploaded()
	const asJSON = "Content-Type: application/json"
	return []ask{
		{name: "plain text", request: "GET /", status: 200, says: "welcome"},
		{name: "no body on HEAD", request: "HEAD /"},
		{name: "path parameter", request: "GET /articles/sockets", status: 200, says: "From socket() to a framework"},
		{name: "path parameter, encoded", request: "GET /articles/sock%65ts?q=1"},
		{name: "nothing by that name", request: "GET /articles/unknown", status: 404},
		{name: "JSON in, JSON out", request: "POST /articles", fields: asJSON, body: `{"slug":"new","title":"New","pages":3}`, status: 201, says: `"pages":3`},
		{name: "JSON in chunks", request: "POST /articles", fields: asJSON, body: `{"slug":"new","title":"New","pages":4}`, chunked: true, status: 201, says: `"pages":4`},
		{name: "broken JSON", request: "POST /articles", fields: asJSON, body: `{"slug":`, status: 400},
		{name: "wrong type in JSON", request: "POST /articles", fields: asJSON, body: `{"slug":"new","title":"New","pages":"many"}`, status: 400},
		{name: "no content", request: "DELETE /articles/sockets", status: 204},
		{name: "no such method", request: "PUT /articles", body: "x"},
		{name: "no such route", request: "GET /nowhere/at/all", status: 404},
		{name: "slash too many", request: "GET /articles/sockets/"},
		{name: "form", request: "POST /form?tag=query", fields: "Content-Type: application/x-www-form-urlencoded", body: "name=J%C3%BCrgen+M&tag=a&tag=b", status: 200, says: "Jürgen M"},
		{name: "multipart upload", request: "POST /upload", fields: "Content-Type: " + uploadType, body: upload, status: 200, says: "large.bin: 300000 bytes of application/octet-stream"},
		{name: "multipart upload in chunks", request: "POST /upload", fields: "Content-Type: " + uploadType, body: upload, chunked: true, status: 200, says: "small.txt: 12 bytes"},
		{name: "multipart upload cut short", request: "POST /upload", fields: "Content-Type: " + uploadType, body: upload[:100_000], status: 400},
		{name: "static file", request: "GET /static/style.css", status: 200, says: "color: black"},
		{name: "static file, large", request: "GET /static/big.bin", status: 200, says: "0123456789abcdef"},
		{name: "static file, a range of it", request: "GET /static/big.bin", fields: "Range: bytes=16-31", status: 206, says: "0123456789abcdef"},
		{name: "static file, unchanged", request: "GET /static/style.css", fields: "If-Modified-Since: Fri, 02 Jan 2026 03:04:05 GMT", status: 304},
		{name: "static file, HEAD", request: "HEAD /static/big.bin"},
		{name: "static file, not there", request: "GET /static/nothing.css", status: 404},
		{name: "static file, out of the folder", request: "GET /static/../../etc/passwd"},
		{name: "stream", request: "GET /stream", status: 200, says: streamLine(streamed - 1)},
		{name: "stream, then close", request: "GET /stream", fields: "Connection: close", status: 200, says: streamLine(streamed - 1)},
		{name: "echo", request: "POST /echo", body: longText, status: 200, says: longText},
		{name: "echo in chunks", request: "POST /echo", body: longText, chunked: true, status: 200, says: longText},
		{name: "redirect with a cookie", request: "GET /old", fields: "Cookie: visits=6", status: 302},
		{name: "panic", request: "GET /panic", status: 500},
		{name: "after the panic", request: "GET /", status: 200, says: "welcome"},
		{name: "compressed", request: "GET /zip", fields: "Accept-Encoding: gzip", status: 200, says: "\x1f\x8b"},
		{name: "not compressed", request: "GET /zip", status: 200, says: longText},
	}
}
