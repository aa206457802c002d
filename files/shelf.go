package files

// What was found out about files lately is kept for a moment, and the content
// of small ones with it, so that a file which many ask for is not opened, asked
// for its facts, read and closed each time: four system calls of six. Middle
// ones are kept once they are asked for again.
//
// It is believed for Options.Recheck after the kernel was asked last, and
// only of a file that had rested for restTime then. So whoever edits a file and
// looks at once sees it as it is, save that a version asked for less than
// Recheck before the edit may be seen until that time is over.

import (
	"sync"
	"sync/atomic"
	"time"
)

const (
	defaultRecheck = 100 * time.Millisecond
	defaultKeep    = 16 << 20

	// versionCost is about what a version takes beside its name and content.
	versionCost = 512
)

// version is a file as it was found: nothing of it changes.
type version struct {
	facts
	validators
	etagField, modifiedField, lengthField []string // header values, shared by answers
	contentType                           []string
	content                               []byte // nil: not kept
	checked                               atomic.Int64
}

func newVersion(f facts, now time.Time) *version {
	v := &version{facts: f}
	var size string
	v.validators, size = validatorsOf(f, now)
	values := [...]string{v.etag, v.lastModified, size}
	v.etagField, v.modifiedField, v.lengthField = values[0:1:1], values[1:2:2], values[2:3:3]
	return v
}

// shelf holds versions by name, up to a number of bytes.
type shelf struct {
	began   time.Time
	recheck time.Duration // 0: nothing is kept
	most    int64

	mu       sync.RWMutex
	versions map[string]*version
	held     int64
}

func newShelf(o Options) *shelf {
	s := &shelf{began: time.Now(), recheck: o.Recheck, most: o.Keep, versions: map[string]*version{}}
	switch {
	case s.recheck == 0:
		s.recheck = defaultRecheck
	case s.recheck < 0:
		s.recheck = 0
	}
	switch {
	case s.most == 0:
		s.most = defaultKeep
	case s.most < 0:
		s.recheck = 0
	}
	return s
}

// get is the version of this name, if the kernel was asked lately.
func (s *shelf) get(name string, now time.Time) *version {
	if s.recheck == 0 {
		return nil
	}
	s.mu.RLock()
	v := s.versions[name]
	s.mu.RUnlock()
	if v == nil || now.Sub(s.began)-time.Duration(v.checked.Load()) > s.recheck {
		return nil
	}
	return v
}

// known is the version of this name that has the facts just found, now or from
// before; else nil.
func (s *shelf) known(name string, f facts, now time.Time) *version {
	if s.recheck == 0 || !f.settled(now) {
		return nil
	}
	s.mu.RLock()
	v := s.versions[name]
	s.mu.RUnlock()
	if v == nil || v.facts != f {
		return nil
	}
	v.checked.Store(int64(now.Sub(s.began)))
	return v
}

// wants says whether a version may be kept.
func (s *shelf) wants(v *version, now time.Time) bool {
	return s.recheck > 0 && v.settled(now)
}

// fits says whether the content of a file of this size may be kept at all.
func (s *shelf) fits(name string, size int64) bool {
	return versionCost+int64(len(name))+size <= s.most
}

// put keeps a version whose facts were found at now. A shelf that would be
// fuller than it may is emptied first: what is asked for often comes back at
// once.
func (s *shelf) put(name string, v *version, now time.Time) {
	cost := v.cost(name)
	v.checked.Store(int64(now.Sub(s.began)))
	s.mu.Lock()
	defer s.mu.Unlock()
	if cost > s.most {
		return
	}
	if before := s.versions[name]; before != nil {
		s.held -= before.cost(name)
	}
	if s.held+cost > s.most {
		clear(s.versions)
		s.held = 0
	}
	s.versions[name] = v
	s.held += cost
}

// close drops everything; a later get finds nothing.
func (s *shelf) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.most = 0
	s.versions, s.held = nil, 0
}

func (v *version) cost(name string) int64 { return versionCost + int64(len(name)+len(v.content)) }

// settled: nobody has changed the file for so long that a change after now
// would show in its facts.
func (f *facts) settled(now time.Time) bool {
	return now.Sub(f.modified) >= clockTick && (f.changed.IsZero() || now.Sub(f.changed) >= clockTick)
}
