/* SPDX-License-Identifier: MIT
 *
 * The life of the credentials: found, put into the client, renewed in time.
 *
 *	chain = chain_start(&options, on_told, arg, &e);
 *
 * They are renewed about a quarter of an hour before they expire, at a moment
 * of chance, and sooner if they do not live that long.  A renewal that fails
 * is tried again, with growing pauses, and drops nothing: what was in force
 * stays in force, past its expiry too, since AWS is the one to refuse it.  If
 * AWS does so ahead of time, that starts a renewal too.
 */
#ifndef DRD_AWS_CHAIN_H
#define DRD_AWS_CHAIN_H

#include <stddef.h>

#include "base/error.h"

struct aws;
struct chain;
struct http;
struct loop;

enum { CHAIN_REGIONS_MAX = 3 };

/* Borrowed for the time of chain_start only, but for the three above. */
struct chain_options {
	struct loop *loop;
	struct http *http;
	struct aws *aws; /* gets the credentials */
	/* Whose STS is asked: the first; after a failure the next. */
	const char *regions[CHAIN_REGIONS_MAX];
	size_t region_count; /* at least one */
};

/* After each attempt: `e` is NULL and they are in force, or why not. */
typedef void chain_told(const struct error *e, void *arg);

/*
 * NULL: no place names credentials, or what it says cannot be used.  Reads
 * files.  Else credentials are on their way, and `told` runs from the loop.
 */
struct chain *chain_start(const struct chain_options *options, chain_told *told,
    void *arg, struct error *e);
void chain_free(struct chain *chain);

/*
 * Look at the environment and the files again, and fetch at once.  -1: what is
 * there now cannot be used, and all stays as it was.
 */
int chain_reload(struct chain *chain, struct error *e);

/* Where they come from, for people; valid until chain_reload. */
const char *chain_source(const struct chain *chain);

#endif
