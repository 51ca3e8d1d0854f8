/* SPDX-License-Identifier: MIT
 *
 * The watch over one stack, whole: what is known of the other region, at the
 * gates.  Data that has not come back, and a standby that somebody stopped.
 */
#include <check.h>
#include <stdlib.h>

#include "lib/world.h"

#include "failover/failover.c"

#include "lib/watch.h"

static struct failover_config changed; /* for a test to change */

static void
setup_changed(void)
{
	changed = config;
	setup();
}

static int
order_back(const char *override, struct error *e)
{
	const struct failover_order order = {
		.failback = true,
		.reason = "repaired",
		.who = "uid 0",
		.audit = "0rder000",
		.overrides = &override,
		.override_count = override != NULL,
	};

	return failover_order(f, &order, e);
}

/* Look at the other region with each poll. */
static void
look_at_the_other(void)
{
	static const char *const names[] = { "us-east-1", "us-west-2" };
	struct readiness_config *look = &changed.readiness;
	size_t i;

	look->interval = POLL_MS;
	look->deadline = SECOND;
	look->limits.max_age = 5 * POLL_MS;
	look->limits.table_lag = 60 * SECOND;
	for (i = 0; i < FAILOVER_REGIONS; i++) {
		strcpy(look->regions[i].name, names[i]);
		strcpy(look->regions[i].table, "shop-items");
		strcpy(look->regions[i].function, "shop-fn");
	}
	failover_reconfigure(f, &changed);
}

static void
refused_by(const char *gate, int result, const struct error *e)
{
	ck_assert_int_eq(result, -1);
	ck_assert_msg(strcmp(e->code, gate) == 0, "%s: %s", e->code, e->text);
}

START_TEST(data_that_is_late_holds_a_failback_up)
{
	struct error e;

	look_at_the_other();
	failed_over_and_well_again();
	world.table_lag_ms = 90000;
	let_polls(2);
	refused_by("behind", order_back(NULL, &e), &e);
	ck_assert_ptr_nonnull(strstr(e.text, "written in us-west-2"));
	ck_assert_ptr_nonnull(strstr(e.text, "table-lag: 1m 30s late"));
	ck_assert(f->gates[GATE_BEHIND].blocks);
	ck_assert(!f->gates[GATE_READINESS].blocks);
	refused_by("behind", order_back("readiness", &e), &e);
	world.table_lag_ms = 900;
	let_polls(2);
	ck_assert_int_eq(order_back(NULL, &e), 0);
	let_polls(1);
	ck_assert_int_eq(role(), ROLE_STEADY);
}
END_TEST

/* Who orders it knows what is lost. */
START_TEST(late_data_may_be_left_behind)
{
	struct error e;

	look_at_the_other();
	failed_over_and_well_again();
	world.table_lag_ms = 90000;
	let_polls(2);
	ck_assert_int_eq(order_back("behind", &e), 0);
}
END_TEST

/* The standby serves: what it does not tell is not known to have arrived. */
START_TEST(a_failback_waits_for_an_answer_about_the_data)
{
	struct error e;

	look_at_the_other();
	failed_over_and_well_again();
	world.metrics = FAULT_DENIED;
	let_polls(10);
	refused_by("behind", order_back(NULL, &e), &e);
	world.metrics = FAULT_NONE; /* nothing is measured: nothing written */
	let_polls(2);
	ck_assert_msg(order_back(NULL, &e) == 0, "%s: %s", e.code, e.text);
}
END_TEST

START_TEST(by_itself_it_waits_for_the_data)
{
	changed.failback_automatic = true;
	changed.failback_soak = 6 * POLL_MS;
	look_at_the_other();
	world.table_lag_ms = 900;
	let_polls(2);
	world.healthy = false;
	let_polls(3);
	assert_failed_over();
	world.healthy = true;
	world.table_lag_ms = 90000;
	let_polls(20);
	assert_failed_over();
	world.table_lag_ms = 900;
	let_polls(3);
	ck_assert_int_eq(role(), ROLE_STEADY);
}
END_TEST

/* Late data does not hold up who flees; it is a matter of readiness there. */
START_TEST(a_failover_knows_no_behind)
{
	struct error e;

	look_at_the_other();
	world.table_lag_ms = 90000;
	let_polls(2);
	refused_by("readiness", order_failover("drill", NULL, &e), &e);
	ck_assert(!f->gates[GATE_BEHIND].applies);
	ck_assert_int_eq(order_failover("drill", "readiness", &e), 0);
}
END_TEST

/*
 * Somebody has stopped the standby's function: with the fence of the primary
 * nobody would be served, and no override makes that right.
 */
START_TEST(both_regions_are_never_fenced)
{
	struct error e;

	changed.fence = "shop-fn";
	look_at_the_other();
	world.stopped = true;
	let_polls(2);
	refused_by("unfenced", order_failover("drill", "readiness", &e), &e);
	ck_assert_ptr_nonnull(strstr(e.text, "us-west-2 may not run"));
	refused_by("unfenced", order_failover("drill", "unfenced", &e), &e);
	world.healthy = false;
	let_polls(10);
	ck_assert_int_eq(role(), ROLE_SUSPECT);
	ck_assert_uint_eq(writes(), 0);
	ck_assert_uint_eq(f->counts.blocked[GATE_UNFENCED], 1);
	world.stopped = false;
	let_polls(2);
	ck_assert_int_eq(role(), ROLE_FAILED_OVER);
}
END_TEST

/* Without a fence it is the standby's readiness, for the order to judge. */
START_TEST(without_a_fence_one_region_is_not_both)
{
	struct error e;

	look_at_the_other();
	world.stopped = true;
	let_polls(2);
	refused_by("readiness", order_failover("drill", NULL, &e), &e);
	ck_assert_int_eq(order_failover("drill", "readiness", &e), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_behind");
	TCase *tc = tcase_create("failover_behind");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup_changed, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, data_that_is_late_holds_a_failback_up);
	tcase_add_test(tc, late_data_may_be_left_behind);
	tcase_add_test(tc, a_failback_waits_for_an_answer_about_the_data);
	tcase_add_test(tc, by_itself_it_waits_for_the_data);
	tcase_add_test(tc, a_failover_knows_no_behind);
	tcase_add_test(tc, both_regions_are_never_fenced);
	tcase_add_test(tc, without_a_fence_one_region_is_not_both);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
