package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
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

// lengthOfAnswer asks once: every answer has as many bytes as the first.
func lengthOfAnswer(b *testing.B, conn net.Conn, request []byte) int64 {
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
	return counted.n
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
