package main

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// stopTest is a server (of net/http, which has the same methods) with one
// request in its handler.
type stopTest struct {
	signals chan os.Signal
	out     *transcript
	release chan struct{} // closed: the handler returns
	served  chan error    // what serve returned
	answer  chan error    // what the client got
}

func startStop(t *testing.T, drain time.Duration) *stopTest {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	test := &stopTest{
		signals: make(chan os.Signal, 2),
		out:     &transcript{},
		release: make(chan struct{}),
		served:  make(chan error, 1),
		answer:  make(chan error, 1),
	}
	entered := make(chan struct{})
	log := &accessLog{out: io.Discard, underway: &underway{}}
	srv := &http.Server{Handler: log.wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-test.release
	}))}
	go func() {
		test.served <- serve(srv, []net.Listener{listener}, test.signals, drain, log.underway, test.out)
	}()
	go func() {
		response, err := http.Get("http://" + listener.Addr().String() + "/slow")
		if err == nil {
			err = response.Body.Close()
		}
		test.answer <- err
	}()
	t.Cleanup(func() {
		select {
		case <-test.release:
		default:
			close(test.release)
		}
	})
	<-entered
	return test
}

func TestFirstSignalDrains(t *testing.T) {
	test := startStop(t, time.Minute)
	test.signals <- os.Interrupt
	test.out.await(t, "1 request is under way and has 60 s")
	close(test.release)
	if err := <-test.served; err != nil {
		t.Errorf("serve: %v; a server that drained has not failed", err)
	}
	if err := <-test.answer; err != nil {
		t.Errorf("the request under way: %v; the first signal lets it finish", err)
	}
}

func TestDrainTimeCuts(t *testing.T) {
	test := startStop(t, 10*time.Millisecond)
	test.signals <- syscall.SIGTERM
	if err := <-test.served; err != nil {
		t.Errorf("serve: %v; cutting is said, and is no failure", err)
	}
	test.out.await(t, "Cut after 0.01 s:\n  GET /slow from 127.0.0.1:")
	if err := <-test.answer; err == nil {
		t.Error("the request got an answer, although it was said to be cut")
	}
}

func TestSecondSignalStops(t *testing.T) {
	test := startStop(t, time.Minute)
	test.signals <- os.Interrupt
	test.out.await(t, "Stopping")
	test.signals <- os.Interrupt
	var stopped stoppedBySignal
	if err := <-test.served; !errors.As(err, &stopped) || stopped.number != int(syscall.SIGINT) {
		t.Errorf("serve: %v, want the signal, which becomes the exit code 130", err)
	}
	if code := exitCode(stopped, io.Discard); code != 130 {
		t.Errorf("exit code %d, want 130: 128 and SIGINT, as a shell has it", code)
	}
}

func TestServeFails(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	healthy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	err = serve(&http.Server{}, []net.Listener{healthy, listener}, nil, time.Minute, &underway{}, io.Discard)
	if !errors.Is(err, net.ErrClosed) {
		t.Errorf("serve: %v, want the listener's error: one that fails stops the others", err)
	}
}

// transcript is a writer that can be read while it is written.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// await waits until want has been written.
func (s *transcript) await(t *testing.T, want string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(s.String(), want); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %q, got %q", want, s.String())
		}
	}
}
