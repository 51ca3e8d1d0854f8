/* SPDX-License-Identifier: MIT
 *
 * `drd run`: the daemon.
 */
#ifndef DRD_DAEMON_DAEMON_H
#define DRD_DAEMON_DAEMON_H

struct config;

/*
 * Runs until SIGTERM or SIGINT; takes the configuration.  Returns the exit
 * status: 0 stopped as asked, 1 could not start or the loop failed.
 */
int daemon_run(struct config *config);

#endif
