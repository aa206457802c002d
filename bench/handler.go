package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/genkan-http/genkan/files"
)

// What every server answers. The paths are the workloads' (workload.go).
const (
	plainText = "Hello, World!\n"
	textType  = "text/plain; charset=utf-8"
	nap       = 10 * time.Millisecond
)

// newHandler is the one handler that Genkan and net/http run: a ServeMux with
// routes, as applications have. root holds the folders fs and files.
func newHandler(root string) (http.Handler, error) {
	folder, err := files.New(root, files.Options{})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /plain", plain)
	mux.HandleFunc("POST /echo", echo)
	mux.HandleFunc("GET /flushes", flushes)
	mux.HandleFunc("GET /nap", func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(nap)
		plain(w, r)
	})
	mux.HandleFunc("GET /slow/{kind}/{name}", slowly)
	mux.HandleFunc("GET /apart", sometimesSlowly)
	mux.HandleFunc("GET /mixed", sometimesSlowly)
	mux.Handle("GET /fs/", http.FileServer(http.Dir(root)))
	mux.Handle("GET /files/", folder)
	return mux, nil
}

func plain(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", textType)
	io.WriteString(w, plainText)
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the peer is gone, and with it whoever would read an answer
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(body)
}

// A mebibyte in many pieces, each of which leaves at once.
const flushed = 64

var flushPiece = text(1 << 20 / flushed)

func flushes(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", textType)
	for range flushed {
		w.Write(flushPiece)
		w.(http.Flusher).Flush()
	}
}

// The files that are served, in root's folders fs and files. Text, so that
// nobody needs to sniff the type.
var served = map[string][]byte{"1k.txt": text(1 << 10), "64k.txt": text(64 << 10), "10m.txt": text(10 << 20)}

// text is n bytes in lines of 64.
func text(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + i%26)
		if i%64 == 63 {
			b[i] = '\n'
		}
	}
	return b
}

// writeFiles makes what the servers serve: the folders of newHandler, and the
// plain answer as a file, for servers that have no handlers.
func writeFiles(root string) error {
	if err := os.WriteFile(filepath.Join(root, "plain"), []byte(plainText), 0o644); err != nil {
		return err
	}
	if err := writeCertificate(root); err != nil {
		return err
	}
	for _, folder := range []string{"fs", "files"} {
		dir := filepath.Join(root, folder)
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
		for name, content := range served {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
