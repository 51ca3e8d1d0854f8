/* SPDX-License-Identifier: MIT
 *
 * How long users had to wait.
 */
#include "failover/recovery.h"

bool
recovery_needs(const struct effect *effect)
{
	return effect->leads && effect->kind != EFFECT_NOTICE &&
	    effect->kind != EFFECT_LATCH;
}

/* DNS that could not be followed is given up, and nobody knows. */
static bool
is_unknown(const struct effect *effect)
{
	return effect->kind == EFFECT_DNS && effect->state == EFFECT_GIVEN_UP;
}

void
recovery_of(const struct change *change, struct recovery *out)
{
	const struct effect *effect;
	int64_t users = change->decided_ms, all = change->decided_ms;
	bool users_wait = change->count == 0, open = change->count == 0;
	size_t i;

	for (i = 0; i < change->count; i++) {
		effect = &change->effects[i];
		if (is_unknown(effect))
			continue;
		if (effect->state != EFFECT_VERIFIED) {
			open = true;
			users_wait |= recovery_needs(effect);
			continue;
		}
		if (effect->verified_ms > all)
			all = effect->verified_ms;
		if (recovery_needs(effect) && effect->verified_ms > users)
			users = effect->verified_ms;
	}
	out->from_ms = change->first_fail_ms != 0 ? change->first_fail_ms
						  : change->decided_ms;
	if (out->from_ms > change->decided_ms) /* the clock was set back */
		out->from_ms = change->decided_ms;
	out->users_ms = users_wait ? -1 : users - out->from_ms;
	out->all_ms = open ? -1 : all - out->from_ms;
}

int64_t
recovery_waiting(const struct change *change, int64_t now_ms)
{
	struct recovery r;

	recovery_of(change, &r);
	if (change->failback || change->count == 0 || r.users_ms >= 0 ||
	    change_is_lost(change))
		return -1;
	return now_ms > r.from_ms ? now_ms - r.from_ms : 0;
}

/*
 * Steps of one turn are told one by one, when all of them are taken: that is
 * what `told` is for.
 */
enum recovery_news
recovery_note(struct recovery_told *told, const struct change *change,
    const struct effect *stepped)
{
	bool served, all;
	struct recovery r;

	if (!effect_is_over(stepped))
		return RECOVERY_NO_NEWS;
	recovery_of(change, &r);
	served = r.users_ms >= 0 && recovery_needs(stepped) &&
	    told->served != change->epoch;
	all = r.all_ms >= 0 && told->all != change->epoch;
	if (served)
		told->served = change->epoch;
	if (all)
		told->all = change->epoch;
	return served ? RECOVERY_SERVED : all ? RECOVERY_ALL : RECOVERY_NO_NEWS;
}
