package http1

import "strings"

// Rule is one sentence of the wire that a peer can break.
type Rule struct {
	ID     string // its name, which does not change: "field-name-token"
	Source string // where it comes from: "RFC 9112 5.1"
	Status int    // what a server answers to a breach
	Text   string // the rule, in our words
}

// String is the rule's name.
func (r Rule) String() string { return r.ID }

// URL is where the rule's source can be read; empty: it is no RFC.
func (r Rule) URL() string { return SourceURL(r.Source) }

// SourceURL is where a source such as "RFC 9112 5.1" can be read; empty: it is
// no RFC.
func SourceURL(source string) string {
	number, ok := strings.CutPrefix(source, "RFC ")
	if !ok {
		return ""
	}
	number, section, found := strings.Cut(number, " ")
	url := "https://www.rfc-editor.org/rfc/rfc" + number
	if found {
		url += "#section-" + section
	}
	return url
}

// Rules is every rule, in the order of a message.
func Rules() []Rule { return append([]Rule(nil), rules[:]...) }

type rule uint8

// The rules, in the order of a message.
const (
	ruleTLS rule = iota
	ruleEmptyLine
	ruleLineEnd
	ruleBareCR
	ruleLineSpace
	ruleMethodToken
	ruleMethodLength
	ruleLineLength
	ruleTargetByte
	ruleTargetEmpty
	ruleVersionMissing
	ruleVersionSyntax
	ruleVersionMajor
	rulePreface
	ruleStatusCode
	ruleReasonByte
	ruleUnasked
	ruleTargetForm
	ruleTargetPercent
	ruleTargetScheme
	ruleTargetAuthority
	ruleUserinfo

	ruleLeadingSpace
	ruleFold
	ruleNameEmpty
	ruleNameSpace
	ruleNameToken
	ruleColon
	ruleValueByte
	ruleFieldLine
	ruleFieldCount
	ruleHeadLength
	ruleEOFHead

	ruleHostMissing
	ruleHostOnce
	ruleHostEmpty
	ruleHostSyntax
	ruleLengthOnce
	ruleLengthDigits
	ruleLengthRange
	ruleCodingOnce
	ruleCoding10
	ruleCodingLength
	ruleCodingSyntax
	ruleCodingLast
	ruleCodingUnknown
	ruleExpect

	ruleChunkSize
	ruleChunkRange
	ruleChunkLineEnd
	ruleChunkEnd
	ruleExtension
	ruleExtensionLine
	ruleExtensionBody
	ruleTrailerCount
	ruleTrailerBytes
	ruleTrailerField
	ruleEOFBody
	ruleCount
)

