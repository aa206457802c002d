package interop

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestServeMux(t *testing.T) {
	compare(t, muxSite(staticFolder(t)), append(everyday(), []ask{
		{name: "host in a pattern", request: "GET http://other.example/", status: 200, says: "another host"},
		{name: "the rest of a path", request: "GET /rest/a%2Fb/c", status: 200, says: `"a/b/c" by GET /rest/{path...}`},
		{name: "not allowed, with what is", request: "PATCH /articles", status: 405},
		{name: "path that is not clean", request: "GET /static//sub/../style.css", status: 307},
		{name: "the server's options", request: "OPTIONS *", status: 200},
	}...))
}

// muxSite is the everyday site on package net/http alone.
func muxSite(static string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "welcome") })
	mux.HandleFunc("GET other.example/{$}", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "another host") })
	mux.HandleFunc("GET /rest/{path...}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%q by %s", r.PathValue("path"), r.Pattern)
	})
	mux.HandleFunc("GET /articles/{slug}", func(w http.ResponseWriter, r *http.Request) { showArticle(w, r.PathValue("slug")) })
	mux.HandleFunc("DELETE /articles/{slug}", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("POST /articles", createArticle)
	mux.HandleFunc("POST /form", showForm)
	mux.HandleFunc("POST /upload", showUpload)
	mux.Handle("GET /static/", http.StripPrefix("/static", http.FileServer(http.Dir(static))))
	mux.HandleFunc("GET /stream", stream)
	mux.HandleFunc("POST /echo", echoBody)
	mux.HandleFunc("GET /old", moved)
	mux.Handle("GET /panic", recovering(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("on purpose") })))
	mux.Handle("GET /zip", compressing(http.HandlerFunc(sendLongText)))
	return mux
}

func showArticle(w http.ResponseWriter, slug string) {
	a, ok := articles[slug]
	if !ok {
		http.Error(w, "no article "+slug, http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(a)
}

func createArticle(w http.ResponseWriter, r *http.Request) {
	var a article
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", "/articles/"+a.Slug)
	w.WriteHeader(http.StatusCreated)
	json.NewEncoder(w).Encode(a)
}

func showForm(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Fprintf(w, "%s: %v, in the body %v", r.FormValue("name"), r.Form["tag"], r.PostForm["tag"])
}

func showUpload(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseMultipartForm(64 << 10); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	defer r.MultipartForm.RemoveAll()
	fmt.Fprintln(w, r.FormValue("title"))
	for _, h := range r.MultipartForm.File["files"] {
		io.WriteString(w, describeFile(h))
	}
}

func stream(w http.ResponseWriter, r *http.Request) {
	for i := range streamed {
		io.WriteString(w, streamLine(i))
		w.(http.Flusher).Flush()
	}
}

// echoBody answers while it reads, which a handler has to announce.
func echoBody(w http.ResponseWriter, r *http.Request) {
	if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	io.Copy(w, r.Body)
}

func moved(w http.ResponseWriter, r *http.Request) {
	visits, _ := r.Cookie("visits")
	http.SetCookie(w, &http.Cookie{Name: "visits", Value: visits.Value + "1", Path: "/", HttpOnly: true})
	http.Redirect(w, r, "/", http.StatusFound)
}

func sendLongText(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	io.WriteString(w, longText)
}

func recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				http.Error(w, fmt.Sprint("recovered: ", v), http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// compressing is a gzip middleware as one finds them: a ResponseWriter around
// the server's.
func compressing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Add("Vary", "Accept-Encoding")
		z := gzip.NewWriter(w)
		defer z.Close()
		next.ServeHTTP(&compressedWriter{w, z}, r)
	})
}

type compressedWriter struct {
	http.ResponseWriter
	z *gzip.Writer
}

func (w *compressedWriter) Write(p []byte) (int, error) { return w.z.Write(p) }
