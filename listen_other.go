//go:build !linux

package genkan

import (
	"errors"
	"net"
)

// asNet is never needed where package net opens the sockets.
func (l *Listener) asNet() (net.Listener, error) { return nil, errors.ErrUnsupported }

func (srv *Server) maxConns() int { return max(srv.MaxConns, 0) }
