/* SPDX-License-Identifier: MIT
 *
 * A string that grows, and the small codings the protocols need.
 *
 *	struct text t = TEXT_INIT;
 *	text_add(&t, "GET ");
 *	text_addf(&t, "%s\n", path);
 *	use(t.s, t.len);
 *	text_release(&t);
 *
 * `s` is always terminated by a NUL and never NULL.  The type is embedded:
 * _release gives the memory back, _clear keeps it for reuse, _take hands the
 * string to the caller, who frees it.
 */
#ifndef DRD_BASE_TEXT_H
#define DRD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *s;
	size_t len;
	size_t size; /* 0: `s` is the shared empty string */
};

extern char text_empty[1];

#define TEXT_INIT                \
	{                        \
		text_empty, 0, 0 \
	}

void text_add(struct text *t, const char *s);
void text_add_bytes(struct text *t, const void *p, size_t len);
void text_addf(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Percent-encode all but RFC 3986's unreserved characters and `keep`. */
void text_add_uri(struct text *t, const char *s, size_t len, const char *keep);
void text_add_hex(struct text *t, const void *p, size_t len);
void text_add_base64(struct text *t, const void *p, size_t len);

void text_clear(struct text *t);
void text_release(struct text *t);
void text_release_secret(struct text *t); /* wipes first */
char *text_take(struct text *t);

/* Of `min` to `max` characters, all of them in `set`? */
bool text_made_of(const char *s, const char *set, size_t min, size_t max);
bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);

/* Is `word` one of the space-separated words of `words`? */
bool text_has_word(const char *words, const char *word);

#endif
