/* SPDX-License-Identifier: MIT
 *
 * Episodes: when one begins and when it is over.
 */
#include <stddef.h>

#include "failover/episode.h"

/*
 * One poll before the decision: soon enough to look, and a single failing
 * poll, which happens in well regions too, wakes nobody.
 */
static const char *
detected(const struct episode_view *v, bool lasts)
{
	unsigned enough = v->fall > 1 ? v->fall - 1 : 1;

	if (lasts)
		return v->streak > 0 ? v->failing : NULL;
	return v->primary_active && v->streak >= enough ? v->failing : NULL;
}

static const char *
blocked(const struct episode_view *v, bool lasts)
{
	return v->blocked;
}

static const char *
advised(const struct episode_view *v, bool lasts)
{
	return v->advised;
}

static const char *
unacked(const struct episode_view *v, bool lasts)
{
	return v->unacked;
}

static const char *
isolated(const struct episode_view *v, bool lasts)
{
	return v->isolated;
}

static const char *
not_ready(const struct episode_view *v, bool lasts)
{
	return v->not_ready;
}

static const char *
blind(const struct episode_view *v, bool lasts)
{
	return v->blind;
}

static const char *
apart(const struct episode_view *v, bool lasts)
{
	return v->apart;
}

static const char *
trouble(const struct episode_view *v, bool lasts)
{
	return v->trouble;
}

static const char *
braked(const struct episode_view *v, bool lasts)
{
	return v->braked;
}

static const char *
jumped(const struct episode_view *v, bool lasts)
{
	return v->jumped;
}

static const struct {
	/* The sentence as long as it is so, else NULL. */
	const char *(*claim)(const struct episode_view *view, bool lasts);
	unsigned hold; /* polls in a row */
} rows[NOTICE_COUNT] = {
	[NOTICE_DETECTED] = { detected, 1 },
	[NOTICE_BLOCKED] = { blocked, 1 },
	[NOTICE_ADVISED] = { advised, 1 },
	[NOTICE_ACK_NEEDED] = { unacked, 1 },
	[NOTICE_ISOLATED] = { isolated, 3 },
	[NOTICE_NOT_READY] = { not_ready, 2 },
	[NOTICE_BLIND] = { blind, 10 },
	[NOTICE_APART] = { apart, 3 }, /* DNS moves before drd does */
	[NOTICE_TROUBLE] = { trouble, 3 },
	[NOTICE_BRAKED] = { braked, 1 },
	[NOTICE_CLOCK_JUMPED] = { jumped, 1 },
};

enum episode_turn
episode_look(struct episodes *episodes, enum notice_event event, bool lasts,
    const struct episode_view *view, const char **why)
{
	unsigned *held = &episodes->held[event];

	if (rows[event].claim == NULL)
		return EPISODE_STAYS;
	*why = rows[event].claim(view, lasts);
	if (*why == NULL || **why == '\0') {
		*held = 0;
		return lasts && view->polls > view->fall &&
			view->polls > rows[event].hold
		    ? EPISODE_ENDS
		    : EPISODE_STAYS;
	}
	if (*held < rows[event].hold)
		(*held)++;
	return !lasts && *held == rows[event].hold ? EPISODE_BEGINS
						   : EPISODE_STAYS;
}
