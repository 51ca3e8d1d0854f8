/* SPDX-License-Identifier: MIT
 *
 * Do the planes say what the journal says?  See plane.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "failover/plane.h"

static const struct {
	const char *name;
	const char *apart; /* "... says": for the sentence */
} rows[PLANE_COUNT] = {
	[PLANE_PARAMETER_PRIMARY] = { "parameter",
	    "the primary's parameter says" },
	[PLANE_PARAMETER_STANDBY] = { "parameter",
	    "the standby's parameter says" },
	[PLANE_NAME] = { "dns", "DNS answers:" },
	[PLANE_LATCH] = { "latch", "the latch is" },
};

static bool
is_same(const struct active *a, const struct active *b)
{
	return a->epoch == b->epoch && strcmp(a->region, b->region) == 0;
}

void
planes_begin(struct planes *p, const struct active *journal)
{
	if (is_same(&p->journal, journal))
		return;
	memset(p, 0, sizeof(*p));
	p->journal = *journal;
}

void
planes_excuse(struct planes *p, enum plane plane, const char *why)
{
	struct plane_look *look = &p->each[plane];

	look->says = PLANE_UNKNOWN;
	look->seen_ms = 0;
	snprintf(look->text, sizeof(look->text), "%s", why);
}

void
planes_note(struct planes *p, enum plane plane, const struct plane_look *look)
{
	struct plane_look *last = &p->each[plane];

	if (look->says == PLANE_UNKNOWN && last->says == PLANE_DIFFERS)
		return;
	*last = *look;
}

void
planes_count(struct planes *p)
{
	size_t len = 0;
	int i;

	p->apart[0] = '\0';
	for (i = 0; i < PLANE_COUNT && len < sizeof(p->apart); i++)
		if (p->each[i].says == PLANE_DIFFERS)
			len += (size_t)snprintf(p->apart + len,
			    sizeof(p->apart) - len, "%s %.100s; ",
			    rows[i].apart, p->each[i].text);
	if (len == 0) {
		p->polls = 0;
		return;
	}
	p->polls++;
	if (len < sizeof(p->apart))
		snprintf(p->apart + len, sizeof(p->apart) - len,
		    "the journal says %s, epoch %" PRIu64, p->journal.region,
		    p->journal.epoch);
}

bool
planes_are_apart(const struct planes *p)
{
	return p->polls >= PLANES_LAST;
}

/* ---- one plane's answer ------------------------------------------------- */

struct plane_look
plane_of_parameter(
    const struct active *journal, const struct active *said, uint64_t mono_ms)
{
	struct plane_look look = { .seen_ms = mono_ms };

	if (said->epoch == 0) {
		snprintf(
		    look.text, sizeof(look.text), "there is no such parameter");
		return look;
	}
	look.says = is_same(journal, said) ? PLANE_AGREES : PLANE_DIFFERS;
	snprintf(look.text, sizeof(look.text), "%s, epoch %" PRIu64,
	    said->region, said->epoch);
	return look;
}

/* As name_judge: most must answer, and all that do must agree. */
struct plane_look
plane_of_name(const struct name_seen *seen, bool standby_active,
    const char *primary, const char *standby, uint64_t mono_ms)
{
	struct plane_look look = { .says = PLANE_UNKNOWN };
	size_t answered = seen->servers - seen->silent;
	size_t right = standby_active ? seen->standby : seen->primary;
	size_t wrong = standby_active ? seen->primary : seen->standby;

	if (!seen->known) {
		snprintf(look.text, sizeof(look.text),
		    "the addresses of both load balancers are not known");
		return look;
	}
	snprintf(look.text, sizeof(look.text),
	    "%zu of %zu name servers lead to %s, %zu to %s", seen->primary,
	    seen->servers, primary, seen->standby, standby);
	if (2 * answered <= seen->servers)
		return look;
	if (right == answered)
		look.says = PLANE_AGREES;
	else if (wrong == answered)
		look.says = PLANE_DIFFERS;
	if (look.says != PLANE_UNKNOWN)
		look.seen_ms = mono_ms;
	return look;
}

struct plane_look
plane_of_latch(const struct latch_facts *latch, bool standby_active)
{
	struct plane_look look = { .says = PLANE_UNKNOWN };
	enum latch_state right = standby_active ? LATCH_SET : LATCH_CLEAR;

	snprintf(
	    look.text, sizeof(look.text), "%s", latch_state_name(latch->seen));
	if (latch->seen == LATCH_UNKNOWN)
		return look;
	if (latch->seen != right)
		look.says = PLANE_DIFFERS;
	else if (latch->trouble == NULL)
		look.says = PLANE_AGREES;
	else
		snprintf(
		    look.text, sizeof(look.text), "%.120s", latch->trouble);
	return look;
}

const char *
plane_name(enum plane plane)
{
	return rows[plane].name;
}

const char *
plane_says_name(enum plane_says says)
{
	static const char *const names[] = {
		[PLANE_UNKNOWN] = "unknown",
		[PLANE_AGREES] = "yes",
		[PLANE_DIFFERS] = "no",
	};

	return names[says];
}
