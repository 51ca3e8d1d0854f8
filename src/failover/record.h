/* SPDX-License-Identifier: MIT
 *
 * A record of the journal as a line, and back.
 *
 *	<crc32, 8 hex digits> <length, decimal> <JSON>\n
 *
 * The checksum covers length and JSON.  The spelling is strict, so that no
 * two lines mean the same and no single flipped bit makes another record.
 * Pure.
 */
#ifndef DRD_FAILOVER_RECORD_H
#define DRD_FAILOVER_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"

enum {
	RECORD_MAX = 64 * 1024, /* bytes of JSON */
	RECORD_LINE_MAX = 8 + 1 + 5 + 1 + RECORD_MAX + 1,
};

/*
 * Append the line of a record, a JSON object with a string member "type".
 * -1 (ERROR_BUG): it is none, too long, or could not be read back.
 */
int record_write(struct text *out, const json_t *record, struct error *e);

struct record_line {
	json_t *record;	   /* caller decrefs; NULL: there is none */
	size_t len;	   /* of the line */
	const char *wrong; /* why there is none; a clause */
	bool torn;	   /* as an interrupted write would leave it */
};

/*
 * The line at `s`.  `len` bytes are at hand of the `left` that the file has
 * from there; all of them, or RECORD_LINE_MAX.
 */
struct record_line record_read(const char *s, size_t len, size_t left);

#endif
