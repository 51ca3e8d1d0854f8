/* SPDX-License-Identifier: MIT
 *
 * A string that grows, and the small codings the protocols need.
 *
 * The size doubles, so that building a long text byte by byte stays linear.
 * A text that had to move may have held a secret: the old copy is wiped by
 * hand instead of left to realloc.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum { FIRST_SIZE = 64 };

char text_empty[1] = "";

/* Make room for `more` bytes and the NUL. */
static void
reserve(struct text *t, size_t more)
{
	size_t need, size;
	char *s;

	assert(more < SIZE_MAX / 2 - t->len);
	need = t->len + more + 1;
	if (need <= t->size)
		return;
	size = t->size * 2 > FIRST_SIZE ? t->size * 2 : FIRST_SIZE;
	if (size < need)
		size = need;
	s = mem_must(malloc(size));
	memcpy(s, t->s, t->len + 1);
	text_release_secret(t);
	*t = (struct text){ s, need - more - 1, size };
}

void
text_add_bytes(struct text *t, const void *p, size_t len)
{
	if (len == 0)
		return;
	reserve(t, len);
	memcpy(t->s + t->len, p, len);
	t->len += len;
	t->s[t->len] = '\0';
}

void
text_add(struct text *t, const char *s)
{
	text_add_bytes(t, s, strlen(s));
}

void
text_addf(struct text *t, const char *fmt, ...)
{
	size_t left = t->size > 0 ? t->size - t->len : 0;
	va_list ap;
	int len;

	/* It mostly fits. */
	va_start(ap, fmt);
	len = vsnprintf(left > 0 ? t->s + t->len : NULL, left, fmt, ap);
	va_end(ap);
	assert(len >= 0);
	if (len > 0 && (size_t)len >= left) {
		if (left > 0)
			t->s[t->len] = '\0';
		reserve(t, (size_t)len);
		va_start(ap, fmt);
		vsnprintf(t->s + t->len, (size_t)len + 1, fmt, ap);
		va_end(ap);
	}
	t->len += (size_t)len;
}

/* RFC 3986, 2.3; not isalnum(), which would ask the locale. */
static bool
unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	    c == '~';
}

void
text_add_uri(struct text *t, const char *s, size_t len, const char *keep)
{
	static const char digits[] = "0123456789ABCDEF";
	char code[3] = "%";
	size_t i;

	for (i = 0; i < len; i++) {
		if (unreserved(s[i]) ||
		    (s[i] != '\0' && strchr(keep, s[i]) != NULL)) {
			text_add_bytes(t, &s[i], 1);
			continue;
		}
		code[1] = digits[(unsigned char)s[i] >> 4];
		code[2] = digits[(unsigned char)s[i] & 15];
		text_add_bytes(t, code, sizeof(code));
	}
}

void
text_add_hex(struct text *t, const void *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = p;
	size_t i;

	assert(len < SIZE_MAX / 4);
	reserve(t, len * 2);
	for (i = 0; i < len; i++) {
		t->s[t->len++] = digits[byte[i] >> 4];
		t->s[t->len++] = digits[byte[i] & 15];
	}
	t->s[t->len] = '\0';
}

/* RFC 4648, 4: with padding. */
void
text_add_base64(struct text *t, const void *p, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *byte = p;
	uint32_t group;
	size_t i, n;
	char code[4];

	for (i = 0; i < len; i += 3) {
		n = len - i < 3 ? len - i : 3;
		group = (uint32_t)byte[i] << 16;
		if (n > 1)
			group |= (uint32_t)byte[i + 1] << 8;
		if (n > 2)
			group |= byte[i + 2];
		code[0] = digits[group >> 18];
		code[1] = digits[group >> 12 & 63];
		code[2] = '=';
		code[3] = '=';
		if (n > 1)
			code[2] = digits[group >> 6 & 63];
		if (n > 2)
			code[3] = digits[group & 63];
		text_add_bytes(t, code, sizeof(code));
	}
}

void
text_clear(struct text *t)
{
	t->len = 0;
	if (t->size > 0)
		t->s[0] = '\0';
}

void
text_release(struct text *t)
{
	if (t->size > 0)
		free(t->s);
	*t = (struct text)TEXT_INIT;
}

void
text_release_secret(struct text *t)
{
	/* All of it: a cleared text still holds what it held. */
	if (t->size > 0)
		mem_wipe(t->s, t->size);
	text_release(t);
}

char *
text_take(struct text *t)
{
	char *s;

	s = t->size > 0 ? t->s : mem_strdup("");
	*t = (struct text)TEXT_INIT;
	return s;
}

bool
text_made_of(const char *s, const char *set, size_t min, size_t max)
{
	size_t len = strlen(s);

	return len >= min && len <= max && strspn(s, set) == len;
}

bool
text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
text_ends(const char *s, const char *suffix)
{
	size_t len = strlen(s), n = strlen(suffix);

	return len >= n && strcmp(s + len - n, suffix) == 0;
}

bool
text_has_word(const char *words, const char *word)
{
	size_t len = strlen(word);
	const char *p = words;

	while (*(p += strspn(p, " ")) != '\0') {
		size_t n = strcspn(p, " ");

		if (n == len && memcmp(p, word, len) == 0)
			return true;
		p += n;
	}
	return false;
}
