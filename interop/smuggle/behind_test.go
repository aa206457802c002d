package smuggle

import (
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/genkan-http/genkan"
	"github.com/genkan-http/genkan/front"
	"github.com/genkan-http/genkan/socket"
)

// wanted is how many attempts each pair gets, and where the random numbers
// begin.
func wanted(t *testing.T) (n int, seed uint64) {
	t.Helper()
	n, seed = 600, 1
	for name, to := range map[string]func(int){"GENKAN_SMUGGLE": func(v int) { n = v }, "GENKAN_SMUGGLE_SEED": func(v int) { seed = uint64(v) }} {
		if text := os.Getenv(name); text != "" {
			v, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			to(v)
		}
	}
	return n, seed
}

// lanes is how many attempts are under way at once, each with a back and a port
// of the front of its own.
const lanes = 24

// seen is what a back has seen, whole requests alone.
type seen struct {
	mu   sync.Mutex
	list []string
}

func (s *seen) add(r *http.Request, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, fmt.Sprintf("%s %s (%d)", r.Method, r.RequestURI, size))
}

func (s *seen) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.list
	s.list = nil
	return list
}

func (s *seen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// By Read alone: the requests of net/http/fcgi without a body share one that
	// WriteTo would change.
	n, err := io.Copy(io.Discard, struct{ io.Reader }{r.Body})
	if err != nil {
		return // not a whole request
	}
	s.add(r, n)
	w.Header().Set(fromBack, "1")
	io.WriteString(w, body)
}

// genkanServer serves h with Genkan until the test ends.
func genkanServer(t *testing.T, h http.Handler) string {
	t.Helper()
	e, err := socket.ParseEndpoint("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &genkan.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
	l, err := srv.Listen(e)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		srv.Serve(l)
	}()
	t.Cleanup(func() {
		srv.Close()
		<-served
	})
	return l.Addr().String()
}

// result counts what came of a pair.
type result struct {
	attempts, refused, disagreed atomic.Int64

	mu    sync.Mutex
	shown []string
}

func (r *result) show(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shown = append(r.shown, text)
}

// contest sends n attempts through the lanes, and fails if readers disagree. saw
// takes what a lane's back has seen since the last time.
func contest(t *testing.T, addresses []string, saw func(lane int) []string) {
	t.Helper()
	r := compete(t, addresses, saw)
	t.Logf("%d attempts, %d answered by the front alone, %d disagreements", r.attempts.Load(), r.refused.Load(), r.disagreed.Load())
	for _, text := range r.shown {
		t.Error(text)
	}
}

func compete(t *testing.T, addresses []string, saw func(lane int) []string) *result {
	t.Helper()
	n, seed := wanted(t)
	r := &result{}
	var group sync.WaitGroup
	var next atomic.Int64
	for lane, address := range addresses {
		group.Go(func() {
			for {
				i := next.Add(1)
				if i > int64(n) {
					return
				}
				wire := generate(rand.New(rand.NewPCG(seed, uint64(i))))
				ok, answers, _ := try(t, address, wire, patience, func() []string { return saw(lane) })
				r.attempts.Add(1)
				if answers == 0 {
					r.refused.Add(1)
				}
				if ok {
					continue
				}
				// Once more: a front that was cut off in the middle, or a back
				// that was slow, is no disagreement. What is still on its way
				// is let pass.
				for quiet := 0; quiet < 25; time.Sleep(20 * time.Millisecond) {
					quiet++
					if len(saw(lane)) > 0 {
						quiet = 0
					}
				}
				ok, answers, list := try(t, address, wire, ages, func() []string { return saw(lane) })
				if ok {
					continue
				}
				if r.disagreed.Add(1) <= 5 {
					r.show(fmt.Sprintf("attempt %d: %d answers, and the back saw %q\n%q", i, answers, list, wire))
				}
			}
		})
	}
	group.Wait()
	return r
}

// try is one attempt. It is fine if the back has seen as many whole requests as
// it has answered; one that it saw whole and the front did not hand on, because
// it broke with the client, shows as one more, and only at the end.
func try(t *testing.T, address string, wire []byte, patience time.Duration, saw func() []string) (ok bool, answers int, list []string) {
	saw()
	answers, closed, err := send(address, wire, patience)
	if err != nil {
		t.Error(err)
		return true, 0, nil
	}
	for end := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		list = append(list, saw()...)
		if len(list) == answers {
			return true, answers, list
		}
		if len(list) > answers && !(closed && len(list) == answers+1) || time.Now().After(end) {
			break
		}
	}
	if closed && len(list) == answers+1 && !hides(list) {
		return true, answers, list // the answer to the last one was not waited for
	}
	return false, answers, list
}

// hides: the request that stood in a body was seen.
func hides(list []string) bool {
	for _, one := range list {
		if len(one) > 12 && one[:12] == "GET /hidden " {
			return true
		}
	}
	return false
}

// TestBehind: other servers before Genkan.
func TestBehind(t *testing.T) {
	for _, f := range fronts {
		t.Run(f.name, func(t *testing.T) {
			backs, all := make([]string, lanes), make([]*seen, lanes)
			for i := range backs {
				all[i] = &seen{}
				backs[i] = genkanServer(t, all[i])
			}
			contest(t, f.start(t, backs), func(lane int) []string { return all[lane].take() })
		})
	}
}

// TestGenkanBeforeItself is the control: both read alike.
func TestGenkanBeforeItself(t *testing.T) {
	addresses, all := make([]string, lanes), make([]*seen, lanes)
	for i := range addresses {
		all[i] = &seen{}
		addresses[i] = genkanServer(t, proxyTo(t, genkanServer(t, all[i])))
	}
	contest(t, addresses, func(lane int) []string { return all[lane].take() })
}

func proxyTo(t *testing.T, address string) http.Handler {
	t.Helper()
	target, err := front.ParseTarget("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	return front.New(target, front.Options{ErrorLog: log.New(io.Discard, "", 0)})
}
