package files

// The order of a listing: folders first, then by name, size or time.

import (
	"cmp"
	"net/url"
	"slices"
)

// order is what the query asks for. What it does not understand is the
// default, by name, ascending.
type order struct {
	key        string // "name", "size" or "time"
	descending bool
}

func orderOf(query url.Values) order {
	o := order{key: query.Get("sort"), descending: query.Get("order") == "desc"}
	switch o.key {
	case "name", "size", "time":
		return o
	}
	return order{key: "name", descending: o.descending && o.key == ""}
}

func (o order) direction() string {
	if o.descending {
		return "desc"
	}
	return "asc"
}

// link is the query that a column's head links to: the other direction for
// the column in use, and for another the one that is asked for first
// (smallest name, largest size, latest time).
func (o order) link(key string) string {
	next := order{key: key, descending: key != "name"}
	if o.key == key {
		next.descending = !o.descending
	}
	return "?sort=" + next.key + "&order=" + next.direction()
}

// apply sorts entries. Equal ones are by name, ascending.
func (o order) apply(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int {
		if a.isFolder() != b.isFolder() {
			if a.isFolder() {
				return -1
			}
			return 1
		}
		var c int
		switch o.key {
		case "size":
			if !a.isFolder() {
				c = cmp.Compare(*a.Size, *b.Size)
			}
		case "time":
			c = a.Modified.Compare(b.Modified)
		default:
			c = compareNames(a.Name, b.Name)
		}
		if o.descending {
			c = -c
		}
		if c == 0 {
			c = compareNames(a.Name, b.Name)
		}
		return c
	})
}

// compareNames orders as people count: "page 9" before "page 10", and "b"
// between "A" and "C". Names that differ only in that are ordered by bytes.
func compareNames(a, b string) int {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		x, y := lower(a[i]), lower(b[j])
		if isDigit(x) && isDigit(y) {
			m, n := digitsEnd(a, i), digitsEnd(b, j)
			if c := compareDigits(a[i:m], b[j:n]); c != 0 {
				return c
			}
			i, j = m, n
			continue
		}
		if x != y {
			return cmp.Compare(x, y)
		}
		i, j = i+1, j+1
	}
	if c := cmp.Compare(len(a)-i, len(b)-j); c != 0 {
		return c
	}
	return cmp.Compare(a, b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func digitsEnd(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// compareDigits compares numbers of any length by their digits.
func compareDigits(a, b string) int {
	for len(a) > 1 && a[0] == '0' {
		a = a[1:]
	}
	for len(b) > 1 && b[0] == '0' {
		b = b[1:]
	}
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return cmp.Compare(a, b)
}
