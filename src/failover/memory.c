/* SPDX-License-Identifier: MIT
 *
 * What the watch over a stack must not forget.  See memory.h.
 *
 * Law kept here: a record is on disk first, and in memory second (5); what is
 * not on disk is not so.  The canary's days are the exception: to forget one
 * costs another canary.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "failover/failover.h"
#include "failover/journal.h"
#include "failover/memory_parts.h"

static void
put_if(json_t *t, const char *key, const char *value)
{
	if (value != NULL)
		json_object_set_new(t, key, json_string(value));
}

json_t *
facts_tree(const struct failover_facts *facts, const char *primary,
    const char *standby)
{
	const char *names[FAILOVER_REGIONS] = {
		[FAILOVER_PRIMARY] = primary,
		[FAILOVER_STANDBY] = standby,
	};
	json_t *t, *regions, *of, *servers;
	size_t i;

	t = json_object();
	regions = json_object();
	put_if(t, "health_check", facts->health_check);
	for (i = 0; i < FAILOVER_REGIONS; i++) {
		of = json_object();
		put_if(of, "balancer", facts->balancer[i]);
		put_if(of, "endpoint", facts->endpoint[i]);
		put_if(of, "topic", facts->topic[i]);
		put_if(of, "target_group", facts->target_group[i]);
		json_object_set_new(regions, names[i], of);
	}
	json_object_set_new(t, "regions", regions);
	if (facts->name_server_count == 0)
		return t;
	servers = json_array();
	for (i = 0; i < facts->name_server_count; i++)
		json_array_append_new(
		    servers, json_string(facts->name_servers[i]));
	json_object_set_new(t, "name_servers", servers);
	return t;
}

const char *
facts_of_region(const json_t *facts, const char *region, const char *what)
{
	const json_t *regions = json_object_get(facts, "regions");

	return json_string_value(
	    json_object_get(json_object_get(regions, region), what));
}

void
memory_anchor(struct memory *m)
{
	struct hold_now now = { clock_wall_ms(), clock_mono_ms() };

	hold_anchor(&m->hold, now);
}

void
memory_take_change(struct memory *m, struct change *change)
{
	hold_note_change(&m->hold, change);
	change_release(&m->change);
	m->change = *change;
	memset(change, 0, sizeof(*change));
	m->active_known = true;
	m->active.epoch = m->change.epoch;
	m->active.since_ms = m->change.decided_ms;
	memcpy(m->active.region, m->change.to, sizeof(m->active.region));
}

void
memory_close(struct memory *m)
{
	journal_close(m->journal);
	change_release(&m->change);
	json_decref(m->facts);
	json_decref(m->canary);
	free(m->stack);
	memset(m, 0, sizeof(*m));
}

int
memory_set_active(
    struct memory *m, const struct active *active, struct error *e)
{
	if (memory_remember(m, memory_active_record(active), e) == -1)
		return -1;
	m->active = *active;
	m->active_known = true;
	return 0;
}

int
memory_set_change(struct memory *m, struct change *change, struct error *e)
{
	if (memory_remember(m, change_record(change), e) == -1)
		return -1;
	memory_take_change(m, change);
	memory_anchor(m);
	return 0;
}

int
memory_pause(struct memory *m, const struct pause *pause, struct error *e)
{
	if (memory_remember(m, hold_pause_record(pause), e) == -1)
		return -1;
	m->hold.pause = *pause;
	memory_anchor(m);
	memory_compact(m);
	return 0;
}

void
memory_end_pause(struct memory *m)
{
	memset(&m->hold.pause, 0, sizeof(m->hold.pause));
}

int
memory_resume(
    struct memory *m, const char *reason, const char *who, struct error *e)
{
	if (memory_remember(
		m, hold_resume_record(who, reason, clock_wall_ms()), e) == -1)
		return -1;
	memory_end_pause(m);
	memory_compact(m);
	return 0;
}

int
memory_ack(
    struct memory *m, const char *reason, const char *who, struct error *e)
{
	if (memory_remember(m,
		hold_ack_record(&m->hold, who, reason, clock_wall_ms()),
		e) == -1)
		return -1;
	hold_acknowledge(&m->hold);
	memory_compact(m);
	return 0;
}

const struct effect *
memory_fence(const struct memory *m)
{
	return m->change.epoch != 0 && m->change.epoch == m->active.epoch
	    ? change_fence(&m->change)
	    : NULL;
}

int
memory_lift_fence(struct memory *m, unsigned concurrency, struct error *e)
{
	if (memory_remember(m,
		json_pack("{s:s, s:I, s:i}", "type", "lift", "epoch",
		    (json_int_t)m->change.epoch, "concurrency",
		    (int)concurrency),
		e) == -1)
		return -1;
	change_lift_fence(&m->change, concurrency);
	return 0;
}

void
memory_set_canary(
    struct memory *m, const char *region, const char *what, int64_t at_ms)
{
	json_t *regions, *of;
	struct error e;

	if (m->canary == NULL)
		m->canary = mem_must(
		    json_pack("{s:s, s:{}}", "type", "canary", "regions"));
	regions = json_object_get(m->canary, "regions");
	of = json_object_get(regions, region);
	if (of == NULL) {
		of = mem_must(json_object());
		json_object_set_new(regions, region, of);
	}
	json_object_set_new(of, what, mem_must(json_integer(at_ms)));
	if (memory_remember(m, json_incref(m->canary), &e) == -1)
		log_warning("journal: %s: %s", m->stack, e.text);
	memory_compact(m);
}

int64_t
memory_canary_ms(const struct memory *m, const char *region, const char *what)
{
	const json_t *of =
	    json_object_get(json_object_get(m->canary, "regions"), region);
	int64_t at_ms = 0;

	return tree_int(of, what, &at_ms) == 0 ? at_ms : 0;
}

int
memory_settle(struct memory *m, struct error *e)
{
	if (memory_remember(m,
		json_pack("{s:s, s:I}", "type", "settled", "epoch",
		    (json_int_t)m->change.epoch),
		e) == -1)
		return -1;
	memory_compact(m);
	return 0;
}

/* What is known with what is seen on top; new tree. */
static json_t *
merge_facts(const struct memory *m, json_t *facts)
{
	json_t *merged;

	merged = mem_must(
	    m->facts != NULL ? json_deep_copy(m->facts) : json_object());
	if (json_object_update_recursive(merged, facts) == -1)
		mem_must(NULL);
	tree_put(merged, "type", mem_must(json_string("facts")));
	return merged;
}

bool
memory_has_facts(const struct memory *m, json_t *facts)
{
	json_t *merged = merge_facts(m, facts);
	bool has = json_equal(merged, m->facts);

	json_decref(merged);
	return has;
}

int
memory_set_facts(struct memory *m, json_t *facts, struct error *e)
{
	json_t *merged = merge_facts(m, facts);
	int rc = 0;

	json_decref(facts);
	if (!json_equal(merged, m->facts)) {
		rc = memory_remember(m, json_incref(merged), e);
		if (rc == 0) {
			json_decref(m->facts);
			m->facts = json_incref(merged);
			memory_compact(m);
		}
	}
	json_decref(merged);
	return rc;
}

bool
memory_is_changing(const struct memory *m)
{
	return m->change.epoch != 0 && m->change.epoch == m->active.epoch &&
	    !change_leads_done(&m->change);
}

bool
memory_has_pending(const struct memory *m)
{
	return !m->salvaged && m->change.epoch != 0 &&
	    m->change.epoch == m->active.epoch && !change_settled(&m->change);
}

bool
memory_has_lost(const struct memory *m)
{
	return m->change.epoch != 0 && m->change.epoch == m->active.epoch &&
	    change_is_lost(&m->change);
}
