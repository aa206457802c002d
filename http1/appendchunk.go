package http1

import "strconv"

// AppendChunkHeader appends the line before n bytes of data, which the caller
// appends or sends after it, followed by CR LF. n must be above 0: a size of
// zero ends the body, which is [AppendLastChunk]; for n below 1 nothing is appended.
func AppendChunkHeader(dst []byte, n int) []byte {
	if n < 1 {
		return dst
	}
	dst = strconv.AppendUint(dst, uint64(n), 16)
	return append(dst, "\r\n"...)
}

// AppendChunk appends data as one chunk. Empty data is no chunk.
func AppendChunk(dst, data []byte) []byte {
	if len(data) == 0 {
		return dst
	}
	dst = AppendChunkHeader(dst, len(data))
	dst = append(dst, data...)
	return append(dst, "\r\n"...)
}

// AppendLastChunk appends the end of a chunked body with its trailers. Fields
// that [AppendField] or [ForbiddenTrailer] refuses are left out.
func AppendLastChunk(dst []byte, trailers []Field) []byte {
	dst = append(dst, "0\r\n"...)
	for _, f := range trailers {
		if !ForbiddenTrailer(f.Name) {
			dst, _ = AppendField(dst, f.Name, f.Value)
		}
	}
	return append(dst, "\r\n"...)
}
