//go:build !unix

package db

import "context"

// lockFolderOf does nothing where folders cannot be locked: there, only one
// process at a time may migrate a SQLite file.
func lockFolderOf(context.Context, string) (func(), error) { return func() {}, nil }
