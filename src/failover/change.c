/* SPDX-License-Identifier: MIT
 *
 * What a change of the active region knows of itself: the words for its
 * effects, how far they got, and the fence it put up.  change_record.c has
 * it written and read.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "failover/change_parts.h"

/* ---- words ------------------------------------------------------------- */

static const char *const kind_names[] = {
	[EFFECT_PARAMETER] = "parameter",
	[EFFECT_NOTICE] = "notice",
	[EFFECT_DNS] = "dns",
	[EFFECT_LATCH] = "latch",
	[EFFECT_FENCE] = "fence",
};

static const char *const state_names[] = {
	[EFFECT_PLANNED] = "planned",
	[EFFECT_SENT] = "sent",
	[EFFECT_VERIFIED] = "verified",
	[EFFECT_GIVEN_UP] = "given-up",
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

const char *
effect_kind_name(enum effect_kind kind)
{
	assert((size_t)kind < COUNT(kind_names));
	return kind_names[kind];
}

const char *
effect_state_name(enum effect_state state)
{
	assert((size_t)state < COUNT(state_names));
	return state_names[state];
}

static int
find(const char *const *words, size_t count, const char *word)
{
	size_t i;

	for (i = 0; word != NULL && i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return (int)i;
	return -1;
}

int
effect_kind_of(const char *word)
{
	return find(kind_names, COUNT(kind_names), word);
}

int
effect_state_of(const char *word)
{
	return find(state_names, COUNT(state_names), word);
}

/* ---- facts ------------------------------------------------------------- */

void
change_release(struct change *change)
{
	size_t i;

	for (i = 0; i < change->count; i++)
		free(change->effects[i].value);
	free(change->effects);
	memset(change, 0, sizeof(*change));
}

void
effect_note(struct effect *effect, const char *note)
{
	size_t i, len = strnlen(note, sizeof(effect->note) - 1);

	for (i = 0; i < len; i++)
		effect->note[i] =
		    note[i] < ' ' || note[i] > '~' ? '?' : note[i];
	effect->note[len] = '\0';
}

/* ---- the fence --------------------------------------------------------- */

struct effect *
change_fence(const struct change *change)
{
	struct effect *effect;
	size_t i;

	for (i = 0; !change->failback && i < change->count; i++) {
		effect = &change->effects[i];
		if (effect->kind == EFFECT_FENCE &&
		    strcmp(effect->value, "0") == 0)
			return effect;
	}
	return NULL;
}

void
change_lift_fence(struct change *change, unsigned concurrency)
{
	struct effect *fence = change_fence(change);

	if (fence == NULL)
		return;
	free(fence->value);
	fence->value = mem_printf("%u", concurrency);
	fence->state = EFFECT_PLANNED;
	fence->verified_ms = 0;
	effect_note(fence, "to be lifted");
}

/* ---- questions --------------------------------------------------------- */

bool
effect_is_over(const struct effect *effect)
{
	return effect->state == EFFECT_VERIFIED ||
	    effect->state == EFFECT_GIVEN_UP;
}

bool
change_leads_done(const struct change *change)
{
	const struct effect *effect;
	size_t i;

	for (i = 0; i < change->count; i++) {
		effect = &change->effects[i];
		if (effect->leads && effect->kind == EFFECT_PARAMETER &&
		    effect->state != EFFECT_VERIFIED)
			return false;
	}
	return true;
}

bool
change_is_lost(const struct change *change)
{
	size_t i;

	for (i = 0; i < change->count; i++)
		if (change->effects[i].kind == EFFECT_PARAMETER &&
		    change->effects[i].state == EFFECT_GIVEN_UP)
			return true;
	return false;
}

bool
change_is_automatic(const struct change *change)
{
	return strcmp(change->cause, CHANGE_AUTOMATIC) == 0;
}

size_t
change_pending(const struct change *change)
{
	size_t i, pending = 0;

	for (i = 0; i < change->count; i++)
		if (!effect_is_over(&change->effects[i]))
			pending++;
	return pending;
}

/* Since when Route 53 can follow (wall); 0: what it follows is not done. */
static int64_t
free_to_move(const struct change *change)
{
	int64_t since_ms = change->decided_ms;
	const struct effect *effect;
	size_t i;

	for (i = 0; i < change->count; i++) {
		effect = &change->effects[i];
		if (effect->kind != EFFECT_LATCH &&
		    (effect->kind != EFFECT_PARAMETER || !effect->leads))
			continue;
		if (!effect_is_over(effect))
			return 0;
		if (effect->verified_ms > since_ms)
			since_ms = effect->verified_ms;
	}
	return since_ms;
}

bool
change_moves_dns(const struct change *change, int64_t now_ms)
{
	int64_t since_ms = free_to_move(change);
	size_t i;

	/* A clock that was set back makes it no younger. */
	if (since_ms != 0 &&
	    (now_ms < since_ms || now_ms - since_ms > CHANGE_DNS_MS))
		return false;
	for (i = 0; i < change->count; i++)
		if (change->effects[i].kind == EFFECT_DNS &&
		    !effect_is_over(&change->effects[i]))
			return true;
	return false;
}

bool
change_settled(const struct change *change)
{
	return change_pending(change) == 0;
}
