// Package loop answers one question, "who is ready?", and keeps the answer
// cheap: it waits in epoll(7) and runs the straight-line code of each ready
// connection on the very goroutine that waited.
//
//	            ┌─────────────── the baton ───────────────┐
//	            ▼                                         │
//	wait ──▶ ready list ──▶ claim ──▶ Turn ──▶ rest ──────┘
//	(epoll)                             │
//	                                    └─ must wait, or has been inside one
//	                                       handler for too long: the baton goes
//	                                       to another goroutine, this one goes
//	                                       on with its own connection alone
//
// # The baton
//
// One goroutine of a loop holds the baton. It alone waits in epoll and reads
// the ready list. It runs connections itself, so a quick handler costs no
// hand-over between goroutines. It loses the baton in one of three ways:
//
//   - the connection's code has to wait (for bytes, for room to send): [Runner.Pass];
//   - the watchman finds it inside the same handler at two looks in a row;
//   - the table of what was learned says that this request is likely to block.
//
// Who has lost the baton finishes its own connection and retires. This is
// Leader/Followers with late promotion (Schmidt et al., "Leader/Followers",
// 2000).
//
// # Ownership
//
// A connection has one owner at a time, written on the [Conn] (claim.go). An
// idle connection has none: no goroutine, no buffer, only its struct.
//
// # Readiness
//
// Connections are registered once, edge-triggered. An edge that arrives while
// somebody owns the connection is noted on it and not lost: the owner sees it
// before it lets the connection rest.
//
// The package does not know what bytes mean.
package loop
