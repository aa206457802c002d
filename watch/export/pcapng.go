package export

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// PCAPNG is the exchanges as packets, for Wireshark. No packet was captured:
// TCP's segments are made of what each call moved, at its time, with a
// handshake before and an end after, one connection of the watched server a
// stream. Peers that are no IP addresses get one of 192.0.2.0/24. The file says
// so in its comment (draft-ietf-opsawg-pcapng).
func PCAPNG(list []*Exchange, program string) []byte {
	var b []byte
	comment := "Made from the bytes that a server received and sent; the packets are not as they were on a network."
	for _, x := range list {
		if x.Hidden {
			comment += " " + hiddenNote
			break
		}
	}
	b = block(b, 0x0a0d0d0a, func(b []byte) []byte {
		b = binary.LittleEndian.AppendUint32(b, 0x1a2b3c4d)
		b = binary.LittleEndian.AppendUint16(b, 1)
		b = binary.LittleEndian.AppendUint16(b, 0)
		b = binary.LittleEndian.AppendUint64(b, ^uint64(0))
		b = option(b, 1, comment)
		b = option(b, 4, program)
		return endOptions(b)
	})
	b = block(b, 1, func(b []byte) []byte {
		b = binary.LittleEndian.AppendUint16(b, 101) // LINKTYPE_RAW: IP without a link layer
		b = binary.LittleEndian.AppendUint16(b, 0)
		b = binary.LittleEndian.AppendUint32(b, 0)
		b = optionBytes(b, 9, []byte{9}) // time in nanoseconds
		return endOptions(b)
	})
	conns := map[uint64]*tcp{}
	var order []uint64
	for _, x := range list {
		c := conns[x.Conn]
		if c == nil {
			c = newTCP(x, len(order))
			conns[x.Conn] = c
			order = append(order, x.Conn)
		}
		c.add(x)
	}
	var packets []packet
	for _, number := range order {
		packets = append(packets, conns[number].packets()...)
	}
	slices.SortStableFunc(packets, func(a, b packet) int { return a.at.Compare(b.at) })
	for _, p := range packets {
		b = block(b, 6, func(b []byte) []byte {
			ns := uint64(p.at.UnixNano())
			b = binary.LittleEndian.AppendUint32(b, 0)
			b = binary.LittleEndian.AppendUint32(b, uint32(ns>>32))
			b = binary.LittleEndian.AppendUint32(b, uint32(ns))
			b = binary.LittleEndian.AppendUint32(b, uint32(len(p.data)))
			b = binary.LittleEndian.AppendUint32(b, uint32(len(p.data)))
			return pad(append(b, p.data...), len(p.data))
		})
	}
	return b
}

// block is one of the format's: its type, its length, a body, the length again.
func block(b []byte, kind uint32, body func([]byte) []byte) []byte {
	begin := len(b)
	b = binary.LittleEndian.AppendUint32(b, kind)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = body(b)
	size := uint32(len(b) - begin + 4)
	b = binary.LittleEndian.AppendUint32(b, size)
	binary.LittleEndian.PutUint32(b[begin+4:], size)
	return b
}

func pad(b []byte, n int) []byte {
	for ; n%4 != 0; n++ {
		b = append(b, 0)
	}
	return b
}

func option(b []byte, code uint16, text string) []byte { return optionBytes(b, code, []byte(text)) }

func optionBytes(b []byte, code uint16, value []byte) []byte {
	b = binary.LittleEndian.AppendUint16(b, code)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	return pad(append(b, value...), len(value))
}

func endOptions(b []byte) []byte { return append(b, 0, 0, 0, 0) }

type packet struct {
	at   time.Time
	data []byte
}

// tcp is one connection being made up.
type tcp struct {
	client, server netip.AddrPort
	moves          []move
}

type move struct {
	at       time.Time
	toClient bool
	data     []byte
}

func newTCP(x *Exchange, nth int) *tcp {
	peer, _, _ := strings.Cut(x.Peer, " ")
	c := &tcp{}
	var err error
	if c.client, err = netip.ParseAddrPort(peer); err != nil {
		c.client = netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(1 + nth%200)}), uint16(40000+nth%20000))
	}
	if c.server, err = netip.ParseAddrPort(x.Local); err != nil || c.server.Addr().Is4() != c.client.Addr().Is4() {
		port := uint16(80)
		if err == nil {
			port = c.server.Port()
		}
		c.server = netip.AddrPortFrom(c.client.Addr(), port)
		if c.server == c.client {
			c.server = netip.AddrPortFrom(c.client.Addr(), 8080)
		}
	}
	return c
}

