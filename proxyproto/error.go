package proxyproto

import "strconv"

// Error says why bytes are not a header. After it the connection can only be
// closed (PROXY 2.1): what follows cannot be told apart from the header.
type Error struct {
	Rule   Rule   // the rule that was broken
	Offset int    // the byte that broke it, from the connection's first
	Reason string // what was wrong, for a person; bytes of the peer are quoted and short
}

// Rule is one sentence of the protocol that a peer can break.
type Rule struct {
	ID     string // its name, which does not change: "v1-line-end"
	Source string // its section: "PROXY 2.1"
	Text   string // the rule, in our words
}

// Error is the whole story in one line.
func (e *Error) Error() string {
	return "proxyproto: " + e.Reason + " (byte " + strconv.Itoa(e.Offset) + ", rule " + e.Rule.ID + ", " + e.Rule.Source + ": " + e.Rule.Text + ")"
}

// The rules, in the order in which a header is read.
var (
	ruleStart     = Rule{"start", "PROXY 2.2", `A connection from a proxy begins with "PROXY " or the signature of version 2.`}
	ruleWhole     = Rule{"whole", "PROXY 2", "A header is whole before the peer ends its sending."}
	ruleLine      = Rule{"v1-line-length", "PROXY 2.1", "The line, with its CR LF, has at most 107 bytes."}
	ruleLineEnd   = Rule{"v1-line-end", "PROXY 2.1", "The line ends with CR LF, never with LF or CR alone."}
	ruleProtocol  = Rule{"v1-protocol", "PROXY 2.1", "The protocol is TCP4, TCP6 or UNKNOWN."}
	ruleParts     = Rule{"v1-parts", "PROXY 2.1", "Two addresses and two ports follow, each after exactly one space."}
	ruleAddress   = Rule{"v1-address", "PROXY 2.1", "An address is one of the protocol's family in its canonical form, without a zone."}
	rulePort      = Rule{"v1-port", "PROXY 2.1", "A port is a decimal number from 0 to 65535, without leading zeros."}
	ruleVersion   = Rule{"v2-version", "PROXY 2.2", "The upper half of the 13th byte is the version, 2."}
	ruleCommand   = Rule{"v2-command", "PROXY 2.2", "The lower half of the 13th byte is 0, LOCAL, or 1, PROXY."}
	ruleFamily    = Rule{"v2-family", "PROXY 2.2", "The upper half of the 14th byte is 0, UNSPEC, 1, INET, 2, INET6, or 3, UNIX."}
	ruleTransport = Rule{"v2-transport", "PROXY 2.2", "The lower half of the 14th byte is 0, UNSPEC, 1, STREAM, or 2, DGRAM."}
	ruleLength    = Rule{"v2-length", "PROXY 2.2", "The length covers the addresses of the family, and the header has at most 4096 bytes."}
	ruleTLV       = Rule{"v2-tlv", "PROXY 2.2", "A TLV is a type, a length in two bytes, and so many bytes, within the header."}
	ruleChecksum  = Rule{"v2-checksum", "PROXY 2.2.3", "A CRC32C has four bytes, is there once, and fits the header."}
)

// quote shows bytes of the peer: escaped, and cut to what a log line bears.
func quote(b string) string {
	const most = 40
	if len(b) <= most {
		return strconv.Quote(b)
	}
	return strconv.Quote(b[:most]) + "…"
}
