package proxyproto

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
	"testing"
)

// block is a header of version 2: the 13th and 14th byte, and what follows the
// length, which is right.
func block(command, family byte, rest ...string) string {
	s := strings.Join(rest, "")
	b := append([]byte(signature), command, family)
	return string(binary.BigEndian.AppendUint16(b, uint16(len(s)))) + s
}

func tlv(kind byte, value string) string {
	return string(binary.BigEndian.AppendUint16([]byte{kind}, uint16(len(value)))) + value
}

// summed puts the checksum into a header with one empty checksum in it.
func summed(header string) string {
	at := strings.Index(header, tlv(typeCRC32C, "\x00\x00\x00\x00")) + 3
	return header[:at] + string(binary.BigEndian.AppendUint32(nil, slowCRC(header))) + header[at+4:]
}

// slowCRC is CRC32C bit by bit, RFC 4960 appendix B.
func slowCRC(s string) uint32 {
	sum := ^uint32(0)
	for i := 0; i < len(s); i++ {
		sum ^= uint32(s[i])
		for range 8 {
			sum = sum>>1 ^ 0x82f63b78&-(sum&1)
		}
	}
	return ^sum
}

func TestSlowCRC(t *testing.T) {
	if got := slowCRC("123456789"); got != 0xe3069283 {
		t.Errorf("%08x, want e3069283: the check value of CRC-32C", got)
	}
}

const (
	ip4    = "\xcb\x00\x71\x07\xc0\x00\x02\x01\xdc\x04\x01\xbb" // 203.0.113.7:56324, 192.0.2.1:443
	empty  = "\x03\x00\x04\x00\x00\x00\x00"
	words4 = "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443"
)

var ip6 = "\x20\x01\x0d\xb8" + zeros(11) + "\x01" + zeros(15) + "\x01\x00\x50\x1f\x90" // [2001:db8::1]:80, [::1]:8080

func zeros(n int) string { return strings.Repeat("\x00", n) }

func unixName(s string) string { return s + zeros(maxUnix-len(s)) }

var good = []struct {
	in, want string // want: Header.String
	version  int
	why      string
}{
	{words4 + "\r\n", words4, 1, "PROXY 2.1"},
	{"PROXY TCP6 2001:db8::1 ::1 0 65535\r\n", "PROXY TCP6 2001:db8::1 ::1 0 65535", 1, "PROXY 2.1"},
	{"PROXY TCP6 2001:DB8:0:0:0:0:0:1 ::FFFF:192.0.2.1 1 2\r\n", "PROXY TCP6 2001:db8::1 ::ffff:192.0.2.1 1 2", 1, "any case; inet_ntop(3) writes mapped addresses so"},
	{"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
		"PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535", 1, "the longest of TCP6"},
	{"PROXY UNKNOWN\r\n", "PROXY UNKNOWN", 1, "the short form"},
	{"PROXY UNKNOWN who\x00 knows  \r\n", "PROXY UNKNOWN", 1, "what comes before the CR LF is ignored"},
	{"PROXY UNKNOWN " + strings.Repeat("f", maxLine-len("PROXY UNKNOWN \r\n")) + "\r\n", "PROXY UNKNOWN", 1, "107 bytes"},

	{block(0x21, 0x11, ip4), words4, 2, "PROXY 2.2"},
	{block(0x21, 0x21, ip6), "PROXY TCP6 2001:db8::1 ::1 80 8080", 2, "PROXY 2.2"},
	{block(0x21, 0x31, unixName("/run/a.sock"), unixName("\x00b")), "PROXY UNIX /run/a.sock @b", 2, "a path, and an abstract name"},
	{block(0x21, 0x31, strings.Repeat("x", maxUnix), zeros(maxUnix)), "PROXY UNIX " + strings.Repeat("x", maxUnix) + ` ""`, 2, "a path without NUL; no name"},
	{block(0x21, 0x31, unixName("/a b"), unixName("/c\x00d")), `PROXY UNIX "/a b" /c`, 2, "what follows the NUL is not the path"},
	{block(0x21, 0x12, ip4), words4, 2, "DGRAM: the client spoke HTTP/3 to the proxy"},
	{block(0x20, 0x00), "PROXY UNKNOWN", 2, "LOCAL: a health check"},
	{block(0x20, 0x11, ip4), "PROXY UNKNOWN", 2, "LOCAL: the block is to be discarded, with the family"},
	{block(0x20, 0xff, "anything"), "PROXY UNKNOWN", 2, "LOCAL: the family is ignored"},
	{block(0x21, 0x00), "PROXY UNKNOWN", 2, "UNSPEC"},
	{block(0x21, 0x01, "\xff\xff"), "PROXY UNKNOWN", 2, "UNSPEC over STREAM: the block is not looked at"},
	{block(0x21, 0x10, ip4), "PROXY UNKNOWN", 2, "INET over UNSPEC"},
	{block(0x21, 0x11, ip4, tlv(4, ""), tlv(2, "example.org"), tlv(0xee, zeros(300))), words4, 2, "TLVs are passed over"},
	{summed(block(0x21, 0x11, ip4, empty)), words4, 2, "a checksum"},
	{summed(block(0x21, 0x11, ip4, tlv(2, "example.org"), empty, tlv(4, "padding"))), words4, 2, "a checksum among others"},
	{block(0x21, 0x11, ip4, tlv(4, zeros(MaxLen-fixed-12-3))), words4, 2, "4096 bytes"},
}

