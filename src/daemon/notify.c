/* SPDX-License-Identifier: MIT
 *
 * What systemd is told.
 *
 * Results of sd_notify and of the journal are dropped on purpose: they are
 * the places where a failure would be reported, and a service manager that
 * does not listen is no reason to stop watching a stack.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#include "base/log.h"
#include "daemon/notify.h"

enum { FIELDS_MAX = 8, FIELD_SIZE = 160, LINE_SIZE = 2200, STATUS_SIZE = 512 };

struct record {
	struct iovec fields[FIELDS_MAX];
	int count;
	char storage[FIELDS_MAX][FIELD_SIZE];
};

/*
 * systemd names the journal's end of our stderr in JOURNAL_STREAM; compared,
 * because somebody may have redirected stderr since.  systemd.exec(5).
 */
static bool
stderr_is_the_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat st;
	char own[64];

	if (stream == NULL || fstat(STDERR_FILENO, &st) < 0)
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(own, stream) == 0;
}

/* "NAME=value"; nothing for NULL.  Names and ids are short: see FIELD_SIZE. */
static void
add(struct record *record, const char *name, const char *value)
{
	char *field = record->storage[record->count];
	int len;

	if (value == NULL)
		return;
	len = snprintf(field, FIELD_SIZE, "%s=%s", name, value);
	if (len < 0)
		return;
	record->fields[record->count++] =
	    (struct iovec){ field, strlen(field) };
}

static void
to_journal(
    enum log_level level, const struct log_fields *fields, const char *line)
{
	struct record record = { .count = 0 };
	char message[LINE_SIZE], number[24];
	int saved = errno;

	snprintf(message, sizeof(message), "MESSAGE=%s", line);
	record.fields[record.count++] =
	    (struct iovec){ message, strlen(message) };
	snprintf(number, sizeof(number), "%d", (int)level);
	add(&record, "PRIORITY", number);
	add(&record, "SYSLOG_IDENTIFIER", "drd");
	if (fields != NULL) {
		add(&record, "MESSAGE_ID", fields->message_id);
		add(&record, "DRD_STACK", fields->stack);
		add(&record, "DRD_REGION", fields->region);
		add(&record, "DRD_AUDIT", fields->audit);
		snprintf(number, sizeof(number), "%" PRIu64, fields->epoch);
		add(&record, "DRD_EPOCH", fields->epoch > 0 ? number : NULL);
	}
	(void)sd_journal_sendv(record.fields, record.count);
	errno = saved;
}

void
notify_log_init(void)
{
	if (stderr_is_the_journal())
		log_set_sink(to_journal);
}

void
notify_ready(void)
{
	(void)sd_notify(0, "READY=1");
}

/* systemd compares with its own CLOCK_MONOTONIC: base/clock has another. */
void
notify_reloading(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) < 0)
		return;
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
	    (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}

void
notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

/* A newline would begin another assignment. */
void
notify_status(const char *line)
{
	char status[STATUS_SIZE], *c;

	snprintf(status, sizeof(status), "STATUS=%s", line);
	for (c = status; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ')
			*c = ' ';
	}
	(void)sd_notify(0, status);
}

uint64_t
notify_watchdog_ms(void)
{
	uint64_t usec = 0;

	if (sd_watchdog_enabled(0, &usec) <= 0 || usec == 0)
		return 0;
	return usec / 2000 > 0 ? usec / 2000 : 1;
}

void
notify_watchdog(void)
{
	(void)sd_notify(0, "WATCHDOG=1");
}
