package files

// From the path of a request to a name in the folder, by looking at the text
// alone. The text is never changed: what the log shows, what is checked here
// and what is opened are the same bytes. So there is no order of decoding
// and cleaning to get wrong.

import (
	"runtime"
	"strings"
)

// A place is what a path asks for.
type place struct {
	name   string // below the root, separated by slashes, "." for the root itself
	folder bool   // the path ended in a slash
}

// placeOf decides whether a path may name something at all. path is the
// decoded path, with or without its first slash (http.StripPrefix takes it);
// raw is the path as it was sent, if decoding lost something (url.URL.RawPath).
func placeOf(path, raw string) (place, bool) {
	if raw != "" && hidesSeparator(raw) {
		return place{}, false
	}
	path = strings.TrimPrefix(path, "/")
	if path == "" {
		return place{name: ".", folder: true}, true
	}
	name := strings.TrimSuffix(path, "/")
	at := place{name: name, folder: len(name) < len(path)}
	for first := true; ; first = false {
		segment, rest, more := strings.Cut(name, "/")
		if !isServed(segment) && !(first && segment == wellKnown) {
			return place{}, false
		}
		if !more {
			return at, true
		}
		name = rest
	}
}

// wellKnown is the one name with a dot that is served, at the root: RFC 8615
// gives it to things that are meant to be found there (ACME, security.txt).
const wellKnown = ".well-known"

// isServed reports whether a segment of a path, or an entry of a folder, may
// be served under that name. It refuses "", "." and ".." along with all dot
// files, and on some systems other spellings of refused names.
func isServed(segment string) bool {
	if segment == "" || segment[0] == '.' {
		return false
	}
	for i := range len(segment) {
		if c := segment[i]; c == 0 || c == '\\' || c == '/' {
			return false
		}
	}
	switch runtime.GOOS {
	case "windows":
		return !windowsMisreads(segment)
	case "darwin":
		return !hfsMisreads(segment)
	}
	return true
}

// hidesSeparator reports whether an undecoded path holds an encoded slash or
// backslash: decoded, it would look like a separator that the sender did not
// write (RFC 3986, 2.2).
func hidesSeparator(raw string) bool {
	for i := 0; i+2 < len(raw); i++ {
		if raw[i] != '%' {
			continue
		}
		c := raw[i+2] | 0x20
		if raw[i+1] == '2' && c == 'f' || raw[i+1] == '5' && c == 'c' {
			return true
		}
	}
	return false
}

// inside is the name of an entry of the folder at.
func (at place) inside(entry string) string {
	if at.name == "." {
		return entry
	}
	return at.name + "/" + entry
}

// base is the last segment of the name.
func (at place) base() string {
	return at.name[strings.LastIndexByte(at.name, '/')+1:]
}

// segments are the names on the way from the root, none for the root itself.
func (at place) segments() []string {
	if at.name == "." {
		return nil
	}
	return strings.Split(at.name, "/")
}
