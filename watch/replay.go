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
	Replay    uint64     `json:"replay"` // its number, for /api/replays/1
	Sent      int        `json:"sent"`
	Received  []byte     `json:"received"` // values of secret fields are stars, unless they are asked for
	Hidden    [][2]int64 `json:"hidden"`   // ranges of those stars
	TookNS    int64      `json:"took_ns"`
	Error     string     `json:"error"`
	Truncated bool       `json:"truncated"` // the peer would have sent more
}

// bounds are of one request that is sent again, and its answer.
type bounds struct {
	connect time.Duration // to each address
	quiet   time.Duration // without a byte after the first, and the answer is over
	long    time.Duration // for all of it, from the connection's beginning
	most    int           // bytes of the answer
}

var replayBounds = bounds{connect: 2 * time.Second, quiet: 2 * time.Second, long: 30 * time.Second, most: 4 << 20}

func (l *Live) replay(w http.ResponseWriter, r *http.Request) {
	var asked again
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostRequest)).Decode(&asked); err != nil {
		refuse(w, http.StatusBadRequest, `What is wanted is {"id":1}, with "bytes" in Base64 and "to" if they differ.`)
		return
	}
	if asked.Bytes == nil {
		in, _, whole, ok := l.store.Raw(asked.ID)
		_, speaks2 := l.store.Frames(asked.ID)
		switch {
		case speaks2:
			refuse(w, http.StatusConflict, "This is a whole HTTP/2 connection: its frames fit no other one, so they cannot be sent again.")
			return
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
		if d, ok := l.store.Alone(asked.ID, false); ok {
			asked.To = reachable(d.Connection.Local)
		}
	}
	network, addresses, err := l.replayTo(r.Context(), asked.To)
	if err != nil {
		refuse(w, http.StatusForbidden, err.Error())
		return
	}
	result := came{Hidden: [][2]int64{}}
	if c, err := dial(r.Context(), network, addresses, l.bounds.connect); err != nil {
		result.Error = err.Error()
	} else {
		result = exchangeBytes(r.Context(), c, asked.Bytes, l.bounds)
		result.Hidden = record.HiddenIn(asked.Bytes, result.Received, Secret)
	}
	answer(w, l.replays.keep(result).shown(secrets(r)))
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

// replayTo is where a request may be sent: addresses to be tried one after the
// other. A name that had to be checked is an address by then.
func (l *Live) replayTo(ctx context.Context, to string) (network string, addresses []string, err error) {
	if to == "" {
		return "", nil, errors.New("it is not known where this server listens: say to which address")
	}
	if path, ok := strings.CutPrefix(to, "unix:"); ok {
		return "unix", []string{strings.TrimPrefix(path, "//")}, nil
	}
	host, port, err := net.SplitHostPort(to)
	if err != nil {
		return "", nil, fmt.Errorf("%q is no address: host:port, or unix: and a path", to)
	}
	if l.o.ReplayAnywhere {
		return "tcp", []string{to}, nil
	}
	found, err := l.nearby(ctx, host)
	if errors.Is(err, errNotHere) {
		return "", nil, fmt.Errorf("requests are sent again to this machine alone, unless the watcher was told otherwise (ReplayAnywhere): %w", err)
	}
	return "tcp", joined(found, port), err
}

func dial(ctx context.Context, network string, addresses []string, patience time.Duration) (net.Conn, error) {
	var failed error
	for _, address := range addresses {
		c, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, network, address)
		if err == nil {
			return c, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

// exchangeBytes sends out and reads until the peer ends, is quiet, or has sent
// enough.
func exchangeBytes(ctx context.Context, c net.Conn, out []byte, b bounds) (result came) {
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	began := time.Now()
	c.SetWriteDeadline(began.Add(b.long))
	sent := make(chan error, 1)
	go func() { // a peer may answer before it has read all
		n, err := c.Write(out)
		result.Sent = n
		sent <- err
	}()
	err := result.read(c, out, began, b)
	c.SetWriteDeadline(time.Unix(1, 0))
	if werr := <-sent; werr != nil && err == nil && len(result.Received) == 0 {
		err = werr
	}
	if err != nil {
		result.Error = err.Error()
	}
	return result
}

// read takes the answer in.
func (result *came) read(c net.Conn, out []byte, began time.Time, b bounds) error {
	last := began
	defer func() { result.TookNS = last.Sub(began).Nanoseconds() }()
	end := began.Add(b.long)
	buffer := make([]byte, 32<<10)
	for {
		deadline := end // of the first byte: the handler may think as long
		if quiet := last.Add(b.quiet); len(result.Received) > 0 && quiet.Before(end) {
			deadline = quiet
		}
		c.SetReadDeadline(deadline)
		n, err := c.Read(buffer)
		if n > 0 {
			last = time.Now()
			result.Received = append(result.Received, buffer[:n]...)
			if record.Answered(out, result.Received) {
				return nil
			}
		}
		if len(result.Received) > b.most {
			result.Received, result.Truncated = result.Received[:b.most], true
			return nil
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			return nil
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case len(result.Received) == 0:
			return fmt.Errorf("no byte of an answer came within %v", b.long)
		default:
			result.Truncated = deadline.Equal(end)
			return nil
		}
	}
}
