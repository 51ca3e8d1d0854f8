/* SPDX-License-Identifier: MIT
 *
 * Readiness: what replies mean, and what overload is.
 */
#include <check.h>
#include <stdlib.h>

#include "lib/json.h"

#include "../../src/failover/overload.c"
#include "../../src/failover/readiness_read.c"

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))
#define NOW	     INT64_C(1767225600000)

struct row {
	const char *reply; /* JSON with ' for " */
	enum reason reason;
	const char *detail; /* part of it */
};

static void
assert_row(const struct row *row, const struct observation *seen)
{
	ck_assert_msg(seen->reason == row->reason, "%s: %s", row->reply,
	    reason_name(seen->reason));
	ck_assert_int_eq(seen->verdict, reason_verdict(row->reason));
	ck_assert_msg(strstr(seen->detail, row->detail) != NULL, "%s: \"%s\"",
	    row->reply, seen->detail);
}

#define TARGET(state) "{'TargetHealth': {'State': '" state "'}}"
#define TARGETS(list) "{'TargetHealthDescriptions': {'member': " list "}}"

static const struct row targets[] = {
	{ TARGETS("[" TARGET("healthy") "]"), REASON_NONE,
	    "1 of 1 targets healthy" },
	{ TARGETS("[" TARGET("unhealthy") "," TARGET("healthy") "]"),
	    REASON_NONE, "1 of 2" },
	{ TARGETS("[{'TargetHealth': {'State': 'unhealthy', 'Reason': "
		  "'Target.FailedHealthChecks'}}]"),
	    REASON_INACTIVE, "Target.FailedHealthChecks" },
	{ TARGETS("[" TARGET("unused") "]"), REASON_INACTIVE, "unused" },
	{ TARGETS("[" TARGET("draining") "]"), REASON_INACTIVE, "draining" },
	{ TARGETS("[" TARGET("initial") "]"), REASON_NO_DATA, "not decided" },
	{ TARGETS("[" TARGET("unavailable") "]"), REASON_NO_DATA,
	    "not decided" },
	{ "{'TargetHealthDescriptions': ''}", REASON_INACTIVE, "no target" },
	{ TARGETS("[{'Target': {'Id': 'x'}}]"), REASON_UNREADABLE, "" },
	{ "{}", REASON_UNREADABLE, "" },
};

START_TEST(targets_are_read)
{
	struct observation seen;
	json_t *reply = json(targets[_i].reply);

	readiness_read_targets(reply, &seen);
	assert_row(&targets[_i], &seen);
	json_decref(reply);
}
END_TEST

#define FUNCTION(state, reserved)                   \
	"{'Configuration': {'State': '" state "', " \
	"'StateReason': 'so it is'}" reserved "}"
#define RESERVED(n) ", 'Concurrency': {'ReservedConcurrentExecutions': " n "}"

static const struct {
	struct row row;
	unsigned reserved;
} functions[] = {
	{ { FUNCTION("Active", RESERVED("100")), REASON_NONE, "active, 100" },
	    100 },
	{ { FUNCTION("Active", RESERVED("200")), REASON_NONE, "200" }, 100 },
	{ { FUNCTION("Active", RESERVED("99")), REASON_TOO_LITTLE,
	      "99 of 100" },
	    100 },
	{ { FUNCTION("Active", ""), REASON_TOO_LITTLE, "0 of 100" }, 100 },
	{ { FUNCTION("Active", ""), REASON_NONE, "active" }, 0 },
	{ { FUNCTION("Active", RESERVED("5")), REASON_NONE, "active" }, 0 },
	{ { FUNCTION("Active", RESERVED("0")), REASON_STOPPED, "stopped" }, 0 },
	{ { FUNCTION("Active", RESERVED("0")), REASON_STOPPED, "stopped" },
	    100 },
	{ { FUNCTION("Pending", RESERVED("100")), REASON_INACTIVE,
	      "Pending: so it is" },
	    100 },
	{ { FUNCTION("Inactive", ""), REASON_INACTIVE, "Inactive" }, 0 },
	{ { "{'Configuration': {'Runtime': 'x'}}", REASON_NONE, "active" }, 0 },
	{ { "{}", REASON_UNREADABLE, "" }, 100 },
};

