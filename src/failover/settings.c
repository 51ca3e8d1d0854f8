/* SPDX-License-Identifier: MIT
 *
 * A failover_config of our own.  See settings.h.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "failover/settings.h"

static char *
copy_if(const char *s)
{
	return s != NULL ? mem_strdup(s) : NULL;
}

/* What is no window has not passed the check of the configuration. */
static void
copy_windows(struct settings *s, const struct failover_config *c)
{
	size_t i;
	int rc;

	s->windows = mem_array(c->window_count + 1, sizeof(*s->windows));
	s->window_count = c->window_count;
	for (i = 0; i < c->window_count; i++) {
		rc = window_read(c->windows[i], &s->windows[i]);
		assert(rc == 0);
		(void)rc;
	}
}

static void
copy_latch(struct settings *s, const struct latch_place *place)
{
	size_t i;

	s->latch_endpoints =
	    mem_array(place->endpoint_count + 1, sizeof(*s->latch_endpoints));
	for (i = 0; i < place->endpoint_count; i++)
		s->latch_endpoints[i] = mem_strdup(place->endpoints[i]);
	s->latch_name = copy_if(place->name);
	s->latch_bucket = copy_if(place->bucket);
	s->latch_key = copy_if(place->key);
	s->latch_control = copy_if(place->control);
	s->latch = (struct latch_place){
		.carrier = place->carrier,
		.region = s->standby,
		.name = s->latch_name,
		.bucket = s->latch_bucket,
		.key = s->latch_key,
		.control = s->latch_control,
		.endpoints = (const char *const *)s->latch_endpoints,
		.endpoint_count = place->endpoint_count,
	};
}

static void
release_latch(struct settings *s)
{
	size_t i;

	for (i = 0; i < s->latch.endpoint_count; i++)
		free(s->latch_endpoints[i]);
	free(s->latch_endpoints);
	free(s->latch_name);
	free(s->latch_bucket);
	free(s->latch_key);
	free(s->latch_control);
}

static void
copy_probe(struct settings *s, const struct probe_rule *rule)
{
	s->probe = *rule;
	s->probe_path = mem_strdup(rule->path != NULL ? rule->path : "/");
	s->probe_body = mem_strdup(rule->body != NULL ? rule->body : "");
	s->probe.path = s->probe_path;
	s->probe.body = s->probe_body;
}

void
settings_copy(struct settings *s, const struct failover_config *c)
{
	size_t i;

	memset(s, 0, sizeof(*s));
	s->stack = mem_strdup(c->stack);
	s->primary = mem_strdup(c->primary);
	s->standby = mem_strdup(c->standby);
	s->fall = c->fall;
	s->rise = c->rise;
	s->quorum = c->quorum;
	s->advisory = c->advisory;
	s->min_between = c->min_between;
	s->max_per_day = c->max_per_day;
	copy_windows(s, c);
	s->startup_grace = c->startup_grace > 0 ? c->startup_grace : 1;
	s->when_blind = c->when_blind;
	s->check_interval_s = c->check_interval_s;
	s->poll_interval = c->poll_interval;
	s->suspect_interval =
	    c->suspect_interval != 0 ? c->suspect_interval : c->poll_interval;
	s->poll_phase = c->poll_phase;
	s->poll_deadline = c->poll_deadline;
	s->endpoint_parameter = mem_strdup(c->endpoint_parameter);
	s->active_parameter = mem_strdup(c->active_parameter);
	s->parameter_key = copy_if(c->parameter_key);
	s->record = copy_if(c->record);
	s->resolver = copy_if(c->resolver);
	s->rto_target = c->rto_target;
	copy_probe(s, &c->probe);
	s->name_servers =
	    mem_array(c->name_server_count + 1, sizeof(*s->name_servers));
	for (i = 0; i < c->name_server_count; i++)
		s->name_servers[i] = mem_strdup(c->name_servers[i]);
	s->name_server_count = c->name_server_count;
	copy_latch(s, &c->latch);
	s->fence = copy_if(c->fence);
	s->concurrency = c->concurrency;
	s->failback_automatic = c->failback_automatic;
	s->failback_soak = c->failback_soak;
}

void
settings_release(struct settings *s)
{
	size_t i;

	for (i = 0; i < s->name_server_count; i++)
		free(s->name_servers[i]);
	free(s->name_servers);
	free(s->windows);
	release_latch(s);
	free(s->fence);
	free(s->stack);
	free(s->primary);
	free(s->standby);
	free(s->endpoint_parameter);
	free(s->active_parameter);
	free(s->parameter_key);
	free(s->record);
	free(s->resolver);
	free(s->probe_path);
	free(s->probe_body);
	memset(s, 0, sizeof(*s));
}

struct signal *
settings_signals(const struct failover_config *c, const char *health_check,
    const struct signal *old, size_t old_count)
{
	struct signal *signals;
	const char *name;
	size_t i, k;

	signals = mem_array(c->signal_count + 1, sizeof(*signals));
	for (i = 0; i < c->signal_count; i++) {
		const struct failover_signal *from = &c->signals[i];
		struct signal *s = &signals[i];

		observation_plain(&s->last, REASON_NOT_ASKED);
		for (k = 0; k < old_count; k++)
			if (strcmp(old[k].id, from->id) == 0)
				*s = old[k];
		name = from->class == SIGNAL_ROUTE53 ||
			from->class == SIGNAL_METRIC
		    ? health_check
		    : from->name;
		s->class = from->class;
		s->trigger = from->trigger;
		s->of_standby = from->of_standby;
		snprintf(s->id, sizeof(s->id), "%s", from->id);
		snprintf(s->region, sizeof(s->region), "%s", from->region);
		snprintf(
		    s->name, sizeof(s->name), "%s", name != NULL ? name : "");
	}
	return signals;
}
