#!/bin/bash
# SPDX-License-Identifier: MIT
#
# scripts/lint.sh: what can be said about the sources without compiling them.
#
# `make lint` calls it, then has clang build and clang-tidy read the C.  Every
# check runs even when an earlier one failed: one run tells all there is.

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

failures=0

# check NAME COMMAND...: run it, remember that it failed, go on.
check() {
	local name=$1

	shift
	if "$@"; then
		echo "  LINT    $name"
	else
		echo "lint: $name: failed" >&2
		failures=$((failures + 1))
	fi
}

# The sources, one a line: ours, not what is built, installed or hidden.
sources() {
	find . \( -name '.?*' ! -name .ci -o -path ./build \) -prune -o -type f \
		\( "$@" \) -print | sort
}

# Each source file says its licence, in one line.
licences() {
	local file bad=0

	while read -r file; do
		if [[ $(grep -cE '^\W*SPDX-License-Identifier: MIT\W*$' \
			"$file") != 1 ]]; then
			echo "$file: no SPDX-License-Identifier: MIT" >&2
			bad=1
		fi
	done < <(sources -name '*.[ch]' -o -name '*.py' -o -name '*.sh' \
		-o -name '*.mk' -o -name Makefile -o -path './.ci/*')
	return "$bad"
}

# What is not finished is not committed.
leftovers() {
	! sources -name '*.[ch]' -o -name '*.py' -o -name '*.sh' -o -name '*.mk' \
		-o -name '*.conf' -o -name '*.[1-8]' -o -name '*.md' |
		grep -v '^./scripts/lint.sh$' |
		xargs grep -nE '\b(TODO|FIXME|XXX)\b'
}

formatted() {
	sources -name '*.[ch]' | xargs clang-format --dry-run -Werror 2>&1 |
		awk -F: '/error:/ && !seen[$1]++ {
			print $1 ":" $2 ": not as make format writes it"
		} END { exit NR > 0 }' >&2
}

shells() {
	{ sources -name '*.sh' && ls .ci/run; } | xargs shellcheck -S warning
}

pythons() {
	sources -name '*.py' | xargs pyflakes3
}

manuals() {
	local -a pages

	mapfile -t pages < <(sources -path './man/*.[1-8]')
	[[ ${#pages[@]} == 0 ]] || mandoc -T lint -W warning "${pages[@]}"
}

check 'the floors' tests/floors.sh
check 'licence lines' licences
check 'leftovers' leftovers
check 'clang-format' formatted
check 'shellcheck' shells
check 'pyflakes' pythons
check 'mandoc' manuals
exit $((failures > 0))
