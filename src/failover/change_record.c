/* SPDX-License-Identifier: MIT
 *
 * A change of the active region, to the journal and back.
 *
 * What is read here may have been edited by hand: a member that is missing,
 * too long or not one of the known words makes an error, never a guess; and a
 * step is taken whole or not at all.  Times are RFC 3339, because people read
 * journals after an outage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "failover/change_parts.h"

enum { EFFECTS_MAX = 64 };

/* ---- writing ----------------------------------------------------------- */

/*
 * Texts quote errors and operators, cut to size: what is not UTF-8 any more
 * must not keep a decision out of the journal.
 */
static void
put_text(json_t *t, const char *name, const char *s)
{
	tree_put(t, name, tree_string(s));
}

static void
put_time(json_t *t, const char *name, int64_t wall_ms)
{
	char buf[CLOCK_RFC3339_SIZE];

	if (wall_ms != 0)
		put_text(t, name, clock_rfc3339(wall_ms, buf));
}

static json_t *
plan_of(const struct effect *effect)
{
	json_t *t = mem_must(json_object());

	put_text(t, "key", effect->key);
	put_text(t, "kind", effect_kind_name(effect->kind));
	put_text(t, "region", effect->region);
	put_text(t, "target", effect->target);
	if (effect->value != NULL)
		put_text(t, "value", effect->value);
	tree_put(t, "leads", json_boolean(effect->leads));
	return t;
}

json_t *
change_record(const struct change *change)
{
	json_t *t = mem_must(json_object());
	json_t *effects = mem_must(json_array());
	size_t i;

	put_text(t, "type", "change");
	tree_put(t, "epoch", json_integer((json_int_t)change->epoch));
	put_text(t, "from", change->from);
	put_text(t, "to", change->to);
	tree_put(t, "failback", json_boolean(change->failback));
	if (change->regardless)
		tree_put(t, "regardless", json_true());
	if (change->audit[0] != '\0')
		put_text(t, "audit", change->audit);
	put_text(t, "cause", change->cause);
	put_text(t, "reason", change->reason);
	put_time(t, "at", change->decided_ms);
	put_time(t, "first_fail", change->first_fail_ms);
	for (i = 0; i < change->count; i++)
		if (json_array_append_new(
			effects, plan_of(&change->effects[i])) == -1)
			abort(); /* out of memory, as in mem_must */
	tree_put(t, "effects", effects);
	return t;
}

void
effect_record_add(json_t *record, const struct effect *effect)
{
	json_t *t = mem_must(json_object());

	put_text(t, "key", effect->key);
	put_text(t, "state", effect_state_name(effect->state));
	tree_put(t, "attempts", json_integer((json_int_t)effect->attempts));
	put_time(t, "sent", effect->sent_ms);
	put_time(t, "verified", effect->verified_ms);
	put_text(t, "note", effect->note);
	if (json_array_append_new(tree_at(record, "steps"), t) == -1)
		abort(); /* out of memory, as in mem_must */
}

json_t *
effect_record(const struct change *change, const struct effect *effect)
{
	json_t *t = mem_must(json_object());

	put_text(t, "type", "effect");
	tree_put(t, "epoch", json_integer((json_int_t)change->epoch));
	tree_put(t, "steps", mem_must(json_array()));
	effect_record_add(t, effect);
	return t;
}

/* ---- reading ----------------------------------------------------------- */

static int
unreadable(struct error *e, const char *member)
{
	return error_set(e, ERROR_BROKEN, "Journal",
	    "the record of a change has no usable member \"%s\"", member);
}

static int
get_text(
    const json_t *t, const char *name, char *out, size_t size, struct error *e)
{
	const char *s = tree_str(t, name);

	if (s == NULL || strlen(s) >= size)
		return unreadable(e, name);
	memcpy(out, s, strlen(s) + 1);
	return 0;
}

/* Absent is 0: it has not happened. */
static int
get_time(const json_t *t, const char *name, int64_t *out, struct error *e)
{
	const char *s = tree_str(t, name);

	*out = 0;
	if (s != NULL ? clock_parse(s, out) == -1 : tree_at(t, name) != NULL)
		return unreadable(e, name);
	return 0;
}

