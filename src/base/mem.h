/* SPDX-License-Identifier: MIT
 *
 * Memory that is there or the process is not.
 *
 * A daemon of a few megabytes that cannot get a kilobyte cannot be trusted
 * to decide anything: out of memory aborts, here and nowhere else.
 */
#ifndef DRD_BASE_MEM_H
#define DRD_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t size);		    /* zeroed */
void *mem_array(size_t count, size_t size); /* zeroed, overflow checked */
void *mem_grow(void *p, size_t count, size_t size); /* reallocarray */
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t n);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * `p`, or abort if it is NULL: around the constructors of libraries that
 * fail for lack of memory only.
 */
void *mem_must(void *p);

/* Overwrite, in a way no compiler drops.  `p` may be NULL. */
void mem_wipe(void *p, size_t size);

/* Wipe a string, then free it.  `s` may be NULL. */
void mem_free_secret(char *s);

#endif
