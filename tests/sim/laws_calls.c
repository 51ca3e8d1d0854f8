/* SPDX-License-Identifier: MIT
 *
 * The laws of what leaves drd and of what reaches AWS.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/client.h"
#include "base/tree.h"
#include "laws_parts.h"
#include "machine.h"
#include "oracle.h"

/* ---- what leaves ------------------------------------------------------- */

struct aws_call *__real_aws_send(struct aws *aws,
    const struct aws_request *request, aws_done *done, void *arg);
struct aws_call *__wrap_aws_send(struct aws *aws,
    const struct aws_request *request, aws_done *done, void *arg);

/* The failover path: data plane only (law 4). */
static bool
is_data_plane(const struct aws_request *request)
{
	static const char *const allowed[] = { "PutParameter", "GetParameter",
		"GetParameters", "Publish", "PutMetricData", "GetMetricData",
		"PutObject", "HeadObject", "DeleteObject",
		"PutFunctionConcurrency", "UpdateRoutingControlState",
		"UpdateRoutingControlStates" };
	size_t i;

	for (i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (strcmp(request->operation, allowed[i]) == 0)
			return true;
	return false;
}

static void
judge_request(const struct aws_request *request)
{
	struct failover_status s;

	if (request->lane == LANE_FAILOVER && !is_data_plane(request))
		laws_broken("failover-is-data-plane-only", "%s is sent",
		    request->operation);
	if (request->lane != LANE_RECONCILE || !request->writes ||
	    laws.failover == NULL)
		return;
	failover_status(laws.failover, &s);
	if (laws_is_changing(s.role))
		laws_broken("reconcile-yields", "%s is sent while %s",
		    request->operation, role_name(s.role));
	if (strncmp(request->operation, "Delete", 6) == 0)
		laws_broken("no-deletion", "%s is sent", request->operation);
}

struct aws_call *
__wrap_aws_send(struct aws *aws, const struct aws_request *request,
    aws_done *done, void *arg)
{
	if (!machine_is_dead())
		judge_request(request);
	return __real_aws_send(aws, request, done, arg);
}

/* ---- what reaches AWS -------------------------------------------------- */

/* Does the journal say so?  As a stranger reads it: text. */
static bool
is_journalled(const char *type, uint64_t epoch)
{
	char *journal = machine_journal(), *line, *rest = journal;
	char number[48], kind[32];
	const char *at;
	bool found = false;

	snprintf(number, sizeof(number), "\"epoch\":%" PRIu64, epoch);
	snprintf(kind, sizeof(kind), "\"type\":\"%s\"", type);
	while (!found && (line = strsep(&rest, "\n")) != NULL) {
		at = strstr(line, number);
		found = at != NULL && strchr(",}", at[strlen(number)]) &&
		    strstr(line, kind) != NULL;
	}
	free(journal);
	return found;
}

static void
judge_active(enum region region, uint64_t epoch, const char *value)
{
	uint64_t there = 0;
	enum region active;

	if (world_active(region, &active, &there) && there > epoch)
		laws_broken("lower-epochs-lose",
		    "%s: epoch %" PRIu64 " is written over %" PRIu64,
		    region_names[region], epoch, there);
	if (epoch == laws.written_epoch && strcmp(value, laws.written) != 0)
		laws_broken("one-value-for-one-epoch", "%s and %s",
		    laws.written, value);
	if (epoch > 1 && !is_journalled("change", epoch) &&
	    !is_journalled("active", epoch))
		laws_broken("intent-before-effect",
		    "%s: epoch %" PRIu64 " is written and not in the journal",
		    region_names[region], epoch);
	laws.written_epoch = epoch;
	snprintf(laws.written, sizeof(laws.written), "%s", value);
}

/* The region that is left is not written before the other is (law 7). */
static void
judge_order(enum region region, uint64_t epoch, const char *active)
{
	enum region other = region == EAST ? WEST : EAST, says;
	uint64_t there;

	if (epoch > 1 && active != NULL &&
	    strcmp(active, region_names[region]) != 0 &&
	    (!world_active(other, &says, &there) || there < epoch))
		laws_broken("standby-first",
		    "%s: epoch %" PRIu64 " is written, and %s is to lead",
		    region_names[region], epoch, active);
}

/* The region that is to lead has failed the last poll. */
static void
judge_way_back(enum region region, const char *active)
{
	const struct failover *f = laws.failover;

	if (region != EAST || f == NULL || !f->memory.change.failback ||
	    f->memory.change.regardless ||
	    strcmp(active, region_names[EAST]) != 0)
		return;
	if (oracle_verdict() == SAYS_FAIL)
		laws_broken("no-way-back-into-an-outage",
		    "us-east-1 is written as the active one");
}

void
laws_put(enum region region, const char *name, const char *value)
{
	int64_t epoch = 0;
	json_t *t;

	laws.seen.writes++;
	if (strcmp(name, "/dr/shop-prod/active") != 0)
		return;
	t = tree_parse(value, strlen(value));
	if (tree_int(t, "epoch", &epoch) == -1)
		laws_broken("values-can-be-read", "%s = %s", name, value);
	judge_active(region, (uint64_t)epoch, value);
	judge_order(region, (uint64_t)epoch, tree_str(t, "active"));
	judge_way_back(region, tree_str(t, "active"));
	json_decref(t);
}

/* Set from a failover on until the primary leads again, and clear else. */
void
laws_latch(enum region region, bool set)
{
	const struct failover *f = laws.failover;
	enum region active = EAST;
	uint64_t epoch;
	bool west;

	if (region != WEST)
		laws_broken(
		    "latch-is-in-the-standby", "%s", region_names[region]);
	if (f == NULL || !f->memory.active_known) {
		laws_broken("latch-follows-the-role", "nobody is active");
		return;
	}
	west = strcmp(f->memory.active.region, region_names[WEST]) == 0;
	if (set && !west && f->role != ROLE_FAILING_BACK)
		laws_broken(
		    "latch-follows-the-role", "set while us-east-1 is active");
	/* What somebody else has just written it cannot know yet. */
	(void)world_active(EAST, &active, &epoch);
	if (!set &&
	    (west || (active != EAST && laws.others_epoch <= laws.epoch)))
		laws_broken(
		    "latch-holds", "cleared, and us-east-1 does not lead");
}

/* A change is told of, not only observed: then it is in the journal. */
void
laws_publish(const char *key, const char *event, uint64_t epoch)
{
	static const char *const of_changes[] = { "STARTED", "COMPLETED",
		"FAILED_BACK", "STEP_FAILED" };
	size_t i;

	laws.seen.notices++;
	if (key[0] == '\0')
		laws_broken("notices-carry-a-key", "%s", event);
	for (i = 0; i < sizeof(of_changes) / sizeof(of_changes[0]); i++)
		if (strcmp(event, of_changes[i]) == 0 && epoch > 1 &&
		    !is_journalled("change", epoch))
			laws_broken("intent-before-effect",
			    "%s of epoch %" PRIu64
			    " is told and not in the journal",
			    event, epoch);
}
