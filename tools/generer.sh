#!/bin/sh
# Writes what is generated and committed: the Go of the templ pages.
set -eu
cd "$(dirname "$0")/.."
tools/outil.sh templ generate -path .
