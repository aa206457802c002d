package record

import "testing"

// Whatever the bytes are, the pieces lie inside them, one after the other.
func FuzzMessage(f *testing.F) {
	for _, s := range []string{
		"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "BAD\r\n\r\n", "\r\n\r\n", "\r\nGET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a\r\nhello\r\n0\r\nA: b\r\n\r\n",
		"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel", "HTTP/1.1 200\r\nNo colon\r\n :\r\n\r\nrest", "A B C D\r\n:\r\n\r\n", "X\r\ntransfer-encoding:chunked\r\n\r\nffffffffffffffff\r\n",
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, wire []byte, request bool) {
		m, ok := readMessage(wire, 100, request, "GET")
		if !ok {
			return
		}
		at := int64(100)
		for _, p := range m.Pieces {
			if p.Off < at || p.Off+p.Len > 100+int64(len(wire)) {
				t.Fatalf("piece %+v after %d, in %d bytes", p, at-100, len(wire))
			}
			if p.Text != "" && p.Text != string(wire[p.Off-100:p.Off-100+p.Len]) {
				t.Fatalf("piece %+v is %q", p, wire[p.Off-100:p.Off-100+p.Len])
			}
			at = p.Off + p.Len
		}
		secretLines(wire, 0, func(string) bool { return true })
		Answered(wire, wire)
	})
}
