#!/bin/sh
# Runs a tool of tools/go.mod (templ, gofumpt) at its pinned version.
exec go tool -modfile="$(dirname "$0")/go.mod" "$@"
