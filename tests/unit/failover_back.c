/* SPDX-License-Identifier: MIT
 *
 * Acting with a latch and a fence, there and back, across crashes.
 *
 * At each call: nobody is fenced before the other region leads, a fenced
 * region does not lead before it may run, and the latch is cleared when the
 * primary leads and not before.  In the end all is as the change says, and a
 * process that died at any time makes no difference to that.
 */
#include "../../src/failover/act.c"
#include "../../src/failover/act_task.c"

#include <check.h>

#include "aws/client.h"
#include "failover/decide.h"
#include "failover/memory.h"
#include "lib/json.h"
#include "lib/script.h"

#define EAST "us-east-1"
#define WEST "us-west-2"

enum {
	LATENCY_MS = 40,
	CALL_MS = 5000,
	RECORDS_MAX = 64,
	WHOLE_MS = 8 * (LATENCY_MS + 3) + 10,
};

struct aws_call {
	struct aws_call *next;
	struct timer *timer;
	char operation[32];
	char region[32];
	json_t *input;
	bool dark;
	aws_done *done;
	void *arg;
};

static struct {
	bool failback;
	char value[2][2][256]; /* EAST, WEST: endpoint, active */
	bool latched;
	int64_t concurrency; /* of EAST's function */
	bool dark;	     /* EAST does not answer */
	unsigned fences;     /* PutFunctionConcurrency, answered */
	struct aws_call *calls;
	json_t *journal[RECORDS_MAX];
	size_t records;
	struct loop *loop;
	struct change change;
	struct act_options options;
	struct act *act;
	unsigned leads, settles;
} w;

static const struct latch_place place = {
	.carrier = CARRIER_OBJECT, .region = WEST, .bucket = "b", .key = "latch"
};

/* ---- journal and client ------------------------------------------------ */

int
journal_add(struct journal *journal, const json_t *record, struct error *e)
{
	ck_assert_uint_lt(w.records, RECORDS_MAX);
	w.journal[w.records++] = json_deep_copy(record);
	return 0;
}

/* Of the memory, which the journal is behind. */
const char *
facts_of_region(const json_t *facts, const char *region, const char *what)
{
	const json_t *regions = json_object_get(facts, "regions");

	return json_string_value(
	    json_object_get(json_object_get(regions, region), what));
}

static size_t
index_of(const char *region)
{
	return strcmp(region, EAST) == 0 ? 0 : 1;
}

static char *
parameter(const char *region, const char *name)
{
	return w.value[index_of(region)][strstr(name, "active") != NULL];
}

static bool
leads(const char *region)
{
	const char *who = parameter(region, "active");

	return strstr(who,
		   w.failback ? "\"active\":\"" EAST : "\"active\":\"" WEST) !=
	    NULL &&
	    strcmp(parameter(region, "endpoint"),
		w.failback ? "http://e" : "http://w") == 0;
}

static void
check_laws(const struct aws_call *call)
{
	const char *op = call->operation;

	if (strcmp(op, "DeleteObject") == 0)
		ck_assert(w.failback && leads(EAST));
	if (strcmp(op, "PutObject") == 0)
		ck_assert(!w.failback);
	if (strcmp(op, "PutFunctionConcurrency") == 0)
		ck_assert(w.failback || leads(WEST));
	if (strcmp(op, "PutParameter") == 0 && w.failback)
		ck_assert_int_gt(w.concurrency, 0);
	if (strcmp(op, "PutParameter") == 0 && !w.failback &&
	    index_of(call->region) == 0)
		ck_assert(leads(WEST));
}

static json_t *
execute(const struct aws_call *call)
{
	const char *op = call->operation, *name = tree_str(call->input, "Name");

	if (strcmp(op, "PutParameter") == 0) {
		snprintf(parameter(call->region, name), 256, "%s",
		    tree_str(call->input, "Value"));
		return json("{'Version': 2}");
	}
	if (strcmp(op, "GetParameter") == 0)
		return json_pack("{s:{s:s, s:i}}", "Parameter", "Value",
		    parameter(call->region, name), "Version", 2);
	if (strcmp(op, "PutObject") == 0 || strcmp(op, "DeleteObject") == 0) {
		w.latched = op[0] == 'P';
		return json("{}");
	}
	if (strcmp(op, "ListObjectsV2") == 0)
		return json(w.latched
			? "{'Name': 'b', 'Contents': {'Key': 'latch'}}"
			: "{'Name': 'b'}");
	if (strcmp(op, "PutFunctionConcurrency") == 0) {
		w.fences++;
		tree_int(call->input, "ReservedConcurrentExecutions",
		    &w.concurrency);
	} else {
		ck_assert_str_eq(op, "GetFunctionConcurrency");
	}
	return json_pack(
	    "{s:I}", "ReservedConcurrentExecutions", (json_int_t)w.concurrency);
}

