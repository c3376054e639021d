#!/bin/sh
# Makes sure that the tests have what they need. On Debian, as root, what is
# missing is installed; elsewhere this says what to install, and stops.
set -eu

postgresql() {
	for f in /usr/lib/postgresql/*/bin/initdb /opt/homebrew/opt/postgresql*/bin/initdb \
		/usr/local/opt/postgresql*/bin/initdb /usr/pgsql-*/bin/initdb; do
		[ -x "$f" ] && return 0
	done
	command -v initdb >/dev/null 2>&1 && command -v postgres >/dev/null 2>&1
}
chromium() {
	for c in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
		command -v "$c" >/dev/null 2>&1 && return 0
	done
	[ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] ||
		[ -x "/Applications/Chromium.app/Contents/MacOS/Chromium" ]
}
lecteur_pdf() { command -v pdftotext >/dev/null 2>&1 && command -v pdftoppm >/dev/null 2>&1; }
police() {
	[ "$(uname -s)" = Darwin ] || [ -n "$(find /usr/share/fonts /usr/local/share/fonts ~/.fonts ~/.local/share/fonts \
		-name '*.[to]tf' -print 2>/dev/null | head -n 1)" ]
}

if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
	echo "Il manque Node (20.19 ou plus récent) avec npm." >&2
	exit 1
fi
manque=
postgresql || manque="$manque postgresql"
chromium || manque="$manque chromium"
police || manque="$manque fonts-dejavu-core"
lecteur_pdf || manque="$manque poppler-utils"

# The engine alone does the journeys for half the processor: where it can be had
# it is taken, elsewhere the whole browser does.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && ! command -v chromium-headless-shell >/dev/null 2>&1; then
	echo "Installation du navigateur allégé pour les parcours (sinon, Chromium entier)" >&2
	apt-get update -qq >&2 &&
		DEBIAN_FRONTEND=noninteractive timeout 180 apt-get install -y -qq --no-install-recommends chromium-headless-shell >&2 ||
		echo "Le navigateur allégé n'est pas disponible ici." >&2
	chromium && manque=$(echo "$manque" | sed 's/ chromium//')
fi
[ -z "$manque" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "Installation de ce qui manque pour les essais :$manque" >&2
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq >&2
	# shellcheck disable=SC2086 # a list of packages
	apt-get install -y -qq --no-install-recommends $manque >&2
	exit 0
fi
{
	echo "Il manque, pour les essais :$manque."
	echo "Sous Debian ou Ubuntu : sudo apt-get install$manque"
	echo "Ailleurs : installez PostgreSQL (initdb et postgres), Chromium ou Chrome, poppler (pdftotext) et une police de caractères."
} >&2
exit 1
