package files

// Some systems open a file under more names than one. A rule about names is
// worth nothing if the same file answers to another spelling, so those
// spellings are refused where they are understood. The functions are pure,
// so that they can be tested on every system.

import (
	"strings"
	"unicode/utf8"
)

// windowsMisreads reports whether Windows would read the segment as something
// else than a file of exactly that name: devices (CON, also as CON.txt),
// streams (a:b), dropped dots and spaces at the end, short names (GIT~1 is
// .git), characters that no name may have, and bytes that are not UTF-8, which
// Go replaces. https://learn.microsoft.com/windows/win32/fileio/naming-a-file
func windowsMisreads(segment string) bool {
	if !utf8.ValidString(segment) || strings.ContainsAny(segment, `<>:"|?*`) {
		return true
	}
	if last := segment[len(segment)-1]; last == '.' || last == ' ' {
		return true
	}
	for i := range len(segment) {
		if segment[i] < ' ' || segment[i] == '~' && i+1 < len(segment) && '0' <= segment[i+1] && segment[i+1] <= '9' {
			return true
		}
	}
	stem, _, _ := strings.Cut(segment, ".")
	return isDevice(strings.ToUpper(strings.TrimRight(stem, " ")))
}

// isDevice reports whether Windows keeps the name, in upper case and without
// extension, for a device. The superscript digits count as digits there.
func isDevice(stem string) bool {
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	port, ok := strings.CutPrefix(stem, "COM")
	if !ok {
		port, ok = strings.CutPrefix(stem, "LPT")
	}
	if !ok {
		return false
	}
	switch port {
	case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
		return true
	}
	return false
}

// hfsMisreads reports whether HFS+ would drop characters from the segment:
// it ignores some invisible ones, and then "\u200c.git" is ".git"
// (CVE-2014-9390). Bytes that are not UTF-8 it re-spells.
func hfsMisreads(segment string) bool {
	if !utf8.ValidString(segment) {
		return true
	}
	for _, c := range segment {
		switch {
		case c >= 0x200c && c <= 0x200f, c >= 0x202a && c <= 0x202e, c >= 0x206a && c <= 0x206f, c == 0xfeff:
			return true
		}
	}
	return false
}
