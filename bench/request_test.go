package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// BenchmarkRequest is one request at a time over the loopback interface, with
// a client that allocates nothing: B/op and allocs/op are the server's own.
//
//	go test -run '^$' -bench Request -benchmem
func BenchmarkRequest(b *testing.B) {
	for _, w := range workloads() {
		if w.closes || w.depth > 1 || w.again || w.name == "nap" {
			continue
		}
		for _, c := range w.paths {
			b.Run(w.name+"/"+c.label, func(b *testing.B) { benchmarkRequest(b, w, c) })
		}
	}
}

func benchmarkRequest(b *testing.B, w *workload, c contestant) {
	root := b.TempDir()
	if err := writeFiles(root); err != nil {
		b.Fatal(err)
	}
	address, err := start(c.server, root, "127.0.0.1:0", make(chan error, 1))
	if err != nil {
		b.Fatal(err)
	}
	request, err := w.prepare(address.String(), c.path)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := net.Dial("tcp", address.String())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	buffer := make([]byte, lengthOfAnswer(b, conn, request))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(conn, buffer); err != nil {
			b.Fatal(err)
		}
	}
}

// lengthOfAnswer asks until all answers have as many bytes as the last one: the
// tag of a file is weak, and so longer, until the file has rested.
func lengthOfAnswer(b *testing.B, conn net.Conn, request []byte) int64 {
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		n, weak := askOnce(b, conn, request)
		if !weak {
			return n
		}
		if time.Now().After(end) {
			b.Fatalf("the tag of the answer is still weak after %v", patience)
		}
	}
}

func askOnce(b *testing.B, conn net.Conn, request []byte) (length int64, weak bool) {
	if _, err := conn.Write(request); err != nil {
		b.Fatal(err)
	}
	counted := &counter{r: conn}
	r := bufio.NewReader(counted)
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		b.Fatal(err)
	}
	return counted.n, strings.HasPrefix(answer.Header.Get("Etag"), "W/")
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