func (c *tcp) add(x *Exchange) {
	for _, one := range x.Received {
		c.moves = append(c.moves, move{one.At, false, one.Data})
	}
	for _, one := range x.Sent {
		c.moves = append(c.moves, move{one.At, true, one.Data})
	}
}

// segmentMost keeps a packet within what IP can say of its length.
const segmentMost = 60000

// packets is the handshake, the bytes, each acknowledged by what follows, and
// the end.
func (c *tcp) packets() (list []packet) {
	if len(c.moves) == 0 {
		return nil
	}
	slices.SortStableFunc(c.moves, func(a, b move) int { return a.at.Compare(b.at) })
	seq := [2]uint32{1000, 5000} // of the client, of the server
	begin := c.moves[0].at
	emit := func(at time.Time, toClient bool, flags byte, data []byte) {
		from, to, mine, other := c.client, c.server, &seq[0], &seq[1]
		if toClient {
			from, to, mine, other = c.server, c.client, &seq[1], &seq[0]
		}
		ack := *other
		if flags&syn != 0 && flags&ack_ == 0 {
			ack = 0
		}
		list = append(list, packet{at, segment(from, to, *mine, ack, flags, data)})
		*mine += uint32(len(data))
		if flags&(syn|fin) != 0 {
			*mine++
		}
	}
	emit(begin.Add(-3*time.Microsecond), false, syn, nil)
	emit(begin.Add(-2*time.Microsecond), true, syn|ack_, nil)
	emit(begin.Add(-1*time.Microsecond), false, ack_, nil)
	for _, m := range c.moves {
		for data := m.data; len(data) > 0; {
			n := min(len(data), segmentMost)
			emit(m.at, m.toClient, psh|ack_, data[:n])
			data = data[n:]
		}
	}
	end := c.moves[len(c.moves)-1].at
	emit(end.Add(time.Microsecond), true, fin|ack_, nil)
	emit(end.Add(2*time.Microsecond), false, fin|ack_, nil)
	emit(end.Add(3*time.Microsecond), true, ack_, nil)
	return list
}

const (
	fin  = 0x01
	syn  = 0x02
	psh  = 0x08
	ack_ = 0x10
)

// segment is an IP packet that holds one of TCP, checksums too.
func segment(from, to netip.AddrPort, seq, ack uint32, flags byte, data []byte) []byte {
	t := make([]byte, 20, 20+len(data))
	binary.BigEndian.PutUint16(t[0:], from.Port())
	binary.BigEndian.PutUint16(t[2:], to.Port())
	binary.BigEndian.PutUint32(t[4:], seq)
	binary.BigEndian.PutUint32(t[8:], ack)
	t[12], t[13] = 5<<4, flags
	binary.BigEndian.PutUint16(t[14:], 65535)
	t = append(t, data...)
	a, z := from.Addr(), to.Addr()
	pseudo := append(a.AsSlice(), z.AsSlice()...)
	if a.Is4() {
		pseudo = append(pseudo, 0, 6, byte(len(t)>>8), byte(len(t)))
	} else {
		pseudo = append(pseudo, 0, 0, byte(len(t)>>8), byte(len(t)), 0, 0, 0, 6)
	}
	binary.BigEndian.PutUint16(t[16:], checksum(append(pseudo, t...)))
	var ip []byte
	if a.Is4() {
		ip = []byte{0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0}
		binary.BigEndian.PutUint16(ip[2:], uint16(20+len(t)))
		ip = append(append(ip, a.AsSlice()...), z.AsSlice()...)
		binary.BigEndian.PutUint16(ip[10:], checksum(ip))
	} else {
		ip = []byte{0x60, 0, 0, 0, byte(len(t) >> 8), byte(len(t)), 6, 64}
		ip = append(append(ip, a.AsSlice()...), z.AsSlice()...)
	}
	return append(ip, t...)
}

// checksum is RFC 1071.
func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(b[i])<<8 | uint32(b[i+1])
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }
