// Command aidantsconnect is the whole service in one program: it serves, it
// plays the demonstration, and it does what an operator does by hand. This
// package only reads the command line and calls internal/server and
// internal/demo; people read it in French.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"aidantsconnect/internal/attestation"
	"aidantsconnect/internal/fault"
	"aidantsconnect/internal/journal"
	"aidantsconnect/internal/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Exit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong.
const (
	exitDone = iota
	exitFailed
	exitUsage
)

// console is what a command is given besides its own flags.
type console struct {
	context.Context
	lecture        *server.Lecture
	stdout, stderr io.Writer
}

// run does what main does, on streams that a test can read.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	c := &console{Context: ctx, lecture: server.NewLecture(environ, nil), stdout: stdout, stderr: stderr}
	helped := false
	options := append(c.lecture.Options(),
		kong.Name("aidantsconnect"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Help(printHelp), kong.Exit(func(int) { helped = true }), kong.Bind(c))
	k, err := kong.New(&commandes{}, options...)
	if err != nil {
		return c.failed(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := k.Parse(args)
	if helped {
		return exitDone
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "aidantsconnect : %s\nVoir aidantsconnect --help.\n", inFrench(err))
		return exitUsage
	}
	c.lecture.Refuse(kctx)
	if err := kctx.Run(); err != nil {
		return c.failed(err)
	}
	return exitDone
}

// failed says in French why a command stopped. What was only asked to stop
// did not fail.
func (c *console) failed(err error) int {
	if config, ok := errors.AsType[*server.ConfigError](err); ok {
		_, _ = fmt.Fprintf(c.stderr, "La configuration est refusée :\n- %s\nVoir aidantsconnect serve --help.\n", strings.Join(config.Fautes, "\n- "))
		return exitUsage
	}
	if errors.Is(err, context.Canceled) && c.Err() != nil {
		return exitDone
	}
	if fields := fault.FieldsOf(err); len(fields) > 0 {
		_, _ = fmt.Fprintln(c.stderr, "Rien n'a été enregistré :")
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			_, _ = fmt.Fprintf(c.stderr, "- --%s : %s\n", strings.ReplaceAll(name, "_", "-"), fields[name])
		}
		return exitUsage
	}
	if errors.Is(err, server.ErrACorriger) { // what it is was printed
		return exitFailed
	}
	if errors.Is(err, attestation.ErrRefus) {
		_, _ = fmt.Fprintln(c.stderr, err)
		return exitFailed
	}
	if errors.Is(err, journal.ErrAltere) {
		_, _ = fmt.Fprintln(c.stderr, "Le journal n'est pas tel qu'il a été signé.")
		return exitFailed
	}
	_, _ = fmt.Fprintf(c.stderr, "aidantsconnect : échec : %v\n", err)
	return exitFailed
}
