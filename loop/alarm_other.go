//go:build !linux

package loop

func newAlarm() (alarm, error) { return newGoTimer(), nil }
