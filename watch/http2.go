package watch

import (
	"github.com/genkan-http/genkan/watch/decode"
	"github.com/genkan-http/genkan/watch/record"
)

// HTTP/2 is recorded as bytes, and read when somebody looks at it.

// secrets2 is the ranges of one side's bytes that are hidden.
func secrets2(wire []byte, begins bool) [][2]int64 {
	return decode.Frames(wire, begins, Secret).Hidden
}

// addFrames fills in what an HTTP/2 connection's bytes were read as: its request is
// all that the client said, its response all that the server did.
func addFrames(d *record.Detail, f record.Frames, secrets bool) {
	received, more := framesOf(f.Received, secrets)
	sent, most := framesOf(f.Sent, secrets)
	d.Request, d.Responses = &received, []record.Message{sent}
	d.Truncated = d.Truncated || more || most
}

func framesOf(side record.Side, secrets bool) (m record.Message, truncated bool) {
	secret := Secret
	if secrets {
		secret = nil
	}
	read := decode.Frames(side.Bytes, side.Begins, secret)
	m.Off, m.Pieces = side.Off, make([]record.Piece, 0, len(read.Pieces))
	for _, p := range read.Pieces {
		m.Pieces = append(m.Pieces, record.Piece{
			Off: side.Off + p.Off, Len: p.Len, Kind: p.Kind, Text: p.Text, Name: p.Name, Explain: p.Explain,
		})
	}
	m.Len = int64(len(side.Bytes))
	m.Body.Off, m.Body.Framing = m.Off+m.Len, "none"
	return m, read.Truncated
}
