/* SPDX-License-Identifier: MIT
 *
 * Names of the stack's objects: {service}-{region}-{environment}-{purpose}.
 */
#ifndef DRD_STACK_NAMES_H
#define DRD_STACK_NAMES_H

#include <stddef.h>
#include <stdint.h>

enum { NAME_MAX_LEN = 256, NAME_LOAD_BALANCER_MAX = 32 };

/*
 * Write the name into `out`; returns `out`.  If it is longer than `limit`
 * (AWS's for that kind of object) the service is cut and six hex digits of
 * the FNV-1a hash of the full name follow it, so that region,
 * environment and purpose stay readable and different services stay
 * different: one documented, deterministic rule.
 */
char *name_of(char out[NAME_MAX_LEN + 1], size_t limit, const char *service,
    const char *region, const char *environment, const char *purpose);

/* 24 bits of the FNV-1a hash of `s`: six hex digits. */
uint32_t name_hash(const char *s);

#endif