func TestParse(t *testing.T) {
	const after = "GET / HTTP/1.1\r\n"
	for _, c := range good {
		h, n, err := Parse([]byte(c.in+after), false)
		if err != nil || n != len(c.in) || h.String() != c.want || h.Version != c.version {
			t.Errorf("%s\n%.80q\ngives version %d %.80q, %d, %v\nwant version %d %.80q, %d", c.why, c.in, h.Version, h, n, err, c.version, c.want, len(c.in))
		}
	}
	h, _, err := Parse([]byte(block(0x21, 0x11, ip4)), true)
	want := Header{Version: 2, Family: INET, Source: Addr{IP: netip.MustParseAddrPort("203.0.113.7:56324")}, Destination: Addr{IP: netip.MustParseAddrPort("192.0.2.1:443")}}
	if h != want || err != nil {
		t.Errorf("%+v, %v, want %+v", h, err, want)
	}
}

var bad = []struct {
	in   string
	rule Rule
	at   int
	why  string
}{
	{"GET / HTTP/1.1\r\n", ruleStart, 0, "a request without a header"},
	{"\x16\x03\x01", ruleStart, 0, "a TLS handshake without a header"},
	{"PROXZ TCP4", ruleStart, 4, ""},
	{"PROXY\tTCP4", ruleStart, 5, "exactly one space"},
	{"\r\nGET / HTTP/1.1\r\n", ruleStart, 2, "an empty line is not the signature"},
	{signature[:11] + "\r", ruleStart, 11, ""},

	{words4 + "\n", ruleLineEnd, len(words4), "a single LF must not be tolerated"},
	{words4 + "\rG", ruleLineEnd, len(words4) + 1, "a single CR must not be tolerated"},
	{"PROXY \n", ruleLineEnd, 6, ""},
	{"PROXY UNKNOWN a\nb\r\n", ruleLineEnd, 15, "not in an ignored part either"},
	{"PROXY UNKNOWN " + strings.Repeat("f", 200), ruleLine, 107, ""},
	{"PROXY UNKNOWN " + strings.Repeat("f", 92) + "\r\n", ruleLine, 107, "108 bytes"},
	{"PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n", ruleProtocol, 6, "two spaces"},
	{"PROXY \r\n", ruleProtocol, 6, ""},
	{"PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n", ruleProtocol, 6, ""},
	{"PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n", ruleProtocol, 6, "exactly matching"},
	{"PROXY UNKNOWNS\r\n", ruleProtocol, 6, ""},
	{"PROXY TCP4\r\n", ruleParts, 10, ""},
	{"PROXY TCP4 \r\n", ruleParts, 11, ""},
	{"PROXY TCP4 1.2.3.4\r\n", ruleParts, 18, ""},
	{"PROXY TCP4 1.2.3.4  1.2.3.4 1 2\r\n", ruleParts, 19, ""},
	{"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", ruleParts, 28, ""},
	{"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n", ruleParts, 30, ""},
	{"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", ruleParts, 30, ""},
	{"PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n", ruleAddress, 11, "it could be octal"},
	{"PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n", ruleAddress, 11, "exactly 4 integers"},
	{"PROXY TCP4 1.2.3.4 1.2.3.256 1 2\r\n", ruleAddress, 19, ""},
	{"PROXY TCP4 ::1 1.2.3.4 1 2\r\n", ruleAddress, 11, "the protocol dictates the format"},
	{"PROXY TCP6 1.2.3.4 ::1 1 2\r\n", ruleAddress, 11, ""},
	{"PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n", ruleAddress, 11, "a zone"},
	{"PROXY TCP6 1::2::3 ::1 1 2\r\n", ruleAddress, 11, "one double colon"},
	{"PROXY TCP4 example.org 1.2.3.4 1 2\r\n", ruleAddress, 11, ""},
	{"PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n", rulePort, 27, ""},
	{"PROXY TCP4 1.2.3.4 1.2.3.4 1 99999999999999999999\r\n", rulePort, 29, ""},
	{"PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", rulePort, 27, "it could be octal"},
	{"PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n", rulePort, 27, ""},
	{"PROXY TCP4 1.2.3.4 1.2.3.4 1 0x2\r\n", rulePort, 29, ""},

	{signature + "\x11", ruleVersion, 12, "the receiver must only accept 2"},
	{signature + "\x31", ruleVersion, 12, ""},
	{signature + "\x22", ruleCommand, 12, "receivers must drop unexpected values"},
	{signature + "\x21\x41", ruleFamily, 13, "must be rejected as invalid"},
	{signature + "\x21\x13", ruleTransport, 13, "must be rejected as invalid"},
	{block(0x21, 0x11, ip4[:11]), ruleLength, 14, "addresses cut short"},
	{block(0x21, 0x21, ip4), ruleLength, 14, ""},
	{block(0x21, 0x31, zeros(215)), ruleLength, 14, ""},
	{signature + "\x21\x11\x0f\xf1", ruleLength, 14, "4097 bytes, refused before they are awaited"},
	{signature + "\x20\x00\xff\xff", ruleLength, 14, "LOCAL is bounded too"},
	{block(0x21, 0x11, ip4, "\x04\x00"), ruleTLV, 28, ""},
	{block(0x21, 0x11, ip4, tlv(4, ""), "\x04\x00\x02x"), ruleTLV, 31, "a TLV that leads out of the header"},
	{block(0x21, 0x11, ip4, empty), ruleChecksum, 31, "the checksum of another header"},
	{block(0x21, 0x11, ip4, tlv(3, "123")), ruleChecksum, 28, "a checksum has 32 bits"},
	{summed(block(0x21, 0x11, ip4, empty))[:28] + tlv(3, "1234"), ruleChecksum, 31, ""},
}

func TestRefuse(t *testing.T) {
	for _, c := range bad {
		h, n, err := Parse([]byte(c.in), false)
		var e *Error
		if !errors.As(err, &e) || e.Rule != c.rule || e.Offset != c.at || n != 0 || h != (Header{}) {
			t.Errorf("%s\n%.80q\ngives %v, %d, %v\nwant rule %s at byte %d", c.why, c.in, h, n, err, c.rule.ID, c.at)
		}
	}
	twice := summed(block(0x21, 0x11, ip4, empty, tlv(3, "1234")))
	if _, _, err := Parse([]byte(twice), false); err == nil || !strings.Contains(err.Error(), "second checksum") {
		t.Errorf("two checksums: %v; which of them would count?", err)
	}
}

func TestErrorSaysAll(t *testing.T) {
	_, _, err := Parse([]byte("PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n"), false)
	want := `proxyproto: "1.2.3.04" is no IP address (byte 11, rule v1-address, PROXY 2.1: An address is one of the protocol's family in its canonical form, without a zone.)`
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant: %s", err, want)
	}
}
