#!/bin/sh
# Everything that can be said of the sources without running the program:
# format, vet, staticcheck, generated files, rules of the house.
set -eu
cd "$(dirname "$0")/.."
paquets=". ./cmd/... ./internal/..."
rate=0

echo "== format (gofumpt)"
mal=$(tools/outil.sh gofumpt -l cmd internal ./*_test.go)
if [ -n "$mal" ]; then
	echo "À mettre en forme (tools/outil.sh gofumpt -w …) :"
	echo "$mal"
	rate=1
fi

echo "== pages générées (templ)"
# From the root, as generer.sh does: the generated text holds the file's path.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
find cmd internal -name '*.templ' >"$dir/liste"
tar -cf - go.mod -T "$dir/liste" | tar -xf - -C "$dir"
outil=$PWD/tools/outil.sh
(cd "$dir" && "$outil" templ generate -path . >"$dir/sortie" 2>&1) || {
	cat "$dir/sortie"
	exit 1
}
{
	sed 's/\.templ$/_templ.go/' "$dir/liste"
	find cmd internal -name '*_templ.go'
} | sort -u >"$dir/generes"
while read -r f; do
	if ! cmp -s "$f" "$dir/$f"; then
		echo "$f n'est pas ce que donne sa page : lancez make generate"
		rate=1
	fi
done <"$dir/generes"

echo "== go vet et staticcheck"
go build -C tools -buildvcs=false -o "$dir/analyse" ./analyse
# shellcheck disable=SC2086 # a list of patterns
"$dir/analyse" $paquets || rate=1

echo "== règles de la maison"
go test -buildvcs=false -count=1 -run '^TestHouse$' . || rate=1
exit $rate
