package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"

	"github.com/genkan-http/genkan/socket"
)

// Where serve listens when nobody says: on this machine's own addresses, and at
// the next free port if the first is taken.
const (
	defaultPort = 8080
	portsTried  = 20
)

// place is where connections come from: a listener, what was asked for, and
// what the kernel made of it.
type place struct {
	net.Listener
	endpoint socket.Endpoint
	addr     socket.Addr
}

// opener opens an endpoint.
type opener func(socket.Endpoint) (net.Listener, socket.Addr, error)

// openWanted opens what the user asked for: all of it, or none.
func openWanted(open opener, wanted []string) ([]place, error) {
	var endpoints []socket.Endpoint
	for _, text := range wanted {
		endpoint, err := socket.ParseEndpoint(text)
		if err != nil {
			return nil, usageError{fmt.Errorf("--listen: %w", err)}
		}
		endpoints = append(endpoints, endpoint)
	}
	places, err := openAll(open, endpoints...)
	if err != nil {
		return nil, advise(err, places[len(places)-1].endpoint)
	}
	return places, nil
}

// openDefault opens the loopback addresses of both families at one port. note
// says what differs from what was to be expected, if anything.
func openDefault(open opener) (places []place, note string, err error) {
	for port := uint16(defaultPort); port < defaultPort+portsTried; port++ {
		places, note, err = openLoopback(open, port)
		if err == nil {
			if port != defaultPort {
				note += fmt.Sprintf("Port %d is taken%s; using %d.\n", defaultPort, byHolder(defaultPort), port)
			}
			return places, note, nil
		}
		if !isOneOf(err, refusalsTaken) {
			return nil, "", err
		}
	}
	return nil, "", advised{err, fmt.Sprintf("The ports %d to %d are all taken. Choose another: genkan serve --listen localhost:9000",
		defaultPort, defaultPort+portsTried-1)}
}

// openLoopback opens 127.0.0.1 and [::1], or one of them where the machine lacks
// the other.
func openLoopback(open opener, port uint16) (places []place, note string, err error) {
	v4 := loopback(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
	v6 := loopback(netip.IPv6Loopback(), port)
	places, err = openAll(open, v4, v6)
	if !isOneOf(err, refusalsNoFamily) {
		return places, "", err
	}
	if places, retry := openAll(open, v4); retry == nil {
		return places, fmt.Sprintf("This machine has no IPv6 loopback address (%v); serving on IPv4 only.\n", err), nil
	}
	if places, retry := openAll(open, v6); retry == nil {
		return places, fmt.Sprintf("This machine has no IPv4 loopback address (%v); serving on IPv6 only.\n", err), nil
	}
	return nil, "", err
}

func loopback(ip netip.Addr, port uint16) socket.Endpoint {
	return socket.Endpoint{Addr: socket.TCP(netip.AddrPortFrom(ip, port)), Inherited: -1}
}

// openAll opens all endpoints. If one is refused, those before it are closed,
// and the one refused is the last of the places.
func openAll(open opener, endpoints ...socket.Endpoint) ([]place, error) {
	var places []place
	for _, endpoint := range endpoints {
		listener, addr, err := open(endpoint)
		if err != nil {
			for _, opened := range places {
				_ = opened.Close() // nothing has come through it
			}
			return append(places, place{endpoint: endpoint}), err
		}
		places = append(places, place{listener, endpoint, addr})
	}
	return places, nil
}

// advised is a refusal, and what can be done about it.
type advised struct {
	error
	advice string
}

func (err advised) Error() string { return err.error.Error() + "\n" + err.advice }
func (err advised) Unwrap() error { return err.error }

// advise adds what can be done about a refusal.
func advise(err error, endpoint socket.Endpoint) error {
	port := endpoint.Addr.IP.Port()
	switch {
	case endpoint.Addr.Family == socket.UNIX && isOneOf(err, refusalsDenied):
		return advised{err, "The folder of the path has to be writable for you."}
	case endpoint.Addr.Family == socket.UNIX:
		return err // socket says whose the path is
	case isOneOf(err, refusalsTaken):
		return advised{err, fmt.Sprintf("Port %d is taken%s. Stop that, or choose another port; 0 takes any that is free.", port, byHolder(port))}
	case isOneOf(err, refusalsDenied) && port < 1024:
		return advised{err, "Ports below 1024 are for the administrator. Choose one from 1024 up" + allowLowPorts()}
	case isOneOf(err, refusalsNoFamily) && endpoint.Addr.Family != 0:
		return advised{err, fmt.Sprintf("This machine does not have that address; it has %s.", strings.Join(ownAddresses(), ", "))}
	}
	return err
}

func allowLowPorts() string {
	if runtime.GOOS != "linux" {
		return "."
	}
	return ", or allow this program the others:\nsudo setcap cap_net_bind_service=+ep \"$(command -v genkan)\""
}

// ownAddresses are the addresses that this machine has, as text.
func ownAddresses() []string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var texts []string
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && !network.IP.IsLinkLocalUnicast() {
			texts = append(texts, network.IP.String())
		}
	}
	return texts
}

func isOneOf(err error, refusals []error) bool {
	return slices.ContainsFunc(refusals, func(refusal error) bool { return errors.Is(err, refusal) })
}
