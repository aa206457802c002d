//go:build !windows

package main

import "os"

// obeysEscapes: every terminal does, outside Windows.
func obeysEscapes(*os.File) bool { return true }
