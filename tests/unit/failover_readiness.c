/* SPDX-License-Identifier: MIT
 *
 * Readiness: which calls a look makes, on which beat, and what is told.
 *
 * The AWS client is replaced: each call is answered by the table below, after
 * a second.
 */
#include <check.h>
#include <stdlib.h>

#include "lib/json.h"
#include "lib/script.h"

#include "../../src/failover/readiness.c"
#include "../../src/failover/readiness_look.c"

#define EAST "us-east-1"
#define WEST "us-west-2"

enum { SECOND = 1000, MINUTE = 60 * SECOND, CALLS_MAX = 400 };

/* ---- the client -------------------------------------------------------- */

struct aws_call {
	char operation[32];
	char region[32];
	json_t *input;
	aws_done *done;
	void *arg;
	struct timer *timer;
};

static struct loop *loop;
static struct aws_call calls[CALLS_MAX];
static size_t call_count;

/* What is said to an operation of a region; JSON, or a failure's code. */
static struct answer {
	const char *operation;
	const char *region;
	const char *reply;
	enum error_class class;
} answers[6];

static const struct answer well[6] = {
	{ "DescribeTargetHealth", WEST,
	    "{'TargetHealthDescriptions': {'member': {'TargetHealth': "
	    "{'State': 'healthy'}}}}",
	    ERROR_NONE },
	{ "GetFunction", WEST,
	    "{'Configuration': {'State': 'Active'}, 'Concurrency': "
	    "{'ReservedConcurrentExecutions': 100}}",
	    ERROR_NONE },
	{ "DescribeTable", WEST, "{'Table': {'TableStatus': 'ACTIVE'}}",
	    ERROR_NONE },
	{ "DescribeAlarms", WEST,
	    "{'MetricAlarms': [{'AlarmName': 'a', 'StateValue': 'OK'}]}",
	    ERROR_NONE },
	{ "GetMetricData", WEST,
	    "{'MetricDataResults': [{'Id': 'bucketLag', 'Timestamps': [], "
	    "'Values': []}]}",
	    ERROR_NONE },
	{ "GetMetricData", EAST,
	    "{'MetricDataResults': [{'Id': 'tableLag', 'Timestamps': [], "
	    "'Values': []}]}",
	    ERROR_NONE },
};

static void
answer_call(void *arg)
{
	struct aws_call *call = arg;
	json_t *reply = NULL;
	struct error e;
	size_t i;

	call->timer = NULL;
	for (i = 0; i < 6; i++)
		if (strcmp(answers[i].operation, call->operation) == 0 &&
		    strcmp(answers[i].region, call->region) == 0)
			break;
	ck_assert_msg(i < 6, "%s %s", call->operation, call->region);
	if (answers[i].class == ERROR_NONE) {
		reply = json(answers[i].reply);
		call->done(reply, NULL, call->arg);
		json_decref(reply);
		return;
	}
	error_set(&e, answers[i].class, "Code", "%s", answers[i].reply);
	snprintf(e.request_id, sizeof(e.request_id), "id");
	call->done(NULL, &e, call->arg);
}

struct aws_call *
aws_send(struct aws *aws, const struct aws_request *request, aws_done *done,
    void *arg)
{
	struct aws_call *call = &calls[call_count++];

	ck_assert_uint_lt(call_count, CALLS_MAX);
	ck_assert_int_eq(request->lane, LANE_DETECT);
	ck_assert_uint_eq(request->attempts, 1);
	ck_assert(!request->writes);
	snprintf(
	    call->operation, sizeof(call->operation), "%s", request->operation);
	snprintf(call->region, sizeof(call->region), "%s", request->region);
	call->input = json_deep_copy(request->input);
	call->done = done;
	call->arg = arg;
	call->timer = loop_after(loop, SECOND, answer_call, call);
	return call;
}

void
aws_cancel(struct aws_call *call)
{
	ck_assert_ptr_nonnull(call->timer);
	timer_cancel(call->timer);
	call->timer = NULL;
}

static void
forget_calls(void)
{
	size_t i;

	for (i = 0; i < call_count; i++)
		json_decref(calls[i].input);
	call_count = 0;
	memset(calls, 0, sizeof(calls));
}

static size_t
count_calls(const char *operation, const char *region)
{
	size_t i, n = 0;

	for (i = 0; i < call_count; i++)
		n += strcmp(calls[i].operation, operation) == 0 &&
		    strcmp(calls[i].region, region) == 0;
	return n;
}

