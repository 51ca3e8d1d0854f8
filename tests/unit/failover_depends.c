/* SPDX-License-Identifier: MIT
 *
 * Whose death signals and effects share, and who is left to speak.
 */
#include <check.h>
#include <stdio.h>

#include "../../src/failover/depends.c"

static struct signal
signal_of(enum signal_class class, const char *region, bool trigger)
{
	struct signal s = { .class = class, .trigger = trigger };

	snprintf(s.region, sizeof(s.region), "%s", region);
	return s;
}

static struct effect
effect_of(enum effect_kind kind, const char *region)
{
	struct effect e = { .kind = kind };

	snprintf(e.region, sizeof(e.region), "%s", region);
	return e;
}

/* Wherever the stack is, Route 53's API is in us-east-1. */
START_TEST(a_status_dies_with_us_east_1)
{
	struct signal s = signal_of(SIGNAL_ROUTE53, "eu-west-1", true);
	struct depends d = depends_of_signal(&s);

	ck_assert_str_eq(d.region, "us-east-1");
	ck_assert_int_eq(d.plane, PLANE_CONTROL);
	ck_assert_str_eq(d.service, "Route 53");
}
END_TEST

START_TEST(an_alarm_dies_with_its_region)
{
	struct signal s = signal_of(SIGNAL_ALARM, "eu-west-1", true);
	struct depends d = depends_of_signal(&s);

	ck_assert_str_eq(d.region, "eu-west-1");
	ck_assert_int_eq(d.plane, PLANE_DATA);
	ck_assert_str_eq(plane_kind_name(d.plane), "data");
}
END_TEST

/* Law 4: what a failover calls is data plane, of one region each. */
START_TEST(effects_need_the_data_plane_of_their_region)
{
	static const enum effect_kind kinds[] = { EFFECT_PARAMETER,
		EFFECT_NOTICE };
	struct effect e = effect_of(kinds[_i], "us-west-2");
	struct depends d = depends_of_effect(&e);

	ck_assert_str_eq(d.region, "us-west-2");
	ck_assert_int_eq(d.plane, PLANE_DATA);
	ck_assert_str_ne(d.service, "");
}
END_TEST

/* An object needs its region, a routing control none of them. */
START_TEST(a_latch_needs_what_carries_it)
{
	struct effect e = effect_of(EFFECT_LATCH, "us-west-2");

	snprintf(e.target, sizeof(e.target), "s3://bucket/latch");
	ck_assert_str_eq(depends_of_effect(&e).service, "S3");
	ck_assert_str_eq(depends_of_effect(&e).region, "us-west-2");
	snprintf(e.target, sizeof(e.target), "arn:aws:x");
	ck_assert_str_eq(depends_of_effect(&e).service, "ARC");
	ck_assert_ptr_null(depends_of_effect(&e).region);
	snprintf(e.target, sizeof(e.target), "metric drd/Latch of shop");
	ck_assert_str_eq(depends_of_effect(&e).service, "CloudWatch");
	snprintf(e.target, sizeof(e.target), "none");
	ck_assert_str_eq(depends_of_effect(&e).region, "us-west-2");
}
END_TEST

START_TEST(following_dns_calls_nobody)
{
	struct effect e = effect_of(EFFECT_DNS, "us-west-2");
	struct depends d = depends_of_effect(&e);

	ck_assert_ptr_null(d.region);
	ck_assert_str_eq(d.service, "");
}
END_TEST

START_TEST(what_is_seen_from_outside_outlives_every_region)
{
	static const enum signal_class classes[] = { SIGNAL_PROBE, SIGNAL_DNS };
	struct signal s = signal_of(classes[_i], "us-east-1", true);
	struct depends d = depends_of_signal(&s);

	ck_assert_ptr_null(d.region);
	ck_assert_uint_eq(depends_survivors(&s, 1, "us-east-1"), 1);
}
END_TEST

START_TEST(every_class_has_a_row)
{
	struct signal s = signal_of(SIGNAL_ROUTE53, "us-east-1", true);
	int class;

	for (class = 0; class < SIGNAL_CLASSES; class ++) {
		s.class = (enum signal_class) class;
		ck_assert_ptr_nonnull(depends_of_signal(&s).service);
		ck_assert_ptr_nonnull(depends_of_signal(&s).why);
	}
}
END_TEST

START_TEST(the_survivors_are_counted)
{
	struct signal all[4];

	all[0] = signal_of(SIGNAL_ROUTE53, "us-east-1", true);
	all[1] = signal_of(SIGNAL_ALARM, "us-east-1", true);
	all[2] = signal_of(SIGNAL_ALARM, "us-west-2", true);
	all[3] = signal_of(SIGNAL_ALARM, "us-west-2", false);
	ck_assert_uint_eq(depends_survivors(all, 4, "us-east-1"), 1);
	ck_assert_uint_eq(depends_survivors(all, 4, "us-west-2"), 2);
	ck_assert_uint_eq(depends_survivors(all, 4, "eu-west-1"), 3);
	ck_assert_uint_eq(depends_survivors(all, 2, "us-east-1"), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_depends");
	TCase *tc = tcase_create("failover_depends");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, a_status_dies_with_us_east_1);
	tcase_add_test(tc, an_alarm_dies_with_its_region);
	tcase_add_loop_test(
	    tc, effects_need_the_data_plane_of_their_region, 0, 2);
	tcase_add_test(tc, a_latch_needs_what_carries_it);
	tcase_add_test(tc, following_dns_calls_nobody);
	tcase_add_loop_test(
	    tc, what_is_seen_from_outside_outlives_every_region, 0, 2);
	tcase_add_test(tc, every_class_has_a_row);
	tcase_add_test(tc, the_survivors_are_counted);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
