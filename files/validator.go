package files

// Validators: by what a client can tell whether it still has the file as it
// is (RFC 9110, 8.8).
//
// The entity tag is made of modification time (nanoseconds), size and inode:
// a file written in place changes the first, one that is replaced changes
// the last, and none of them needs the content to be read. It is strong, as
// If-Range and If-Match need it, with one exception: a file that was changed
// just now could be changed once more within the same tick of the file
// system's clock, and would look the same. Until the tick is surely over its
// tag is weak and another ("-new"), so that nobody who got the first version
// is ever told, once the tag is strong, that it is the second.

import (
	"net/http"
	"strconv"
	"time"
)

// clockTick is the coarsest modification time there is (FAT: two seconds).
const clockTick = 2 * time.Second

// validators belong to one version of one file.
type validators struct {
	etag         string    // quoted, with W/ if weak
	lastModified string    // an HTTP date
	modified     time.Time // the same, whole seconds
	strong       bool
}

// validatorsOf makes the validators, and the decimal size along with them,
// from one string: they cost one allocation.
func validatorsOf(f facts, now time.Time) (v validators, size string) {
	v.modified = f.modified
	if v.modified.After(now) {
		v.modified = now // RFC 9110, 8.8.2.1: never a date later than the answer's
	}
	v.modified = v.modified.Truncate(time.Second)
	v.strong = now.Sub(f.modified) >= clockTick

	var space [128]byte
	b := space[:0]
	if !v.strong {
		b = append(b, "W/"...)
	}
	b = append(b, '"')
	b = strconv.AppendUint(b, uint64(f.modified.UnixNano()), 36)
	b = append(b, '-')
	b = strconv.AppendInt(b, f.size, 36)
	b = append(b, '-')
	b = strconv.AppendUint(b, f.inode, 36)
	if !v.strong {
		b = append(b, "-new"...)
	}
	b = append(b, '"')
	etagEnd := len(b)
	b = v.modified.UTC().AppendFormat(b, http.TimeFormat)
	dateEnd := len(b)
	b = strconv.AppendInt(b, f.size, 10)

	text := string(b)
	v.etag, v.lastModified = text[:etagEnd], text[etagEnd:dateEnd]
	return v, text[dateEnd:]
}