static void
forget(struct aws_call *call)
{
	struct aws_call **at = &w.calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	timer_cancel(call->timer);
	json_decref(call->input);
	free(call);
}

static void
on_answer(void *arg)
{
	struct aws_call copy = *(struct aws_call *)arg;
	struct error e = { 0 };
	json_t *reply = NULL;

	json_incref(copy.input);
	((struct aws_call *)arg)->timer = NULL;
	forget(arg);
	if (copy.dark)
		error_set(&e, ERROR_AGAIN, "Timeout", "nothing came");
	else
		reply = execute(&copy);
	copy.done(reply, reply != NULL ? NULL : &e, copy.arg);
	json_decref(reply);
	json_decref(copy.input);
}

struct aws_call *
aws_send(
    struct aws *aws, const struct aws_request *r, aws_done *done, void *arg)
{
	struct aws_call *call = mem_alloc(sizeof(*call));

	call->next = w.calls;
	w.calls = call;
	call->input = json_deep_copy(r->input);
	call->done = done;
	call->arg = arg;
	snprintf(call->operation, sizeof(call->operation), "%s", r->operation);
	snprintf(call->region, sizeof(call->region), "%s", r->region);
	ck_assert_int_eq(r->lane, LANE_FAILOVER);
	check_laws(call);
	call->dark = w.dark && index_of(r->region) == 0;
	call->timer = loop_after(
	    w.loop, call->dark ? CALL_MS : LATENCY_MS, on_answer, call);
	return call;
}

void
aws_cancel(struct aws_call *call)
{
	if (call != NULL)
		forget(call);
}

/* ---- one act ----------------------------------------------------------- */

static void
on_lead(void *arg)
{
	w.leads++;
	ck_assert(leads(w.failback ? EAST : WEST));
}

static void
on_settled(void *arg)
{
	w.settles++;
}

static void
start(void)
{
	w.act = act_start(w.loop, NULL, NULL, &w.change, &w.options);
}

static void
begin(bool failback)
{
	json_t *facts = json("{'regions': {'" EAST "': {'endpoint': 'http://e'"
			     "}, '" WEST "': {'endpoint': 'http://w'}}}");
	struct decision d = {
		.stack = "shop",
		.from = failback ? WEST : EAST,
		.to = failback ? EAST : WEST,
		.epoch = failback ? 3 : 2,
		.failback = failback,
		.audit = "bv4seg3g",
		.cause = "test",
		.reason = "test",
		.decided_ms = clock_wall_ms(),
		.endpoint_parameter = "/dr/endpoint",
		.active_parameter = "/dr/active",
		.latch = &place,
		.fence = "f",
		.concurrency = 100,
		.facts = facts,
	};
	struct error e;

	w.failback = failback;
	w.latched = failback;
	w.concurrency = failback ? 0 : 100;
	ck_assert_int_eq(decide(&d, &w.change, &e), 0);
	w.journal[w.records++] = change_record(&w.change);
	json_decref(facts);
	start();
}

/* The process is gone; what was under way reaches AWS, or does not. */
static void
crash(bool landed)
{
	struct aws_call *call;
	struct error e;
	size_t i;

	for (call = w.calls; landed && call != NULL; call = call->next)
		if (!call->dark)
			json_decref(execute(call));
	act_cancel(w.act);
	change_release(&w.change);
	script_advance(1000);
	ck_assert_int_eq(change_read(w.journal[0], &w.change, &e), 0);
	for (i = 1; i < w.records; i++)
		change_replay(&w.change, w.journal[i]);
	start();
}

