#!/bin/sh
# The measures (make bench), on both databases, with real commits: the files are
# in .bench, on the disk of the clone.
set -eu
cd "$(dirname "$0")/.."
mkdir -p .bench
TMPDIR=$PWD/.bench
export TMPDIR
# shellcheck disable=SC2086 # ARGS is a list
exec tools/avec-grappe.sh --durable go run -buildvcs=false ./internal/mesures ${ARGS:-}
