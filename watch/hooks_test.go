package watch

import (
	"context"
	"net/netip"
	"time"
)

// What the tests of package watch_test set, before it is used.

// SetReplay bounds the time of what is sent again.
func (l *Live) SetReplay(quiet, long time.Duration) { l.bounds.quiet, l.bounds.long = quiet, long }

// SetLookup is who says which addresses localhost has.
func (l *Live) SetLookup(f func(ctx context.Context, host string) ([]netip.Addr, error)) {
	l.lookup = f
}

// SetPatience is how long a stream waits for who does not read it.
func (l *Live) SetPatience(d time.Duration) { l.patience = d }
