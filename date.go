package genkan

import (
	"net/http"
	"sync/atomic"
	"time"
)

// dateCache is the Date field line of this second, made once a second at most.
type dateCache struct{ line atomic.Pointer[dateLine] }

type dateLine struct {
	second int64
	text   []byte
}

// appendDate appends the Date field for now (RFC 9110 6.6.1).
func (d *dateCache) appendDate(dst []byte, now time.Time) []byte {
	second := now.Unix()
	line := d.line.Load()
	if line == nil || line.second != second {
		text := append([]byte("Date: "), now.UTC().Format(http.TimeFormat)...)
		line = &dateLine{second: second, text: append(text, "\r\n"...)}
		d.line.Store(line)
	}
	return append(dst, line.text...)
}
