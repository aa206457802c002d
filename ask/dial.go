package ask

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	"github.com/genkan-http/genkan/http1"
	"github.com/genkan-http/genkan/socket"
	"github.com/genkan-http/genkan/trace"
)

// conn is one connection.
type conn struct {
	link     link
	parser   http1.ResponseParser
	in       []byte // received and not parsed
	received int64
	sent     atomic.Int64
	reusable bool

	ring   *trace.Ring
	number uint64
	fd     socket.FD
}

func (one *conn) sentBytes() int64 { return one.sent.Load() }
func (one *conn) interrupt()       { one.link.interrupt() }
func (one *conn) close()           { one.link.close() }

// kernel is the one that calls are made of, watched if anybody watches.
func (c *Client) kernel() socket.Kernel {
	k := c.Kernel
	if k == nil {
		k = socket.OS
	}
	if c.Ring == nil {
		return k
	}
	if c.tap == nil {
		c.tap = trace.NewTap(k, c.Ring.Emit, c.Ring.WantBytes())
	}
	return c.tap
}

// dial connects to a place: to one address after the other, until one answers.
func (c *Client) dial(ctx context.Context, p Place) (*conn, error) {
	list, err := c.addresses(ctx, p)
	if err != nil {
		return nil, at(Resolving, err)
	}
	var all []error
	for _, addr := range list {
		one, err := c.connect(ctx, addr)
		if err != nil {
			all = append(all, err)
			if ctx.Err() != nil {
				break
			}
			continue
		}
		if p.TLS {
			if err := c.secure(ctx, one, p); err != nil {
				one.close()
				return nil, err
			}
		}
		return one, nil
	}
	return nil, at(Connecting, errors.Join(all...))
}

// addresses are where the place is, in the order in which they are tried.
func (c *Client) addresses(ctx context.Context, p Place) (list []socket.Addr, err error) {
	if p.Unix != "" {
		return []socket.Addr{socket.Unix(p.Unix)}, nil
	}
	ips := c.Addresses[p.String()]
	if ip, perr := netip.ParseAddr(p.Host); perr == nil && len(ips) == 0 {
		ips = []netip.Addr{ip}
	}
	if len(ips) == 0 {
		if ips, err = net.DefaultResolver.LookupNetIP(ctx, "ip", p.Host); err != nil {
			return nil, err
		}
	}
	for _, ip := range ips {
		addr := socket.TCP(netip.AddrPortFrom(ip.Unmap(), p.Port))
		if c.Family == 0 || c.Family == addr.Family {
			list = append(list, addr)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s has no address of the family that was asked for", p.Host)
	}
	return list, nil
}

// connect is socket and connect. What the deadline cuts short goes on in the
// kernel, and its descriptor is closed when that is done.
func (c *Client) connect(ctx context.Context, addr socket.Addr) (*conn, error) {
	if c.ConnectTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, c.ConnectTimeout, fmt.Errorf("connect %s: no answer within %v: %w", addr, c.ConnectTimeout, os.ErrDeadlineExceeded))
		defer cancel()
	}
	one := &conn{ring: c.Ring, fd: -1}
	one.parser.Limits = c.Limits
	k := c.kernel()
	fd, err := k.Socket(addr.Family, socket.STREAM)
	if errors.Is(err, errors.ErrUnsupported) {
		nc, err := new(net.Dialer).DialContext(ctx, addr.Network(), dialAddress(addr))
		if err != nil {
			return nil, err
		}
		one.link = &netLink{nc}
		return one, nil
	}
	if err != nil {
		return nil, err
	}
	connected := make(chan error, 1)
	go func() { connected <- k.Connect(fd, addr) }()
	select {
	case err = <-connected:
	case <-ctx.Done():
		k.Shutdown(fd, socket.SHUT_RDWR) // ends a connect on some systems
		go func() {
			<-connected
			k.Close(fd)
		}()
		return nil, context.Cause(ctx)
	}
	if err != nil {
		k.Close(fd)
		return nil, err
	}
	if addr.Family != socket.UNIX {
		k.Setsockopt(fd, socket.NoDelay, 1) // small requests leave at once; without it they leave a little later
	}
	one.link, one.fd = &kernelLink{k: k, fd: fd}, fd
	if c.tap != nil {
		one.number = c.tap.ConnOf(fd)
	}
	return one, nil
}

// dialAddress is an address as package net has it.
func dialAddress(a socket.Addr) string {
	if a.Family == socket.UNIX {
		return a.Path
	}
	return a.IP.String()
}

// secure speaks TLS from here on.
func (c *Client) secure(ctx context.Context, one *conn, p Place) error {
	config := &tls.Config{}
	if c.TLS != nil {
		config = c.TLS.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = p.Host
	}
	config.NextProtos = []string{"http/1.1"}
	stop := context.AfterFunc(ctx, one.interrupt)
	defer stop()
	session := tls.Client(&linkConn{link: one.link}, config)
	if err := session.HandshakeContext(ctx); err != nil {
		var unknown *tls.CertificateVerificationError
		if errors.As(err, &unknown) {
			return at(Verifying, err)
		}
		return at(Securing, err)
	}
	one.link = &tlsLink{session: session, under: one.link, report: one.emit}
	return nil
}

// grace is for what is polite and not needed.
const grace = 100 * time.Millisecond
