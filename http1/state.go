package http1

// The states of a parser and every change between them. The code asks this
// table for each change, so a change that is not here cannot happen; states.md
// is drawn from it.
//
// A state is named after what is expected next. The names of two parsers stand
// in one table: only the start line differs.

type state uint8

const (
	stStart      state = iota // between messages
	stStartAgain              // between messages, one empty line ignored
	stStartLF                 // the LF of the empty line
	stTLS                     // the second byte of what looks like a TLS hello

	stMethod
	stTarget
	stVersion
	stAnswerVersion // the version of a status line
	stStatus
	stReason
	stLineLF // the LF of the start line

	stField // the first byte of a field line, or the section's end
	stName
	stOWS // white space before a value
	stValue
	stValueLF
	stHeadLF    // the LF of the empty line after a head
	stTrailerLF // the LF of the empty line after a trailer section

	stFraming // the head is whole: how does the body end?
	stLength  // bytes of a body whose length is known
	stUntilClose
	stChunkSize
	stExtName
	stExtValue // the first byte after "="
	stExtToken
	stExtQuoted
	stExtEscape
	stExtClosed // after a closing quote
	stChunkLF
	stChunkData
	stDataCR
	stDataLF

	stEnd      // the message is whole
	stSwitched // the connection is not HTTP/1 any more
	stFailed
	states
)

// seen is what moves a parser from one state to the next.
type seen uint8

const (
	sawByte seen = iota // any byte that is valid there
	sawCR
	sawLF
	sawSpace
	sawColon
	sawSemicolon
	sawEquals
	sawQuote
	sawBackslash
	sawTLS         // 0x16, the first byte of a TLS record
	sawSectionEnd  // the CR after a head
	sawTrailersEnd // the CR after a trailer section
	sawLastChunk   // the LF after a size of zero
	sawAll         // as many bytes as were announced
	sawEOF         // the peer sends no more
	isAnswer       // a byte, where a response is expected
	isEmpty        // framing: there is no body
	isLength       // framing: Content-Length
	isChunked      // framing: chunked
	isUntilClose   // framing: the end of the connection ends the body
	isNext         // the message was handed on, another may follow
	isSwitched     // the message was handed on, and was the last of HTTP/1
	seens
)

// changes is the table. A state without a row for what came next is left only
// for stFailed.
var changes = []struct {
	from state
	seen seen
	to   state
}{
	{stStart, sawCR, stStartLF},
	{stStartLF, sawLF, stStartAgain},
	{stStart, sawTLS, stTLS},
	{stStartAgain, sawTLS, stTLS},

	{stStart, sawByte, stMethod},
	{stStartAgain, sawByte, stMethod},
	{stMethod, sawSpace, stTarget},
	{stTarget, sawSpace, stVersion},
	{stVersion, sawCR, stLineLF},

	{stStart, isAnswer, stAnswerVersion},
	{stStartAgain, isAnswer, stAnswerVersion},
	{stAnswerVersion, sawSpace, stStatus},
	{stStatus, sawSpace, stReason},
	{stStatus, sawCR, stLineLF},
	{stReason, sawCR, stLineLF},

	{stLineLF, sawLF, stField},
	{stField, sawByte, stName},
	{stName, sawColon, stOWS},
	{stOWS, sawByte, stValue},
	{stValue, sawCR, stValueLF},
	{stValueLF, sawLF, stField},
	{stField, sawSectionEnd, stHeadLF},
	{stHeadLF, sawLF, stFraming},

	{stFraming, isEmpty, stEnd},
	{stFraming, isLength, stLength},
	{stFraming, isChunked, stChunkSize},
	{stFraming, isUntilClose, stUntilClose},
	{stLength, sawAll, stEnd},
	{stUntilClose, sawEOF, stEnd},

	{stChunkSize, sawCR, stChunkLF},
	{stChunkSize, sawSemicolon, stExtName},
	{stExtName, sawSemicolon, stExtName},
	{stExtName, sawEquals, stExtValue},
	{stExtName, sawCR, stChunkLF},
	{stExtValue, sawByte, stExtToken},
	{stExtValue, sawQuote, stExtQuoted},
	{stExtToken, sawSemicolon, stExtName},
	{stExtToken, sawCR, stChunkLF},
	{stExtQuoted, sawBackslash, stExtEscape},
	{stExtEscape, sawByte, stExtQuoted},
	{stExtQuoted, sawQuote, stExtClosed},
	{stExtClosed, sawSemicolon, stExtName},
	{stExtClosed, sawCR, stChunkLF},
	{stChunkLF, sawLF, stChunkData},
	{stChunkData, sawAll, stDataCR},
	{stDataCR, sawCR, stDataLF},
	{stDataLF, sawLF, stChunkSize},

	{stChunkLF, sawLastChunk, stField},
	{stField, sawTrailersEnd, stTrailerLF},
	{stTrailerLF, sawLF, stEnd},

	{stEnd, isNext, stStart},
	{stEnd, isSwitched, stSwitched},
}

// next is changes as a matrix. What is not a change is states, which is no state.
var next = makeNext()

func makeNext() (t [states][seens]state) {
	for i := range t {
		for j := range t[i] {
			t[i][j] = states
		}
	}
	for _, c := range changes {
		t[c.from][c.seen] = c.to
	}
	return t
}
