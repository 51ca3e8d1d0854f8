/* SPDX-License-Identifier: MIT
 *
 * What systemd is told: the state of the service, and the journal.
 *
 * Every function is a no-op when there is no systemd to tell, so that drd
 * runs the same from a shell.  The catalogue of the message ids is
 * systemd/drd.catalog; `journalctl MESSAGE_ID=...` finds all of a kind, and
 * `journalctl -x` explains them.
 */
#ifndef DRD_DAEMON_NOTIFY_H
#define DRD_DAEMON_NOTIFY_H

#include <stdint.h>

#define NOTIFY_ID_STARTED	 "dc36d63bd02c4942b8c64cff3b31c59d"
#define NOTIFY_ID_STOPPING	 "d2b0966a5186425b9f0efa003678bc33"
#define NOTIFY_ID_RELOADED	 "c009396ed62d413c930925b925a0259b"
#define NOTIFY_ID_RELOAD_REFUSED "6cb6aaba83b341dab31999b98e51f955"
#define NOTIFY_ID_ROLE_CHANGED	 "b090bf855e494898b38a900b63b325d3"
#define NOTIFY_ID_DECIDED	 "5e63990436c04a048851a1bbcef9bee0"
#define NOTIFY_ID_EFFECT	 "9935d2c218c742ad963ea9bf1d079b6a"
#define NOTIFY_ID_REPAIRED	 "98930a0f56ed46b5a97af0933897cc3f"
#define NOTIFY_ID_FOREIGN	 "90830bcd555943048488f8ce00ed2d0a"
#define NOTIFY_ID_CLOCK_JUMP	 "ce4b839e10b240d38b9ddedef4615a88"
#define NOTIFY_ID_ISOLATED	 "341243dc612145b0b57297bf8ab6ec69"
#define NOTIFY_ID_BRAKED	 "1bafa19278e54283999ab4d25c92a642"

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
