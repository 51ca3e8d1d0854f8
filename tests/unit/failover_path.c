/* SPDX-License-Identifier: MIT
 *
 * The failover path: which calls a change makes, and law 4.
 */
#include <check.h>
#include <stdlib.h>

#include "failover/path.c"

#include "failover/decide.h"

static json_t *facts;
static struct change change;
static struct path path;

static void
setup(void)
{
	struct decision d = {
		.stack = "shop",
		.from = "us-east-1",
		.to = "us-west-2",
		.epoch = 2,
		.audit = "",
		.cause = "c",
		.reason = "r",
		.decided_ms = 1,
		.endpoint_parameter = "/e",
		.active_parameter = "/a",
		.record = "shop.example.test",
	};
	struct error e;

	facts = json_pack("{s:{s:{s:s,s:s}, s:{s:s,s:s}}}", "regions",
	    "us-east-1", "endpoint", "http://e", "topic", "arn:e", "us-west-2",
	    "endpoint", "http://w", "topic", "arn:w");
	d.facts = facts;
	ck_assert_int_eq(decide(&d, &change, &e), 0);
	path_of(&change, &path);
}

static void
teardown(void)
{
	path_release(&path);
	change_release(&change);
	json_decref(facts);
}

/* Nothing that is decided is left out of what is shown. */
START_TEST(every_effect_has_its_calls)
{
	size_t i, j, calls;

	for (i = 0; i < change.count; i++) {
		for (j = calls = 0; j < path.count; j++)
			if (path.calls[j].effect == &change.effects[i])
				calls++;
		ck_assert_uint_ge(calls, 1);
		if (change.effects[i].kind == EFFECT_PARAMETER)
			ck_assert_uint_eq(calls, 2); /* put, read back */
	}
}
END_TEST

START_TEST(the_standby_comes_first)
{
	ck_assert_str_eq(path.calls[0].operation, "PutParameter");
	ck_assert_str_eq(path.calls[0].effect->region, "us-west-2");
	ck_assert(path.calls[0].users_wait);
	ck_assert_str_eq(path.calls[0].begins, "at once");
	ck_assert_str_eq(
	    path.calls[path.count - 1].effect->region, "us-east-1");
	ck_assert(!path.calls[path.count - 1].users_wait);
}
END_TEST

START_TEST(law_4_is_kept)
{
	struct error e;

	ck_assert_int_eq(path_judge(&path, "us-east-1", &e), 0);
}
END_TEST

START_TEST(the_failing_region_is_not_waited_for)
{
	struct error e;

	ck_assert_int_eq(path_judge(&path, "us-west-2", &e), -1);
	ck_assert_str_eq(e.code, "FailingRegion");
	ck_assert(strstr(e.text, "us-west-2/parameter-endpoint") != NULL);
}
END_TEST

START_TEST(no_control_plane_is_waited_for)
{
	struct error e;
	size_t i;

	for (i = 0; i < path.count; i++) {
		path.calls[i].plane = PATH_CONTROL;
		ck_assert_int_eq(path_judge(&path, "us-east-1", &e),
		    path.calls[i].users_wait ? -1 : 0);
		if (path.calls[i].users_wait)
			ck_assert_str_eq(e.code, "ControlPlane");
		path.calls[i].plane = PATH_DATA;
	}
}
END_TEST

/* What the latch is made of decides what is called. */
static const struct {
	const char *target, *value, *put, *look;
} latches[] = {
	{ "metric drd/Latch of shop", "set", "PutMetricData", "GetMetricData" },
	{ "metric drd/Latch of shop", "clear", "PutMetricData",
	    "GetMetricData" },
	{ "s3://bucket/latch", "set", "PutObject", "ListObjectsV2" },
	{ "s3://bucket/latch", "clear", "DeleteObject", "ListObjectsV2" },
	{ "arn:aws:route53-recovery-control::1:x", "set",
	    "UpdateRoutingControlState", "GetRoutingControlState" },
};

START_TEST(a_latch_has_the_calls_of_its_carrier)
{
	char value[8];
	struct effect effect = { .kind = EFFECT_LATCH, .value = value };
	const struct change only = { .effects = &effect, .count = 1 };
	struct path calls;

	snprintf(value, sizeof(value), "%s", latches[_i].value);
	snprintf(
	    effect.target, sizeof(effect.target), "%s", latches[_i].target);
	path_of(&only, &calls);
	ck_assert_uint_eq(calls.count, 2);
	ck_assert_str_eq(calls.calls[0].operation, latches[_i].put);
	ck_assert_str_eq(calls.calls[1].operation, latches[_i].look);
	ck_assert_str_eq(path_plane_name(calls.calls[0].plane), "data");
	path_release(&calls);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("path");
	TCase *t = tcase_create("path");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, every_effect_has_its_calls);
	tcase_add_test(t, the_standby_comes_first);
	tcase_add_test(t, law_4_is_kept);
	tcase_add_test(t, the_failing_region_is_not_waited_for);
	tcase_add_test(t, no_control_plane_is_waited_for);
	tcase_add_loop_test(t, a_latch_has_the_calls_of_its_carrier, 0,
	    sizeof(latches) / sizeof(*latches));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
