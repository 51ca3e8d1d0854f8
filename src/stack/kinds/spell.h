/* SPDX-License-Identifier: MIT
 *
 * Between AWS's spellings and ours: what several kinds need.
 */
#ifndef DRD_STACK_KINDS_SPELL_H
#define DRD_STACK_KINDS_SPELL_H

#include <stdbool.h>

#include "base/error.h"
#include "base/tree.h"

/*
 * New object with those of the space-separated `members` that `from` has, in
 * that order: XML is read in the order of the service model.
 */
json_t *spell_pick(const json_t *from, const char *members);

/* The same, where `from` spells them in another way; `member` borrows. */
json_t *spell_pick_by(const json_t *from, const char *members,
    json_t *(*member)(const json_t *from, const char *name));

/* obj[key] = value; takes `value`.  The key may hold dots. */
void spell_put(json_t *obj, const char *key, json_t *value);

/* A new string, or null for NULL. */
json_t *spell_string(const char *s);

/* [{"Key":, "Value":}, ...] <-> {key: value}; new trees. */
json_t *spell_tag_list(const json_t *tags);
json_t *spell_tags(const json_t *t, const char *path_of_list);

/*
 * For `owned` of what is a part of another object and has no tags: always.
 * If the whole is not ours, this node is blocked before anybody asks.
 */
bool spell_is_part(const json_t *want, const json_t *have);

/* "/hostedzone/Z123" -> "Z123": borrowed tail of `id`. */
const char *spell_id(const char *id);

/* A DNS name in small letters, with its final dot or without; new string. */
json_t *spell_dns(const char *name, bool final_dot);

/* Are two DNS names the same, however spelled? */
bool spell_dns_same(const char *a, const char *b);

/* Field `i` (from 0) of an ARN, as a new string; NULL: no such field. */
json_t *spell_arn_field(const char *arn, unsigned i);

/* -1: ERROR_BROKEN, "two ... claim to be ours: ID and ID: ...". */
int spell_two(struct error *e, const char *what, const char *a, const char *b);

#endif
