#!/bin/bash
# SPDX-License-Identifier: MIT
#
# scripts/deps.sh [check|lint|asan|all]: have what building and testing need.
#
# One table says what is needed and how to see that it is there; seeing is the
# same everywhere, installing is for Debian 12 only.  Any other system is told
# what is missing and keeps its package manager to itself.  With everything
# there this takes a fraction of a second and does not touch the network.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly PYTHON=${PYTHON:-/usr/bin/python3}
readonly REQUIREMENTS=sandbox/requirements.txt
readonly VENV=.venv
readonly STAMP=$VENV/requirements.sha256

# Debian package, how to see it (a command, a pkg-config module, a C header, a
# Python module), and the words for a system that has no such package.
readonly NEEDS_CHECK='
gcc                  command  cc                  a C11 compiler (gcc or clang)
libc6-dev            header   stdlib.h            the C library headers
make                 command  make                GNU make
pkg-config           command  pkg-config          pkg-config
libevent-dev         module   libevent_extra      libevent 2.1
libcurl4-openssl-dev module   libcurl             libcurl 7.88 or later
libssl-dev           module   openssl             OpenSSL 3
libjansson-dev       module   jansson             jansson 2.14
libexpat1-dev        module   expat               expat 2.5
libconfuse-dev       module   libconfuse          libconfuse 3.3
libsystemd-dev       module   libsystemd          libsystemd
check                module   check               check 0.15, the unit tests
curl                 command  curl                curl, to break the sandbox by hand
strace               command  strace              strace, to see that no packet leaves
python3              command  python3             Python 3.11 or later
python3-venv         python   ensurepip           the venv module of Python
'
readonly NEEDS_LINT='
clang                command  clang               clang
clang-tidy           command  clang-tidy          clang-tidy
clang-format         command  clang-format        clang-format 14
mandoc               command  mandoc              mandoc
pyflakes3            command  pyflakes3           pyflakes for Python 3
shellcheck           command  shellcheck          shellcheck
'

say() {
	printf 'deps: %s\n' "$*" >&2
}

die() {
	say "$@"
	exit 1
}

# has KIND NAME: is it there?
has() {
	case $1 in
	command) command -v "$2" ;;
	header) cc -E -include "$2" -x c /dev/null ;;
	module) pkg-config --exists "$2" ;;
	python) "$PYTHON" -c "import $2" ;;
	esac >/dev/null 2>&1
}

# The rows of a table whose thing is not there.
missing_of() {
	local package kind name words

	while read -r package kind name words; do
		[[ -z $package ]] || has "$kind" "$name" ||
			printf '%s\t%s\n' "$package" "$words"
	done <<<"$1"
}

is_debian_12() {
	[[ -r /etc/os-release ]] && command -v apt-get >/dev/null &&
		(
			# shellcheck source=/dev/null
			. /etc/os-release
			[[ ${ID:-} == debian && ${VERSION_ID:-} == 12 ]]
		)
}

# apt-get, as root; sudo when we are somebody else.  Silent unless it fails.
as_root_apt() {
	local -a run=(env DEBIAN_FRONTEND=noninteractive apt-get)
	local said

	[[ $(id -u) == 0 ]] || run=(sudo "${run[@]}")
	said=$("${run[@]}" "$@" 2>&1) || {
		printf '%s\n' "$said" >&2
		return 1
	}
}

# Are we root, or does sudo let us?  Here it may ask for the password.
may_be_root() {
	[[ $(id -u) == 0 ]] || { command -v sudo >/dev/null && sudo true; }
}

apt_install() {
	local try

	say "installing $*"
	may_be_root || die "that needs root; as root: apt-get install -y $*"
	for try in 1 2; do
		# Old lists do no harm when the packages still install.
		as_root_apt update || say "apt-get update failed (try $try)"
		as_root_apt install -y --no-install-recommends "$@" && return
		sleep 2
	done
	die "apt-get install $* failed twice"
}

packages() {
	local -a names
	local missing

	missing=$(missing_of "$1")
	[[ -n $missing ]] || return 0
	if ! is_debian_12; then
		say "not Debian 12, so nothing is installed; please install:"
		cut -f 2 <<<"$missing" | sed 's/^/  /' >&2
		say "(on Debian: $(cut -f 1 <<<"$missing" | xargs))"
		exit 1
	fi
	mapfile -t names < <(cut -f 1 <<<"$missing")
	apt_install "${names[@]}"
	missing=$(missing_of "$1")
	[[ -z $missing ]] ||
		die "installed, yet not found: $(cut -f 1 <<<"$missing" | xargs)"
}

# What a finished environment was made from: the pins and the interpreter.
fingerprint() {
	{ "$PYTHON" --version && cat "$REQUIREMENTS"; } | sha256sum
}

# The packages that we import are whole enough to be found.  A package without
# its __init__.py still counts as one to Python; its origin tells.
venv_works() {
	"$VENV/bin/python" - <<-'PYTHON' 2>/dev/null
		from importlib.util import find_spec
		specs = map(find_spec, ("boto3", "botocore", "dnslib", "moto", "pytest",
		                        "xdist"))
		raise SystemExit(not all(spec and spec.origin for spec in specs))
	PYTHON
}

pip_install() {
	"$VENV/bin/python" -m pip install --quiet --no-input \
		--disable-pip-version-check -r "$REQUIREMENTS" >&2
}

# Other pins are brought in where they are; what is damaged or half made is
# made anew.  The stamp goes first and comes last.
venv() {
	if [[ -r $STAMP && $(<"$STAMP") == "$(fingerprint)" ]] && venv_works; then
		return 0
	fi
	say "installing $REQUIREMENTS into $VENV"
	rm -f "$STAMP"
	if ! venv_works || ! pip_install; then
		rm -rf "$VENV"
		"$PYTHON" -m venv "$VENV"
		pip_install || die "pip could not install $REQUIREMENTS"
	fi
	venv_works || die "$VENV is not usable after pip install"
	fingerprint >"$STAMP"
}

main() {
	local needs

	case ${1:-check} in
	check | asan) needs=$NEEDS_CHECK ;; # gcc brings its sanitizers along
	lint | all) needs=$NEEDS_CHECK$NEEDS_LINT ;;
	*) die "usage: scripts/deps.sh [check|lint|asan|all]" ;;
	esac

	# Two of us at once would trip over each other in apt and in .venv.
	exec 9<"$REQUIREMENTS"
	flock 9
	packages "$needs"
	venv
}

main "$@"
