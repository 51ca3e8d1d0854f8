/* SPDX-License-Identifier: MIT
 *
 * drd plan --failover: the calls that a failover, or a failback, would make.
 */
#ifndef DRD_DAEMON_VERB_PATH_H
#define DRD_DAEMON_VERB_PATH_H

struct config;
struct config_stack;
struct verb_options;

/*
 * Nothing is asked of AWS: what is known is the configuration and the
 * journal.  Returns the exit status: 0, or 1 if there is no such way.
 */
int verb_path(const struct config *config, const struct config_stack *stack,
    const struct verb_options *verb);

#endif