START_TEST(functions_are_read)
{
	struct observation seen;
	json_t *reply = json(functions[_i].row.reply);

	readiness_read_function(reply, functions[_i].reserved, &seen);
	assert_row(&functions[_i].row, &seen);
	json_decref(reply);
}
END_TEST

#define TABLE(state) "{'Table': {'TableStatus': '" state "'}}"

static const struct row tables[] = {
	{ TABLE("ACTIVE"), REASON_NONE, "ACTIVE" },
	{ TABLE("UPDATING"), REASON_NONE, "UPDATING" },
	{ TABLE("CREATING"), REASON_INACTIVE, "CREATING" },
	{ TABLE("DELETING"), REASON_INACTIVE, "DELETING" },
	{ TABLE("INACCESSIBLE_ENCRYPTION_CREDENTIALS"), REASON_INACTIVE,
	    "INACCESSIBLE" },
	{ TABLE("ARCHIVED"), REASON_INACTIVE, "ARCHIVED" },
	{ "{'Table': {}}", REASON_UNREADABLE, "" },
	{ "{}", REASON_UNREADABLE, "" },
};

START_TEST(tables_are_read)
{
	struct observation seen;
	json_t *reply = json(tables[_i].reply);

	readiness_read_table(reply, &seen);
	assert_row(&tables[_i], &seen);
	json_decref(reply);
}
END_TEST

#define ALARM(name, state)                                      \
	"{'AlarmName': '" name "', 'StateValue': '" state "', " \
	"'StateReason': 'why'}"
#define ALARMS(list) "{'MetricAlarms': [" list "]}"

static const struct row alarms[] = {
	{ ALARMS(ALARM("a", "OK") "," ALARM("b", "OK")), REASON_NONE,
	    "2 of 2" },
	{ ALARMS(ALARM("a", "OK") "," ALARM("b", "INSUFFICIENT_DATA")),
	    REASON_NONE, "1 of 2" },
	{ ALARMS(ALARM("a", "OK")), REASON_NONE, "1 of 2" },
	{ ALARMS(ALARM("a", "OK") "," ALARM("b", "ALARM")), REASON_ALARM,
	    "b: ALARM: why" },
	{ ALARMS(ALARM("c", "ALARM") "," ALARM("a", "OK")), REASON_NONE,
	    "none raised" },
	{ ALARMS(ALARM("a", "INSUFFICIENT_DATA")), REASON_ABSENT,
	    "no alarm says anything" },
	{ ALARMS(""), REASON_ABSENT, "no alarm" },
	{ "{}", REASON_UNREADABLE, "" },
};

START_TEST(alarms_are_read)
{
	static const char names[2][256] = { "a", "b" };
	struct observation seen;
	json_t *reply = json(alarms[_i].reply);

	readiness_read_alarms(reply, names, 2, &seen);
	assert_row(&alarms[_i], &seen);
	json_decref(reply);
}
END_TEST

/* One metric with (seconds ago, value) points; new tree. */
static json_t *
metric(const char *id, size_t count, const double points[][2])
{
	json_t *times = json_array(), *values = json_array();
	size_t i;

	for (i = 0; i < count; i++) {
		json_array_append_new(
		    times, json_real((double)NOW / 1000 - points[i][0]));
		json_array_append_new(values, json_real(points[i][1]));
	}
	return json_pack(
	    "{s:s, s:o, s:o}", "Id", id, "Timestamps", times, "Values", values);
}

