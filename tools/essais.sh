#!/bin/sh
# All the tests, on both databases, sharing one PostgreSQL cluster.
set -eu
cd "$(dirname "$0")/.."
# shellcheck disable=SC2086 # ARGS is a list
exec tools/avec-grappe.sh go test -buildvcs=false -p=3 -timeout=15m ${ARGS:-} . ./cmd/... ./internal/...
