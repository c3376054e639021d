#!/bin/sh
# A temporary PostgreSQL cluster, for the tests and the measures.
#
#   tools/grappe.sh [--durable]
#
# Prints its address, on one line, when it is ready, then keeps it until the
# end of its input: whoever started it has only to close that input, or to die,
# for everything to stop and the folder to go. Without --durable nothing is
# forced to the disk: faster, and a power cut would lose the cluster.
set -eu
{ # read whole before it runs: a clone that changes meanwhile does no harm

durable=non
[ "${1:-}" = "--durable" ] && durable=oui

# Debian keeps the programs by version: take the newest.
bin=
for d in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n -r) \
	/opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin /usr/pgsql-*/bin; do
	if [ -x "$d/initdb" ] && [ -x "$d/postgres" ]; then bin=$d; break; fi
done
if [ -z "$bin" ] && command -v initdb >/dev/null 2>&1 && command -v postgres >/dev/null 2>&1; then
	bin=$(dirname "$(command -v postgres)")
fi
if [ -z "$bin" ]; then
	echo "PostgreSQL manque : les essais se font sur les deux bases. Sous Debian : apt-get install postgresql" >&2
	exit 3
fi

# PostgreSQL refuses to be root: take an ordinary account.
comme=
compte=$(id -un)
if [ "$(id -u)" = 0 ]; then
	compte=postgres
	id postgres >/dev/null 2>&1 || compte=nobody
	groupe=$(id -gn "$compte")
	if command -v setpriv >/dev/null 2>&1; then
		comme="setpriv --reuid=$compte --regid=$groupe --clear-groups --"
	elif command -v runuser >/dev/null 2>&1; then
		comme="runuser -u $compte --"
	else
		echo "Il faut setpriv ou runuser (paquet util-linux) pour lancer PostgreSQL quand on est root." >&2
		exit 3
	fi
fi

# The path of a unix socket has less than 108 bytes: a short folder, outside
# TMPDIR if that is long. The measures choose their disk by TMPDIR.
base=${TMPDIR:-/tmp}
[ ${#base} -gt 60 ] && base=/tmp
# In memory when there is room: a database per test is mostly files copied.
if [ $durable = non ] && [ -w /dev/shm ] &&
	[ "$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')" -gt 4000000 ]; then
	base=/dev/shm
fi
dir=$(mktemp -d "$base/ac-pg.XXXXXX")
prise=$dir
fin() {
	trap - EXIT INT TERM HUP
	if [ -f "$dir/donnees/postmaster.pid" ]; then
		pid=$(head -n 1 "$dir/donnees/postmaster.pid")
		signal=QUIT # no ceremony: the folder is going
		kill -$signal "$pid" 2>/dev/null || true
		n=0
		while kill -0 "$pid" 2>/dev/null && [ $n -lt 100 ]; do sleep 0.05; n=$((n + 1)); done
		kill -KILL "$pid" 2>/dev/null || true
	fi
	rm -rf "$dir"
}
trap fin EXIT
trap 'exit 1' INT TERM HUP
chmod 700 "$dir"
[ -n "$comme" ] && chown "$compte" "$dir"
cd "$dir"

journal=
[ $durable = non ] && journal=--wal-segsize=4
# shellcheck disable=SC2086 # split on purpose
$comme "$bin/initdb" -D "$dir/donnees" -U postgres --encoding=UTF8 --locale=C --auth=trust --no-sync $journal \
	>"$dir/initdb.log" 2>&1 || {
	cat "$dir/initdb.log" >&2
	exit 1
}
options="-c listen_addresses= -c unix_socket_directories=$prise -c max_connections=300 -c shared_buffers=128MB"
options="$options -c timezone=UTC -c log_min_messages=fatal"
if [ $durable = non ]; then
	options="$options -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off"
	options="$options -c max_wal_size=128MB -c min_wal_size=8MB"
fi
# shellcheck disable=SC2086 # split on purpose
$comme "$bin/postgres" -D "$dir/donnees" $options >"$dir/postgres.log" 2>&1 </dev/null &
n=0
until [ -S "$prise/.s.PGSQL.5432" ] && grep -q ready "$dir/donnees/postmaster.pid" 2>/dev/null; do
	n=$((n + 1))
	if [ $n -gt 600 ] || ! kill -0 $! 2>/dev/null; then
		cat "$dir/postgres.log" >&2
		exit 1
	fi
	sleep 0.05
done
echo "postgres://postgres@/postgres?host=$prise"
exec >&-
cat >/dev/null # until the end of the input
exit 0
}
