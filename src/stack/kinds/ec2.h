/* SPDX-License-Identifier: MIT
 *
 * EC2's spelling, for the kinds of the network.
 *
 * EC2 writes "vpcId" in its replies and reads "VpcId" in requests, under the
 * same names otherwise; `have` and `want` spell it as requests do.  Lists are
 * <vpcSet><item/></vpcSet>, and every object carries its tags with it.
 */
#ifndef DRD_STACK_KINDS_EC2_H
#define DRD_STACK_KINDS_EC2_H

#include "base/error.h"
#include "base/tree.h"
#include "stack/kind.h"

extern const struct kind_page ec2_pages[];

/* New object with those of the space-separated `members` that `item` has. */
json_t *ec2_pick(const json_t *item, const char *members);

/* The same for an object with tags: with {"Tags": {key: value}}. */
json_t *ec2_object(const json_t *item, const char *members);

/* Input of a listing: all of the region, or those in want's VpcId. */
json_t *ec2_all(const json_t *want, const json_t *have);
json_t *ec2_of_vpc(const json_t *want, const json_t *have);

/*
 * The items of a list ("vpcSet") in *items, borrowed, for tree_count and
 * tree_item.  -1 (ERROR_BROKEN): no such list, or an item of it without `id`.
 */
int ec2_items(const json_t *reply, const char *list, const char *id,
    const json_t **items, struct error *e);

/*
 * Ours in a list of objects that have nothing but tags to know them by: the
 * one whose tags say so, else the one with our name, which then is somebody
 * else's or only observed.  *item is borrowed from the reply, NULL if there
 * is none.  -1: two could be it, or the reply cannot be read.
 */
int ec2_find(const json_t *want, const json_t *reply, const char *list,
    const char *id, const json_t **item, struct error *e);

/* Is `member` of t this text?  NULL is none. */
bool ec2_says(const json_t *t, const char *member, const char *value);

/* Those `members` of want, and our tags for an object of `type`. */
json_t *ec2_create(const json_t *want, const char *members, const char *type);

/* CreateTags for the object whose id is have's `id`. */
json_t *ec2_retag(const json_t *want, const json_t *have, const char *id);

/*
 * 0 if have's State is one of `states`, or it has none; else -1
 * (ERROR_AGAIN), "State is pending".
 */
int ec2_landed(const json_t *have, const char *states, struct error *e);

/* Something the request names is so new that not all of EC2 knows it. */
bool ec2_is_early(const struct error *e);

/* Something that is on its way out still uses the object. */
bool ec2_is_in_use(const struct error *e);

#endif