var rules = [ruleCount]Rule{
	ruleTLS:             {"tls-hello", "RFC 8446 5.1", 400, "A connection without TLS starts with a request, not with a TLS handshake."},
	ruleEmptyLine:       {"empty-line", "RFC 9112 2.2", 400, "One empty line before the start line is ignored; a second one is not."},
	ruleLineEnd:         {"line-end", "RFC 9112 2.2", 400, "A line ends with CR LF, never with LF alone."},
	ruleBareCR:          {"bare-cr", "RFC 9112 2.2", 400, "A CR stands only right before an LF."},
	ruleLineSpace:       {"start-line-space", "RFC 9112 3", 400, "The parts of a start line are separated by exactly one space, with none before or after them."},
	ruleMethodToken:     {"method-token", "RFC 9110 9.1", 400, "A method is a token."},
	ruleMethodLength:    {"method-length", "RFC 9112 3", 400, "A method has at most 32 bytes."},
	ruleLineLength:      {"start-line-length", "RFC 9112 3", 414, "A start line is not longer than its limit."},
	ruleTargetByte:      {"target-byte", "RFC 3986 2", 400, "A target holds visible ASCII, without \", #, < and >."},
	ruleTargetEmpty:     {"target-empty", "RFC 9112 3.2", 400, "A target is not empty."},
	ruleVersionMissing:  {"version-missing", "RFC 9112 2.3", 400, "A start line names its version: HTTP/0.9 is not spoken."},
	ruleVersionSyntax:   {"version-syntax", "RFC 9112 2.3", 400, "A version is HTTP/ in capitals, a digit, a dot and a digit."},
	ruleVersionMajor:    {"version-major", "RFC 9110 15.6.6", 505, "The major version is 1."},
	rulePreface:         {"http2-preface", "RFC 9113 3.4", 505, "HTTP/2 is not spoken on this connection."},
	ruleStatusCode:      {"status-code", "RFC 9112 4", 400, "A status code is three digits, the first of them not 0."},
	ruleReasonByte:      {"reason-byte", "RFC 9112 4", 400, "A reason phrase holds no control characters but tab."},
	ruleUnasked:         {"response-unasked", "RFC 9112 9.2", 400, "A response answers a request."},
	ruleTargetForm:      {"target-form", "RFC 9112 3.2", 400, "A target starts with / or http(s)://, is host:port for CONNECT alone, or * for OPTIONS alone."},
	ruleTargetPercent:   {"target-percent", "RFC 3986 2.1", 400, "In a path, % is followed by two hexadecimal digits."},
	ruleTargetScheme:    {"target-scheme", "RFC 9112 3.2.2", 400, "The scheme of an absolute target is http or https."},
	ruleTargetAuthority: {"target-authority", "RFC 9110 4.2", 400, "The authority of a target is a host, not empty, and maybe a port up to 65535."},
	ruleUserinfo:        {"userinfo", "RFC 9110 4.2.4", 400, "An authority holds no user name or password."},

	ruleLeadingSpace: {"leading-space", "RFC 9112 2.2", 400, "No white space stands between the start line and the first field."},
	ruleFold:         {"obs-fold", "RFC 9112 5.2", 400, "A field is one line: no line of a head starts with white space."},
	ruleNameEmpty:    {"field-name-empty", "RFC 9112 5.1", 400, "A field has a name."},
	ruleNameSpace:    {"field-name-space", "RFC 9112 5.1", 400, "No white space stands in or after a field's name."},
	ruleNameToken:    {"field-name-token", "RFC 9112 5.1", 400, "A field's name is a token."},
	ruleColon:        {"field-colon", "RFC 9112 5", 400, "A field line has a colon."},
	ruleValueByte:    {"field-value-byte", "RFC 9110 5.5", 400, "A field's value holds no control characters but tab."},
	ruleFieldLine:    {"field-line-length", "RFC 6585 5", 431, "A field line is not longer than its limit."},
	ruleFieldCount:   {"field-count", "RFC 6585 5", 431, "A head has no more fields than its limit."},
	ruleHeadLength:   {"head-length", "RFC 6585 5", 431, "A head is not longer than its limit."},
	ruleEOFHead:      {"eof-in-head", "RFC 9112 8", 400, "A head ends with an empty line before the peer ends its sending."},

	ruleHostMissing:   {"host-missing", "RFC 9112 3.2", 400, "A request of HTTP/1.1 has a Host field."},
	ruleHostOnce:      {"host-once", "RFC 9112 3.2", 400, "A request has one Host field."},
	ruleHostEmpty:     {"host-empty", "RFC 9112 3.2", 400, "The Host field is not empty."},
	ruleHostSyntax:    {"host-syntax", "RFC 9112 3.2", 400, "The Host field is a host and maybe a port up to 65535."},
	ruleLengthOnce:    {"content-length-once", "RFC 9110 8.6", 400, "A message has one Content-Length field, with one value."},
	ruleLengthDigits:  {"content-length-digits", "RFC 9110 8.6", 400, "Content-Length is digits, nothing else."},
	ruleLengthRange:   {"content-length-range", "RFC 9110 8.6", 400, "Content-Length has at most 19 digits and is below 2^63."},
	ruleCodingOnce:    {"transfer-encoding-once", "RFC 9112 6.1", 400, "A message has one Transfer-Encoding field line."},
	ruleCoding10:      {"transfer-encoding-1.0", "RFC 9112 6.1", 400, "HTTP/1.0 has no Transfer-Encoding."},
	ruleCodingLength:  {"transfer-encoding-and-content-length", "RFC 9112 6.1", 400, "A message has Transfer-Encoding or Content-Length, not both."},
	ruleCodingSyntax:  {"transfer-encoding-syntax", "RFC 9112 6.1", 400, "Transfer-Encoding is a list of codings without parameters, identity not among them."},
	ruleCodingLast:    {"transfer-encoding-last", "RFC 9112 6.1", 400, "chunked is the last coding, and is there once."},
	ruleCodingUnknown: {"transfer-encoding-unknown", "RFC 9112 6.1", 501, "No coding but chunked is understood."},
	ruleExpect:        {"expect", "RFC 9110 10.1.1", 417, "The only expectation is 100-continue."},

	ruleChunkSize:     {"chunk-size", "RFC 9112 7.1", 400, "A chunk's size is 1 to 16 hexadecimal digits, followed at once by CR LF or an extension."},
	ruleChunkRange:    {"chunk-size-range", "RFC 9112 7.1", 400, "A chunk's size is below 2^63."},
	ruleChunkLineEnd:  {"chunk-line-end", "RFC 9112 7.1", 400, "A chunk's size line ends with CR LF, never with LF or CR alone."},
	ruleChunkEnd:      {"chunk-data-end", "RFC 9112 7.1", 400, "A chunk's data is followed by CR LF."},
	ruleExtension:     {"chunk-extension", "RFC 9112 7.1.1", 400, "A chunk extension is ; and a token, and maybe = and a token or quoted string, without white space."},
	ruleExtensionLine: {"chunk-extension-length", "RFC 9112 7.1.1", 400, "The extensions of one chunk are not longer than their limit."},
	ruleExtensionBody: {"chunk-extension-total", "RFC 9112 7.1.1", 400, "The extensions of a body are not longer than its data and their limit."},
	ruleTrailerCount:  {"trailer-count", "RFC 6585 5", 431, "A trailer section has no more fields than its limit."},
	ruleTrailerBytes:  {"trailer-length", "RFC 6585 5", 431, "A trailer section is not longer than its limit."},
	ruleTrailerField:  {"trailer-field", "RFC 9110 6.5.1", 400, "No field for framing, routing, authentication, conditions or content is a trailer."},
	ruleEOFBody:       {"eof-in-body", "RFC 9112 8", 400, "A body is whole before the peer ends its sending."},
}
