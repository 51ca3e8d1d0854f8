/* SPDX-License-Identifier: MIT
 *
 * What the watch over a stack must not forget, where it goes to disk.
 *
 * A decision that cannot be written is not made (law 5), so a disk that is
 * full or takes no writes is a hindrance to know of before the day.  After
 * each poll the journal is asked whether it has room, which writes nothing;
 * once a write has failed, everything is written anew until that works.
 *
 * Little room is a warning and no more: what still goes on the disk is kept,
 * and a decision is made.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "failover/journal.h"
#include "failover/memory_parts.h"

enum { COMPACT_SIZE = 256 * 1024 };

/* News is logged; the same again is not. */
static void
set_disk(struct memory *m, enum disk_state state, const struct error *e)
{
	bool news = m->disk != state;

	m->disk = state;
	snprintf(m->trouble, sizeof(m->trouble), "%s: %.200s",
	    state == DISK_FAILED
		? "no decision can be kept"
		: "once its disk is full no decision can be kept",
	    e->text);
	if (news)
		log_warning("journal: %s: %s", m->stack, m->trouble);
}

static void
disk_is_fine(struct memory *m)
{
	if (m->disk == DISK_FINE)
		return;
	m->disk = DISK_FINE;
	m->trouble[0] = '\0';
	m->failed = false;
	log_info("journal: %s: it can be written again", m->stack);
}

int
memory_remember(struct memory *m, json_t *record, struct error *e)
{
	int rc;

	rc = journal_add(m->journal, mem_must(record), e);
	json_decref(record);
	if (rc == -1) {
		m->failed = true;
		set_disk(m, DISK_FAILED, e);
	} else if (m->failed) {
		disk_is_fine(m);
	}
	return rc;
}

void
memory_look_at_disk(struct memory *m)
{
	struct error e;

	if (m->failed && memory_write_anew(m, &e) == -1) {
		set_disk(m, DISK_FAILED, &e);
		return;
	}
	m->failed = false;
	if (journal_room(m->journal, &e) == -1)
		set_disk(m,
		    strcmp(e.code, JOURNAL_LOW) == 0 ? DISK_LOW : DISK_FAILED,
		    &e);
	else
		disk_is_fine(m);
}

json_t *
memory_active_record(const struct active *active)
{
	return json_pack("{s:s, s:s, s:I, s:I}", "type", "active", "region",
	    active->region, "epoch", (json_int_t)active->epoch, "since_ms",
	    (json_int_t)active->since_ms);
}

int
memory_write_anew(struct memory *m, struct error *e)
{
	json_t *records;
	size_t i;
	int rc;

	records = mem_must(json_array());
	hold_add_records(&m->hold, m->change.epoch, records);
	if (m->facts != NULL)
		json_array_append(records, m->facts);
	if (m->canary != NULL)
		json_array_append(records, m->canary);
	if (m->change.epoch != 0)
		json_array_append_new(records, change_record(&m->change));
	for (i = 0; i < m->change.count; i++)
		json_array_append_new(
		    records, effect_record(&m->change, &m->change.effects[i]));
	if (m->active.epoch > m->change.epoch)
		json_array_append_new(
		    records, memory_active_record(&m->active));
	rc = journal_compact(m->journal, records, e);
	json_decref(records);
	return rc;
}

void
memory_compact(struct memory *m)
{
	struct error e;

	if (journal_size(m->journal) >= COMPACT_SIZE &&
	    memory_write_anew(m, &e) == -1)
		log_warning("journal: %s: %s", m->stack, e.text);
}
