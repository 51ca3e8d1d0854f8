/* SPDX-License-Identifier: MIT
 *
 * What systemd is told: the state of the service, and the journal.
 *
 * Every function is a no-op when there is no systemd to tell, so that drd
 * runs the same from a shell.  The message ids are those of
 * base/event.h; systemd/drd.catalog explains each to `journalctl -x`.
 */
#ifndef DRD_DAEMON_NOTIFY_H
#define DRD_DAEMON_NOTIFY_H

#include <stdint.h>

/*
 * Where log lines go from now on: journald, with their fields, if stderr is
 * the journal's; else stderr, with time and level.
 */
void notify_log_init(void);

void notify_ready(void);     /* after the start, and after every reload */
void notify_reloading(void); /* READY must follow, whatever the verdict */
void notify_stopping(void);

/* One line a person can read, shown by `systemctl status`. */
void notify_status(const char *line);

/*
 * How often to call notify_watchdog, in milliseconds: half of what systemd
 * allows; 0: it does not watch.  Call it from the loop only, never from a
 * thread or a signal handler: it is the proof that the loop turns.
 */
uint64_t notify_watchdog_ms(void);
void notify_watchdog(void);

#endif
