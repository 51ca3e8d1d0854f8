/* SPDX-License-Identifier: MIT
 *
 * One line for a person, and the fields a machine selects by.
 *
 * A line reads `module: what: why`, lower case, no newline.  Info is a
 * change, warning is for a person to look at, error needs one.  Secrets
 * never; AWS request ids always.  Where lines go is the sink's matter:
 * stderr unless the daemon has put journald in its place.
 */
#ifndef DRD_BASE_LOG_H
#define DRD_BASE_LOG_H

#include <stdint.h>

enum log_level { /* syslog's numbers, so that journald needs no table */
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

/* All members may be NULL or 0: absent from the record. */
struct log_fields {
	const char *message_id; /* 128 bits in hex; catalogue: daemon/notify */
	const char *stack;
	const char *region;
	const char *audit; /* of the order or decision: failover/audit.h */
	uint64_t epoch;
};

typedef void log_sink(
    enum log_level level, const struct log_fields *fields, const char *line);

void log_set_sink(log_sink *sink); /* NULL: stderr */
void log_set_level(enum log_level level);
enum log_level log_get_level(void);

/* Control characters in the line are replaced: one record is one line. */
void log_line(enum log_level level, const struct log_fields *fields,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#define log_error(...)	 log_line(LOG_LEVEL_ERROR, NULL, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, NULL, __VA_ARGS__)
#define log_info(...)	 log_line(LOG_LEVEL_INFO, NULL, __VA_ARGS__)
#define log_debug(...)	 log_line(LOG_LEVEL_DEBUG, NULL, __VA_ARGS__)

#endif
