#!/bin/bash
# SPDX-License-Identifier: MIT
#
# tests/floors.sh [ROOT]: the floors of the architecture, kept.
#
# A file includes headers of its own floor and of those below, each library
# is known to one place, and what the whole design rests on being in one
# place (time, chance, memory) is called there and nowhere else.  The tests
# swap net/ for a simulation at link time: one include too many and the
# simulated outages would prove nothing.
#
# The script first breaks each rule in a scratch tree and sees itself object,
# so a silent pass means that somebody looked.

set -euo pipefail

# floor: the floors it may include.  stack and failover do not know each other.
export FLOORS='
base      base
net       base net
aws       base net aws
stack     base net aws stack
failover  base net aws failover
daemon    base net aws stack failover daemon
tools     base tools
'

# <header> (regular expression): the files that may include it.
export LIBRARIES='
jansson\.h                 base/tree\.h
ev(ent|util|dns).*           net/[a-z_]+\.c
curl/.*                    net/([a-z_]+\.c|curl_loop\.h|http_call\.h)
openssl/.*                 aws/(sigv4|hash)\.c
expat.*                    aws/xml\.c
confuse\.h                 daemon/config[a-z_]*\.c
systemd/.*                 daemon/(notify|main)\.c
'

# Functions: the files that may call them (no file has the name "nowhere").
export CALLS='
malloc|calloc|realloc|reallocarray|strdup|strndup  base/(mem|text)\.c
time|gettimeofday|clock_gettime                (base/clock|daemon/notify)\.c
rand|random|srand|srandom|drand48|getrandom    base/backoff\.c
sleep|usleep|nanosleep|clock_nanosleep         nowhere
getaddrinfo|getnameinfo|gethostbyname          nowhere
pthread_create|thrd_create|system|popen        nowhere
strcpy|strcat|strncpy|strncat|sprintf|vsprintf|strtok|alloca  nowhere
gets|atoi|atol|atoll|atof|scanf|fscanf         nowhere
'

