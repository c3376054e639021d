package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"aidantsconnect/internal/machine"
)

// programme is the built program, as an operator runs it: HTTP, log, tasks,
// numbering of the journal and messages at the same time.
type programme struct {
	Prets   []float64 `json:"pret_ms"` // from exec to 200 on /sante/pret, each start
	Pret    float64   `json:"pret_median_ms"`
	Repos   float64   `json:"memoire_repos_mio"`
	Charge  float64   `json:"memoire_charge_mio"` // highest, at eight clients
	Usages  usages    `json:"utilisations"`
	Manque  string    `json:"manque,omitempty"`
	Journal int64     `json:"-"`
}

// program starts the built program a few times on the loaded database, then
// has eight aidants use it over HTTP.
func (b *banc) program(ctx context.Context) (p programme, err error) {
	path := b.options.programme
	if _, err := os.Stat(path); err != nil {
		p.Manque = "programme absent : " + path
		return p, nil
	}
	for i := range b.departs {
		last := i == b.departs-1
		if err := b.launch(ctx, path, &p, last); err != nil {
			return p, err
		}
	}
	sorted := slices.Sorted(slices.Values(p.Prets))
	p.Pret = sorted[len(sorted)/2]
	return p, nil
}

func (b *banc) launch(ctx context.Context, path string, p *programme, play bool) (err error) {
	cmd := exec.CommandContext(ctx, path, "serve")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 15 * time.Second
	for k, v := range b.env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	// The log goes to a file, as a service manager would keep it.
	out, err := os.OpenFile(b.dossier+"/serve.log", os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	cmd.Stdout, cmd.Stderr = out, out
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop(cmd)) }()
	if err := waitReady(ctx, "http://"+b.env["AC_ECOUTE"]+"/sante/pret", 30*time.Second); err != nil {
		return fmt.Errorf("%s serve: %w", path, err)
	}
	p.Prets = append(p.Prets, ms(time.Since(begin)))
	if !play {
		return nil
	}
	p.Repos = memory(cmd.Process.Pid, "VmRSS")
	if p.Usages, err = b.uses(ctx, overHTTP(), parallele); err != nil {
		return err
	}
	p.Charge = memory(cmd.Process.Pid, "VmHWM")
	return nil
}

// stop asks the program to end and waits: it must end well.
func stop(cmd *exec.Cmd) error {
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return cmd.Wait()
}

// memory reads a figure of the process in MiB; 0 where there is no /proc.
func memory(pid int, name string) float64 {
	kb, _, _ := strings.Cut(machine.Field("/proc/"+strconv.Itoa(pid)+"/status", name), " ")
	n, _ := strconv.ParseFloat(kb, 64)
	return n / 1024
}
