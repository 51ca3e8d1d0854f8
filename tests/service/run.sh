#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tests/service/run.sh [PYTEST-OPTION ...]: drd as a service of a real systemd.
#
# Builds a small Debian 12 with debootstrap, installs drd into it as a packager
# would, and boots it with systemd-nspawn beside a sandbox, in a network that
# has nothing but loopback.  The tests then do with systemctl, drdctl and
# journalctl what an operator does.
#
# Needs root, debootstrap, systemd-nspawn, a Debian mirror (MIRROR) and about
# 500 MB below /var/tmp, or below DRD_SERVICE_DIR, where the Debian stays for
# the next run.  Otherwise nothing stays: no mount, no machine, no process.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly MIRROR=${MIRROR:-http://deb.debian.org/debian}
readonly PACKAGES=systemd,systemd-sysv,dbus,libevent-core-2.1-7,\
libevent-extra-2.1-7,libcurl4,libssl3,libjansson4,libexpat1,libconfuse2,\
libsystemd0

die() {
	echo "service: $*" >&2
	exit 1
}

needs() {
	[[ $(id -u) == 0 ]] || die "run it as root: it boots a machine"
	command -v debootstrap >/dev/null ||
		die "please install debootstrap"
	command -v systemd-nspawn >/dev/null ||
		die "please install systemd-container"
	[[ -x .venv/bin/python ]] || die "please run scripts/deps.sh first"
}

# A tree that debootstrap did not finish is not one, hence the second name.
base() {
	local tree=$1 log=$1.log

	[[ ! -d $tree ]] || return 0
	echo "service: debootstrap, from $MIRROR"
	rm -rf "$tree.new"
	debootstrap --variant=minbase --include="$PACKAGES" bookworm \
		"$tree.new" "$MIRROR" >"$log" 2>&1 || {
		tail -20 "$log" >&2
		die "debootstrap failed"
	}
	rm -rf "$tree.new"/var/cache/apt/*.bin "$tree.new"/var/lib/apt/lists/*
	mv "$tree.new" "$tree"
}

# What the tests run in: nothing of it is left when its first process ends.
# /run is its own because systemd-nspawn leaves directories there.
isolated() {
	exec unshare --mount --net --pid --fork --kill-child=SIGKILL --mount-proc \
		bash -euc 'ip link set lo up
			mount -t tmpfs -o mode=755 tmpfs /run
			"$@"' isolated "$@"
}

# Once unshare is gone the kernel ends the machine; that takes a moment, in
# which the machine may still write.
finish() {
	trap '' INT TERM
	if [[ -n $isolation ]]; then
		kill -KILL "$isolation" 2>/dev/null || true
		wait "$isolation" || true
	fi
	rm -rf "$work" 2>/dev/null || { sleep 2 && rm -rf "$work"; }
}

needs
isolation=
work=$(mktemp -d /var/tmp/drd-service.XXXXXX)
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
keep=${DRD_SERVICE_DIR:-$work}
mkdir -p "$keep"
base "$keep/base"
cp -a --reflink=auto "$keep/base" "$work/root"
make --no-print-directory -j"$(nproc)" BUILD="$keep/build" PREFIX=/usr \
	SYSCONFDIR=/etc DESTDIR="$work/root" install
# In the background, because the shell hears a signal only while it waits.
export DRD_SERVICE_ROOT=$work/root
isolated .venv/bin/python -m pytest -q -ra -p no:cacheprovider "$@" \
	tests/service &
isolation=$!
wait "$isolation" && status=0 || status=$?
isolation=
exit "$status"
