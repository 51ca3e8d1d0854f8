/* SPDX-License-Identifier: MIT
 *
 * Do DNS and the parameters say the same?  See plane.h.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "failover/follow.h"
#include "failover/plane.h"

struct plane {
	struct loop *loop;
	const char *stack;
	struct follow *follow; /* a question is under way */
	char question[160];    /* what is true if the answer is yes */
	char apart[160];       /* what is true now; "": they agree */
};

static void
on_round(const char *note, bool moved, void *arg)
{
	struct plane *p = arg;
	struct log_fields fields = {
		.message_id = EVENT_APART,
		.stack = p->stack,
	};
	bool was_apart = p->apart[0] != '\0';

	p->follow = NULL;
	snprintf(p->apart, sizeof(p->apart), "%s", moved ? p->question : "");
	if (moved && !was_apart)
		log_line(LOG_LEVEL_WARNING, &fields, "plane: %s: %s", p->stack,
		    p->apart);
	else if (!moved && was_apart)
		log_line(LOG_LEVEL_INFO, &fields,
		    "plane: %s: DNS is not seen apart any more", p->stack);
}

struct plane *
plane_new(struct loop *loop, const char *stack)
{
	struct plane *p;

	p = mem_alloc(sizeof(*p));
	p->loop = loop;
	p->stack = stack;
	return p;
}

void
plane_free(struct plane *p)
{
	if (p == NULL)
		return;
	plane_stop(p);
	free(p);
}

void
plane_look(struct plane *p, const struct act_dns *dns, const char *active,
    const char *inactive, uint64_t call_ms)
{
	struct follow_request request = {
		.dns = dns,
		.region = inactive,
		.call_ms = call_ms,
		.once = true,
	};

	if (p->follow != NULL)
		return;
	snprintf(p->question, sizeof(p->question),
	    "DNS answers with %s, the parameters say %s", inactive, active);
	p->follow = follow_start(p->loop, &request, on_round, p);
}

void
plane_stop(struct plane *p)
{
	follow_cancel(p->follow);
	p->follow = NULL;
}

void
plane_forget(struct plane *p)
{
	plane_stop(p);
	p->apart[0] = '\0';
}

const char *
plane_apart(const struct plane *p)
{
	return p->apart[0] != '\0' ? p->apart : NULL;
}
