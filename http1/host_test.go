package http1

import (
	"net/netip"
	"testing"
)

// TestIPv6 holds the grammar to net/netip, which this package may not import.
func TestIPv6(t *testing.T) {
	for _, s := range []string{"::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8:9", "1::2::3", ":::", ":1", "1:", "1:::2",
		"12345::", "g::", "", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4", "::1.2.3", "::1.2.3.4.5",
		"::256.1.1.1", "::01.1.1.1", "::1.2.3.4:5", "1.2.3.4", "::ffff:1.2.3.4", "1:2:3:4:5:6::1.2.3.4", "::1..2.3", "::%1", "fe80::1%eth0"} {
		addr, err := netip.ParseAddr(s)
		want := err == nil && addr.Is6() && addr.Zone() == ""
		if got := validIPv6(s); got != want {
			t.Errorf("validIPv6(%q) = %v, want %v: RFC 3986 3.2.2", s, got, want)
		}
	}
}

func FuzzIPv6(f *testing.F) {
	f.Add("1::2:3.4.5.6")
	f.Fuzz(func(t *testing.T, s string) {
		addr, err := netip.ParseAddr(s)
		if want, got := err == nil && addr.Is6() && addr.Zone() == "", validIPv6(s); got != want {
			t.Errorf("validIPv6(%q) = %v, want %v: RFC 3986 3.2.2", s, got, want)
		}
	})
}
