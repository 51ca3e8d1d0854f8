/* SPDX-License-Identifier: MIT
 *
 * Notices.  See told.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "laws.h"
#include "machine.h"
#include "told.h"

enum { TOLD_MAX = 1024, OWED_MAX = 32, KEY_SIZE = 96, EVENT_SIZE = 24 };

struct notice {
	enum region region;
	char key[KEY_SIZE];
	char event[EVENT_SIZE];
	unsigned life; /* that knows of its arrival; 0: none */
};

static struct {
	struct notice notices[TOLD_MAX];
	unsigned count;
	unsigned long repeats;
	uint64_t owed[OWED_MAX];
	unsigned owed_count;
} told;

void
told_reset(void)
{
	told.count = told.owed_count = 0;
	told.repeats = 0;
}

static struct notice *
find(enum region region, const char *key)
{
	unsigned i;

	for (i = 0; i < told.count; i++)
		if (told.notices[i].region == region &&
		    strcmp(told.notices[i].key, key) == 0)
			return &told.notices[i];
	return NULL;
}

unsigned
told_note(enum region region, const char *key, const char *event)
{
	struct notice *notice = find(region, key);

	if (notice != NULL) {
		told.repeats++;
		if (notice->life == machine_lives())
			laws_broken("notices-are-not-repeated",
			    "%s in %s: this process knows that it has arrived",
			    key, region_names[region]);
		return (unsigned)(notice - told.notices);
	}
	if (told.count == TOLD_MAX) {
		laws_broken("notices-have-an-end", "%u of them", TOLD_MAX);
		return 0;
	}
	notice = &told.notices[told.count];
	memset(notice, 0, sizeof(*notice));
	notice->region = region;
	snprintf(notice->key, sizeof(notice->key), "%s", key);
	snprintf(notice->event, sizeof(notice->event), "%s", event);
	return told.count++;
}

void
told_confirmed(unsigned number)
{
	told.notices[number].life = machine_lives();
}

void
told_owes(uint64_t epoch)
{
	if (told.owed_count < OWED_MAX)
		told.owed[told.owed_count++] = epoch;
}

void
told_all(void)
{
	char key[KEY_SIZE];
	unsigned i;
	int r;

	for (i = 0; i < told.owed_count; i++)
		for (r = 0; r < REGIONS; r++) {
			snprintf(key, sizeof(key), "%s/notice-%" PRIu64,
			    region_names[r], told.owed[i]);
			if (find((enum region)r, key) == NULL)
				laws_broken("notices-are-told",
				    "%s: nobody has heard of epoch %" PRIu64,
				    region_names[r], told.owed[i]);
		}
}

unsigned long
told_repeats(void)
{
	return told.repeats;
}

bool
told_event(enum region region, const char *event)
{
	unsigned i;

	for (i = 0; i < told.count; i++)
		if (told.notices[i].region == region &&
		    strcmp(told.notices[i].event, event) == 0)
			return true;
	return false;
}
