/* SPDX-License-Identifier: MIT
 *
 * The loop and the AWS client, set up from the configuration: what the
 * daemon and the planning verbs have in common.
 */
#ifndef DRD_DAEMON_SESSION_H
#define DRD_DAEMON_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "daemon/config.h"

struct aws;
struct chain;
struct http;
struct loop;
struct timer;

struct session {
	struct loop *loop;
	struct http *http;
	struct aws *aws;
	struct chain *chain;
	struct timer *wait_limit;
	bool waiting; /* for the first credentials */
	bool have_creds;
	unsigned creds_failures;
	struct error creds_error; /* of the last attempt */
};

/*
 * -1: no place names credentials, or one does that cannot be used.
 * session_close is right after either.
 */
int
session_open(struct session *s, const struct config *config, struct error *e);
void session_close(struct session *s);

/*
 * Runs the loop until there are credentials, or it is clear that there will be
 * none soon, or for `limit_ms`.  -1: none yet, and why; they are still being
 * looked for.
 */
int session_wait_creds(struct session *s, uint64_t limit_ms, struct error *e);

/* "environment": for people. */
const char *session_creds_source(const struct session *s);

/* Endpoints and time limits; those of `old` (or NULL) are taken back. */
void session_configure(
    struct session *s, const struct config *old, const struct config *new);

/* Look for credentials again; -1: none, those in force are kept. */
int session_load_creds(struct session *s, struct error *e);

#endif
