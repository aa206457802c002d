//go:build !linux

package genkan

import (
	"errors"
	"net"

	"github.com/genkan-http/genkan/socket"
)

// asNet is never needed where package net opens the sockets.
func (l *Listener) asNet() (net.Listener, error) { return nil, errors.ErrUnsupported }

// duplicate is never needed there, either.
func duplicate(socket.FD) (int, error) { return -1, errors.ErrUnsupported }

func (srv *Server) maxConns() int { return max(srv.MaxConns, 0) }
