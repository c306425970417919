package mongotest

import (
	"bytes"
	"os/exec"
	"runtime"
)

// process is a child that does not outlive the test binary, where the system can promise that.
type process struct {
	cmd   *exec.Cmd
	out   bytes.Buffer
	ended chan struct{}
}

// spawn starts the child from a thread that lives as long as the child: on Linux the child dies with the thread that
// started it.
func spawn(bin string, args []string) (*process, error) {
	p := &process{cmd: exec.Command(bin, args...), ended: make(chan struct{})} //nolint:noctx // kill ends it
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.SysProcAttr = bound()
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // its exit is what kill asked for, or shows in the log
		}
		close(p.ended)
	}()
	return p, <-started
}

func (p *process) kill() {
	if p.cmd.Process != nil {
		_ = p.cmd.Process.Kill() // it may have ended already
	}
	<-p.ended
}

// output is what the child printed; valid once it has ended.
func (p *process) output() string {
	select {
	case <-p.ended:
		return p.out.String()
	default:
		return ""
	}
}
