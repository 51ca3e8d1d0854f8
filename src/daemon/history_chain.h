/* SPDX-License-Identifier: MIT
 *
 * A line of the history, and whether lines belong behind each other.
 *
 *	{"seq":7,"prev":"<SHA-256 of line 6, base64>","at":...}\n
 *
 * Pure.
 */
#ifndef DRD_DAEMON_HISTORY_CHAIN_H
#define DRD_DAEMON_HISTORY_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "aws/hash.h"
#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"

/* The event of a line in front of which lines were taken away. */
#define CHAIN_HOLE "hole"

/* The last line of a chain; all zero: there is none. */
struct chain {
	uint64_t seq;
	char hash[HASH_SHA256_SIZE];
	size_t lines; /* that were followed */
};

/*
 * Append the line of `entry` (borrowed) that follows `chain`, and move the
 * chain on to it.
 */
int chain_write(struct chain *chain, const json_t *entry, struct text *out,
    struct error *e);

/*
 * Follow the lines in `s`.  A chain of no lines takes the first as it is:
 * what came before may have been put away; but not if that line tells of a
 * hole.  -1 (ERROR_BROKEN): the text says which line was edited, or that one is
 * missing before it.
 */
int
chain_follow(struct chain *chain, const char *s, size_t len, struct error *e);

/*
 * What chain_write would have left behind after `s`, whatever is wrong before
 * its last line.  Nothing, if that is no line of a history.
 */
void chain_take_up(struct chain *chain, const char *s, size_t len);

#endif