static void
check_done(void)
{
	ck_assert(change_settled(&w.change));
	ck_assert(leads(EAST) && leads(WEST));
	ck_assert(w.latched == !w.failback);
	ck_assert_int_eq(w.concurrency, w.failback ? 100 : 0);
	ck_assert_uint_ge(w.settles, 1);
}

static void
setup(void)
{
	script_reset();
	log_set_level(LOG_LEVEL_ERROR);
	memset(&w, 0, sizeof(w));
	strcpy(w.value[0][0], "http://old");
	strcpy(w.value[1][0], "http://old");
	w.loop = loop_new();
	w.options = (struct act_options){
		.stack = "shop",
		.latch = &place,
		.retry_cap_ms = 30000,
		.call_ms = CALL_MS,
		.on_lead = on_lead,
		.on_settled = on_settled,
	};
}

static void
teardown(void)
{
	size_t i;

	act_cancel(w.act);
	while (w.calls != NULL)
		forget(w.calls);
	for (i = 0; i < w.records; i++)
		json_decref(w.journal[i]);
	change_release(&w.change);
	loop_free(w.loop);
}

/* ---- tests ------------------------------------------------------------- */

START_TEST(there_and_back)
{
	begin(_i != 0);
	script_settle();
	check_done();
	ck_assert_uint_eq(w.leads, 1);
	ck_assert_uint_eq(w.fences, 1);
}
END_TEST

/* Users do not wait for the latch: it is set beside the parameters. */
START_TEST(the_latch_holds_nobody_up)
{
	begin(false);
	script_advance(2 * LATENCY_MS + 2);
	ck_assert_uint_eq(w.leads, 1);
	ck_assert(w.latched);
}
END_TEST

START_TEST(at_any_time)
{
	begin(_i % 2 != 0);
	script_advance((uint64_t)_i / 4);
	crash(_i / 2 % 2 != 0);
	script_settle();
	check_done();
}
END_TEST

START_TEST(many_times)
{
	unsigned lives = 0;

	begin(_i % 2 != 0);
	while (w.settles == 0) {
		ck_assert_uint_lt(++lives, 1000);
		script_advance((uint64_t)(LATENCY_MS + 3 + _i / 2));
		if (w.settles == 0)
			crash(lives % 2 == 0);
	}
	check_done();
}
END_TEST

/* The fence is of the region that fails: it is not proven, and nobody waits. */
START_TEST(a_dark_region_is_fenced_when_it_answers)
{
	w.dark = true;
	begin(false);
	script_advance(10 * 60 * 1000);
	ck_assert_uint_eq(w.leads, 1);
	ck_assert(w.latched);
	ck_assert_uint_eq(w.settles, 0);
	ck_assert_int_eq(change_fence(&w.change)->state, EFFECT_SENT);
	w.dark = false;
	script_settle();
	check_done();
}
END_TEST

/* Before anything of it was done, or after: what is lifted stays lifted. */
START_TEST(a_fence_is_lifted)
{
	begin(false);
	if (_i == 0)
		script_settle();
	act_cancel(w.act);
	change_lift_fence(&w.change, 100);
	ck_assert_ptr_null(change_fence(&w.change));
	ck_assert(!change_settled(&w.change));
	start();
	script_settle();
	ck_assert(change_settled(&w.change));
	ck_assert_int_eq(w.concurrency, 100);
	ck_assert(w.latched); /* users stay where they are */
}
END_TEST

START_TEST(a_latch_that_is_not_configured_any_more)
{
	w.options.latch = NULL;
	begin(_i != 0);
	script_settle();
	ck_assert(change_settled(&w.change));
	ck_assert(w.latched == w.failback); /* as it was */
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_back");
	TCase *tc = tcase_create("failover_back");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, there_and_back, 0, 2);
	tcase_add_test(tc, the_latch_holds_nobody_up);
	tcase_add_loop_test(tc, at_any_time, 0, 4 * WHOLE_MS);
	tcase_add_loop_test(tc, many_times, 0, 40);
	tcase_add_test(tc, a_dark_region_is_fenced_when_it_answers);
	tcase_add_loop_test(tc, a_fence_is_lifted, 0, 2);
	tcase_add_loop_test(tc, a_latch_that_is_not_configured_any_more, 0, 2);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
