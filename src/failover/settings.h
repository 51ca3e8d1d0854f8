/* SPDX-License-Identifier: MIT
 *
 * A failover_config of our own: everything copied, so that a reload can
 * replace it whole.
 */
#ifndef DRD_FAILOVER_SETTINGS_H
#define DRD_FAILOVER_SETTINGS_H

#include "failover/failover.h"
#include "failover/window.h"

struct settings {
	char *stack;
	char *primary;
	char *standby;
	unsigned fall;
	unsigned rise;
	unsigned quorum;
	bool advisory;
	uint64_t min_between;
	unsigned max_per_day;
	struct window *windows;
	size_t window_count;
	unsigned startup_grace;
	enum when_blind when_blind;
	unsigned check_interval_s;
	uint64_t poll_interval;
	uint64_t suspect_interval;
	uint64_t poll_phase;
	uint64_t poll_deadline;
	char *endpoint_parameter;
	char *active_parameter;
	char *parameter_key; /* or NULL */
	char *record;	     /* or NULL */
	char **name_servers;
	size_t name_server_count;
	char *resolver;		  /* or NULL */
	uint64_t rto_target;	  /* milliseconds */
	struct latch_place latch; /* of these: */
	char *latch_name;
	char *latch_bucket;
	char *latch_key;
	char *latch_control;
	char **latch_endpoints;
	char *fence;	      /* the primary's function, or NULL */
	unsigned concurrency; /* of it, when it is let run again */
	struct probe_rule probe;
	char *probe_path; /* those of `probe`, ours */
	char *probe_body;
	bool failback_automatic;
	uint64_t failback_soak; /* milliseconds */
};

void settings_copy(struct settings *s, const struct failover_config *config);
void settings_release(struct settings *s);

/*
 * New signals from the configuration.  One that was there before, by its id,
 * keeps its verdict, streak and times.  Caller frees.
 */
struct signal *settings_signals(const struct failover_config *config,
    const char *health_check, const struct signal *old, size_t old_count);

#endif
