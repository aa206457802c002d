package record

import (
	"bytes"
)

// Find is the ids of the kept exchanges, oldest first, of which a field in a
// head holds the word: "name: value", capitals make no difference. Of secret
// fields only the name is looked at, so that nobody can guess at a value. A
// head that could not be parsed is read by its lines. Heads of which bytes are
// missing are read as far as they are kept.
func (s *Store) Find(word string) []uint64 {
	lower := bytes.ToLower([]byte(word))
	ids := []uint64{}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.exchanges {
		if x.hasField(lower, s.o.Secret) {
			ids = append(ids, x.ID)
		}
	}
	return ids
}

func (x *exchange) hasField(lower []byte, secret func(string) bool) bool {
	if holdsField(x.received.all(), lower, secret) {
		return true
	}
	for _, off := range x.answers {
		if holdsField(x.sent.bytes(off), lower, secret) {
			return true
		}
	}
	return false
}

// holdsField looks at the lines after the first, up to the empty one.
func holdsField(message, lower []byte, secret func(string) bool) bool {
	_, lines, _ := bytes.Cut(message, []byte("\n"))
	hiding := false
	for line := range bytes.SplitSeq(lines, []byte("\n")) {
		line = bytes.ToLower(bytes.TrimSuffix(line, []byte("\r")))
		if len(line) == 0 {
			return false
		}
		if hiding && (line[0] == ' ' || line[0] == '\t') { // goes on with a secret, RFC 9112 5.2
			continue
		}
		name, value, found := bytes.Cut(line, []byte(":"))
		if hiding = found && secret(string(bytes.TrimSpace(name))); hiding {
			line = name
		} else if found {
			line = append(append(append([]byte{}, name...), ": "...), bytes.TrimSpace(value)...)
		}
		if bytes.Contains(line, lower) {
			return true
		}
	}
	return false
}
