//go:build !linux

package mongotest

import "syscall"

func bound() *syscall.SysProcAttr { return nil }