/* Journals of before have none. */
static int
get_audit(const json_t *t, char out[AUDIT_SIZE], struct error *e)
{
	const char *s = tree_str(t, "audit");

	if (s != NULL ? !audit_is_one(s) : tree_at(t, "audit") != NULL)
		return unreadable(e, "audit");
	snprintf(out, AUDIT_SIZE, "%s", s != NULL ? s : "");
	return 0;
}

static int
get_epoch(const json_t *t, uint64_t *out, struct error *e)
{
	int64_t epoch;

	if (tree_int(t, "epoch", &epoch) == -1 || epoch < 1)
		return unreadable(e, "epoch");
	*out = (uint64_t)epoch;
	return 0;
}

static int
read_plan(const json_t *t, struct effect *out, struct error *e)
{
	const char *value = tree_str(t, "value");
	int kind = effect_kind_of(tree_str(t, "kind"));

	if (kind == -1)
		return unreadable(e, "kind");
	if (get_text(t, "key", out->key, sizeof(out->key), e) == -1 ||
	    get_text(t, "region", out->region, sizeof(out->region), e) == -1 ||
	    get_text(t, "target", out->target, sizeof(out->target), e) == -1)
		return -1;
	out->kind = (enum effect_kind)kind;
	if (value == NULL && out->kind != EFFECT_DNS)
		return unreadable(e, "value");
	if (value != NULL)
		out->value = mem_strdup(value);
	out->leads = tree_true(t, "leads");
	return 0;
}

static int
read_plans(const json_t *record, struct change *out, struct error *e)
{
	size_t i, count = tree_count(record, "effects");

	if (count > EFFECTS_MAX)
		return unreadable(e, "effects");
	out->effects = mem_array(count, sizeof(*out->effects));
	out->count = count;
	for (i = 0; i < count; i++)
		if (read_plan(tree_item(record, "effects", i), &out->effects[i],
			e) == -1)
			return -1;
	return 0;
}

int
change_read(const json_t *record, struct change *out, struct error *e)
{
	memset(out, 0, sizeof(*out));
	if (get_epoch(record, &out->epoch, e) == -1 ||
	    get_text(record, "from", out->from, sizeof(out->from), e) == -1 ||
	    get_text(record, "to", out->to, sizeof(out->to), e) == -1 ||
	    get_audit(record, out->audit, e) == -1 ||
	    get_text(record, "cause", out->cause, sizeof(out->cause), e) ==
		-1 ||
	    get_text(record, "reason", out->reason, sizeof(out->reason), e) ==
		-1 ||
	    get_time(record, "at", &out->decided_ms, e) == -1 ||
	    get_time(record, "first_fail", &out->first_fail_ms, e) == -1 ||
	    read_plans(record, out, e) == -1) {
		change_release(out);
		return -1;
	}
	out->failback = tree_true(record, "failback");
	out->regardless = tree_true(record, "regardless");
	return 0;
}

static struct effect *
find_effect(struct change *change, const char *key)
{
	size_t i;

	for (i = 0; key != NULL && i < change->count; i++)
		if (strcmp(change->effects[i].key, key) == 0)
			return &change->effects[i];
	return NULL;
}

/* All of a step or nothing of it. */
static void
replay_step(struct change *change, const json_t *t)
{
	struct effect *effect = find_effect(change, tree_str(t, "key"));
	struct effect next;
	int64_t attempts;
	int state = effect_state_of(tree_str(t, "state"));

	if (effect == NULL)
		return;
	next = *effect;
	if (state == -1 || tree_int(t, "attempts", &attempts) == -1 ||
	    attempts < 0 || attempts > INT32_MAX ||
	    get_time(t, "sent", &next.sent_ms, NULL) == -1 ||
	    get_time(t, "verified", &next.verified_ms, NULL) == -1 ||
	    get_text(t, "note", next.note, sizeof(next.note), NULL) == -1)
		return;
	next.state = (enum effect_state)state;
	next.attempts = (unsigned)attempts;
	*effect = next;
}

void
change_replay(struct change *change, const json_t *record)
{
	uint64_t epoch = 0;
	size_t i;

	if (get_epoch(record, &epoch, NULL) == -1 || epoch != change->epoch)
		return;
	for (i = 0; i < tree_count(record, "steps"); i++)
		replay_step(change, tree_item(record, "steps", i));
}
