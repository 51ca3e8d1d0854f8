/* SPDX-License-Identifier: MIT
 *
 * One record, one line, one write.
 *
 * Lines carry what strangers sent (error texts, host names): whatever could
 * end the line or steer a terminal is replaced here, once, for every sink.
 * Nothing is allocated, and errno is left alone, so that a line can be
 * logged anywhere.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum { LINE_SIZE = 2048 };

static log_sink to_stderr;

static log_sink *current_sink = to_stderr;
static enum log_level current_level = LOG_LEVEL_INFO;

static const char *
level_name(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error";
	case LOG_LEVEL_WARNING:
		return "warning";
	case LOG_LEVEL_INFO:
		return "info";
	case LOG_LEVEL_DEBUG:
		return "debug";
	}
	return "?";
}

/* The message id means nothing to a reader of stderr and is left out. */
static void
to_stderr(
    enum log_level level, const struct log_fields *fields, const char *line)
{
	char when[CLOCK_RFC3339_SIZE], record[LINE_SIZE + 512], epoch[32] = "";
	const char *stack = "", *region = "", *audit = "";
	int len;

	if (fields != NULL && fields->stack != NULL)
		stack = fields->stack;
	if (fields != NULL && fields->region != NULL)
		region = fields->region;
	if (fields != NULL && fields->audit != NULL)
		audit = fields->audit;
	if (fields != NULL && fields->epoch > 0)
		snprintf(epoch, sizeof(epoch), " epoch=%ju",
		    (uintmax_t)fields->epoch);
	len = snprintf(record, sizeof(record),
	    "%s %s %s%s%.128s%s%.128s%s%.16s%s\n",
	    clock_rfc3339(clock_wall_ms(), when), level_name(level), line,
	    *stack != '\0' ? " stack=" : "", stack,
	    *region != '\0' ? " region=" : "", region,
	    *audit != '\0' ? " audit=" : "", audit, epoch);
	if (len <= 0)
		return;
	if ((size_t)len >= sizeof(record))
		len = (int)sizeof(record) - 1;
	/* A log that cannot be written has nowhere to complain. */
	if (write(STDERR_FILENO, record, (size_t)len) < 0)
		return;
}

/*
 * C0 controls and DEL, and the C1 controls as UTF-8 writes them (C2 80 to
 * C2 9F): some terminals obey those too.
 */
static void
neutralise(char *s)
{
	unsigned char c, next;

	for (; *s != '\0'; s++) {
		c = (unsigned char)s[0];
		next = (unsigned char)s[1];
		if (c == '\n' || c == '\t')
			*s = ' ';
		else if (c < 0x20 || c == 0x7f)
			*s = '?';
		else if (c == 0xc2 && next >= 0x80 && next <= 0x9f)
			s[0] = s[1] = '?';
	}
}

void
log_set_sink(log_sink *sink)
{
	current_sink = sink != NULL ? sink : to_stderr;
}

void
log_set_level(enum log_level level)
{
	current_level = level;
}

enum log_level
log_get_level(void)
{
	return current_level;
}

void
log_line(
    enum log_level level, const struct log_fields *fields, const char *fmt, ...)
{
	static const char cut[] = " [...]";
	char line[LINE_SIZE];
	int len, saved = errno;
	va_list ap;

	if (level > current_level)
		return;
	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (len < 0)
		memcpy(line, "?", sizeof("?"));
	else if ((size_t)len >= sizeof(line))
		memcpy(line + sizeof(line) - sizeof(cut), cut, sizeof(cut));
	neutralise(line);
	current_sink(level, fields, line);
	errno = saved;
}
