package sockettest

import (
	"syscall"

	"github.com/genkan-http/genkan/socket"
)

// Send hands bytes to the kernel: they have arrived at once, if the receiver
// has room.
func (k *Kernel) Send(fd socket.FD, p []byte, flags socket.MsgFlag) (n int, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("send", fd, n, err, "") }()
	f := k.fault("send", fd)
	s, errno := k.sock(fd)
	switch {
	case errno != 0:
	case f.Err != 0:
		k.after(s, f)
		errno = f.Err
	case s.typ == socket.DGRAM:
		if s.remote.Family == 0 {
			errno = syscall.EDESTADDRREQ
			break
		}
		n, errno = k.sendDgram(s, p, s.remote, flags)
	default:
		n, errno = k.sendAll(s, f.cut(p), s.nonblock || flags&socket.DONTWAIT != 0)
		if n > 0 && n < len(p) {
			s.stream.wantsSpace = true
			if k.room(s) > 0 {
				k.edge(s)
			}
		}
	}
	return n, refused("send", fd, socket.Addr{}, errno)
}

// sendAll sends what there is room for, or, if it may wait, everything.
func (k *Kernel) sendAll(s *sock, p []byte, now bool) (int, syscall.Errno) {
	sent := 0
	for {
		n, errno := k.send(s, p[sent:])
		sent += n
		switch {
		case errno == syscall.EAGAIN && now, errno != 0 && errno != syscall.EAGAIN:
			if sent > 0 {
				return sent, 0
			}
			return 0, errno
		case sent == len(p):
			return sent, 0
		case now && n > 0:
			continue
		}
		if !k.wait(s) {
			return sent, syscall.EBADF
		}
	}
}

// room is how many bytes the peer of s has room for.
func (k *Kernel) room(s *sock) int {
	peer := s.stream.peer
	return max(0, peer.capacity()-len(peer.in))
}

// send is one attempt on a STREAM.
func (k *Kernel) send(s *sock, p []byte) (int, syscall.Errno) {
	st := s.stream
	switch {
	case s.err != 0:
		return 0, s.pending()
	case st == nil && s.family == socket.UNIX:
		return 0, syscall.ENOTCONN
	case st == nil, st.noSend, st.down:
		return 0, syscall.EPIPE
	case st.connecting:
		return 0, syscall.EAGAIN
	case st.peer.closed && s.family == socket.UNIX:
		return 0, syscall.EPIPE
	case st.peer.closed:
		// The bytes leave, and a reset comes back.
		k.reset(s)
		return len(p), 0
	}
	room := k.room(s)
	if st.peer.stream.noRecv {
		return len(p), 0 // thrown away there
	}
	n := min(room, len(p))
	if n == 0 && len(p) > 0 {
		st.wantsSpace = true
		return 0, syscall.EAGAIN
	}
	if n > 0 {
		st.peer.in = append(st.peer.in, p[:n]...)
		k.edge(st.peer)
	}
	return n, 0
}

// Sendfile copies bytes of a file that [Kernel.File] opened. Any other file is
// EINVAL, which real kernels give too where they cannot do it: the caller reads
// and sends.
func (k *Kernel) Sendfile(out socket.FD, in socket.FD, offset int64, n int) (sent int, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer func() { k.note("sendfile", out, sent, err, "") }()
	f := k.fault("sendfile", out)
	s, errno := k.sock(out)
	file := k.fds[in]
	switch {
	case errno != 0:
	case f.Err != 0:
		k.after(s, f)
		errno = f.Err
	case file == nil || file.file == nil || s.typ != socket.STREAM:
		errno = syscall.EINVAL
	default:
		sent, errno = k.sendfile(s, file, offset, n, f)
	}
	return sent, refused("sendfile", out, socket.Addr{}, errno)
}

func (k *Kernel) sendfile(s *sock, file *open, offset int64, n int, f Fault) (int, syscall.Errno) {
	if n <= 0 {
		return 0, 0
	}
	buf := make([]byte, min(n, 1<<20))
	// The error of ReadAt is the file's end, or as good as that here.
	got, _ := file.file.ReadAt(buf, offset)
	if got == 0 {
		return 0, 0
	}
	return k.sendAll(s, f.cut(buf[:got]), s.nonblock)
}
