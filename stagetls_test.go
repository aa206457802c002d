package genkan

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"
)

// The stages on which everything is said through TLS.
var (
	stageTLS       = overTLS("loop, TLS", stageTCP)
	stageTLSDirect = overTLS("net.Listener, TLS", stageDirect)
	stageTLSMemory = overTLS("loop, kernel in memory, TLS", stageMemory)
)

// overTLS is below with TLS on it, at both ends.
func overTLS(name string, below stage) stage {
	return stage{
		name: name, real: below.real,
		serve: func(srv *Server, l net.Listener) error { return srv.ServeTLS(l, "", "") },
		raise: func(t testing.TB, srv *Server) (net.Listener, func() (net.Conn, error)) {
			if srv.TLSConfig == nil {
				srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{identity().server}}
			}
			l, dial := below.raise(t, srv)
			return l, func() (net.Conn, error) { return dialTLS(dial, trusting()) }
		},
	}
}

// dialTLS comes in by dial and makes the handshake.
func dialTLS(dial func() (net.Conn, error), config *tls.Config) (*tls.Conn, error) {
	c, err := dial()
	if err != nil {
		return nil, err
	}
	tc := tls.Client(c, config)
	c.SetDeadline(time.Now().Add(patience))
	if err := tc.Handshake(); err != nil {
		c.Close()
		return nil, err
	}
	c.SetDeadline(time.Time{})
	return tc, nil
}

// trusting is a client's configuration that knows the test's authority.
func trusting(setup ...func(*tls.Config)) *tls.Config {
	config := &tls.Config{RootCAs: identity().pool, ServerName: "server.example", Time: func() time.Time { return noon }}
	for _, f := range setup {
		f(config)
	}
	return config
}

// noon is when the certificates are valid: the clock of a bubble is in 2000.
var noon = time.Date(2020, 1, 1, 12, 0, 0, 0, time.UTC)

type identities struct {
	server, client tls.Certificate
	authority      []byte
	pool           *x509.CertPool
}

// identity is an authority, and a server and a client that it vouches for.
var identity = sync.OnceValue(func() (all identities) {
	authority, key := certify("authority.example", nil, nil)
	all.authority = authority.Certificate[0]
	all.pool = x509.NewCertPool()
	all.pool.AddCert(authority.Leaf)
	all.server, _ = certify("server.example", authority.Leaf, key)
	all.client, _ = certify("client.example", authority.Leaf, key)
	return all
})

func certify(name string, by *x509.Certificate, byKey *ecdsa.PrivateKey) (tls.Certificate, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2090, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if by == nil {
		by, byKey = template, key
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by, &key.PublicKey, byKey)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, key
}
