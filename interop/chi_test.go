package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

func TestChi(t *testing.T) {
	compare(t, chiSite(staticFolder(t)), append(everyday(), []ask{
		{name: "sub-router behind a middleware", request: "GET /admin/accounts", status: 403},
		{name: "pattern with several parameters", request: "GET /articles/01-16-2017", status: 200, says: "day 16 of month 01 in 2017"},
		{name: "timeout by the request's context", request: "GET /late", status: 504},
		{name: "throttled", request: "GET /throttled", status: 200, says: "one at a time"},
	}...))
}

// chiSite is the everyday site in the shape of chi's README: the base
// middleware stack, RESTy routes with a sub-router, a mounted admin router.
func chiSite(static string) http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.RequestID)
	r.Use(middleware.RequestLogger(&middleware.DefaultLogFormatter{Logger: log.New(io.Discard, "", 0), NoColor: true}))
	r.Use(quietly, middleware.Recoverer)

	r.Get("/", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("welcome")) })
	r.Route("/articles", func(r chi.Router) {
		r.Post("/", createArticle)
		r.Get("/{month:\\d+}-{day:\\d+}-{year:\\d+}", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "day %s of month %s in %s", chi.URLParam(r, "day"), chi.URLParam(r, "month"), chi.URLParam(r, "year"))
		})
		r.Route("/{slug}", func(r chi.Router) {
			r.Use(articleCtx)
			r.Get("/", getArticle)
			r.Delete("/", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
		})
	})
	r.Mount("/admin", chiAdmin())
	r.With(middleware.Timeout(10*time.Millisecond)).Get("/late", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	r.With(middleware.Throttle(1)).Get("/throttled", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "one at a time") })
	r.With(middleware.Compress(5)).Get("/zip", sendLongText)
	r.Post("/form", showForm)
	r.Post("/upload", showUpload)
	r.Handle("/static/*", http.StripPrefix("/static/", http.FileServer(http.Dir(static))))
	r.Get("/stream", stream)
	r.Post("/echo", echoBody)
	r.Get("/old", moved)
	r.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	return r
}

type articleKey struct{}

func articleCtx(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := articles[chi.URLParam(r, "slug")]
		if !ok {
			http.Error(w, http.StatusText(404), 404)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), articleKey{}, a)))
	})
}

func getArticle(w http.ResponseWriter, r *http.Request) {
	a, ok := r.Context().Value(articleKey{}).(article)
	if !ok {
		http.Error(w, http.StatusText(422), 422)
		return
	}
	json.NewEncoder(w).Encode(a)
}

func chiAdmin() http.Handler {
	r := chi.NewRouter()
	r.Use(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Error(w, http.StatusText(403), 403) })
	})
	r.Get("/accounts", func(http.ResponseWriter, *http.Request) {})
	return r
}

// quietly gives Recoverer an entry to log the panic to that nobody reads.
func quietly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, middleware.WithLogEntry(r, unread{}))
	})
}

type unread struct{}

func (unread) Write(status, bytes int, header http.Header, elapsed time.Duration, extra any) {}
func (unread) Panic(v any, stack []byte)                                                     {}
