#!/bin/sh
# Runs a command with AC_TEST_POSTGRES naming a temporary PostgreSQL cluster,
# which goes when the command ends, whatever way it or this script ends.
#
#   tools/avec-grappe.sh [--durable] COMMAND…
set -eu
{ # read whole before it runs: a clone that changes meanwhile does no harm
cd "$(dirname "$0")/.."

mode=
if [ "$1" = --durable ]; then
	mode=$1
	shift
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/ac-avec.XXXXXX")
mkfifo "$dir/vie" "$dir/adresse"
# shellcheck disable=SC2086 # no word when empty
tools/grappe.sh $mode <"$dir/vie" >"$dir/adresse" &
grappe=$!
# The cluster lives as long as descriptor 3 is open somewhere: only here.
exec 3>"$dir/vie"
fin() {
	trap - EXIT INT TERM HUP
	exec 3>&-
	wait "$grappe" 2>/dev/null || true
	rm -rf "$dir"
}
trap fin EXIT
AC_TEST_POSTGRES=
read -r AC_TEST_POSTGRES <"$dir/adresse" || exit 3 # grappe.sh has said why
# Beside it, what each package of a run would otherwise make for itself.
AC_TEST_MODELES=$dir
export AC_TEST_POSTGRES AC_TEST_MODELES

"$@" 3>&- &
commande=$!
trap 'kill -TERM $commande 2>/dev/null || true' INT TERM HUP
code=0
wait "$commande" || code=$?
# A trapped signal ends the first wait, not the command.
if kill -0 "$commande" 2>/dev/null; then wait "$commande" || code=$?; fi
exit "$code"
}
