package http1

// framing reads the fields by which a message is delimited and a connection is
// kept, RFC 9112 6 and 9.3. Every ambiguity is a breach: two readers who resolve it
// differently are how one request is smuggled inside another.
type framing struct {
	m      *machine
	fields *Fields
	minor  int

	hosts, lengths, codings int // how many lines
	hostAt, lengthAt        int // which of the lines, the first
	codingAt                int
	expectation             int // which line, -1: none
	hostValue               string
	lengthValue             string
	codingValue             string
	expectValue             string
	close, keepAlive        bool

	contentLength int64 // -1 when chunked
	chunked       bool
}

// read finds the fields that matter. Two lines of a field of which one is
// allowed are a breach whatever they say.
func (f *framing) read() bool {
	f.expectation = -1
	for i := range f.fields.marks {
		name := f.fields.marks[i].name
		if name == 0 {
			name = framingName(f.fields.Name(i)) // maybe one of them in a rare spelling
		}
		switch name {
		case commonHost:
			if f.hosts++; f.hosts > 1 && !f.m.response {
				return f.fail(ruleHostOnce, i, "a second Host field: "+quote(f.fields.Value(i)))
			}
			f.hostAt, f.hostValue = i, f.fields.Value(i)
		case commonExpect:
			if f.expectation < 0 || equalFold(f.expectValue, "100-continue") {
				f.expectation, f.expectValue = i, f.fields.Value(i)
			}
		case commonConnection:
			f.close = f.close || HasToken(f.fields.Value(i), "close")
			f.keepAlive = f.keepAlive || HasToken(f.fields.Value(i), "keep-alive")
		case commonContentLength:
			if f.lengths++; f.lengths > 1 {
				return f.fail(ruleLengthOnce, i, "a second Content-Length field: "+quote(f.fields.Value(i)))
			}
			f.lengthAt, f.lengthValue = i, f.fields.Value(i)
		case commonTransferEncoding:
			if f.codings++; f.codings > 1 {
				return f.fail(ruleCodingOnce, i, "a second Transfer-Encoding field: "+quote(f.fields.Value(i)))
			}
			f.codingAt, f.codingValue = i, f.fields.Value(i)
		}
	}
	return true
}

// framingName is the number of a name that matters here, however it is spelled.
func framingName(name string) common {
	n := commonHost
	switch len(name) { // no two of them have the same length
	case len("host"):
	case len("expect"):
		n = commonExpect
	case len("connection"):
		n = commonConnection
	case len("content-length"):
		n = commonContentLength
	case len("transfer-encoding"):
		n = commonTransferEncoding
	}
	if !equalFold(name, spellings[n].lower) {
		return 0
	}
	return n
}

// fail points at the value of a field line.
func (f *framing) fail(r rule, line int, reason string) bool {
	f.m.fail(r, int(f.fields.marks[line].value), reason)
	return false
}

// host is RFC 9112 3.2: a Host field always on HTTP/1.1, a valid one wherever it is.
func (f *framing) host() bool {
	switch {
	case f.hosts == 0 && f.minor == 0:
		return true
	case f.hosts == 0:
		// The breach is known at the end of the head: the byte after its last.
		f.m.fail(ruleHostMissing, f.m.pos, "a request of HTTP/1.1 without a Host field")
		return false
	case f.hostValue == "":
		return f.fail(ruleHostEmpty, f.hostAt, "the Host field is empty")
	case ValidHost(f.hostValue):
		return true
	}
	for i := range len(f.hostValue) {
		if f.hostValue[i] == '@' {
			return f.fail(ruleUserinfo, f.hostAt, "the Host field "+quote(f.hostValue)+" holds a user name")
		}
	}
	return f.fail(ruleHostSyntax, f.hostAt, "the Host field is "+quote(f.hostValue))
}

// length is RFC 9112 6.3 for what both kinds of message have in common.
func (f *framing) length() bool {
	switch {
	case f.codings > 0 && f.minor == 0:
		return f.fail(ruleCoding10, f.codingAt, "HTTP/1.0 with Transfer-Encoding: "+quote(f.codingValue))
	case f.codings > 0 && f.lengths > 0:
		return f.fail(ruleCodingLength, f.codingAt, "Transfer-Encoding "+quote(f.codingValue)+" and Content-Length "+quote(f.lengthValue)+" in one message")
	case f.codings > 0:
		if !equalFold(f.codingValue, "chunked") {
			r, reason := judgeCodings(f.codingValue)
			return f.fail(r, f.codingAt, reason)
		}
		f.chunked, f.contentLength = true, -1
	case f.lengths > 0:
		n, r, reason := parseLength(f.lengthValue)
		if reason != "" {
			return f.fail(r, f.lengthAt, reason)
		}
		f.contentLength = n
	}
	return true
}

// expect is RFC 9110 10.1.1.
func (f *framing) expect() bool {
	if f.expectation < 0 || equalFold(f.expectValue, "100-continue") {
		return true
	}
	return f.fail(ruleExpect, f.expectation, "the expectation "+quote(f.expectValue)+" is not 100-continue")
}

// parseLength reads digits. A reason that is not empty is a breach.
func parseLength(s string) (n int64, r rule, reason string) {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, ruleLengthDigits, "the Content-Length is " + quote(s)
		}
	}
	if s == "" {
		return 0, ruleLengthDigits, "the Content-Length is empty"
	}
	var u uint64
	for i := range min(len(s), 19) {
		u = u*10 + uint64(s[i]-'0')
	}
	if len(s) > 19 || u >= 1<<63 {
		return 0, ruleLengthRange, "the Content-Length is " + quote(s)
	}
	return int64(u), 0, ""
}

// judgeCodings says what is wrong with a Transfer-Encoding that is not "chunked".
func judgeCodings(s string) (rule, string) {
	value := "Transfer-Encoding is " + quote(s)
	chunked, last, unknown := 0, false, false
	for rest, more := s, true; more; {
		var coding string
		coding, rest, more = cutList(rest)
		switch last = false; {
		case !allToken(coding), equalFold(coding, "identity"):
			return ruleCodingSyntax, value
		case equalFold(coding, "chunked"):
			chunked++
			last = true
		case !knownCoding(coding):
			unknown = true
		}
	}
	switch {
	case chunked > 1, chunked == 1 && !last:
		return ruleCodingLast, value + ": chunked is not last, or is there twice"
	case chunked == 0 && !unknown:
		return ruleCodingLast, value + ": chunked is missing"
	}
	return ruleCodingUnknown, value + "; only chunked is understood"
}

// knownCoding: the codings of the IANA registry that are not chunked.
func knownCoding(s string) bool {
	for _, c := range [...]string{"gzip", "x-gzip", "deflate", "compress", "x-compress"} {
		if equalFold(s, c) {
			return true
		}
	}
	return false
}
