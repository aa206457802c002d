package socket

import (
	"fmt"
	"io/fs"
	"net/netip"
	"strconv"
	"strings"
)

// Endpoint is a place where a server shall listen: [ParseEndpoint] reads one,
// [Open] opens it.
type Endpoint struct {
	// Addr is where to bind. If its Family is none, Inherited counts instead.
	Addr Addr

	// DualStack: an INET6 endpoint takes IPv4 as well. It matters only where
	// the address is the unspecified one, [::].
	DualStack bool

	// Mode is who may connect to a UNIX path: its permission bits, such as
	// 0660. 0 leaves them to the umask.
	Mode fs.FileMode

	// Inherited is a descriptor that somebody else has opened, bound and made
	// listen, such as systemd; it counts if Addr is zero. -1 is none.
	Inherited FD

	// Name is what that somebody calls it, where they do: systemd's
	// FileDescriptorName=, from LISTEN_FDNAMES. Nothing depends on it.
	Name string

	// ReusePort lets several sockets, of several processes too, share the
	// port; the kernel spreads connections over them (SO_REUSEPORT).
	ReusePort bool
}

// String is the endpoint as ParseEndpoint reads it. ReusePort and Name are
// not part of it.
func (e Endpoint) String() string {
	switch {
	case e.Addr.Family == 0:
		return "fd://" + strconv.Itoa(int(e.Inherited))
	case e.Addr.Family == UNIX:
		s := "unix:" + e.Addr.Path
		if strings.HasPrefix(e.Addr.Path, "/") || e.Addr.Abstract() {
			s = "unix://" + e.Addr.Path
		}
		if e.Mode != 0 {
			s += fmt.Sprintf("?mode=%04o", uint32(e.Mode.Perm()))
		}
		return s
	case e.Addr.Family == INET6 && e.Addr.IP.Addr().IsUnspecified():
		if e.DualStack {
			return ":" + strconv.Itoa(int(e.Addr.IP.Port()))
		}
		return "tcp6://" + e.Addr.String()
	}
	return e.Addr.String()
}

// ParseEndpoint reads where to listen.
//
//	:8080                       all addresses of this machine, IPv6 and IPv4
//	127.0.0.1:8080  [::1]:8080  one address; port 0: the kernel chooses
//	localhost:8080              127.0.0.1:8080
//	tcp4://:8080                all IPv4 addresses
//	tcp6://[::]:8080            all IPv6 addresses, no IPv4
//	tcp://…                     as without tcp://
//	unix:///run/x.sock          a path; ?mode=0660 says who may connect
//	unix:x.sock                 a path from the current folder
//	unix://@name                an abstract name (Linux)
//	fd://3                      a listening socket that the parent process left
//
// Names other than localhost are not looked up: an endpoint is an address of
// this machine, and which one is worth saying.
func ParseEndpoint(s string) (Endpoint, error) {
	// A path may hold "://" itself, so its scheme is looked for first.
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		return parseUnix(s, strings.TrimPrefix(path, "//"))
	}
	scheme, rest, found := strings.Cut(s, "://")
	if !found {
		return parseTCP(s, s, 0)
	}
	switch scheme {
	case "tcp":
		return parseTCP(s, rest, 0)
	case "tcp4":
		return parseTCP(s, rest, INET)
	case "tcp6":
		return parseTCP(s, rest, INET6)
	case "fd":
		n, err := strconv.ParseUint(rest, 10, 31)
		if err != nil {
			return Endpoint{}, endpointError(s, fmt.Sprintf("%q is not the number of a descriptor", rest), "fd://3")
		}
		return Endpoint{Inherited: FD(n)}, nil
	case "http", "https":
		return Endpoint{}, endpointError(s, fmt.Sprintf("%q is a URL's scheme, and this is where to listen", scheme+"://"), "127.0.0.1:8080")
	}
	return Endpoint{}, endpointError(s, fmt.Sprintf("unknown scheme %q: tcp, tcp4, tcp6, unix and fd are known", scheme), "tcp4://127.0.0.1:8080")
}

func endpointError(s, what, example string) error {
	return fmt.Errorf("listen address %q: %s; for example %s", s, what, example)
}

