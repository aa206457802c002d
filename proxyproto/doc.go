// Package proxyproto reads the header of the PROXY protocol, versions 1 and 2:
// a few bytes that a proxy puts before everything else on a connection that it
// relays, to say whose connection it is.
//
//	v1  PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n
//	    ───── ──── source      destination of the client's connection
//
//	v2  0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a   21        11    00 0c   …
//	    signature                             version,  fam-  length  addresses,
//	                                          command   ily           then TLVs
//
// It is HAProxy's proxy-protocol.txt (2020/03/05), whose sections are cited as
// "PROXY 2.1". [Parse] is a pure function of the bytes that have arrived so
// far: it reads nothing, waits for nothing, and asks nobody whether the sender
// may be believed. That is its caller's to decide beforehand, because anybody
// can write such a header.
//
// Where the document leaves a choice, this is it. A header is believed only as
// a whole. One that says nothing of a client (LOCAL, UNKNOWN, UNSPEC) is
// accepted, and what it holds beyond its length is not looked at. DGRAM is
// accepted with its addresses: it is how a proxy says that its client spoke
// HTTP/3. TLVs are passed over once their lengths have been checked, but a
// checksum among them is verified. A header of version 2 has at most [MaxLen]
// bytes.
package proxyproto
