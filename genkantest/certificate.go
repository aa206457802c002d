package genkantest

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
	"time"
)

// ownCertificate is the certificate of every server that was given none. It is
// one for the whole process, as in httptest, where a test may ask one server
// by the Client of another. Nothing of it is written anywhere.
var ownCertificate = sync.OnceValues(func() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, &ownTemplate, &ownTemplate, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
})

var ownTemplate = x509.Certificate{
	SerialNumber: big.NewInt(1),
	Subject:      pkix.Name{Organization: []string{"genkantest"}},
	DNSNames:     []string{"example.com", "*.example.com"},
	IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	// It is always valid, as tests have clocks of their own: in a bubble of
	// testing/synctest it is the year 2000.
	NotBefore: time.Unix(0, 0),
	NotAfter:  time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
	// It signs itself: who has it among the roots needs nothing else.
	IsCA:                  true,
	BasicConstraintsValid: true,
	KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
}
