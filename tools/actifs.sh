#!/bin/sh
# Fills internal/web/actifs, the ignored folder that the program embeds.
# npm ci runs only when package-lock.json has changed since the last time.
set -eu
cd "$(dirname "$0")/.."

if ! command -v npm >/dev/null 2>&1; then
	echo "make assets : il manque Node (20.19 ou plus récent) avec npm." >&2
	exit 1
fi
if ! cmp -s package-lock.json node_modules/.verrou; then
	echo "make assets : installation des ressources de l'interface (npm ci)…" >&2
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	cp package-lock.json node_modules/.verrou
fi
node tools/lieux.mjs
exec node tools/actifs.mjs
