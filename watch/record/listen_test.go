package record

import (
	"testing"
	"time"

	"github.com/genkan-http/genkan/trace"
)

// A listener that never looks holds no more than the store, about, however many
// exchanges and connections come and go.
func TestWhoNeverLooksHoldsLittle(t *testing.T) {
	s := New(Options{Exchanges: 50})
	l := s.Listen()
	defer l.Close()
	const all = 20_000
	for n := uint64(1); n <= all; n++ {
		for _, e := range []trace.Event{
			{Verb: trace.Accept, Note: "127.0.0.1:1 (tcp)"},
			{Verb: trace.Recv, Len: 18, Data: []byte("GET / HTTP/1.1\r\n\r\n")},
			{Verb: trace.Parse, Len: 18, Note: "GET / HTTP/1.1"},
			{Verb: trace.Respond, Len: 19, Note: "HTTP/1.1 200 OK"},
			{Verb: trace.Close, Note: "peer closed"},
		} {
			e.Conn, e.Seq, e.Time, e.FD = n, n, time.Unix(int64(n), 0), 7
			s.Add(e)
		}
	}
	if n := len(s.exchanges); n != 50 {
		t.Fatalf("%d exchanges are kept", n)
	}
	const most = 2*50 + spareLines + 2
	if len(l.order) > most || len(l.changed) != len(l.order) || len(l.conns) > most {
		t.Errorf("%d exchanges in order, %d changed, %d connections: want at most %d", len(l.order), len(l.changed), len(l.conns), most)
	}
	news, some := l.take(all)
	if !some || len(news.Exchanges) != 50 || news.Exchanges[49].ID != all {
		t.Errorf("what is told in the end: %d exchanges", len(news.Exchanges))
	}
	told := map[uint64]bool{}
	for _, c := range news.Conns {
		told[c.Conn] = c.Closed != nil
	}
	for _, x := range news.Exchanges {
		if !told[x.Conn] {
			t.Errorf("that connection %d was closed is not told", x.Conn)
		}
	}
}
