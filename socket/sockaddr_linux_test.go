package socket

import (
	"net/netip"
	"syscall"
	"testing"
)

func TestSockaddrRoundTrip(t *testing.T) {
	for _, a := range []Addr{
		TCP(netip.MustParseAddrPort("192.0.2.7:258")),
		TCP(netip.MustParseAddrPort("[2001:db8::7]:65535")),
		TCP(netip.MustParseAddrPort("[fe80::1%lo]:1")), // every Linux has lo
		TCP(netip.MustParseAddrPort("[fe80::1%99999]:1")),
		Unix("/run/x.sock"), Unix("@name"), Unix(""),
	} {
		var sa sockaddr
		if errno := sa.encode(a); errno != 0 {
			t.Errorf("%v: %v", a, errno)
			continue
		}
		if got := sa.decode(); got != a {
			t.Errorf("%v came back as %v", a, got)
		}
	}
	var sa sockaddr
	if errno := sa.encode(TCP(netip.MustParseAddrPort("[fe80::1%nosuch0]:1"))); errno != syscall.ENODEV {
		t.Errorf("a zone of no interface: %v, want ENODEV", errno)
	}
}

// The kernel may say that an address is longer than the room for it, or leave
// it out.
func TestSockaddrOfAnyLength(t *testing.T) {
	for size := range uint32(200) {
		for _, family := range []byte{0, syscall.AF_UNIX, syscall.AF_INET, syscall.AF_INET6} {
			sa := sockaddr{size: size}
			sa.bytes[0] = family
			sa.decode()
		}
	}
}
