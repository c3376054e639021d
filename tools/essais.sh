#!/bin/sh
# All the tests, on both databases, sharing one PostgreSQL cluster.
set -eu
cd "$(dirname "$0")/.."
# The longest go first, so that none is left to run alone at the end;
# vet has run before, whole.
# shellcheck disable=SC2086 # ARGS is a list
exec tools/avec-grappe.sh go test -buildvcs=false -vet=off -p=3 -timeout=15m ${ARGS:-} \
	./internal/parcours ./internal/signature ./internal/server ./internal/fournisseur . ./cmd/... ./internal/...
