/* SPDX-License-Identifier: MIT
 *
 * What a Prometheus scrapes: one table of families, each with the function
 * that writes its samples.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "daemon/counters.h"
#include "daemon/metrics.h"
#include "daemon/metrics_stack.h"

struct metrics {
	struct counters *counters;
	int64_t reloaded_ms; /* wall, of the last that was good; 0: none */
};

struct metrics *
metrics_new(void)
{
	struct metrics *metrics = mem_alloc(sizeof(*metrics));

	metrics->counters = counters_new();
	return metrics;
}

void
metrics_free(struct metrics *metrics)
{
	if (metrics == NULL)
		return;
	counters_free(metrics->counters);
	free(metrics);
}

/* ---- what is counted ---------------------------------------------------- */

static const char CHECKS[] = "drd_signal_checks_total";
static const char UNKNOWN[] = "drd_signal_unknown_total";
static const char FAILOVERS[] = "drd_failovers_total";
static const char RELOADS[] = "drd_config_reload_total";

void
metrics_polled(struct metrics *metrics, const struct failover_status *status)
{
	const struct detected *seen = status->detected;
	const struct signal *signal;
	size_t i;

	for (i = 0; i < seen->signal_count; i++) {
		signal = &seen->signals[i];
		counters_add(metrics->counters, CHECKS,
		    &(struct labels){ { { "stack", status->stack },
			{ "region", signal->region }, { "signal", signal->id },
			{ "result", verdict_name(signal->last.verdict) } } });
		if (signal->last.verdict != VERDICT_UNKNOWN)
			continue;
		counters_add(metrics->counters, UNKNOWN,
		    &(struct labels){ { { "stack", status->stack },
			{ "region", signal->region }, { "signal", signal->id },
			{ "reason", reason_name(signal->last.reason) } } });
	}
}

void
metrics_role(struct metrics *metrics, const struct failover_status *status,
    enum role from, enum role to)
{
	const struct change *change = status->change;
	bool there = to == ROLE_FAILED_OVER && from == ROLE_FAILING_OVER;
	bool back = to == ROLE_STEADY && from == ROLE_FAILING_BACK;
	const char *trigger;

	if (change == NULL ||
	    (from != ROLE_FAILING_OVER && from != ROLE_FAILING_BACK))
		return;
	trigger = strcmp(change->cause, CHANGE_AUTOMATIC) == 0 ? "automatic"
							       : "operator";
	counters_add(metrics->counters, FAILOVERS,
	    &(struct labels){ { { "stack", status->stack },
		{ "kind", change->failback ? "failback" : "failover" },
		{ "trigger", trigger },
		{ "result", there || back ? "done" : "overtaken" } } });
}

void
metrics_reloaded(struct metrics *metrics, bool ok)
{
	if (ok)
		metrics->reloaded_ms = clock_wall_ms();
	counters_add(metrics->counters, RELOADS,
	    &(struct labels){ { { "result", ok ? "ok" : "refused" } } });
}

static void
counted(const struct scrape *s)
{
	counters_text(s->metrics->counters, s->family, s->out);
}

/* ---- of the daemon ------------------------------------------------------ */

static void
build_info(const struct scrape *s)
{
	metric_sample(s->out, s->family,
	    &(struct labels){ { { "version", s->view->version } } }, 1);
}

static void
config_info(const struct scrape *s)
{
	metric_sample(s->out, s->family,
	    &(struct labels){ { { "hash", s->view->config_digest } } }, 1);
}

static void
started(const struct scrape *s)
{
	metric_sample(
	    s->out, s->family, NULL, metrics_seconds(s->view->started_ms));
}

static void
reloaded(const struct scrape *s)
{
	if (s->metrics->reloaded_ms != 0)
		metric_sample(s->out, s->family, NULL,
		    metrics_seconds(s->metrics->reloaded_ms));
}

/* proc(5): the second number of statm is the resident pages. */
static void
resident(const struct scrape *s)
{
	char buf[128];
	FILE *file = fopen("/proc/self/statm", "re");
	char *rest, *end;
	unsigned long pages;

	if (file == NULL)
		return;
	if (fgets(buf, sizeof(buf), file) != NULL) {
		(void)strtoul(buf, &rest, 10);
		pages = strtoul(rest, &end, 10);
		if (end != rest)
			metric_sample(s->out, s->family, NULL,
			    (double)pages * (double)sysconf(_SC_PAGESIZE));
	}
	fclose(file);
}

static void
open_fds(const struct scrape *s)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	if (dir == NULL)
		return;
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	/* Without ".", ".." and the directory's own. */
	metric_sample(s->out, s->family, NULL, count - 3);
}

static void
clients(const struct scrape *s)
{
	metric_sample(s->out, s->family, NULL, (double)s->view->clients);
}

static void
longest(const struct scrape *s)
{
	metric_sample(s->out, s->family, NULL,
	    metrics_seconds((int64_t)s->view->loop_longest_ms));
}

static void
requests(const struct scrape *s)
{
	const json_t *row;
	int64_t count;
	size_t i;

	for (i = 0; i < json_array_size(s->view->requests); i++) {
		row = json_array_get(s->view->requests, i);
		if (tree_int(row, "count", &count) == -1)
			continue;
		metric_sample(s->out, s->family,
		    &(struct labels){ { { "service", tree_str(row, "service") },
			{ "region", tree_str(row, "region") },
			{ "result", tree_str(row, "result") } } },
		    (double)count);
	}
}

/* ---- the table ---------------------------------------------------------- */

static const char gauge[] = "gauge", counter[] = "counter";