# look ROOT: one line for each breach under ROOT/src, nothing when all is well.
look() (
	cd "$1/src"
	find . -name '*.[ch]' -printf '%P\n' | sort |
		awk '
	# The rows of the table in environment variable "name": the first word
	# becomes an element of "left", the rest one of "right".
	function table(name, left, right,    n, i, rows) {
		n = split(ENVIRON[name], rows, "\n")
		left[0] = 0
		for (i = 1; i <= n; i++)
			if (match(rows[i], /[ \t]+/)) {
				left[++left[0]] = substr(rows[i], 1, RSTART - 1)
				right[left[0]] = substr(rows[i], RSTART + RLENGTH)
			}
	}

	function breach(text) {
		printf "src/%s:%d: %s\n", file, line, text
	}

	function ours(header,    of) {
		of = header
		if (!sub(/\/.*/, "", of) || !(of in may_see))
			breach("\"" header "\": write floor/name.h")
		else if (header ~ /\.c$/)
			breach("\"" header "\": only a test includes a .c")
		else if (index(" " may_see[floor] " ", " " of " ") == 0)
			breach(floor "/ may not know " of "/: " header)
	}

	function library(header,    i) {
		for (i = 1; i <= libraries[0]; i++)
			if (header ~ "^(" libraries[i] ")$" &&
			    file !~ "^(" users[i] ")$")
				breach("<" header "> may be included in: " users[i])
	}

	function calls(text,    i, name) {
		for (i = 1; i <= functions[0]; i++) {
			if (file ~ "^(" callers[i] ")$" || !match(text, \
			    "(^|[^A-Za-z0-9_.>])(" functions[i] ")[ \t]*\\("))
				continue
			name = substr(text, RSTART, RLENGTH)
			gsub(/[^A-Za-z0-9_]/, "", name)
			breach(name "() may be called in: " callers[i])
		}
	}

	# The line without strings and comments; "inside" remembers a comment
	# that goes on.
	function code(text,    out) {
		gsub(/\\./, "", text)
		gsub(/"[^"]*"/, "\"\"", text)
		out = ""
		while (text != "") {
			if (inside) {
				if (!match(text, /\*\//))
					return out
				inside = 0
			} else if (match(text, /\/\*/)) {
				out = out substr(text, 1, RSTART - 1)
				inside = 1
			} else
				return out text
			text = substr(text, RSTART + RLENGTH)
		}
		return out
	}

	function read(    text, header) {
		floor = file
		sub(/\/.*/, "", floor)
		inside = line = 0
		if (!(floor in may_see)) {
			breach("no floor is called " floor)
			return
		}
		while ((getline text < file) > 0) {
			line++
			if (!inside && text ~ /^[ \t]*#[ \t]*include[ \t]*["<]/) {
				header = text
				sub(/^[^"<]*["<]/, "", header)
				sub(/[">].*/, "", header)
				if (text ~ /"/)
					ours(header)
				else
					library(header)
			}
			calls(code(text))
		}
		close(file)
	}

	BEGIN {
		table("FLOORS", names, sees)
		for (i = 1; i <= names[0]; i++)
			may_see[names[i]] = sees[i]
		table("LIBRARIES", libraries, users)
		table("CALLS", functions, callers)
	}
	{ file = $0; read() }
	'
)

# try FILE LINE EXPECTED: a tree with LINE in FILE has EXPECTED breaches.
try() {
	local found

	rm -rf "$scratch/src"
	mkdir -p "$scratch/src/$(dirname "$1")"
	printf '%b\n' "$2" >"$scratch/src/$1"
	found=$(look "$scratch" | wc -l)
	[[ $found == "$3" ]] || {
		printf 'floors: self test: %s with %s: %s breaches, not %s\n' \
			"$1" "$2" "$found" "$3" >&2
		exit 1
	}
}

self_test() {
	local scratch

	scratch=$(mktemp -d)
	# shellcheck disable=SC2064 # the directory of now is the one meant
	trap "rm -rf '$scratch'" EXIT

	try base/a.c '#include "base/mem.h"' 0
	try base/a.c '#include "net/loop.h"' 1
	try net/a.h '#include "aws/client.h"' 1
	try aws/a.c '#include "net/http.h"\n#include "stack/node.h"' 1
	try stack/kinds/a.c '#include "stack/kind.h"' 0
	try stack/kinds/a.c '#include "failover/role.h"' 1
	try failover/a.c '# include "stack/node.h"' 1
	try daemon/a.c '#include "stack/node.h"\n#include "failover/role.h"' 0
	try tools/a.c '#include "net/local.h"' 1
	try tools/a.c '#include "daemon/status.h"' 1
	try stack/a.c '#include "kind.h"' 1
	try stack/a.c '#include "stack/node.c"' 1
	try attic/a.c 'int x;' 1

	try base/tree.h '#include <jansson.h>' 0
	try tools/ask.c '#include <jansson.h>' 1
	try net/loop.c '#include <event2/event.h>' 0
	try daemon/main.c '#include <event2/event.h>' 1
	try net/http.h '#include <curl/curl.h>' 1
	try aws/sigv4.c '#include <openssl/evp.h>' 0
	try aws/client.c '#include <openssl/evp.h>' 1
	try aws/wire.c '#include <expat.h>' 1
	try daemon/config_check.c '#include <confuse.h>' 0
	try daemon/topology.c '#include <confuse.h>' 1
	try daemon/status.c '#include <systemd/sd-daemon.h>' 1

	try base/mem.c 'p = calloc(1, 2);' 0
	try aws/a.c 'p = calloc(1, 2);' 1
	try aws/a.c 'now = time(NULL);' 1
	try aws/a.c 'now = step_time(1) + at->time(2); /* time(3) */' 0
	try aws/a.c '/* so\n * time(3)\n */ x = time(NULL);' 1
	try aws/a.c 'text_add(t, "sleep(1)");' 0
	try aws/a.c 'sleep(1);' 1

	rm -rf "$scratch"
	trap - EXIT
}

self_test
breaches=$(look "${1:-$(dirname "${BASH_SOURCE[0]}")/..}")
if [[ -n $breaches ]]; then
	printf '%s\n' "$breaches" >&2
	exit 1
fi