static const struct {
	size_t count;
	double points[3][2];
	enum verdict verdict;
	const char *detail;
} lags[] = {
	{ 1, { { 60, 900 } }, VERDICT_OK, "900ms late" },
	{ 1, { { 60, 5000 } }, VERDICT_OK, "5s late" }, /* the limit itself */
	{ 1, { { 60, 5001 } }, VERDICT_FAIL, "more than 5s" },
	/* The newest counts, in whatever order. */
	{ 2, { { 120, 99000 }, { 60, 10 } }, VERDICT_OK, "10ms" },
	{ 2, { { 60, 99000 }, { 120, 10 } }, VERDICT_FAIL, "1m 39s" },
	/* Nothing, or nothing new, says nothing. */
	{ 0, { { 0 } }, VERDICT_UNKNOWN, "of late" },
	{ 1, { { 301, 99000 } }, VERDICT_UNKNOWN, "of late" },
	{ 1, { { 300, 99000 } }, VERDICT_FAIL, "late" },
	/* No such lag: somebody's mistake. */
	{ 1, { { 60, -1 } }, VERDICT_UNKNOWN, "of late" },
	{ 1, { { 60, 1e300 } }, VERDICT_UNKNOWN, "of late" },
};

START_TEST(lags_are_read)
{
	const struct readiness_metric lag = { "m", 1, 5000, 300000 };
	json_t *reply = json_pack("{s:[o]}", "MetricDataResults",
	    metric("m", lags[_i].count, lags[_i].points));
	struct observation seen;

	readiness_read_lag(reply, &lag, NOW, &seen);
	ck_assert_msg(
	    seen.verdict == lags[_i].verdict, "%d: %s", _i, seen.detail);
	ck_assert_msg(strstr(seen.detail, lags[_i].detail) != NULL, "%d: %s",
	    _i, seen.detail);
	json_decref(reply);
}
END_TEST

START_TEST(lags_without_an_answer_are_unreadable)
{
	static const char *const replies[] = { "{}",
		"{'MetricDataResults': []}",
		("{'MetricDataResults': [{'Id': 'other', 'Values': [1], "
		 "'Timestamps': [1767225599]}]}") };
	const struct readiness_metric lag = { "m", 1, 5000, 300000 };
	struct observation seen;
	json_t *reply;
	size_t i;

	for (i = 0; i < sizeof(replies) / sizeof(*replies); i++) {
		reply = json(replies[i]);
		readiness_read_lag(reply, &lag, NOW, &seen);
		ck_assert_int_eq(seen.reason, REASON_UNREADABLE);
		json_decref(reply);
	}
}
END_TEST

/* Half of a point is none; dates may be spelled. */
START_TEST(points_that_nobody_can_read_are_none)
{
	struct readiness_point point;
	json_t *reply =
	    json("{'MetricDataResults': [{'Id': 'm', "
		 "'Timestamps': ['2025-12-31T23:59:00Z', 'x', -5, 1767225599], "
		 "'Values': [7, 8, 9]}]}");

	ck_assert(readiness_newest(reply, "m", 300000, NOW, &point));
	ck_assert_double_eq(point.value, 7);
	json_decref(reply);
}
END_TEST

START_TEST(odd_metrics_have_no_point)
{
	static const char *const odd[] = { "{'Timestamps': [1], 'Values': [1]}",
		"{'Id': 5, 'Timestamps': [1], 'Values': [1]}",
		"{'Id': 'm', 'Timestamps': [true], 'Values': [1]}",
		"{'Id': 'm', 'Timestamps': [0], 'Values': [1]}",
		"{'Id': 'm', 'Timestamps': [1e12], 'Values': [1]}",
		"{'Id': 'm', 'Timestamps': [1767225599], 'Values': ['1']}" };
	struct readiness_point point;
	json_t *reply;
	double value;
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		reply = json_pack("{s:[o]}", "MetricDataResults", json(odd[i]));
		ck_assert(
		    !readiness_newest(reply, "m", INT64_MAX / 2, NOW, &point));
		ck_assert(!readiness_at(reply, "m", NOW - 1000, &value));
		json_decref(reply);
	}
}
END_TEST

/* Measured, and told, and nothing comes of it. */
START_TEST(a_lag_without_a_limit_is_no_hindrance)
{
	static const double points[1][2] = { { 60, 99000 } };
	const struct readiness_metric lag = { "m", 1, 0, 300000 };
	json_t *reply =
	    json_pack("{s:[o]}", "MetricDataResults", metric("m", 1, points));
	struct observation seen;

	readiness_read_lag(reply, &lag, NOW, &seen);
	ck_assert_int_eq(seen.reason, REASON_NONE);
	ck_assert(strstr(seen.detail, "1m 39s") != NULL);
	json_decref(reply);
}
END_TEST