static const json_t *
input_of(const char *operation, const char *region)
{
	size_t i;

	for (i = 0; i < call_count; i++)
		if (strcmp(calls[i].operation, operation) == 0 &&
		    strcmp(calls[i].region, region) == 0)
			return calls[i].input;
	return NULL;
}

/* ---- the watch --------------------------------------------------------- */

static struct readiness *r;
static unsigned pages, ends;
static char last_why[256];

static const struct readiness_config config = {
	.interval = MINUTE,
	.phase = 0,
	.deadline = 10 * SECOND,
	.limits = { .table_lag = MINUTE,
	    .bucket_lag = 15 * MINUTE,
	    .max_age = 5 * MINUTE },
	.regions = {
	    { .name = EAST, .function = "fe", .reserved = 100, .table = "t",
		.bucket = "be", .alarms = { "e" }, .alarm_count = 1,
		.has_targets = true },
	    { .name = WEST, .function = "fw", .reserved = 100, .table = "t",
		.bucket = "bw", .replica_rule = "drd", .alarms = { "a" },
		.alarm_count = 1, .has_targets = true },
	},
};

static void
on_told(bool ready, const char *region, const char *why, void *arg)
{
	if (ready)
		ends++;
	else
		pages++;
	snprintf(last_why, sizeof(last_why), "%s", why);
}

static void
start(const struct readiness_config *with)
{
	const struct readiness_ops ops = { .told = on_told };

	r = readiness_new(loop, NULL, "shop", with, &ops);
	readiness_set_target_group(r, 1, "arn:west");
	readiness_aim(r, 1);
	readiness_start(r);
}

static void
set_up(void)
{
	script_reset();
	loop = loop_new();
	log_set_level(LOG_LEVEL_ERROR);
	memcpy(answers, well, sizeof(answers));
	pages = ends = 0;
	start(&config);
}

static void
tear_down(void)
{
	readiness_free(r);
	forget_calls();
	loop_free(loop);
}

static bool
blocks(void)
{
	struct readiness_facts facts;

	readiness_facts(r, &facts);
	return facts.all.blocks;
}

START_TEST(a_look_is_six_calls)
{
	script_advance(30 * SECOND);
	ck_assert_uint_eq(call_count, 6);
	ck_assert_uint_eq(count_calls("DescribeTargetHealth", WEST), 1);
	ck_assert_uint_eq(count_calls("GetFunction", WEST), 1);
	ck_assert_uint_eq(count_calls("DescribeTable", WEST), 1);
	ck_assert_uint_eq(count_calls("DescribeAlarms", WEST), 1);
	ck_assert_uint_eq(count_calls("GetMetricData", WEST), 1);
	ck_assert_uint_eq(count_calls("GetMetricData", EAST), 1);
	json_is(input_of("DescribeTargetHealth", WEST),
	    "{'TargetGroupArn': 'arn:west'}");
	json_is(input_of("DescribeAlarms", WEST),
	    "{'AlarmNames': ['a'], 'MaxRecords': 100}");
	json_is(tree_at(input_of("GetMetricData", WEST), "MetricDataQueries"),
	    "[{'Id': 'bucketLag', 'ReturnData': true, 'MetricStat': {"
	    "'Metric': {'Namespace': 'AWS/S3', 'MetricName': "
	    "'ReplicationLatency', 'Dimensions': ["
	    "{'Name': 'SourceBucket', 'Value': 'be'}, "
	    "{'Name': 'DestinationBucket', 'Value': 'bw'}, "
	    "{'Name': 'RuleId', 'Value': 'drd'}]}, "
	    "'Period': 60, 'Stat': 'Maximum'}}]");
	ck_assert_uint_eq(
	    tree_count(input_of("GetMetricData", EAST), "MetricDataQueries"),
	    5);
}
END_TEST

START_TEST(it_is_ready_once_it_was_looked_at)
{
	ck_assert(blocks()); /* nothing is known yet, and nobody paged */
	script_advance(2 * SECOND);
	ck_assert(!blocks());
	ck_assert_uint_eq(pages + ends, 0);
}
END_TEST

START_TEST(looks_come_on_their_beat)
{
	script_advance(10 * MINUTE + 30 * SECOND);
	ck_assert_uint_eq(call_count, 11 * 6);
}
END_TEST

START_TEST(a_look_may_be_asked_for_once_at_a_time)
{
	script_advance(30 * SECOND);
	readiness_look(r);
	readiness_look(r);
	script_advance(SECOND / 2);
	readiness_look(r);
	script_advance(10 * SECOND);
	ck_assert_uint_eq(call_count, 2 * 6);
}
END_TEST

