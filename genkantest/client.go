package genkantest

import (
	"context"
	"net"
	"net/http"
	"strings"
)

// Client is a client for this server, with connections of its own, which Close
// closes. It also finds the server as http://example.com, and as any name
// below, so that a handler may be asked under a host's name. Nil before Start.
func (s *Server) Client() *http.Client { return s.client }

func newClient(server net.Addr) *http.Client {
	dialer := new(net.Dialer)
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == "example.com:80" || strings.HasSuffix(address, ".example.com:80") {
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
