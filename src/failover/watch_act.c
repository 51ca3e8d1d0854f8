/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, where it changes who is active.
 *
 * Laws kept here: the decision is on disk before anything follows from it
 * (5), each change has the next epoch (6).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "failover/decide.h"
#include "failover/watch.h"

enum {
	EFFECT_RETRY_CAP_MS = 30000,
	EFFECT_CALL_MS = 5000, /* or what a poll may take */
};

static void
on_stepped(const struct effect *effect, void *arg)
{
	struct failover *f = arg;

	watch_tell_change(f);
	if (f->ops.stepped != NULL)
		f->ops.stepped(&f->memory.change, effect, f->ops.arg);
	watch_tend_latch(f);
}

static void
on_lead(void *arg)
{
	watch_advance(arg);
}

static void
on_settled(void *arg)
{
	struct failover *f = arg;
	const struct change *change = &f->memory.change;
	struct log_fields fields = {
		.stack = f->set.stack,
		.audit = change->audit,
		.epoch = change->epoch,
	};
	struct error e;

	if (change_is_lost(change)) {
		/* It met a higher epoch: find out whose. */
		failover_doubt(f);
		return;
	}
	log_line(LOG_LEVEL_INFO, &fields,
	    "act: %s: epoch %" PRIu64 ": every effect is done in both regions",
	    f->set.stack, change->epoch);
	if (memory_settle(&f->memory, &e) == -1)
		log_warning("journal: %s: %s", f->set.stack, e.text);
	watch_ask_planes_soon(f);
}

/* The configured name servers, or else the zone's own as last seen. */
static size_t
count_name_servers(const struct failover *f)
{
	if (f->set.name_server_count != 0)
		return f->set.name_server_count;
	return json_array_size(
	    json_object_get(f->memory.facts, "name_servers"));
}

static const char *
name_server(const struct failover *f, size_t i)
{
	if (f->set.name_server_count != 0)
		return f->set.name_servers[i];
	return json_string_value(json_array_get(
	    json_object_get(f->memory.facts, "name_servers"), i));
}

/*
 * How to see DNS lead to `region`.  Everything is borrowed from the settings
 * and the facts but the array, which is the caller's: *servers.
 */
static struct act_dns
dns_of(const struct failover *f, const char *region, const char ***servers)
{
	size_t i, count = count_name_servers(f);

	*servers = mem_array(count + 1, sizeof(**servers));
	for (i = 0; i < count; i++)
		(*servers)[i] = name_server(f, i);
	return (struct act_dns){
		.record = f->set.record,
		.servers = *servers,
		.server_count = count,
		.resolver = f->set.resolver,
		.target_balancer =
		    facts_of_region(f->memory.facts, region, "balancer"),
	};
}

void
watch_start_acting(struct failover *f)
{
	struct change *change = &f->memory.change;
	struct act_options options = {
		.stack = f->set.stack,
		.key = f->set.parameter_key,
		.latch = &f->set.latch,
		.retry_cap_ms = EFFECT_RETRY_CAP_MS,
		.call_ms = EFFECT_CALL_MS,
		.on_step = on_stepped,
		.on_lead = on_lead,
		.on_settled = on_settled,
		.arg = f,
	};

	/* A region that is slow, and quick enough for a poll, is here too. */
	if (options.call_ms < f->set.poll_deadline)
		options.call_ms = f->set.poll_deadline;
	options.dns = dns_of(f, change->to, &f->act_servers);
	f->act =
	    act_start(f->loop, f->aws, f->memory.journal, change, &options);
	watch_hold_failback(f);
}

void
watch_stop_acting(struct failover *f)
{
	act_cancel(f->act);
	free(f->act_servers);
	f->act = NULL;
	f->act_servers = NULL;
}

static void
log_decision(const struct failover *f)
{
	const struct change *c = &f->memory.change;
	struct log_fields fields = {
		.message_id = EVENT_DECIDED,
		.stack = f->set.stack,
		.region = c->to,
		.audit = c->audit,
		.epoch = c->epoch,
	};

	log_line(LOG_LEVEL_INFO, &fields,
	    "decide: %s: %s -> %s, %s, epoch %" PRIu64 ": %s", f->set.stack,
	    c->from, c->to, c->cause, c->epoch, c->reason);
}

/* Pure but for the clock: what there is to know, as a change. */
static int
make_change(const struct failover *f, const struct decided *decided,
    struct change *out, struct error *e)
{
	const struct memory *m = &f->memory;
	bool failback = decided->failback;
	bool dns = f->set.record != NULL && count_name_servers(f) != 0;
	struct decision decision = {
		.stack = f->set.stack,
		.from = failback ? f->set.standby : f->set.primary,
		.to = failback ? f->set.primary : f->set.standby,
		.epoch = m->active.epoch + 1,
		.failback = failback,
		.regardless = decided->regardless,
		.cause = decided->cause,
		.reason = decided->reason,
		.audit = decided->audit,
		.decided_ms = clock_wall_ms(),
		.first_fail_ms =
		    failback ? 0 : detect_facts(f->detect)->first_fail_ms,
		.endpoint_parameter = f->set.endpoint_parameter,
		.active_parameter = f->set.active_parameter,
		.record = dns ? f->set.record : NULL,
		.latch = &f->set.latch,
		.fence = f->set.fence,
		.concurrency = f->set.concurrency,
		.facts = m->facts,
		.last = m->change.epoch != 0 ? &m->change : NULL,
	};

	return decide(&decision, out, e);
}

int
watch_can_decide(const struct failover *f, bool failback, struct error *e)
{
	const struct decision question = {
		.to = failback ? f->set.primary : f->set.standby,
		.epoch = f->memory.active.epoch + 1,
		.facts = f->memory.facts,
	};

	return decide_check(&question, e);
}

/*
 * The decision: on disk first (law 5).  -1: it could not be made or not be
 * written; then nothing has changed.
 */
int
watch_begin_change(
    struct failover *f, const struct decided *decided, struct error *e)
{
	const struct memory *m = &f->memory;
	struct change change;

	if (make_change(f, decided, &change, e) == -1)
		return -1;
	watch_stop_acting(f); /* it borrows the change that is replaced now */
	if (memory_set_change(&f->memory, &change, e) == -1) {
		change_release(&change);
		if (memory_has_pending(m))
			watch_start_acting(f);
		return -1;
	}
	log_decision(f);
	watch_forget_planes(f);
	return 0;
}
