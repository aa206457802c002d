// Package watch shows a trace: as text, on a terminal or in a file, or as
// JSON, one event per line.
//
// # Level 1
//
// Each exchange as curl -v prints it, from the server's side. The marks mean
// what they mean in curl: "<" is what this side received, ">" is what this
// side sent. So a request has "<" here and ">" in the client's window, and what
// goes out of one window comes in at the other.
//
//	[3] * accepted connection 3 from 127.0.0.1:51234 (tcp)
//	[3] < POST /test HTTP/1.1
//	[3] < Host: localhost:8080
//	[3] < Authorization: [hidden]
//	[3] < Content-Length: 120
//	[3] <
//	[3] { [120 bytes body]
//	[3] * handled by /test in 1.2ms
//	[3] > HTTP/1.1 200 OK
//	[3] > Content-Length: 6
//	[3] >
//	[3] } [6 bytes body]
//	[3] * keeping it open
//	[3] * closed: idle for 75s
//
// The number is the connection's: several take turns on one screen, and each
// line says whose it is. Nothing is held back until an exchange is complete, so
// one that hangs can be seen hanging. Bodies are counted as they are on the
// wire, chunk sizes included.
//
// # Level 2
//
// The same, with the system calls between, in the order in which they
// returned: seconds since the first event, connection, how long it took, and
// the call as strace(1) writes it.
//
//	0.000812  [3]    2.1µs  recv(7, 16384) = 78 "GET /test HTTP/1.1\r\nHost: local"...
//	0.000841  [3]           < GET /test HTTP/1.1
//
// # What is hidden
//
// The values of Authorization, Cookie, Set-Cookie, X-Api-Key and of fields
// that are named like them (see [Secret]) are replaced by [hidden], in heads
// and in the bytes of system calls, however these cut them into pieces. Where
// earlier bytes are missing, because events were lost or the ring keeps only
// the first bytes of each, what follows is [not shown] up to the end of its
// line, for it may be the rest of a secret. Not recognised, and so shown:
// secrets in a target (?token=…) and in the first bytes of a body. Of HTTP/2
// no bytes are shown but the preface: its fields are compressed. The live page
// reads them.
//
// What came over the wire cannot reach the terminal: control characters,
// invalid UTF-8, and everything that prints nothing or turns the direction of
// writing is shown as \n, \x1b, \u202e, and a backslash as two.
//
// # JSON
//
// One object per line. Fields that would be 0 or empty are left out.
//
//	seq     number of the event, from 1, without holes unless some were lost
//	time    when it began, RFC 3339 with nanoseconds
//	took_ns how long it took, in nanoseconds
//	conn    number of the connection, from 1
//	fd      descriptor
//	verb    socket, bind, listen, accept, recv, parse, handle, respond, send,
//	        close, or one of the others of trace.Verb
//	off     where the bytes begin, from the connection's beginning
//	len     how many they are
//	data    the first of them, one character U+0000 to U+00FF for each byte;
//	        secrets are replaced by "[hidden]"
//	args    of a system call
//	result  of a system call
//	note    in words
//	error   what went wrong
//	lost    alone on its line: so many events were lost here
//
// Level 1 has only the events that level 1 shows as text, level 2 all.
package watch
