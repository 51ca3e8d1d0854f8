/* SPDX-License-Identifier: MIT
 *
 * Memory that is there or the process is not.
 *
 * Sizes of zero are rounded up to one byte, so that NULL never means "an
 * empty array": what comes from here may be freed and is never tested.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void *
mem_must(void *p)
{
	static const char message[] = "drd: out of memory\n";

	if (p == NULL) {
		/* No log_line: it must not allocate, and its sink might. */
		fwrite(message, 1, sizeof(message) - 1, stderr);
		abort();
	}
	return p;
}

/* The product, at least one byte; a product that overflows aborts. */
static size_t
bytes(size_t count, size_t size)
{
	if (count == 0 || size == 0)
		return 1;
	if (size > SIZE_MAX / count)
		mem_must(NULL);
	return count * size;
}

void *
mem_alloc(size_t size)
{
	return mem_array(1, size);
}

void *
mem_array(size_t count, size_t size)
{
	return mem_must(calloc(1, bytes(count, size)));
}

void *
mem_grow(void *p, size_t count, size_t size)
{
	return mem_must(realloc(p, bytes(count, size)));
}

char *
mem_strdup(const char *s)
{
	return mem_must(strdup(s));
}

char *
mem_strndup(const char *s, size_t n)
{
	return mem_must(strndup(s, n));
}

char *
mem_printf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&s, fmt, ap);
	va_end(ap);
	return mem_must(len < 0 ? NULL : s);
}

void
mem_wipe(void *p, size_t size)
{
	if (p != NULL)
		explicit_bzero(p, size);
}

void
mem_free_secret(char *s)
{
	if (s != NULL)
		mem_wipe(s, strlen(s));
	free(s);
}
