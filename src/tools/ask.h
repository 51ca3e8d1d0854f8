/* SPDX-License-Identifier: MIT
 *
 * Ask the daemon one thing over its socket.
 *
 * A tool that waits for ever is no better than no answer: everything here is
 * over when the patience is.
 */
#ifndef DRD_TOOLS_ASK_H
#define DRD_TOOLS_ASK_H

#include <stdio.h>

#include "base/error.h"
#include "base/text.h"

#define ASK_SOCKET "/run/drd/drd.sock" /* where the daemon listens by default */

enum { ASK_REPLY_MAX = 4 * 1024 * 1024 };

/* The socket to ask: `given`, else $DRD_SOCKET, else the default. */
const char *ask_socket(const char *given);

/*
 * Send `line` (no newline) and collect the whole reply.  -1: ERROR_DENIED:
 * this user may not connect; else nobody answered, or not in time.
 */
int ask(const char *path, const char *line, unsigned patience_ms,
    struct text *reply, struct error *e);

/*
 * Make `s` safe for a terminal: what could steer it is replaced by "?".
 * Newlines stay.
 */
void ask_clean(char *s);

/* Write it all and flush; -1: it could not be written (a full disk). */
int ask_print(FILE *file, const char *s);

#endif