static const struct {
	const char *family;
	const char *type;
	const char *help;
	void (*write)(const struct scrape *s);
} families[] = {
	{ "drd_build_info", gauge, "The version of drd.", build_info },
	{ "drd_start_time_seconds", gauge, "When the daemon started.",
	    started },
	{ "drd_config_hash_info", gauge, "The configuration in force.",
	    config_info },
	{ RELOADS, counter, "Reloads of the configuration.", counted },
	{ "drd_config_last_reload_success_timestamp_seconds", gauge,
	    "When the last good reload was.", reloaded },
	{ "drd_state", gauge, "The role of the stack.", metrics_roles },
	{ "drd_active_region", gauge, "Which region is active.",
	    metrics_active },
	{ "drd_epoch", gauge, "Number of the last change of the active region.",
	    metrics_epoch },
	{ "drd_polls_total", counter, "Polls that have ended.", metrics_polls },
	{ "drd_failing_polls", gauge, "Failing polls in a row.",
	    metrics_streak },
	{ "drd_signal_state", gauge, "What a signal says.",
	    metrics_signal_states },
	{ "drd_signal_consecutive_failures", gauge,
	    "Failing polls of a signal in a row.", metrics_signal_fails },
	{ "drd_signal_last_observed_timestamp_seconds", gauge,
	    "When a signal was last ok or failing.", metrics_signal_seen },
	{ CHECKS, counter, "Polls of a signal by what it said.", counted },
	{ UNKNOWN, counter, "Polls in which a signal was unknown, by reason.",
	    counted },
	{ FAILOVERS, counter, "Changes of the active region that have ended.",
	    counted },
	{ "drd_last_failover_timestamp_seconds", gauge,
	    "When the last failover was decided.", metrics_last_change },
	{ "drd_effects_pending", gauge,
	    "Effects of the last change that are not done.", metrics_pending },
	{ "drd_notify_queue", gauge, "Notices that are not published yet.",
	    metrics_notices },
	{ "drd_notify_oldest_age_seconds", gauge,
	    "How long the first of them has waited; 0: none waits.",
	    metrics_oldest_notice },
	{ "drd_notify_total", counter, "Notices published.", metrics_told },
	{ "drd_notify_dropped_total", counter,
	    "Notices given up because too many waited.", metrics_dropped },
	{ "drd_last_recovery_time_seconds", gauge,
	    "How long users waited in the last failover; of a failback: none.",
	    metrics_recovery },
	{ "drd_last_settled_time_seconds", gauge,
	    "How long it took until the last change was done in both regions.",
	    metrics_settled },
	{ "drd_recovery_waiting_seconds", gauge,
	    "How long users have waited for a change that is under way.",
	    metrics_waiting },
	{ "drd_rto_target_seconds", gauge, "How long they may wait.",
	    metrics_target },
	{ "drd_latch_set", gauge, "1 if the latch holds DNS at the standby.",
	    metrics_latched },
	{ "drd_standby_ready", gauge,
	    "1 if the region that would take over is ready.", metrics_ready },
	{ "drd_canary_last_success_timestamp_seconds", gauge,
	    "When it was last proved that a failover could write this.",
	    metrics_canary },
	{ "drd_plane_divergence", gauge,
	    "1 if a plane has named another active region for some polls.",
	    metrics_apart },
	{ "drd_plane_agrees", gauge,
	    "Whether a plane says what the journal says.", metrics_planes },
	{ "drd_resources", gauge, "Objects of the stack by state.",
	    metrics_resources },
	{ "drd_brake_latched", gauge, "1 if reconcile waits for a person.",
	    metrics_brake },
	{ "drd_mode_auto", gauge, "1 if it fails over by itself, 0: advisory.",
	    metrics_mode },
	{ "drd_paused", gauge, "1 if an operator has paused it.",
	    metrics_paused },
	{ "drd_pause_expiry_timestamp_seconds", gauge, "When the pause ends.",
	    metrics_pause_end },
	{ "drd_ack_required", gauge,
	    "1 if nobody has acknowledged the last failover by itself.",
	    metrics_ack },
	{ "drd_journal_writable", gauge,
	    "0 if the last write failed: no decision can be kept.",
	    metrics_writable },
	{ "drd_journal_disk_low", gauge,
	    "1 if the journal's disk has little room left.", metrics_disk_low },
	{ "drd_gate_blocking", gauge, "1 if a gate is in the way.",
	    metrics_gates },
	{ "drd_blocked_failovers_total", counter,
	    "Failovers that were due and that a gate has blocked.",
	    metrics_blocked },
	{ "drd_refused_orders_total", counter,
	    "Orders that a gate has refused.", metrics_refused },
	{ "drd_aws_requests_total", counter,
	    "Requests to AWS that have ended, each try of a call by itself.",
	    requests },
	{ "drd_socket_clients", gauge,
	    "Who is connected to the socket, this scrape included.", clients },
	{ "drd_loop_longest_callback_seconds", gauge,
	    "The longest that the loop was held up in the last 5 to 10 "
	    "minutes.",
	    longest },
	{ "process_resident_memory_bytes", gauge, "Resident memory.",
	    resident },
	{ "process_open_fds", gauge, "Open file descriptors.", open_fds },
};

void
metrics_text(const struct metrics *metrics, const struct status_view *view,
    struct text *out)
{
	struct scrape scrape = { .metrics = metrics, .view = view, .out = out };
	struct text samples = TEXT_INIT;
	size_t i;

	scrape.out = &samples;
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		text_clear(&samples);
		scrape.family = families[i].family;
		families[i].write(&scrape);
		if (samples.len == 0)
			continue;
		metric_head(out, families[i].family, families[i].type,
		    families[i].help);
		text_add(out, samples.s);
	}
	text_release(&samples);
}
