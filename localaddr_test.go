package genkan

import (
	"fmt"
	"net"
	"net/http"
	"testing"
)

// TestLocalAddrWhenThePeerHasGone: the end of the context is not the end of the
// connection, which has its address for as long as the handler runs. (Handlers
// ask in a type assertion that panics.)
func TestLocalAddrWhenThePeerHasGone(t *testing.T) {
	onEach(t, func(t *testing.T, s stage) {
		h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
			fmt.Fprint(w, addr, " ", ok)
		})
		v := h.visit()
		v.say("GET /" + get + "\r\n")
		v.halfClose()
		if _, got := v.answer("GET"); got != v.RemoteAddr().String()+" true" {
			t.Errorf("asked the first time after the peer's end, the address is %q, want %v", got, v.RemoteAddr())
		}
	})
}
