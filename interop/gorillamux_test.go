package interop

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/gorilla/handlers"
	"github.com/gorilla/mux"
)

func TestGorillaMux(t *testing.T) {
	compare(t, gorillaSite(staticFolder(t)), append(everyday(), []ask{
		{name: "CORS by middleware", request: "OPTIONS /foo", status: 200},
		{name: "matched by header", request: "GET /foo", fields: "X-Requested-With: XMLHttpRequest", status: 200, says: "foo for a script"},
		{name: "matched without it", request: "GET /foo", status: 200, says: "foo"},
		{name: "matched by query", request: "GET /foo?key=value", status: 200, says: "foo with value"},
	}...))
}

// gorillaSite is the everyday site in the shape of gorilla/mux's README:
// variables, matchers, a subrouter, its CORS example, middleware of
// gorilla/handlers.
func gorillaSite(static string) http.Handler {
	r := mux.NewRouter()
	r.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("welcome")) }).Methods("GET", "HEAD")
	s := r.PathPrefix("/articles").Subrouter()
	s.HandleFunc("", createArticle).Methods("POST")
	s.HandleFunc("/{slug:[a-z]+}", func(w http.ResponseWriter, r *http.Request) {
		a, ok := articles[mux.Vars(r)["slug"]]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(a)
	}).Methods("GET")
	s.HandleFunc("/{slug}", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) }).Methods("DELETE")
	foo := func(says string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			if r.Method == http.MethodOptions {
				return
			}
			io.WriteString(w, says+r.FormValue("key"))
		}
	}
	r.HandleFunc("/foo", foo("foo for a script")).Headers("X-Requested-With", "XMLHttpRequest")
	r.HandleFunc("/foo", foo("foo with ")).Queries("key", "{key}")
	r.HandleFunc("/foo", foo("foo")).Methods(http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodOptions)
	r.Use(mux.CORSMethodMiddleware(r))
	r.HandleFunc("/form", showForm).Methods("POST")
	r.HandleFunc("/upload", showUpload).Methods("POST")
	r.PathPrefix("/static/").Handler(http.StripPrefix("/static/", http.FileServer(http.Dir(static))))
	r.HandleFunc("/stream", stream)
	r.HandleFunc("/echo", echoBody)
	r.HandleFunc("/old", moved)
	r.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	r.Handle("/zip", handlers.CompressHandler(http.HandlerFunc(sendLongText)))
	return handlers.RecoveryHandler(handlers.RecoveryLogger(quiet))(handlers.CombinedLoggingHandler(io.Discard, r))
}
