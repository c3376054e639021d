#!/bin/sh
# Writes what is generated and committed: the Go of the templ pages, the schemas
# that reviewers read, what the modules of certification gave, and who reaches
# which route.
set -eu
cd "$(dirname "$0")/.."
tools/outil.sh templ generate -path .
tools/avec-grappe.sh go test -buildvcs=false -count=1 -run '^TestSchema$' ./internal/db -update
tools/avec-grappe.sh go run -buildvcs=false tools/conformite/main.go
go test -buildvcs=false -count=1 -run '^TestAcces$' ./internal/server -update
