package genkantest

import (
	"context"
	"net"
	"net/http"
	"strings"
)

// Client is a client for this server, with connections of its own, which Close
// closes. It trusts the server's certificate, and speaks HTTP/2 if the server
// does so with TLS. It also finds the server as http://example.com (https, with
// TLS), and as any name below, so that a handler may be asked under a host's
// name. Nil before Start.
func (s *Server) Client() *http.Client { return s.client }

// newClient is a client that finds server as example.com at this port, too.
func newClient(server net.Addr, port string) *http.Client {
	dialer := new(net.Dialer)
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, asked, err := net.SplitHostPort(address)
			if err == nil && asked == port && (host == "example.com" || strings.HasSuffix(host, ".example.com")) {
				network, address = server.Network(), server.String()
			}
			return dialer.DialContext(ctx, network, address)
		},
	}}
}

// closeIdle closes what the test's clients keep open between requests: this
// server's own, and http.DefaultTransport, which most tests use.
func (s *Server) closeIdle() {
	for _, c := range []*http.Client{s.client, http.DefaultClient} {
		if c != nil {
			c.CloseIdleConnections()
		}
	}
}
