package watch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// errNotHere is of a host that is not this machine for itself.
var errNotHere = errors.New("not a loopback address")

// lookup asks the system's resolver.
func lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

// nearby is the loopback addresses that host is or, if it is localhost, has; no
// other name is asked for. Which ones localhost has is for the machine's
// resolver to say, so each is looked at, and one that leads elsewhere spoils
// all. The caller uses the addresses, not the name: asked again, the resolver
// may say something else. IPv4 comes first.
func (l *Live) nearby(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		if !ip.Unmap().IsLoopback() {
			return nil, errNotHere
		}
		return []netip.Addr{ip}, nil
	}
	if !strings.EqualFold(host, "localhost") {
		return nil, errNotHere
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	found, err := l.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	for i, ip := range found {
		if found[i] = ip.Unmap(); !found[i].IsLoopback() {
			return nil, fmt.Errorf("localhost is %s on this machine, which is %w: write 127.0.0.1 or [::1], and mend the machine's hosts file", ip, errNotHere)
		}
	}
	if len(found) == 0 {
		return nil, errors.New("localhost has no address on this machine: write 127.0.0.1 or [::1]")
	}
	slices.SortStableFunc(found, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	return found, nil
}

// joined are addresses with a port, as package net wants them.
func joined(list []netip.Addr, port string) []string {
	out := make([]string, len(list))
	for i, ip := range list {
		out[i] = net.JoinHostPort(ip.String(), port)
	}
	return out
}
