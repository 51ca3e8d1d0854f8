/* SPDX-License-Identifier: MIT
 *
 * Inside the journal: what reading and writing share.
 */
#ifndef DRD_FAILOVER_JOURNAL_PARTS_H
#define DRD_FAILOVER_JOURNAL_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "failover/journal.h"

struct journal_scan {
	void (*replay)(const json_t *record, void *arg);
	void *arg;
	bool salvage;	/* skip what is damaged */
	size_t good;	/* out: bytes until the last record's end */
	size_t skipped; /* out: damaged bytes before that */
};

/* Pass each good record of the first `size` bytes to `replay`. */
int
journal_scan(int fd, size_t size, struct journal_scan *scan, struct error *e);

/* -1: it is no regular file, or cannot be looked at. */
int journal_regular_size(int fd, size_t *size, struct error *e);

/* Up to `len` bytes at `offset`; less at the end of the file only. */
ssize_t journal_read_at(int fd, size_t offset, char *buf, size_t len);

/* See journal_room; `dir` is its directory. */
int journal_room_in(int dir, struct error *e);

/* From errno; always -1. */
int journal_io_error(struct error *e, const char *what);

#endif
