package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test's binary be a server and a probe too, as the program is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		exit(serve(os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == "probe" {
		exit(answerProbe(os.Stdin, os.Stdout))
	}
	flag.Parse()
	os.Exit(m.Run())
}

func options1s(t *testing.T, args ...string) options {
	t.Helper()
	o, err := parse(append([]string{"-rounds", "1", "-duration", "1s"}, args...), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestMeasure makes one short turn of each server, from the flags to the file.
func TestMeasure(t *testing.T) {
	if supported != nil {
		t.Skip(supported)
	}
	if _, err := exec.LookPath("wrk"); err != nil {
		t.Skip(errNoWrk)
	}
	file := filepath.Join(t.TempDir(), "RESULTS.md")
	args := []string{"-only", "^(plain|idle)$", "-idle", "50", "-out", file}
	var out bytes.Buffer
	if err := measure(options1s(t, args...), &out, args); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range options1s(t).servers {
		if !strings.Contains(string(text), "| plain | "+name+" | ") {
			t.Errorf("no row of plain for %s: each server has its turn\n%s", name, text)
		}
		if !strings.Contains(string(text), "\n| "+name+" | ") {
			t.Errorf("no memory of %s: each server is asked to rest\n%s", name, text)
		}
	}
	if picture, err := os.ReadFile(plotFile(file)); err != nil || !strings.Contains(string(picture), "genkan") {
		t.Errorf("no plot with a bar of genkan's beside the table: %v", err)
	}
	if !strings.Contains(string(text), "| plain | net/http | ") || !strings.Contains(string(text), " | 1.00 | ") {
		t.Errorf("net/http must be 1.00 of itself\n%s", text)
	}
	if strings.Contains(string(text), " | 0.00 | ") {
		t.Errorf("a request that costs nothing was not measured\n%s", text)
	}
}

// TestAnswers asks each contestant of each workload once: that the servers
// answer alike is what makes them comparable, and needs no wrk.
func TestAnswers(t *testing.T) {
	if supported != nil {
		t.Skip(supported)
	}
	root := t.TempDir()
	if err := writeFiles(root); err != nil {
		t.Fatal(err)
	}
	running := map[string]*server{} // by the name of what serves, over TLS or not
	t.Cleanup(func() {
		for _, srv := range running {
			if err := srv.stop(); err != nil {
				t.Error(err)
			}
		}
	})
	for _, w := range workloads() {
		for _, c := range w.paths {
			t.Run(w.name+"/"+c.label, func(t *testing.T) {
				if why := peerNamed(c.server).missing(); why != "" {
					t.Skip(why)
				}
				name := w.serverName(c)
				if running[name] == nil {
					srv, err := startServer(name, root, options1s(t).cpus[0])
					if err != nil {
						t.Fatal(err)
					}
					running[name] = srv
				}
				if _, err := w.prepare(running[name].address, c.path); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestWrongAnswers: a server that cheats must not get into the table.
func TestWrongAnswers(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n"
	for _, test := range []struct {
		answer, want string
		closes       bool
	}{
		{answer: "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", want: "status 500"},
		{answer: head + "Hello, world?\n", want: "not the one expected"},
		{answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ne\r\n" + plainText + "\r\n0\r\n\r\n", want: "frame differently"},
		{answer: head + "Hello", want: "unexpected EOF"},
		{answer: head + plainText + "more", closes: true, want: "must end"},
	} {
		t.Run(test.want, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			go func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				c.Read(make([]byte, 4096))
				io.WriteString(c, test.answer)
				c.Close()
			}()
			w := *workloads()[0]
			w.closes = test.closes
			_, err = w.prepare(l.Addr().String(), "/plain")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q was accepted, or refused for another reason: %v", test.answer, err)
			}
		})
	}
}

func TestParse(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"-rounds 0", "at least 1"},
		{"-duration 1500ms", "whole seconds"},
		{"-idle 0", "at least 1"},
		{"-only (", "missing closing )"},
		{"-servers genkan,apache", "no server is called \"apache\""},
		{"-cpus 1", "two numbers"},
		{"-cpus 0,x", "two numbers"},
		{"plain", "only flags"},
	} {
		_, err := parse(strings.Fields(test.args), io.Discard)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v; it must say what is wrong: %q", test.args, err, test.want)
		}
	}
	if _, err := parse([]string{"-h"}, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h: %v; who asks for help has made no mistake", err)
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 2, 100}, 3}, // even: between the two in the middle
		{nil, 0},
	} {
		if got := median(test.values); got != test.want {
			t.Errorf("median of %v is %v, not %v", test.values, got, test.want)
		}
	}
}

// TestCPUTime: the clock is of the whole process, in nanoseconds, and moves
// with what it does.
func TestCPUTime(t *testing.T) {
	if supported != nil {
		t.Skip(supported)
	}
	before, err := cpuTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Millisecond); time.Now().Before(end); {
	}
	after, err := cpuTime(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if used := after - before; used <= 0 || used > 10*time.Second {
		t.Errorf("20 ms of work took %v of CPU time", used)
	}
}
