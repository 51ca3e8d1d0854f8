/* SPDX-License-Identifier: MIT
 *
 * A place that hands out credentials, as one row of a table (origin.c).
 *
 * A fetch may take its time: it keeps the contract of net/loop.h and ends
 * within a minute or two, with credentials or with an error, and without a
 * word in the log about either.  It is asked again before they expire.
 */
#ifndef DRD_AWS_SOURCE_H
#define DRD_AWS_SOURCE_H

#include "aws/creds.h"
#include "base/error.h"
#include "base/tree.h"

struct aws;
struct http;
struct loop;
struct origin;
struct role;

/* Borrowed until the fetch has ended. */
struct source_world {
	struct loop *loop;
	struct http *http;
	struct aws *aws;
	const char *region; /* of STS */
};

/* Takes `creds`, but for its source; NULL: it failed, and `e` says why. */
typedef void source_done(struct creds *creds, const struct error *e, void *arg);

struct source {
	const char *name;
	/*
	 * Is this the place?  1: yes, and what it needs is in `origin`; 0: no;
	 * -1: it is meant, but not usable.
	 */
	int (*applies)(struct origin *origin, struct error *e);
	void *(*fetch)(const struct source_world *world,
	    const struct origin *origin, source_done *done, void *arg);
	void (*cancel)(void *fetch);
};

void *imds_fetch(const struct source_world *world, const struct origin *origin,
    source_done *done, void *arg);
void imds_cancel(void *arg);

void *container_fetch(const struct source_world *world,
    const struct origin *origin, source_done *done, void *arg);
void container_cancel(void *arg);
/* 0, or -1: what the environment names is not an address to go to. */
int container_check(struct error *e);

void *process_fetch(const struct source_world *world,
    const struct origin *origin, source_done *done, void *arg);
void process_cancel(void *arg);

void *web_fetch(const struct source_world *world, const struct origin *origin,
    source_done *done, void *arg);
void web_cancel(void *arg);

/* Not a source: the next step after one.  `creds` is borrowed likewise. */
void *role_fetch(const struct source_world *world, const struct role *role,
    const struct creds *creds, source_done *done, void *arg);
void role_cancel(void *arg);

/* How the members of a reply are called. */
struct source_shape {
	const char *key;
	const char *secret;
	const char *token;
	const char *expires;
	bool may_stay; /* no token and no expiry is fine */
};

/*
 * Credentials out of what a source said: all members there, fit for a header,
 * with an expiry that can be read.  `who` begins the error, which repeats no
 * value.  Whether they are expired is the caller's question.
 */
int source_read(const json_t *reply, const struct source_shape *shape,
    const char *who, struct creds *creds, struct error *e);

/* -1 and an error if they have no time left. */
int
source_check_fresh(const struct creds *creds, const char *who, struct error *e);

/* Overwrite every string of a tree that is ours, then drop it. */
void source_wipe_tree(json_t *t);

#endif
