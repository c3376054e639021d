#!/bin/sh
# Writes what is generated and committed: the Go of the templ pages, and the
# schemas that reviewers read.
set -eu
cd "$(dirname "$0")/.."
tools/outil.sh templ generate -path .
tools/avec-grappe.sh go test -buildvcs=false -count=1 -run '^TestSchema$' ./internal/db -update