/* ---- overload ---------------------------------------------------------- */

static const struct {
	const char *what;
	double throttles, served, errors, concurrent;
	unsigned reserved;
	bool proved;
} loads[] = {
	{ "throttled at the limit, and well", 50, 900, 3, 100, 100, true },
	{ "one throttle is enough", 1, 900, 0, 100, 100, true },
	{ "no throttles", 0, 900, 0, 100, 100, false },
	{ "throttled below the limit: the service's trouble", 50, 900, 0, 60,
	    100, false },
	{ "nothing is reserved", 50, 900, 0, 60, 0, true },
	{ "what runs fails, too", 50, 900, 450, 100, 100, false },
	{ "... mostly does not", 50, 900, 449, 100, 100, true },
	{ "nothing runs", 50, 0, 0, 100, 100, false },
};

static json_t *
load(int i, double age_s)
{
	const double points[4][1][2] = { { { age_s, loads[i].throttles } },
		{ { age_s, loads[i].served } }, { { age_s, loads[i].errors } },
		{ { age_s, loads[i].concurrent } } };

	return json_pack("{s:[o,o,o,o]}", "MetricDataResults",
	    metric(OVERLOAD_THROTTLES, 1, points[0]),
	    metric(OVERLOAD_INVOCATIONS, 1, points[1]),
	    metric(OVERLOAD_ERRORS, 1, points[2]),
	    metric(OVERLOAD_CONCURRENT, 1, points[3]));
}

START_TEST(overload_has_to_be_proved)
{
	struct overload overload;
	json_t *reply = load(_i, 120);

	overload_read(reply, loads[_i].reserved, NOW, &overload);
	ck_assert_msg(
	    overload.proved == loads[_i].proved, "%s", loads[_i].what);
	ck_assert_int_eq(overload.why[0] != '\0', overload.proved);
	json_decref(reply);
}
END_TEST

START_TEST(old_overload_proves_nothing)
{
	struct overload overload;
	json_t *reply = load(0, 181);

	overload_read(reply, 100, NOW, &overload);
	ck_assert(!overload.proved);
	json_decref(reply);
}
END_TEST

/* Without one of the four, or with one of another minute: not proved. */
START_TEST(half_a_proof_is_none)
{
	static const double late[1][2] = { { 60, 1000 } };
	static const char *const ids[] = { OVERLOAD_THROTTLES,
		OVERLOAD_INVOCATIONS, OVERLOAD_ERRORS, OVERLOAD_CONCURRENT };
	json_t *reply = load(0, 120);
	json_t *results = json_object_get(reply, "MetricDataResults");
	struct overload overload;

	json_array_remove(results, (size_t)_i);
	overload_read(reply, 100, NOW, &overload);
	ck_assert(!overload.proved);
	json_array_append_new(results, metric(ids[_i], 1, late));
	overload_read(reply, 100, NOW, &overload);
	ck_assert(!overload.proved);
	json_decref(reply);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover/readiness_read");
	TCase *reading = tcase_create("read"), *load = tcase_create("overload");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(reading, targets_are_read, 0, COUNT(targets));
	tcase_add_loop_test(reading, functions_are_read, 0, COUNT(functions));
	tcase_add_loop_test(reading, tables_are_read, 0, COUNT(tables));
	tcase_add_loop_test(reading, alarms_are_read, 0, COUNT(alarms));
	tcase_add_loop_test(reading, lags_are_read, 0, COUNT(lags));
	tcase_add_test(reading, lags_without_an_answer_are_unreadable);
	tcase_add_test(reading, points_that_nobody_can_read_are_none);
	tcase_add_test(reading, odd_metrics_have_no_point);
	tcase_add_test(reading, a_lag_without_a_limit_is_no_hindrance);
	tcase_add_loop_test(load, overload_has_to_be_proved, 0, COUNT(loads));
	tcase_add_test(load, old_overload_proves_nothing);
	tcase_add_loop_test(load, half_a_proof_is_none, 0, 4);
	suite_add_tcase(suite, reading);
	suite_add_tcase(suite, load);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