// parseTCP reads host:port; family is the one that the scheme demands, or 0.
func parseTCP(s, hostport string, family Family) (Endpoint, error) {
	host, port, err := splitHostPort(s, hostport)
	if err != nil {
		return Endpoint{}, err
	}
	e := Endpoint{Inherited: -1}
	var ip netip.Addr
	switch {
	case host == "" && family == INET:
		ip = netip.IPv4Unspecified()
	case host == "":
		ip = netip.IPv6Unspecified()
	case host == "localhost" && family == INET6:
		ip = netip.IPv6Loopback()
	case host == "localhost":
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	default:
		if ip, err = netip.ParseAddr(host); err != nil {
			return Endpoint{}, endpointError(s, fmt.Sprintf("%q is not an IP address, and names other than localhost are not looked up", host), "127.0.0.1:8080 or [::1]:8080")
		}
	}
	ip = ip.Unmap()
	switch {
	case family == INET && !ip.Is4():
		return Endpoint{}, endpointError(s, fmt.Sprintf("tcp4 wants an IPv4 address, and %s is IPv6", ip), "tcp4://127.0.0.1:8080")
	case family == INET6 && !ip.Is6():
		return Endpoint{}, endpointError(s, fmt.Sprintf("tcp6 wants an IPv6 address, and %s is IPv4", ip), "tcp6://[::1]:8080")
	}
	e.Addr = TCP(netip.AddrPortFrom(ip, port))
	e.DualStack = family == 0 && ip.Is6() && ip.IsUnspecified()
	return e, nil
}

// splitHostPort splits at the colon before the port; brackets go round IPv6.
func splitHostPort(s, hostport string) (host string, port uint16, err error) {
	const example = ":8080, 127.0.0.1:8080 or [::1]:8080"
	colon := strings.LastIndexByte(hostport, ':')
	if hostport == "" || colon < 0 || strings.HasSuffix(hostport, "]") {
		if hostport == "" {
			return "", 0, endpointError(s, "there is no address", example)
		}
		return "", 0, endpointError(s, fmt.Sprintf("there is no port after %q", hostport), example)
	}
	host, digits := hostport[:colon], hostport[colon+1:]
	switch inner, ok := strings.CutPrefix(host, "["); {
	case ok && strings.HasSuffix(inner, "]"):
		host = inner[:len(inner)-1]
		if !strings.Contains(host, ":") {
			return "", 0, endpointError(s, fmt.Sprintf("brackets go round an IPv6 address, and %q is none", host), example)
		}
	case strings.ContainsAny(host, "[]"):
		return "", 0, endpointError(s, fmt.Sprintf("the brackets in %q do not match", host), example)
	case strings.Contains(host, ":"):
		return "", 0, endpointError(s, "an IPv6 address stands in brackets, so that its colons are not taken for the port's", "[::1]:8080")
	}
	switch digits {
	case "http":
		return host, 80, nil
	case "https":
		return host, 443, nil
	}
	n, perr := strconv.ParseUint(digits, 10, 16)
	if perr != nil {
		return "", 0, endpointError(s, fmt.Sprintf("port %q is not a number from 0 to 65535", digits), example)
	}
	return host, uint16(n), nil
}

// parseUnix reads a path, or @name, with its query.
func parseUnix(s, rest string) (Endpoint, error) {
	const example = "unix:///run/x.sock?mode=0660"
	path, query, hasQuery := strings.Cut(rest, "?")
	e := Endpoint{Addr: Unix(path), Inherited: -1}
	switch {
	case path == "" || path == "@":
		return Endpoint{}, endpointError(s, "there is no path", example)
	case strings.IndexByte(path, 0) >= 0:
		return Endpoint{}, endpointError(s, "a path cannot hold a NUL byte", example)
	case len(path) > maxUnixPath:
		return Endpoint{}, endpointError(s, fmt.Sprintf("the path has %d bytes, and the kernel takes %d", len(path), maxUnixPath), example)
	case !hasQuery:
		return e, nil
	}
	digits, ok := strings.CutPrefix(query, "mode=")
	if !ok {
		return Endpoint{}, endpointError(s, fmt.Sprintf("%q after the question mark: only mode= is known", query), example)
	}
	if e.Addr.Abstract() {
		return Endpoint{}, endpointError(s, "an abstract name is no file and has no mode: whoever is on this machine may connect", "unix://@name")
	}
	mode, err := strconv.ParseUint(digits, 8, 32)
	if err != nil || mode == 0 || mode > 0o777 {
		return Endpoint{}, endpointError(s, fmt.Sprintf("mode %q is not an octal number from 1 to 0777", digits), example)
	}
	e.Mode = fs.FileMode(mode)
	return e, nil
}
