/* SPDX-License-Identifier: MIT
 *
 * Errors as values.
 *
 * The text is formatted aside before anything is written, so that the old
 * text or code of an error may be an argument of the new one.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

static const char *const class_names[] = {
	[ERROR_NONE] = "none",
	[ERROR_ABSENT] = "absent",
	[ERROR_AGAIN] = "again",
	[ERROR_THROTTLED] = "throttled",
	[ERROR_DENIED] = "denied",
	[ERROR_BROKEN] = "broken",
	[ERROR_BUG] = "bug",
};

const char *
error_class_name(enum error_class cls)
{
	assert((size_t)cls < sizeof(class_names) / sizeof(*class_names));
	return class_names[cls];
}

/* Formatting that cannot be done leaves what fits, or nothing. */
static void format(char *buf, size_t size, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

static void
format(char *buf, size_t size, const char *fmt, va_list ap)
{
	if (vsnprintf(buf, size, fmt, ap) < 0)
		buf[0] = '\0';
}

int
error_set(struct error *e, enum error_class cls, const char *code,
    const char *fmt, ...)
{
	struct error new = { .class = cls };
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	format(new.text, sizeof(new.text), fmt, ap);
	va_end(ap);
	if (code != NULL)
		memcpy(new.code, code, strnlen(code, sizeof(new.code) - 1));
	*e = new;
	return -1;
}

int
error_prefix(struct error *e, const char *fmt, ...)
{
	char text[sizeof(e->text)];
	size_t len, rest;
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	format(text, sizeof(text), fmt, ap);
	va_end(ap);
	len = strlen(text);
	if (len + sizeof(": ") <= sizeof(text)) {
		memcpy(text + len, ": ", sizeof(": "));
		len += strlen(": ");
	}
	rest = strnlen(e->text, sizeof(text) - 1 - len);
	memcpy(text + len, e->text, rest);
	text[len + rest] = '\0';
	memcpy(e->text, text, len + rest + 1);
	return -1;
}

void
error_clear(struct error *e)
{
	if (e != NULL)
		*e = (struct error){ .class = ERROR_NONE };
}
