/* SPDX-License-Identifier: MIT
 *
 * Acts: how each is done.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "instant.h"
#include "laws.h"
#include "names.h"
#include "plan.h"
#include "sentence.h"
#include "told.h"
#include "trace.h"

/*
 * A stack that somebody else has built and drd watches; its parameters are
 * drd's.
 */
static const char config_text[] = "state_dir = \"" MACHINE_DIR "/state\"\n"
				  "socket = \"" MACHINE_DIR "/drd.sock\"\n"
				  "%s"
				  "stack \"shop\" {\n"
				  "	environment = prod\n"
				  "	max_change_percent = 0\n"
				  "	max_changes = 0\n"
				  "%s"
				  "	region \"us-east-1\" {\n"
				  "		role = primary\n"
				  "	}\n"
				  "	region \"us-west-2\" {\n"
				  "		role = standby\n"
				  "	}\n"
				  "	dns {\n"
				  "		zone = \"example.com\"\n"
				  "		record = \"shop.example.com\"\n"
				  "		resolver = \"192.0.2.53\"\n"
				  "	}\n"
				  "	manage {\n"
				  "		network = ignore\n"
				  "		roles = ignore\n"
				  "		function = ignore\n"
				  "		entry = observe\n"
				  "		certificate = ignore\n"
				  "		table = ignore\n"
				  "		bucket = ignore\n"
				  "		zone = observe\n"
				  "		health_checks = manage\n"
				  "		records = manage\n"
				  "		alarms = manage\n"
				  "		topics = observe\n"
				  "		parameters = manage\n"
				  "	}\n"
				  "}\n";

void
plan_set_config(struct plan *plan, const char *global, const char *of_stack)
{
	snprintf(
	    plan->config, sizeof(plan->config), config_text, global, of_stack);
}

void
plan_tell(const struct plan *plan)
{
	char text[320];
	size_t i;

	printf(
	    "seed %" PRIu64 "\nrun %" PRIu64 "ms\n", plan->seed, plan->end_ms);
	for (i = 0; i < plan->count; i++)
		printf("at %" PRIu64 "ms %s\n", plan->acts[i].at_ms,
		    sentence_tell(&plan->acts[i], text, sizeof(text)));
}

/* ---- doing ------------------------------------------------------------- */

static void
break_apis(const struct act *act)
{
	int i;

	for (i = 0; i < API_COUNT; i++)
		world.region[act->region].api[i] =
		    (struct flaw){ act->fault, act->number };
}

static void
reload(const struct plan *plan, const struct act *act)
{
	machine_configure(act->on ? plan->config : act->text);
	machine_signal(SIGHUP);
}

/* Another controller, in both regions. */
static void
make_active(enum region active, unsigned epoch)
{
	struct parameter *p;
	int r;

	for (r = 0; r < REGIONS; r++) {
		p = world_parameter((enum region)r, "/dr/shop-prod/active");
		snprintf(p->value, sizeof(p->value),
		    "{\"active\":\"%s\",\"endpoint\":\"http://%s\","
		    "\"epoch\":%u,\"since\":\"2026-01-01T00:00:00Z\"}",
		    region_names[active], names_balancer[active], epoch);
		p->version++;
		p = world_parameter((enum region)r, "/dr/shop-prod/endpoint");
		snprintf(p->value, sizeof(p->value), "http://%s",
		    names_balancer[active]);
		p->version++;
	}
	laws_somebody(epoch);
}

static void
change_world(const struct act *act)
{
	struct region_truth *region = &world.region[act->region];
	struct flaw flaw = { act->fault, act->number };

	world_advance();
	world_standby_well_ms();
	switch ((int)act->kind) {
	case ACT_APP:
		region->app = act->app;
		break;
	case ACT_BLIND:
		region->blind = act->number;
		break;
	case ACT_API:
		region->api[act->api] = flaw;
		break;
	case ACT_ALL_APIS:
		break_apis(act);
		break;
	case ACT_WRITES:
		region->writes = flaw;
		break;
	case ACT_UPLINK:
		region->uplink = flaw;
		break;
	case ACT_LATENCY:
		region->latency_ms = (uint64_t)act->ms;
		break;
	case ACT_CHECKS:
		world.checks_stopped = !act->on;
		break;
	case ACT_METRICS:
		world.metrics_stopped = !act->on;
		break;
	case ACT_DNS:
		world.name_servers = flaw;
		break;
	case ACT_LAG:
		world.lag_ms = (uint64_t)act->ms;
		break;
	case ACT_SOMEBODY:
		make_active(act->region, act->number);
		break;
	default:
		break;
	}
}

static void
do_to_drd(const struct plan *plan, const struct act *act)
{
	switch ((int)act->kind) {
	case ACT_CRASH:
		machine_crash(act->on, (uint64_t)act->ms);
		break;
	case ACT_CRASH_AT:
		machine_crash_at(
		    act->point, act->number, act->on, (uint64_t)act->ms);
		break;
	case ACT_FREEZE:
		instant_freeze((uint64_t)act->ms);
		laws_frozen((uint64_t)act->ms);
		break;
	case ACT_CLOCK:
		instant_step_clock(act->ms);
		laws_clock_set(act->ms);
		break;
	case ACT_DISK:
		machine_set_disk(act->disk);
		break;
	case ACT_ORDER:
		operator_says(act->text);
		break;
	case ACT_SIGNAL:
		reload(plan, act);
		break;
	case ACT_WELL:
		world_heal();
		machine_set_disk(DISK_WORKS);
		machine_configure(plan->config);
		break;
	default:
		break;
	}
}

static void
expect_number(const struct plan *plan, const struct act *act, unsigned long is)
{
	if (is != act->number)
		laws_broken("expectation", "%s:%u: by then there were %lu",
		    plan->file, act->line, is);
}

static void
expect(const struct plan *plan, const struct act *act)
{
	enum region active;
	uint64_t epoch;

	switch ((int)act->kind) {
	case ACT_ACTIVE_IS:
		if (!world_active(WEST, &active, &epoch) ||
		    active != act->region)
			laws_broken("expectation", "%s:%u: then it was not",
			    plan->file, act->line);
		break;
	case ACT_ROLE_IS:
		if (strcmp(laws_role(), act->text) != 0)
			laws_broken("expectation", "%s:%u: then it was %s",
			    plan->file, act->line, laws_role());
		break;
	case ACT_FAILOVERS_ARE:
		expect_number(plan, act, laws_seen()->failovers);
		break;
	case ACT_REPEATS_ARE:
		expect_number(plan, act, told_repeats());
		break;
	case ACT_TOLD:
	case ACT_NOT_TOLD:
		if (told_event(act->region, act->text) !=
		    (act->kind == ACT_TOLD))
			laws_broken("expectation", "%s:%u: it is not so",
			    plan->file, act->line);
		break;
	case ACT_CRASHES_ARE:
		expect_number(plan, act, machine_crashes());
		break;
	case ACT_LOGGED:
		if (!trace_has_said(act->text))
			laws_broken("expectation", "%s:%u: drd has not",
			    plan->file, act->line);
		break;
	default:
		break;
	}
}

void
act_do(const struct plan *plan, const struct act *act)
{
	char text[320];

	trace_line("plan", "%s", sentence_tell(act, text, sizeof(text)));
	laws_acted();
	change_world(act);
	world_standby_well_ms();
	do_to_drd(plan, act);
	expect(plan, act);
}
