package genkan

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/genkan-http/genkan/http1"
)

// TestTLSSlowReader: one large Write to a client that reads slowly, but reads,
// takes as long as it takes. (A tls.Conn whose Write was late is lost, so how
// much is handed to it at once matters.)
func TestTLSSlowReader(t *testing.T) {
	const size, rate = 2 << 20, 64 << 10 // half a minute
	for _, below := range []stage{stagePipe, stageMemory} {
		t.Run(below.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				h := serve(t, overTLS(below.name, below), func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Length", "2097152")
					if _, err := io.WriteString(w, strings.Repeat("s", size)); err != nil {
						t.Errorf("the one Write: %v", err)
					}
				})
				v := h.visit()
				v.say("GET /" + get + "Connection: close\r\n\r\n")
				v.SetReadDeadline(time.Now().Add(time.Hour))
				got, piece := 0, make([]byte, rate)
				var err error
				for err == nil {
					var n int
					n, err = io.ReadFull(v.in, piece)
					got += n
					time.Sleep(time.Second)
				}
				if got < size || err != io.EOF && err != io.ErrUnexpectedEOF {
					t.Errorf("%d bytes came, then %v", got, err)
				}
				v.Close()
			})
		})
	}
}

// keyed writes records of TLS 1.3 with AES-128-GCM as its client does, and may
// change its keys whenever it likes (RFC 8446 4.6.3, 5.2, 7.1).
type keyed struct {
	t      *testing.T
	secret []byte
	seq    uint64
	aead   cipher.AEAD
	iv     []byte
}

func (k *keyed) label(label string, n int) []byte {
	info := binary.BigEndian.AppendUint16(nil, uint16(n))
	label = "tls13 " + label
	info = append(append(info, byte(len(label))), label...)
	b, err := hkdf.Expand(sha256.New, k.secret, string(append(info, 0)), n)
	if err != nil {
		k.t.Fatal(err)
	}
	return b
}

// rekey makes key and IV of the secret.
func (k *keyed) rekey() {
	block, err := aes.NewCipher(k.label("key", 16))
	if err != nil {
		k.t.Fatal(err)
	}
	if k.aead, err = cipher.NewGCM(block); err != nil {
		k.t.Fatal(err)
	}
	k.iv, k.seq = k.label("iv", 12), 0
}

// record is one record with this content of this type.
func (k *keyed) record(kind byte, content string) []byte {
	nonce := bytes.Clone(k.iv)
	for i := range 8 {
		nonce[4+i] ^= byte(k.seq >> (56 - 8*i))
	}
	k.seq++
	n := len(content) + 1 + k.aead.Overhead()
	head := []byte{23, 3, 3, byte(n >> 8), byte(n)}
	return k.aead.Seal(head, nonce, append([]byte(content), kind), head)
}

// update asks the other end to change its keys, and changes ours.
func (k *keyed) update() []byte {
	record := k.record(22, "\x18\x00\x00\x01\x01")
	k.secret = k.label("traffic upd", 32)
	k.rekey()
	return record
}

// TestKeyUpdateFlood: a client that asks for new keys with every byte of its
// body, and reads none of the answers, makes nothing grow without bound.
func TestKeyUpdateFlood(t *testing.T) { bubble(t, keyUpdateFlood) }

func keyUpdateFlood(t *testing.T) {
	s := stageTLSMemory
	var dial func() (net.Conn, error)
	s.raise = func(t testing.TB, srv *Server) (l net.Listener, _ func() (net.Conn, error)) {
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{identity().server}}
		l, dial = raiseMemory(t, srv)
		return l, dial
	}
	h := serve(t, s, func(w http.ResponseWriter, r *http.Request) {
		under := w.(*response).ex.c.tr.(*tlsTransport).under
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			t.Error("the body was read to its end")
		}
		if n := under.waiting(); n > gatherMost+100 {
			t.Errorf("%d bytes wait for a client that does not read", n)
		}
	})
	log := new(lines)
	c, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	tc := tls.Client(c, trusting(func(c *tls.Config) { c.KeyLogWriter = log }))
	if err := tc.Handshake(); err != nil {
		t.Fatal(err)
	}
	if tc.ConnectionState().CipherSuite != tls.TLS_AES_128_GCM_SHA256 {
		t.Skip("this machine prefers another cipher suite")
	}
	k := &keyed{t: t}
	for line := range strings.Lines(log.String()) {
		if words := strings.Fields(line); words[0] == "CLIENT_TRAFFIC_SECRET_0" {
			k.secret, _ = hex.DecodeString(words[2])
		}
	}
	k.rekey()
	c.Write(k.record(23, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"))
	c.SetWriteDeadline(time.Now().Add(2 * patience))
	for range 100_000 {
		if _, err := c.Write(append(k.update(), k.record(23, "1\r\nx\r\n")...)); err != nil {
			break
		}
	}
	// The answer does not leave either.
	h.wantClosed(http1.SendTooSlow, "a client that never reads is cut after its grace")
}
