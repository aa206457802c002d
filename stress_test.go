package genkan

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// mixed are handlers of all tempers.
func mixed(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/sleep":
		time.Sleep(3 * time.Millisecond)
		io.WriteString(w, "slept")
	case "/stream":
		for range 10 {
			io.WriteString(w, strings.Repeat("s", 1000))
			w.(http.Flusher).Flush()
		}
	case "/large":
		io.WriteString(w, strings.Repeat("l", 200_000))
	case "/wait":
		select {
		case <-r.Context().Done():
		case <-time.After(2 * time.Millisecond):
		}
	default:
		at(w, r)
	}
}

// TestStress: many clients and handlers of all tempers, clients that leave in
// the middle, and a Shutdown while all that goes on. Each answer that arrives
// whole must be the right one; in the end nothing is left (clean).
func TestStress(t *testing.T) {
	wants := map[string]string{
		"/hello": "hello\n", "/sleep": "slept", "/stream": strings.Repeat("s", 10_000),
		"/large": strings.Repeat("l", 200_000), "/wait": "", "/empty": "",
		"/panic": "-", "/exit": "-", "/abort": "-", "/panicmidway": "-",
	}
	var paths []string
	for p := range wants {
		paths = append(paths, p)
	}
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, mixed)
		var answered atomic.Int64
		var stop atomic.Bool
		var all sync.WaitGroup
		for n := range 24 {
			all.Go(func() {
				random := rand.New(rand.NewSource(int64(n)))
				for !stop.Load() {
					if err := stressOne(h, random, paths, wants, &answered); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		time.Sleep(400 * time.Millisecond) // how long the load lasts; nothing depends on it
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		err := h.srv.Shutdown(ctx)
		stop.Store(true)
		all.Wait()
		if err != nil {
			t.Errorf("Shutdown under load: %v", err)
		}
		t.Logf("%d answers", answered.Load())
		if answered.Load() == 0 {
			t.Error("nobody was answered")
		}
	})
}

// stressOne is one connection with some requests on it. An error is an answer
// that is whole and wrong.
func stressOne(h *hall, random *rand.Rand, paths []string, wants map[string]string, answered *atomic.Int64) error {
	c, err := h.dial()
	if err != nil {
		time.Sleep(time.Millisecond)
		return nil // after Shutdown nobody listens
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	v := &visitor{t: h.t, Conn: c, in: bufio.NewReader(c)}
	for range 1 + random.Intn(8) {
		pipelined := 1 + random.Intn(3)
		var asked []string
		send := ""
		for range pipelined {
			path := paths[random.Intn(len(paths))]
			asked = append(asked, path)
			if random.Intn(3) == 0 {
				send += fmt.Sprintf("POST %s"+get+"Content-Length: 5\r\n\r\n12345", path)
			} else {
				send += "GET " + path + get + "\r\n"
			}
		}
		if _, err := io.WriteString(c, send); err != nil {
			return nil
		}
		if random.Intn(20) == 0 {
			v.reset()
			return nil
		}
		for _, path := range asked {
			res, err := http.ReadResponse(v.in, &http.Request{Method: "GET"})
			if err != nil {
				return nil // the connection was ended, as some handlers do
			}
			body, err := io.ReadAll(res.Body)
			switch {
			case err != nil:
				return nil
			case wants[path] != string(body) || res.StatusCode != 200:
				return fmt.Errorf("%s was answered %d %.40q", path, res.StatusCode, body)
			}
			answered.Add(1)
			if res.Close {
				return nil
			}
		}
	}
	return nil
}