START_TEST(one_page_for_one_episode)
{
	answers[2].reply = "{'Table': {'TableStatus': 'ARCHIVED'}}";
	script_advance(3 * MINUTE);
	ck_assert(blocks());
	ck_assert_uint_eq(pages, 1);
	ck_assert_str_eq(last_why, "table: the replica is ARCHIVED");
	answers[2].reply = well[2].reply;
	script_advance(3 * MINUTE);
	ck_assert(!blocks());
	ck_assert_uint_eq(pages, 1);
	ck_assert_uint_eq(ends, 1);
}
END_TEST

/* A region that does not answer is believed for a while. */
START_TEST(silence_of_the_target_blocks_after_its_time)
{
	size_t i;

	script_advance(30 * SECOND);
	for (i = 0; i < 5; i++)
		answers[i].class = ERROR_AGAIN;
	script_advance(4 * MINUTE);
	ck_assert(!blocks());
	script_advance(2 * MINUTE);
	ck_assert(blocks());
	ck_assert_uint_eq(pages, 1);
}
END_TEST

START_TEST(silence_of_the_source_never_blocks)
{
	answers[5].class = ERROR_AGAIN;
	script_advance(30 * MINUTE);
	ck_assert(!blocks());
	ck_assert_uint_eq(pages, 0);
}
END_TEST

/* It may be that reconcile has not told yet; if that lasts, somebody must. */
START_TEST(what_is_not_known_at_first_is_no_page_yet)
{
	answers[0].class = ERROR_AGAIN;
	script_advance(4 * MINUTE);
	ck_assert(blocks());
	ck_assert_uint_eq(pages, 0);
	script_advance(2 * MINUTE);
	ck_assert_uint_eq(pages, 1);
}
END_TEST

START_TEST(what_does_not_exist_is_not_ready)
{
	answers[1].class = ERROR_ABSENT;
	answers[1].reply = "no such function";
	script_advance(2 * SECOND);
	ck_assert(blocks());
	ck_assert_str_eq(last_why, "function: no such function");
}
END_TEST

START_TEST(a_target_group_that_is_not_known_is_not_asked_about)
{
	readiness_free(r);
	forget_calls();
	r = readiness_new(
	    loop, NULL, "shop", &config, &(struct readiness_ops){ 0 });
	readiness_aim(r, 1);
	readiness_start(r);
	script_advance(30 * SECOND);
	ck_assert_uint_eq(call_count, 5);
	ck_assert(blocks());
	readiness_set_target_group(r, 1, "arn:west");
	script_advance(2 * SECOND);
	ck_assert(!blocks());
}
END_TEST

/* After a failover it is the other region that must get ready. */
START_TEST(the_other_region_is_looked_at_after_a_change)
{
	script_advance(30 * SECOND);
	ck_assert(!blocks());
	memcpy(answers,
	    (struct answer[6]){
		{ "GetFunction", EAST, well[1].reply, ERROR_NONE },
		{ "DescribeTable", EAST, well[2].reply, ERROR_NONE },
		{ "DescribeAlarms", EAST,
		    "{'MetricAlarms': [{'AlarmName': 'e', 'StateValue': "
		    "'OK'}]}",
		    ERROR_NONE },
		{ "GetMetricData", WEST, well[5].reply, ERROR_NONE },
		{ "DescribeTargetHealth", EAST, well[0].reply, ERROR_NONE },
		{ "", "", "", ERROR_NONE } },
	    sizeof(answers));
	forget_calls();
	readiness_set_target_group(r, 0, "arn:east");
	readiness_aim(r, 0);
	ck_assert(blocks());
	script_advance(2 * SECOND);
	ck_assert(!blocks());
	ck_assert_uint_eq(call_count, 5); /* no rule brings objects back */
}
END_TEST

START_TEST(a_probe_counts_once_it_is_told)
{
	struct observation seen = { .verdict = VERDICT_FAIL };

	script_advance(30 * SECOND);
	snprintf(seen.detail, sizeof(seen.detail), "refused");
	readiness_note_probe(r, 1, &seen, clock_mono_ms());
	ck_assert(blocks());
	seen.verdict = VERDICT_OK;
	readiness_note_probe(r, 1, &seen, clock_mono_ms());
	ck_assert(!blocks());
}
END_TEST

START_TEST(a_new_configuration_keeps_what_is_known)
{
	struct readiness_config less = config;

	script_advance(30 * SECOND);
	less.regions[1].table[0] = '\0';
	readiness_reconfigure(r, "shop", &less);
	ck_assert(!blocks());
	forget_calls();
	script_advance(2 * SECOND);
	ck_assert_uint_eq(call_count, 5);
	ck_assert_ptr_nonnull(input_of("DescribeTargetHealth", WEST));
	ck_assert(!blocks());
}
END_TEST

