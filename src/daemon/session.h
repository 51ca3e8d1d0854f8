/* SPDX-License-Identifier: MIT
 *
 * The loop and the AWS client, set up from the configuration: what the
 * daemon and the planning verbs have in common.
 */
#ifndef DRD_DAEMON_SESSION_H
#define DRD_DAEMON_SESSION_H

#include "base/error.h"
#include "daemon/config.h"

struct aws;
struct http;
struct loop;

struct session {
	struct loop *loop;
	struct http *http;
	struct aws *aws;
	char *creds_source; /* "environment": for people */
};

/* -1: no credentials.  session_close is right after either. */
int
session_open(struct session *s, const struct config *config, struct error *e);
void session_close(struct session *s);

/* Endpoints and time limits; those of `old` (or NULL) are taken back. */
void session_configure(
    struct session *s, const struct config *old, const struct config *new);

/* Look for credentials again; -1: none, those in force are kept. */
int session_load_creds(struct session *s, struct error *e);

#endif
