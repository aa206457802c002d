package record_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/genkan-http/genkan/watch/record"
)

func TestFindFields(t *testing.T) {
	h := watched(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "id=s3cret")
		w.Header().Set("Content-Type", "text/Plain")
		w.Header().Set("Connection", "close")
		w.Write([]byte("X-Body: b0dy\n"))
	}, record.Options{})
	h.talk("GET /t4rget HTTP/1.1\r\nHost: one.example\r\nX-Id:7\r\nCookie: id=s3cret\r\n\r\n")
	h.settled(1)
	h.talk("GET / HTTP/1.1\r\nHost: two.example\r\nX Id: 8\r\nAuthorization: s3cret\r\n t: s3cret\r\n\r\n") // refused
	h.settled(2)
	for word, want := range map[string][]uint64{
		"host":         {1, 2},
		"ONE.example":  {1},
		"x-id: 7":      {1},
		"x id: 8":      {2},
		"text/plain":   {1, 2},
		"set-cookie":   {1},
		"cookie":       {1},
		"authorizatio": {2},
		"s3cret":       {},
		"t4rget":       {},
		"b0dy":         {},
	} {
		if got := h.store.Find(word); !slices.Equal(got, want) {
			t.Errorf("fields that hold %q: in %v, want in %v", word, got, want)
		}
	}
}
