package page

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

type object = map[string]any

// server answers the page as package watch does, with exchanges that were made
// up. What the page asks of it is written down.
type server struct {
	*httptest.Server
	t *testing.T

	mu       sync.Mutex
	made     []*made
	many     int // exchanges of one line each, after those made
	streams  map[chan message]bool
	asked    []string
	replayed []object
	exported []int // of the last export of some
	lost     int
	shut     bool // nobody is let in any more
}

type message struct {
	event string
	data  any
}

// serve starts a server with the made exchanges and as many simple ones.
func serve(t *testing.T, many int) *server {
	t.Helper()
	s := &server{t: t, made: scenes(), many: many, streams: map[chan message]bool{}}
	mux := http.NewServeMux()
	mux.Handle("/", Handler())
	mux.HandleFunc("GET /test/{name}", s.module)
	mux.HandleFunc("GET /api/stream", s.stream)
	mux.HandleFunc("GET /api/words", s.words)
	mux.HandleFunc("GET /api/find", s.findFields)
	mux.HandleFunc("GET /api/exchanges/{id}", s.exchange)
	mux.HandleFunc("GET /api/exchanges/{id}/body", s.body)
	mux.HandleFunc("GET /api/export/{id}", s.export)
	mux.HandleFunc("GET /api/export", s.exportAll)
	mux.HandleFunc("POST /api/export", s.exportAll)
	mux.HandleFunc("POST /api/clear", s.clear)
	mux.HandleFunc("POST /api/mark/{id}", s.mark)
	mux.HandleFunc("POST /api/replay", s.replay)
	mux.HandleFunc("GET /api/replays/{id}", s.cameBack)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
		s.mu.Unlock()
		if r.Method == http.MethodPost && r.Header.Get("X-Genkan") != "1" {
			http.Error(w, "no X-Genkan", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// module serves the tests that are written in the page's own language.
func (s *server) module(w http.ResponseWriter, r *http.Request) {
	text, err := os.ReadFile(filepath.Join("testdata", filepath.Base(r.PathValue("name"))))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Write(text)
}

// has waits until the page has asked for something that begins so.
func (s *server) has(prefix string) string {
	s.t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for time.Now().Before(deadline) {
		s.mu.Lock()
		for _, asked := range s.asked {
			if strings.HasPrefix(asked, prefix) {
				s.mu.Unlock()
				return asked
			}
		}
		s.mu.Unlock()
		time.Sleep(5 * time.Millisecond)
	}
	s.t.Errorf("the page never asked for %s", prefix)
	return ""
}

// push sends an event to every open page; "end" ends the streams.
func (s *server) push(event string, data any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for stream := range s.streams {
		stream <- message{event, data}
	}
}

func (s *server) stream(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	shut := s.shut
	s.mu.Unlock()
	if shut {
		http.Error(w, "the token is not valid", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(w, "retry: 100\n\n")
	w.Header().Set("Cache-Control", "no-store")
	live := make(chan message, 100)
	s.mu.Lock()
	s.streams[live] = true
	batch := make([]any, 0, 2000)
	for _, m := range s.made {
		batch = append(batch, m.summary())
	}
	many, first := s.many, len(s.made)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.streams, live)
		s.mu.Unlock()
	}()
	send := func(event string, data any) {
		text, err := json.Marshal(data)
		if err != nil {
			s.t.Error(err)
		}
		fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, text)
		w.(http.Flusher).Flush()
	}
	for i := range many {
		batch = append(batch, plainLine(first+1+i))
		if len(batch) == cap(batch) {
			send("exchanges", batch)
			batch = batch[:0]
		}
	}
	send("exchanges", batch)
	send("status", object{"lost": s.lost, "dropped": 0, "kept": first + many, "bytes": 48_211 + 300*many, "limit": 64 << 20})
	for {
		select {
		case m := <-live:
			if m.event == "end" {
				return
			}
			send(m.event, m.data)
		case <-r.Context().Done():
			return
		}
	}
}

func (s *server) find(w http.ResponseWriter, r *http.Request) *made {
	id, _ := strconv.Atoi(r.PathValue("id"))
	s.mu.Lock()
	defer s.mu.Unlock()
	if id < 1 || id > len(s.made) {
		http.Error(w, "no longer kept", http.StatusNotFound)
		return nil
	}
	return s.made[id-1]
}

func answer(w http.ResponseWriter, data any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(data)
}

func (s *server) exchange(w http.ResponseWriter, r *http.Request) {
	if m := s.find(w, r); m != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		answer(w, m.detail(s.made, r.FormValue("secrets") == "1"))
	}
}

func (s *server) findFields(w http.ResponseWriter, r *http.Request) {
	ids := []int{}
	for _, m := range s.made {
		if strings.Contains(strings.ToLower(m.in+m.out), r.FormValue("field")) {
			ids = append(ids, m.id)
		}
	}
	answer(w, object{"ids": ids})
}

func (s *server) body(w http.ResponseWriter, r *http.Request) {
	if m := s.find(w, r); m != nil {
		answer(w, m.body(r.FormValue("side")))
	}
}

func (s *server) words(w http.ResponseWriter, r *http.Request) {
	answer(w, words(r.FormValue("lang")))
}

func (s *server) export(w http.ResponseWriter, r *http.Request) {
	m := s.find(w, r)
	if m == nil {
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintf(w, "curl -v 'http://127.0.0.1:8000%s' # as=%s secrets=%s\n", m.target, r.FormValue("as"), r.FormValue("secrets"))
}

func (s *server) exportAll(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		var body struct{ IDs []int }
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		s.exported = body.IDs
		s.mu.Unlock()
		fmt.Fprintf(w, "%d exchanges\n", len(body.IDs))
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", "attachment")
	fmt.Fprintln(w, "{}")
}

func (s *server) clear(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.made, s.many = nil, 0
	s.mu.Unlock()
	s.push("cleared", nil)
	answer(w, object{})
}

func (s *server) mark(w http.ResponseWriter, r *http.Request) {
	m := s.find(w, r)
	if m == nil {
		return
	}
	var body struct{ Marked bool }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	m.marked = body.Marked
	s.mu.Unlock()
	s.push("exchange", m.summary())
	answer(w, object{})
}

func (s *server) replay(w http.ResponseWriter, r *http.Request) {
	var body object
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.replayed = append(s.replayed, body)
	number := len(s.replayed)
	s.mu.Unlock()
	answer(w, s.came(number, false))
}

func (s *server) cameBack(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.PathValue("id"))
	answer(w, s.came(number, r.FormValue("secrets") == "1"))
}

// came is the answer to the request that was sent again as the how manieth.
func (s *server) came(number int, secrets bool) object {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := int(s.replayed[number-1]["id"].(float64))
	text := strings.Replace(s.made[id-1].out, "Fri, 27 Nov 2026 07:0", "Fri, 27 Nov 2026 07:2", 1)
	hidden := [][2]int{}
	if !secrets {
		text, hidden = hide(text)
	}
	return object{"replay": number, "sent": 143, "received": base64.StdEncoding.EncodeToString([]byte(text)), "hidden": hidden, "took_ns": 812_345, "error": "", "truncated": false}
}

// lastReplay waits until so many requests to send something again have come,
// and returns the last.
func (s *server) lastReplay(n int) object {
	s.t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for time.Now().Before(deadline) {
		s.mu.Lock()
		if len(s.replayed) >= n {
			defer s.mu.Unlock()
			return s.replayed[n-1]
		}
		s.mu.Unlock()
		time.Sleep(5 * time.Millisecond)
	}
	s.t.Fatalf("the page did not ask %d times to send something again", n)
	return nil
}
