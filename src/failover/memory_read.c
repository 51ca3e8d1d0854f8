/* SPDX-License-Identifier: MIT
 *
 * What the watch over a stack must not forget, as a restart reads it.
 *
 * Each record does to the memory what the call did that wrote it, in the same
 * order.  What cannot be read is skipped and said, never guessed; and after a
 * journal that was damaged drd knows that it may have forgotten something,
 * until the parameters and a person have spoken.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "failover/journal.h"
#include "failover/memory_parts.h"

enum { DAMAGE_PAUSE_MS = 24 * 3600 * 1000 };

/* ---- records ----------------------------------------------------------- */

static void
replay_active(struct memory *m, const json_t *record)
{
	const char *region = tree_str(record, "region");
	int64_t epoch, since_ms;

	if (region == NULL || strlen(region) >= sizeof(m->active.region) ||
	    tree_int(record, "epoch", &epoch) == -1 || epoch < 1 ||
	    tree_int(record, "since_ms", &since_ms) == -1) {
		log_warning(
		    "journal: %s: an unreadable record was skipped", m->stack);
		return;
	}
	m->active_known = true;
	m->active.epoch = (uint64_t)epoch;
	m->active.since_ms = since_ms;
	snprintf(m->active.region, sizeof(m->active.region), "%s", region);
}

static void
replay_lift(struct memory *m, const json_t *record)
{
	int64_t epoch, concurrency;

	if (tree_int(record, "epoch", &epoch) == 0 &&
	    (uint64_t)epoch == m->change.epoch &&
	    tree_int(record, "concurrency", &concurrency) == 0 &&
	    concurrency > 0 && concurrency <= INT32_MAX)
		change_lift_fence(&m->change, (unsigned)concurrency);
}

static void
replay(const json_t *record, void *arg)
{
	struct memory *m = arg;
	const char *type = tree_str(record, "type");
	struct change change;
	struct error e;
	bool readable;

	assert(type != NULL); /* record.c lets no other pass */
	if (hold_replay(&m->hold, record, &readable)) {
		if (!readable)
			log_warning("journal: %s: a record of type %s cannot "
				    "be read and was skipped",
			    m->stack, type);
	} else if (strcmp(type, "facts") == 0) {
		json_decref(m->facts);
		m->facts = json_deep_copy(record);
	} else if (strcmp(type, "canary") == 0) {
		json_decref(m->canary);
		m->canary = json_deep_copy(record);
	} else if (strcmp(type, "active") == 0) {
		replay_active(m, record);
	} else if (strcmp(type, "lift") == 0) {
		replay_lift(m, record);
	} else if (strcmp(type, "effect") == 0) {
		change_replay(&m->change, record);
	} else if (strcmp(type, "change") == 0) {
		if (change_read(record, &change, &e) == 0)
			memory_take_change(m, &change);
		else
			log_warning("journal: %s: %s", m->stack, e.text);
	}
}

/* ---- a damaged journal ------------------------------------------------- */

/*
 * What cannot be read may have been a pause, or an acknowledgement: until a
 * person has looked, drd does nothing by itself that one of these would have
 * kept it from.  Who is active it asks the parameters.
 */
static void
pause_for_damage(struct memory *m)
{
	struct pause *pause = &m->hold.pause;
	int64_t now = clock_wall_ms();

	if (pause->until_ms >= now + DAMAGE_PAUSE_MS)
		return;
	*pause = (struct pause){
		.from_ms = now,
		.until_ms = now + DAMAGE_PAUSE_MS,
		.who = "drd",
		.reason = "the journal was damaged, and a pause or an "
			  "acknowledgement in it may be forgotten: look at "
			  "drd-status, then drdctl resume",
	};
}

static void
forget(struct memory *m)
{
	change_release(&m->change);
	json_decref(m->facts);
	m->facts = NULL;
	memset(&m->hold, 0, sizeof(m->hold));
	memset(&m->active, 0, sizeof(m->active));
	m->active_known = false;
}

static int
salvage(struct memory *m, const char *path, struct error *e)
{
	forget(m);
	m->journal = journal_salvage(path, replay, m, e);
	if (m->journal == NULL)
		return -1;
	m->salvaged = true;
	pause_for_damage(m);
	return memory_write_anew(m, e);
}

int
memory_open(
    struct memory *m, const char *stack, const char *path, struct error *e)
{
	memset(m, 0, sizeof(*m));
	m->stack = mem_strdup(stack);
	m->journal = journal_open(path, replay, m, e);
	if (m->journal == NULL &&
	    (strcmp(e->code, "JournalDamaged") != 0 ||
		salvage(m, path, e) == -1)) {
		memory_close(m);
		return -1;
	}
	memory_anchor(m);
	return 0;
}
