/* SPDX-License-Identifier: MIT
 *
 * Could a decision be written now?  Told from the trouble of the watch, of
 * which there is one sentence at a time: the last decision that failed, and
 * before one is due what memory_disk.c says of the journal.
 */
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "daemon/disk_state.h"

static const struct {
	const char *begins;
	enum disk_state state;
} sentences[] = {
	{ "cannot fail over: journal ", DISK_FAILED },
	{ "cannot fail back: journal ", DISK_FAILED },
	{ "no decision can be kept: journal ", DISK_FAILED },
	{ "once its disk is full no decision can be kept: journal ", DISK_LOW },
};

enum disk_state
disk_state_of(const struct failover_status *status, const char **why)
{
	size_t i;

	*why = NULL;
	/* Sentences of gates begin alike. */
	if (status->trouble == NULL || status->withheld != 0)
		return DISK_FINE;
	for (i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		if (!text_starts(status->trouble, sentences[i].begins))
			continue;
		*why = strstr(status->trouble, "journal ");
		return sentences[i].state;
	}
	return DISK_FINE;
}