/* What is not configured is not asked for. */
START_TEST(a_stack_of_nothing_is_ready)
{
	struct readiness_config bare = config;
	size_t i;

	readiness_free(r);
	forget_calls();
	for (i = 0; i < 2; i++) {
		bare.regions[i].function[0] = '\0';
		bare.regions[i].has_targets = false;
		bare.regions[i].alarm_count = 0;
	}
	bare.limits.table_lag = bare.limits.bucket_lag = 0;
	start(&bare);
	script_advance(30 * SECOND);
	ck_assert_uint_eq(call_count, 1);
	ck_assert_uint_eq(count_calls("DescribeTable", WEST), 1);
	ck_assert(!blocks());
}
END_TEST

#define AT_NOW(id, value) \
	"{'Id': '" id "', 'Timestamps': [%lld], 'Values': [" value "]}"

/* More than it may do, and well: said once, and once that it is over. */
START_TEST(overload_is_noted_as_long_as_it_lasts)
{
	static char reply[600];
	struct readiness_facts facts;
	long long at = clock_wall_ms() / 1000 - 60;

	snprintf(reply, sizeof(reply),
	    "{'MetricDataResults': [" AT_NOW("throttles", "50") ", " AT_NOW(
		"invocations", "900") ", " AT_NOW("errors",
		"3") ", " AT_NOW("concurrent", "100") "]}",
	    at, at, at, at);
	answers[5].reply = reply;
	script_advance(30 * SECOND);
	readiness_facts(r, &facts);
	ck_assert(facts.overload->proved);
	script_advance(MINUTE);
	readiness_facts(r, &facts);
	ck_assert(facts.overload->proved);
	answers[5].reply = well[5].reply;
	script_advance(MINUTE);
	readiness_facts(r, &facts);
	ck_assert(!facts.overload->proved);
	ck_assert(!blocks());
}
END_TEST

/* A balancer made anew, while nobody has begun to look or the other region
   is the target. */
START_TEST(a_target_group_may_be_another_one)
{
	readiness_free(r);
	r = readiness_new(
	    loop, NULL, "shop", &config, &(struct readiness_ops){ 0 });
	readiness_aim(r, 1);
	readiness_set_target_group(r, 1, "arn:west");
	readiness_set_target_group(r, 0, "arn:east");
	readiness_set_target_group(r, 1, "arn:west");
	ck_assert_uint_eq(call_count, 0);
	readiness_start(r);
	script_advance(SECOND / 2);
	ck_assert_uint_eq(call_count, 6);
	readiness_set_target_group(r, 1, "arn:other"); /* asked again */
	ck_assert_uint_eq(call_count, 12);
	script_advance(2 * SECOND);
	ck_assert(!blocks());
}
END_TEST

START_TEST(without_an_interval_nothing_is_asked_and_nothing_blocks)
{
	readiness_free(r);
	forget_calls();
	start(&(struct readiness_config){ 0 });
	script_advance(10 * MINUTE);
	ck_assert_uint_eq(call_count, 0);
	ck_assert(!blocks());
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover/readiness");
	TCase *looking = tcase_create("look");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(looking, set_up, tear_down);
	tcase_add_test(looking, a_look_is_six_calls);
	tcase_add_test(looking, it_is_ready_once_it_was_looked_at);
	tcase_add_test(looking, looks_come_on_their_beat);
	tcase_add_test(looking, a_look_may_be_asked_for_once_at_a_time);
	tcase_add_test(looking, one_page_for_one_episode);
	tcase_add_test(looking, silence_of_the_target_blocks_after_its_time);
	tcase_add_test(looking, silence_of_the_source_never_blocks);
	tcase_add_test(looking, what_is_not_known_at_first_is_no_page_yet);
	tcase_add_test(looking, what_does_not_exist_is_not_ready);
	tcase_add_test(
	    looking, a_target_group_that_is_not_known_is_not_asked_about);
	tcase_add_test(looking, the_other_region_is_looked_at_after_a_change);
	tcase_add_test(looking, a_probe_counts_once_it_is_told);
	tcase_add_test(looking, a_new_configuration_keeps_what_is_known);
	tcase_add_test(looking, a_stack_of_nothing_is_ready);
	tcase_add_test(looking, overload_is_noted_as_long_as_it_lasts);
	tcase_add_test(looking, a_target_group_may_be_another_one);
	tcase_add_test(
	    looking, without_an_interval_nothing_is_asked_and_nothing_blocks);
	suite_add_tcase(suite, looking);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
