package watch_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/genkan-http/genkan/watch/record"
)

// spoken is one connection as its client saw it.
type spoken struct {
	address  string // of the client, by which the watcher knows it
	began    time.Time
	requests int
	out, in  []byte
}

// exact has clients hold generated conversations, and compares what they wrote
// down with what was recorded.
func exact(t *testing.T, a *hall) {
	most := 2000
	if text := os.Getenv("GENKAN_EXACT"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		most = n
	}
	const clients = 8
	conns := make([][]spoken, clients)
	var group sync.WaitGroup
	for client := range clients {
		group.Go(func() {
			random := rand.New(rand.NewPCG(7, uint64(client)))
			for left := most / clients; left > 0; {
				one := converse(t, a.addr, random, 1+random.IntN(min(left, 12)))
				left -= one.requests
				conns[client] = append(conns[client], one)
			}
		})
	}
	group.Wait()
	total := 0
	for i := range conns {
		for j := range conns[i] {
			total += conns[i][j].requests
		}
	}
	a.known(total)
	// A port is used again: its connections are told apart by their order.
	byPeer := map[string][][]record.Detail{}
	last := map[string]uint64{}
	for _, id := range a.live.Store().All() {
		d, _ := a.live.Store().Detail(id, true)
		peer, _, _ := strings.Cut(d.Connection.Peer, " ")
		if last[peer] != d.Summary.Conn {
			last[peer] = d.Summary.Conn
			byPeer[peer] = append(byPeer[peer], nil)
		}
		n := len(byPeer[peer]) - 1
		byPeer[peer][n] = append(byPeer[peer][n], d)
	}
	all := slices.SortedFunc(slices.Values(slices.Concat(conns...)), func(a, b spoken) int { return a.began.Compare(b.began) })
	if s := a.live.Store().Status(); s.Lost != 0 || s.Dropped != 0 {
		t.Fatalf("%+v: nothing may be lost in this test", s)
	}
	for _, c := range all {
		var list []record.Detail
		if same := byPeer[c.address]; len(same) > 0 {
			list, byPeer[c.address] = same[0], same[1:]
		}
		compare(t, c, list)
	}
	t.Logf("%d exchanges", total)
}

// compare puts the exchanges of a connection together: each byte once, at its
// place.
func compare(t *testing.T, c spoken, list []record.Detail) {
	t.Helper()
	if len(list) != c.requests {
		t.Errorf("%s: %d exchanges, want %d", c.address, len(list), c.requests)
		return
	}
	for _, side := range []struct {
		name   string
		want   []byte
		chunks func(d record.Detail) []record.Chunk
	}{
		{"received", c.out, func(d record.Detail) []record.Chunk { return d.Received }},
		{"sent", c.in, func(d record.Detail) []record.Chunk { return d.Sent }},
	} {
		var got []byte
		for _, d := range list {
			for _, one := range side.chunks(d) {
				if one.Off != int64(len(got)) || one.Len != int64(len(one.Data)) {
					t.Errorf("%s, %s: a chunk of %d at %d, with %d bytes before it", c.address, side.name, one.Len, one.Off, len(got))
					return
				}
				got = append(got, one.Data...)
			}
		}
		if !bytes.Equal(got, side.want) {
			t.Errorf("%s: %d bytes %s, and the other end has %d:\n%.2000q\n%.2000q", c.address, len(got), side.name, len(side.want), got, side.want)
		}
	}
}

// converse asks n times on one connection, with bodies of both framings, cut
// into packets at random, and now and then several requests ahead.
func converse(t *testing.T, address string, random *rand.Rand, n int) spoken {
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return spoken{requests: n}
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	one := spoken{address: c.LocalAddr().String(), began: time.Now(), requests: n}
	for i := range n {
		one.out = append(one.out, generated(random, i == n-1)...)
	}
	go func() {
		for rest := one.out; len(rest) > 0; {
			k := min(len(rest), 1+random.IntN(3000))
			if _, err := c.Write(rest[:k]); err != nil {
				return
			}
			rest = rest[k:]
		}
	}()
	if one.in, err = io.ReadAll(c); err != nil {
		t.Error(err)
	}
	return one
}

// generated is one request; the last one of its connection says so.
func generated(random *rand.Rand, last bool) []byte {
	var b bytes.Buffer
	body := make([]byte, random.IntN(1<<uint(random.IntN(15))))
	for i := range body {
		body[i] = byte(random.Uint32())
	}
	method := []string{"GET", "POST", "PUT", "HEAD"}[random.IntN(4)]
	fmt.Fprintf(&b, "%s /%d?q=%d HTTP/1.1\r\nHost: h%d\r\n", method, random.IntN(100), random.IntN(100), random.IntN(5))
	for i := range random.IntN(8) {
		fmt.Fprintf(&b, "X-%d: %s\r\n", i, strings.Repeat("v", random.IntN(200)))
	}
	if random.IntN(3) == 0 {
		b.WriteString("Cookie: id=s3cret\r\n")
	}
	if last {
		b.WriteString("Connection: close\r\n")
	}
	switch {
	case method == "GET" || method == "HEAD":
		b.WriteString("\r\n")
	case random.IntN(2) == 0:
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	default:
		b.WriteString("Transfer-Encoding: chunked\r\n\r\n")
		for len(body) > 0 {
			k := min(len(body), 1+random.IntN(5000))
			fmt.Fprintf(&b, "%x\r\n%s\r\n", k, body[:k])
			body = body[k:]
		}
		b.WriteString("0\r\n\r\n")
	}
	return b.Bytes()
}
