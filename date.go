package genkan

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/genkan-http/genkan/loop"
)

// dateCache is the Date field line of this second, made once a second at most.
type dateCache struct{ line atomic.Pointer[dateLine] }

type dateLine struct {
	until loop.Instant // the end of the second
	text  []byte
}

// appendDate appends the Date field for now (RFC 9110 6.6.1).
func (d *dateCache) appendDate(dst []byte, now loop.Instant) []byte {
	line := d.line.Load()
	if line == nil || now >= line.until {
		wall := time.Now() // which somebody may have set since
		text := append([]byte("Date: "), wall.UTC().Format(http.TimeFormat)...)
		left := time.Second - time.Duration(wall.Nanosecond())
		line = &dateLine{until: loop.InstantOf(wall).After(left), text: append(text, "\r\n"...)}
		d.line.Store(line)
	}
	return append(dst, line.text...)
}
