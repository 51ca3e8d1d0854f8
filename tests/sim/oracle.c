/* SPDX-License-Identifier: MIT
 *
 * The oracle.  See oracle.h.
 */
#include <string.h>

#include "instant.h"
#include "oracle.h"

static struct {
	struct oracle_rules rules;
	enum verdict3 heard[EVIDENCE_COUNT]; /* in the poll under way */
	enum verdict3 verdict;
	bool standby;
	unsigned streak;
	unsigned unseen; /* polls to come that are looked at only */
	uint64_t well_ms;
	uint64_t began_ms;
	bool polling;
	bool outdated; /* the poll under way: the world has jumped since */
	bool shaken;
	bool doubtful;
	bool moved;
	bool moved_then; /* when the poll under way began */
	bool saw;
} oracle;

void
oracle_reset(const struct oracle_rules *rules)
{
	memset(&oracle, 0, sizeof(oracle));
	oracle.rules = *rules;
}

void
oracle_poll_begins(void)
{
	oracle.began_ms = instant_ms();
	oracle.moved_then = oracle.moved;
	oracle.polling = true;
	oracle.outdated = false;
	memset(oracle.heard, 0, sizeof(oracle.heard));
}

uint64_t
oracle_polling_since(void)
{
	return oracle.began_ms;
}

void
oracle_ask(void)
{
	if (oracle.shaken)
		oracle_forget();
	oracle.shaken = false;
}

void
oracle_hear(enum evidence evidence, enum verdict3 says)
{
	oracle.heard[evidence] = says;
}

void
oracle_forget(void)
{
	oracle.streak = 0;
	if (oracle.unseen == 0)
		oracle.unseen = 1;
	oracle.doubtful = false;
	memset(oracle.heard, 0, sizeof(oracle.heard));
}

void
oracle_start(void)
{
	oracle_forget();
	oracle.shaken = false; /* whoever was frozen is dead */
	oracle.polling = false;
	oracle.unseen = oracle.rules.grace;
}

void
oracle_shake(void)
{
	oracle.shaken = true;
	oracle.outdated = oracle.polling;
}

void
oracle_doubt(void)
{
	oracle.doubtful = true;
}

/*
 * No answer from the primary may be drd's own fault, unless the other region
 * answers in the same way.  DNS that was moved on purpose is no evidence.
 */
static void
weigh(void)
{
	enum verdict3 *heard = oracle.heard;

	if (heard[EVIDENCE_PROBE] == SAYS_FAIL &&
	    heard[EVIDENCE_HTTP] != SAYS_OK && heard[EVIDENCE_OTHER] != SAYS_OK)
		heard[EVIDENCE_PROBE] = SAYS_NOTHING;
	if (oracle.moved_then)
		heard[EVIDENCE_DNS] = SAYS_NOTHING;
}

/* Is there something that AWS is asked for, and does all of that say nothing? */
static bool
is_blind(void)
{
	static const enum evidence aws[] = { EVIDENCE_ROUTE53, EVIDENCE_ALARM };
	unsigned i, asked = 0;

	for (i = 0; i < sizeof(aws) / sizeof(aws[0]); i++) {
		if (!oracle.rules.trigger[aws[i]])
			continue;
		if (oracle.heard[aws[i]] != SAYS_NOTHING)
			return false;
		asked++;
	}
	return asked > 0;
}

/*
 * FAIL: as many triggers fail as the quorum says.  NOTHING: no trigger says
 * anything, or those that are silent could make up the quorum with one that
 * fails; but if all that AWS is asked for is silent, the two that ask nothing
 * of AWS may speak for it.  Else OK.
 */
static enum verdict3
judge(void)
{
	unsigned fail = 0, ok = 0, silent = 0, i;

	weigh();
	for (i = 0; i < EVIDENCE_COUNT; i++) {
		if (!oracle.rules.trigger[i])
			continue;
		fail += oracle.heard[i] == SAYS_FAIL;
		ok += oracle.heard[i] == SAYS_OK;
		silent += oracle.heard[i] == SAYS_NOTHING;
	}
	if (fail >= oracle.rules.quorum)
		return SAYS_FAIL;
	if (is_blind() && oracle.rules.blind_probe &&
	    oracle.heard[EVIDENCE_PROBE] == SAYS_FAIL &&
	    oracle.heard[EVIDENCE_DNS] == SAYS_FAIL)
		return SAYS_FAIL;
	if (fail + ok == 0 ||
	    (fail > 0 && fail + silent >= oracle.rules.quorum))
		return SAYS_NOTHING;
	return SAYS_OK;
}

void
oracle_poll_over(void)
{
	oracle.polling = false;
	if (oracle.outdated) {
		oracle_forget();
		oracle.verdict = SAYS_NOTHING;
		oracle.saw = false;
		return;
	}
	oracle.verdict = judge();
	oracle.saw = oracle.heard[EVIDENCE_PROBE] == SAYS_FAIL;
	oracle.standby = oracle.heard[EVIDENCE_STANDBY] == SAYS_OK;
	if (oracle.unseen > 0)
		oracle.unseen -= oracle.verdict != SAYS_NOTHING;
	else if (oracle.verdict == SAYS_FAIL)
		oracle.streak++;
	if (oracle.verdict == SAYS_OK) {
		oracle.streak = 0;
		oracle.doubtful = false;
	} else if (oracle.verdict == SAYS_FAIL) {
		oracle.well_ms = instant_ms();
	}
	memset(oracle.heard, 0, sizeof(oracle.heard));
}

enum verdict3
oracle_verdict(void)
{
	return oracle.verdict;
}

void
oracle_moved(bool moved)
{
	oracle.moved = moved;
}

bool
oracle_saw_it_fail(void)
{
	return oracle.saw;
}

uint64_t
oracle_well_since(void)
{
	return oracle.well_ms;
}

unsigned
oracle_streak(void)
{
	return oracle.streak;
}

bool
oracle_standby_heard(void)
{
	return oracle.standby;
}

bool
oracle_is_due(void)
{
	return oracle.streak >= oracle.rules.fall && oracle.standby &&
	    oracle.verdict == SAYS_FAIL && !oracle.doubtful;
}
