/* SPDX-License-Identifier: MIT
 *
 * drd check: what is wrong, or soon will be, before anything is changed.
 */
#ifndef DRD_DAEMON_VERB_CHECK_H
#define DRD_DAEMON_VERB_CHECK_H

struct config;
struct verb_options;

/*
 * The configuration has been read, so it is good; say so, advise, and with
 * `online` ask the account.  Returns the exit status: EXIT_CLEAN, or
 * EXIT_FAULT when something is known that would fail.
 */
int verb_check(const struct config *config, const struct verb_options *verb);

#endif
