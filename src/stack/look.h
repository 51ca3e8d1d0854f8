/* SPDX-License-Identifier: MIT
 *
 * The reads of one pass: shared, whole, and never older than asked for.
 *
 * Two nodes that need the same reply get the same look.  A look that was
 * sent before a node's last write says nothing about that write, so whoever
 * asks tells how fresh it must be.
 */
#ifndef DRD_STACK_LOOK_H
#define DRD_STACK_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "stack/kind.h"

struct aws;
struct look;
struct looks;

/*
 * `done` runs once for each look that was pending, as the last thing looks
 * does: it may free looks.
 */
struct looks *looks_new(struct aws *aws, uint64_t deadline_ms,
    void (*done)(struct look *look, void *arg), void *arg);
void looks_free(struct looks *looks); /* cancels what is under way */

/* A mark in time: what is asked for with it was sent after this call. */
uint64_t looks_now(struct looks *looks);

/* Takes `input`.  The look lives as long as `looks`. */
struct look *
looks_at(struct looks *looks, enum service service, const char *region,
    const struct kind_read *read, json_t *input, uint64_t fresh);

bool look_is_pending(const struct look *look);

/* Is any of them? */
bool looks_are_pending(const struct looks *looks);

/* NULL: it failed, and *e (borrowed) says why.  Borrowed. */
const json_t *look_reply(const struct look *look, const struct error **e);

/* Calls made so far, pages included. */
unsigned looks_calls(const struct looks *looks);

#endif
