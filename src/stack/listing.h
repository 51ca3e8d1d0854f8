/* SPDX-License-Identifier: MIT
 *
 * The tags of many objects in one reply.
 *
 * The tagging API lists every object of a region that carries our stack's
 * tag, whatever service it is of.  The list lags behind the services, so it
 * can only confirm: an object that it shows with all wanted tags is taken at
 * its word; about any other it says nothing.
 * Source: Resource Groups Tagging API Reference, GetResources.
 */
#ifndef DRD_STACK_LISTING_H
#define DRD_STACK_LISTING_H

#include "stack/kind.h"

/* A read of SERVICE_TAGGING; its input is listing_input's. */
extern const struct kind_read listing_read;

/* Members to send for the objects of `stack`; new tree. */
json_t *listing_input(const char *stack);

/* The tags that `reply` shows for `arn`: new tree; NULL: not listed. */
json_t *listing_tags(const json_t *reply, const char *arn);

#endif
