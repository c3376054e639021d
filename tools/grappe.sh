#!/bin/sh
# Une grappe PostgreSQL temporaire, pour les essais et les mesures.
#
#   tools/grappe.sh [--durable]
#
# Écrit son adresse sur la sortie, sur une ligne, quand elle est prête, puis la
# garde jusqu'à la fin de l'entrée : celui qui l'a lancée n'a qu'à fermer
# l'entrée, ou mourir, pour que tout s'arrête et que le dossier disparaisse.
# Sans --durable, rien n'est forcé sur le disque : c'est plus rapide, et une
# panne de courant perdrait la grappe.
set -eu

durable=non
[ "${1:-}" = "--durable" ] && durable=oui

# Debian range les programmes par version ; on prend la plus récente.
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

# PostgreSQL refuse d'être root : on prend un compte ordinaire.
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

# Le chemin d'une prise unix a moins de 108 octets : un dossier court, hors de
# TMPDIR s'il est long. Les mesures choisissent leur disque par TMPDIR.
base=${TMPDIR:-/tmp}
[ ${#base} -gt 60 ] && base=/tmp
# En mémoire quand il y a la place : créer une base par essai, c'est surtout
# copier des fichiers.
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
		signal=QUIT # sans égards : le dossier va disparaître
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
# shellcheck disable=SC2086 # les mots séparés sont voulus
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
# shellcheck disable=SC2086 # les mots séparés sont voulus
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
cat >/dev/null # jusqu'à la fin de l'entrée
