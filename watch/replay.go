package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/genkan-http/genkan/watch/record"
)

// Replaying sends bytes, not a request: they go out as they came in, or as they
// were edited, whatever a client library would think of them.

// again is what the page asks for.
type again struct {
	ID    uint64 `json:"id"`
	Bytes []byte `json:"bytes"` // nil: those of the exchange
	To    string `json:"to"`    // empty: LiveOptions.Target, or where it was accepted
}

// came is what came back.
type came struct {
	Sent      int    `json:"sent"`
	Received  []byte `json:"received"`
	TookNS    int64  `json:"took_ns"`
	Error     string `json:"error"`
	Truncated bool   `json:"truncated"`
}

const (
	replayQuiet = 2 * time.Second  // without a byte, and the answer is over
	replayLong  = 30 * time.Second // for all of it
	replayMost  = 4 << 20          // bytes of the answer
)

func (l *Live) replay(w http.ResponseWriter, r *http.Request) {
	var asked again
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostRequest)).Decode(&asked); err != nil {
		refuse(w, http.StatusBadRequest, `What is wanted is {"id":1}, with "bytes" in Base64 and "to" if they differ.`)
		return
	}
	if asked.Bytes == nil {
		in, _, whole, ok := l.store.Raw(asked.ID)
		switch {
		case !ok:
			refuse(w, http.StatusNotFound, notKept)
			return
		case !whole && len(in) == 0:
			refuse(w, http.StatusConflict, "The bytes of this request are not kept, so they cannot be sent again.")
			return
		}
		asked.Bytes = in
	}
	if asked.To == "" {
		asked.To = l.o.Target
	}
	if asked.To == "" {
		if d, ok := l.store.Detail(asked.ID, false); ok {
			asked.To = reachable(d.Connection.Local)
		}
	}
	network, address, err := l.replayTo(asked.To)
	if err != nil {
		refuse(w, http.StatusForbidden, err.Error())
		return
	}
	answer(w, exchangeBytes(r.Context(), network, address, asked.Bytes))
}

// reachable is where a client of this machine finds who listens at local.
func reachable(local string) string {
	addr, err := netip.ParseAddrPort(local)
	if err != nil || !addr.Addr().IsUnspecified() {
		return local
	}
	if addr.Addr().Is4() {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), addr.Port()).String()
	}
	return netip.AddrPortFrom(netip.IPv6Loopback(), addr.Port()).String()
}

// replayTo is where a request may be sent.
func (l *Live) replayTo(to string) (network, address string, err error) {
	if to == "" {
		return "", "", errors.New("it is not known where this server listens: say to which address")
	}
	if path, ok := strings.CutPrefix(to, "unix:"); ok {
		return "unix", strings.TrimPrefix(path, "//"), nil
	}
	host, _, err := net.SplitHostPort(to)
	if err != nil {
		return "", "", fmt.Errorf("%q is no address: host:port, or unix: and a path", to)
	}
	if !loopback(host) && !l.o.ReplayAnywhere {
		return "", "", errors.New("requests are sent again to this machine alone, unless the watcher was told otherwise (ReplayAnywhere)")
	}
	return "tcp", to, nil
}

// exchangeBytes sends out and reads until the peer ends, is quiet, or has sent
// enough.
func exchangeBytes(ctx context.Context, network, address string, out []byte) came {
	began := time.Now()
	var result came
	c, err := (&net.Dialer{Timeout: replayQuiet}).DialContext(ctx, network, address)
	if err != nil {
		result.Error = err.Error()
		return result
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	c.SetWriteDeadline(began.Add(replayLong))
	sent := make(chan error, 1)
	go func() { // a peer may answer before it has read all
		n, err := c.Write(out)
		result.Sent = n
		sent <- err
	}()
	last := began
	buffer := make([]byte, 32<<10)
	for {
		deadline := time.Now().Add(replayQuiet)
		if most := began.Add(replayLong); deadline.After(most) {
			deadline = most
		}
		c.SetReadDeadline(deadline)
		n, rerr := c.Read(buffer)
		if n > 0 {
			last = time.Now()
			result.Received = append(result.Received, buffer[:n]...)
			if record.Answered(out, result.Received) {
				break
			}
		}
		if len(result.Received) > replayMost {
			result.Received, result.Truncated = result.Received[:replayMost], true
			break
		}
		if rerr != nil {
			if !errors.Is(rerr, io.EOF) && !(errors.Is(rerr, os.ErrDeadlineExceeded) && len(result.Received) > 0) {
				err = rerr
			}
			break
		}
	}
	c.SetWriteDeadline(time.Unix(1, 0))
	if werr := <-sent; werr != nil && err == nil && len(result.Received) == 0 {
		err = werr
	}
	if err != nil {
		result.Error = err.Error()
	}
	result.TookNS = last.Sub(began).Nanoseconds()
	return result
}
