package loop

import "github.com/genkan-http/genkan/socket"

// Poller is the seam to what tells readiness: epoll(7) in earnest (NewEpoll),
// a table in memory in tests. Add, Mod, Del and Wake may be called from any
// goroutine; Wait from one at a time, the holder of the baton.
type Poller interface {
	// Add registers fd. A listener is reported as long as somebody waits in
	// its queue (level-triggered); a connection once per new arrival, hang-up
	// or, after Mod with write, freed space (edge-triggered). What is ready
	// already at Add is reported too.
	Add(fd socket.FD, key uint64, listener bool) error

	// Mod says whether freed space is of interest. What is ready already is
	// reported anew.
	Mod(fd socket.FD, key uint64, write bool) error

	// Del forgets fd. Closing fd does so too.
	Del(fd socket.FD) error

	// Wait fills ready and returns how many it filled. With block it waits
	// until there is at least one or Wake was called; without, it only looks.
	// waited: nothing was ready at once.
	Wait(ready []Ready, block bool) (n int, waited bool, err error)

	// Wake makes the present and each later Wait return at once.
	Wake()

	// Close gives back what the poller holds, after the last Wait.
	Close() error
}

// Ready is one answer of a Poller.
type Ready struct {
	Key   uint64 // as given to Add
	Read  bool   // bytes, a connection, or the end of the stream
	Write bool   // room to send
	Hup   bool   // the peer has gone or will send no more
}
