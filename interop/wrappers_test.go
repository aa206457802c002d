package interop

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// TestFileServerFS serves from memory and from a folder: what is no *os.File
// takes another way to the socket.
func TestFileServerFS(t *testing.T) {
	when := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	memory := fstest.MapFS{
		"index.html":     {Data: []byte("<!doctype html><title>In memory</title>"), ModTime: when},
		"a/b.txt":        {Data: []byte("below\n"), ModTime: when},
		"a/big.bin":      {Data: []byte(strings.Repeat("0123456789abcdef", 20_000)), ModTime: when},
		"a/no extension": {Data: []byte("%PDF-1.7 by its first bytes"), ModTime: when},
		"empty":          {ModTime: when},
	}
	mux := http.NewServeMux()
	mux.Handle("/memory/", http.StripPrefix("/memory", http.FileServerFS(memory)))
	mux.Handle("/folder/", http.StripPrefix("/folder", http.FileServerFS(os.DirFS(staticFolder(t)))))
	mux.HandleFunc("/one", func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, memory, "a/big.bin") })
	mux.HandleFunc("/content", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"seven"`)
		http.ServeContent(w, r, "page.txt", time.Time{}, strings.NewReader(longText))
	})
	asks := []ask{
		{name: "stripped of a prefix that is not there", request: "GET /memor", status: 404},
		{name: "one file", request: "GET /one", fields: "Range: bytes=-16", status: 206, says: "0123456789abcdef"},
		{name: "one file, its end asked beyond", request: "GET /one", fields: "Range: bytes=319990-999999", status: 206, says: "6789abcdef"},
		{name: "content that matches", request: "GET /content", fields: `If-None-Match: "seven"`, status: 304},
		{name: "content that does not match", request: "GET /content", fields: `If-Match: "eight"`, status: 412},
		{name: "content", request: "GET /content", status: 200, says: longText},
	}
	for _, from := range []string{"/memory", "/folder"} {
		asks = append(asks, []ask{
			{name: "index", request: "GET " + from + "/", status: 200, says: "<title>In"},
			{name: "index by name", request: "GET " + from + "/index.html", status: 301},
			{name: "HEAD", request: "HEAD " + from + "/", status: 200},
		}...)
	}
	compare(t, mux, append(asks, []ask{
		{name: "listing", request: "GET /memory/a/", status: 200, says: "no%20extension"},
		{name: "folder without its slash", request: "GET /memory/a", status: 301},
		{name: "large", request: "GET /memory/a/big.bin", status: 200, says: "0123456789abcdef"},
		{name: "large, from the disk", request: "GET /folder/big.bin", status: 200, says: "0123456789abcdef"},
		{name: "two ranges", request: "GET /folder/big.bin", fields: "Range: bytes=0-3,9999999-", status: 206, says: "0123"},
		{name: "no such range", request: "GET /folder/big.bin", fields: "Range: bytes=9999999-", status: 416},
		{name: "type by content", request: "GET /memory/a/no%20extension", status: 200, says: "%PDF-1.7"},
		{name: "nothing in it", request: "GET /memory/empty", status: 200},
		{name: "not there", request: "GET /memory/zzz", status: 404},
	}...))
}

func TestTimeoutHandler(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/quick", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Set", "inside")
		w.WriteHeader(http.StatusAccepted)
		io.WriteString(w, "in time")
	})
	mux.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		io.WriteString(w, "too late")
	})
	mux.HandleFunc("/large", sendLongText)
	mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	mux.HandleFunc("/body", func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	quick := []ask{
		{name: "in time", request: "GET /quick", status: 202, says: "in time"},
		{name: "large", request: "GET /large", status: 200, says: longText},
		{name: "body in, body out", request: "POST /body", body: longText, status: 200, says: longText},
		{name: "panic", request: "GET /panic", silent: true},
		{name: "after the panic", request: "GET /quick", status: 202, says: "in time"},
	}
	compare(t, http.TimeoutHandler(mux, time.Minute, "<p>late</p>"), quick)
	compare(t, http.TimeoutHandler(mux, 20*time.Millisecond, "<p>late</p>"), []ask{
		{name: "late", request: "GET /slow", status: 503, says: "<p>late</p>"},
		{name: "late, on the same connection again", request: "GET /slow", status: 503, says: "<p>late</p>"},
	})
}

func TestMaxBytesHandler(t *testing.T) {
	h := http.MaxBytesHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		w.Write(body)
	}), 1000)
	compare(t, h, []ask{
		{name: "small", request: "POST /", body: "small", status: 200, says: "small"},
		{name: "just as large as allowed", request: "POST /", body: longText[:1000], status: 200, says: longText[:1000]},
		{name: "a byte more", request: "POST /", body: longText[:1001], mayStay: true, status: 413, says: "request body too large"},
		{name: "a byte more, in chunks", request: "POST /", body: longText[:1001], chunked: true, mayStay: true, status: 413},
		{name: "much more", request: "POST /", body: strings.Repeat(longText, 20), status: 413},
		{name: "none", request: "GET /", status: 200},
	})
}

func TestAllowQuerySemicolons(t *testing.T) {
	show := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := r.ParseForm()
		http.Error(w, r.Form.Encode()+" "+errorText(err), http.StatusOK)
	})
	asks := []ask{
		{name: "semicolons", request: "GET /?a=1;b=2&c=3", status: 200, says: "c=3"},
		{name: "semicolons in the path too", request: "GET /x;y?a=1;b=2", status: 200},
	}
	compare(t, show, asks)
	compare(t, http.AllowQuerySemicolons(show), append(asks, ask{name: "allowed", request: "GET /?a=1;b=2", status: 200, says: "a=1&b=2"}))
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestRecorder serves what an httptest.ResponseRecorder has recorded, as
// caches do: the header's map is given from one ResponseWriter to another.
func TestRecorder(t *testing.T) {
	site := muxSite(staticFolder(t))
	compare(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		site.ServeHTTP(rec, r)
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(rec.Code)
		rec.Body.WriteTo(w)
	}), []ask{
		{name: "a page", request: "GET /articles/sockets", status: 200, says: "sockets"},
		{name: "a long one", request: "GET /zip", status: 200, says: longText},
		{name: "none", request: "DELETE /articles/sockets", status: 204},
	})
}
