package genkantest

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"slices"
)

// NewTLSServer is NewServer with TLS: see StartTLS.
func NewTLSServer(handler http.Handler) *Server {
	s := NewUnstartedServer(handler)
	s.StartTLS()
	return s
}

// StartTLS begins to serve with TLS. Unless TLS has a certificate, it uses one
// for 127.0.0.1, ::1, example.com and *.example.com, with a key made in memory;
// all servers of a process have the same, so that the Client of one trusts the
// others. HTTP/2 is spoken if EnableHTTP2, Config.Protocols or TLS.NextProtos
// says so. It panics when the server has been started already, and when the
// first certificate of TLS cannot be read.
func (s *Server) StartTLS() {
	s.refuseSecond("StartTLS")
	s.secure()
	s.client = newClient(s.Listener.Addr(), "443")
	trust := x509.NewCertPool()
	trust.AddCert(s.certificate)
	transport := s.client.Transport.(*http.Transport)
	transport.TLSClientConfig = &tls.Config{RootCAs: trust}
	transport.ForceAttemptHTTP2 = s.Config.Protocols.HTTP2()
	s.start("https", func() error { return s.Config.ServeTLS(s.Listener, "", "") })
}

// Certificate is the certificate that the server shows, the first one of TLS;
// nil if it was not started with TLS.
func (s *Server) Certificate() *x509.Certificate { return s.certificate }

// secure completes TLS, and gives it to Config.
func (s *Server) secure() {
	config := s.TLS
	if config == nil {
		config = s.Config.TLSConfig
	}
	if config = config.Clone(); config == nil {
		config = new(tls.Config)
	}
	if len(config.Certificates) == 0 {
		own, err := ownCertificate()
		if err != nil {
			panic("genkantest: StartTLS: no certificate could be made: " + err.Error())
		}
		config.Certificates = []tls.Certificate{own}
	}
	if len(config.Certificates[0].Certificate) == 0 {
		panic("genkantest: StartTLS: TLS.Certificates[0] is empty; fill it, or leave Certificates out to get one")
	}
	shown, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
	if err != nil {
		panic(fmt.Sprintf("genkantest: StartTLS: TLS.Certificates[0]: %v", err))
	}
	s.certificate = shown

	// In httptest HTTP/2 has to be asked for; in Config it must be forbidden.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	if s.Config.Protocols != nil {
		*protocols = *s.Config.Protocols
	}
	if s.EnableHTTP2 || slices.Contains(config.NextProtos, "h2") {
		protocols.SetHTTP2(true)
	}
	s.Config.Protocols = protocols
	s.Config.TLSConfig = config
	s.TLS = config
}
