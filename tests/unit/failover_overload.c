/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, whole, when a region has too much to do: that is
 * no outage, and excuses nothing but what it has caused.
 */
#include <check.h>
#include <stdlib.h>

#include "lib/world.h"

#include "failover/failover.c"

#include "lib/watch.h"

enum { RESERVED = 100 }; /* as many as the world has running */

static struct failover_config changed; /* for a test to change */

/* Each poll is followed by a look at both functions. */
static void
setup_looking(void)
{
	static const char *const names[] = { "us-east-1", "us-west-2" };
	struct readiness_region *region;
	size_t i;

	setup();
	changed = config;
	changed.readiness.interval = POLL_MS;
	changed.readiness.deadline = SECOND;
	changed.readiness.limits.max_age = 5 * POLL_MS;
	for (i = 0; i < FAILOVER_REGIONS; i++) {
		region = &changed.readiness.regions[i];
		strcpy(region->name, names[i]);
		strcpy(region->function, "shop-fn");
		region->reserved = RESERVED;
	}
	failover_reconfigure(f, &changed);
	let_polls(2);
}

START_TEST(overload_is_no_outage)
{
	world.throttled = true;
	let_polls(2);
	ck_assert_int_eq(seen()->verdict.verdict, VERDICT_OK);
	world.healthy = false;
	let_polls(10);
	ck_assert_int_eq(seen()->verdict.verdict, VERDICT_UNKNOWN);
	ck_assert_ptr_nonnull(
	    strstr(seen()->verdict.why, "overload, no outage: 50 calls"));
	ck_assert_uint_eq(seen()->streak, 0);
	ck_assert_str_eq(role_name(role()), "steady");
	ck_assert_uint_eq(writes(), 0);
}
END_TEST

/* The load has gone, and the primary does not come back: it is down. */
START_TEST(what_fails_without_overload_is_down)
{
	world.throttled = true;
	let_polls(2);
	world.healthy = false;
	let_polls(5);
	ck_assert_uint_eq(writes(), 0);
	world.throttled = false;
	let_polls(1); /* whose look finds no overload any more */
	let_polls(3);
	assert_failed_over();
}
END_TEST

/* What is not told any more is not proved any more. */
START_TEST(overload_must_go_on_being_proved)
{
	world.throttled = true;
	let_polls(2);
	world.healthy = false;
	let_polls(5);
	ck_assert_uint_eq(writes(), 0);
	world.metrics = FAULT_THROTTLE;
	let_polls(1);
	let_polls(3);
	assert_failed_over();
}
END_TEST

/* A poll that fails asks for the excuse, and so does one that was excused:
   neither waits for the next look, which may be long. */
START_TEST(an_excuse_is_as_fresh_as_the_poll)
{
	changed.readiness.interval = 100 * POLL_MS;
	failover_reconfigure(f, &changed);
	let_polls(1);
	world.throttled = true;
	world.healthy = false;
	let_polls(10);
	ck_assert_uint_eq(seen()->streak, 1); /* the one that asked */
	ck_assert_uint_eq(writes(), 0);
	world.throttled = false;
	let_polls(4);
	assert_failed_over();
}
END_TEST

/* After a failover it is the standby that is asked for its load; the signals
   are about the primary all the same. */
START_TEST(overload_of_the_standby_excuses_nothing)
{
	failed_over_and_well_again();
	world.throttled = true;
	let_polls(2);
	world.healthy = false;
	let_polls(2);
	ck_assert_int_eq(seen()->verdict.verdict, VERDICT_FAIL);
	ck_assert_ptr_null(strstr(seen()->verdict.why, "overload"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_overload");
	TCase *tc = tcase_create("failover_overload");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup_looking, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, overload_is_no_outage);
	tcase_add_test(tc, what_fails_without_overload_is_down);
	tcase_add_test(tc, overload_must_go_on_being_proved);
	tcase_add_test(tc, an_excuse_is_as_fresh_as_the_poll);
	tcase_add_test(tc, overload_of_the_standby_excuses_nothing);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
