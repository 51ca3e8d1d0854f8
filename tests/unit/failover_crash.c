/* SPDX-License-Identifier: MIT
 *
 * Acting across restarts: the process dies at every point there is, and the
 * next one, which knows what is on disk, ends in the same place.
 *
 * A parameter is written once, however often drd dies, if its write landed;
 * a notice may be repeated, and carries the key by which to drop it.
 */
#include "../../src/failover/act.c"
#include "../../src/failover/act_task.c"

#include "lib/act_world.h"
#include "lib/script.h"

/* The whole affair takes four round trips. */
enum { WHOLE_MS = 4 * (LATENCY_MS + 2) + 10 };

/* And leaves so many records behind. */
enum { RECORDS = 9 };

/*
 * The process is gone.  Calls that were under way reach AWS, or do not; a
 * new process reads the journal, after a while.
 */
static void
crash_and_restart(bool landed, uint64_t down_ms)
{
	struct aws_call *call;
	struct error e;

	if (landed)
		for (call = w.calls; call != NULL; call = call->next)
			if (call->timer != NULL &&
			    call->fault.class == ERROR_NONE)
				json_decref(execute(call, &e));
	act_cancel(w.act);
	w.act = NULL;
	w.leads = w.settles = 0;
	w.crash_at = 0;
	change_release(&w.change);
	script_advance(down_ms);
	w.change = change_on_disk();
	start_act();
}

static bool
record_is_reached(void *arg)
{
	return crashed();
}

/* After each millisecond of the whole affair. */
static void
crash_at_time(int at_ms, bool landed, uint64_t down_ms)
{
	start_act();
	script_advance((uint64_t)at_ms);
	crash_and_restart(landed, down_ms);
	script_settle();
	check_all_done(1);
}

START_TEST(at_any_time_calls_lost)
{
	crash_at_time(_i, false, 100);
}
END_TEST

START_TEST(at_any_time_calls_landed)
{
	crash_at_time(_i, true, 100);
}
END_TEST

START_TEST(at_any_time_and_down_for_a_day)
{
	crash_at_time(_i, true, 86400 * 1000);
}
END_TEST

START_TEST(without_a_crash)
{
	start_act();
	script_settle();
	check_all_done(1);
	ck_assert_uint_eq(w.records, RECORDS);
}
END_TEST

/* Right after each record: it is on disk, and nothing that follows from it
   has left. */
START_TEST(after_each_record)
{
	w.crash_at = (size_t)_i;
	start_act();
	if (!script_until(record_is_reached, NULL, WHOLE_MS))
		ck_abort_msg("record %d was never written", _i);
	crash_and_restart(false, 100);
	script_settle();
	check_all_done(1);
}
END_TEST

/* Again and again, every few milliseconds, until there is nothing left to
   interrupt: each life takes it a step further. */
START_TEST(many_times)
{
	unsigned lives = 0;

	start_act();
	while (w.settles == 0) {
		ck_assert_uint_lt(++lives, 1000);
		/* long enough for one call; none can be made shorter */
		script_advance((uint64_t)(LATENCY_MS + 3 + _i));
		if (w.settles == 0)
			crash_and_restart(lives % 2 == 0, 10);
	}
	ck_assert_uint_gt(lives, 1);
	check_all_done(1);
}
END_TEST

/* Killed with the standby flipped and the primary dark: the next process
   does not touch the standby again and flips the primary when it is back. */
START_TEST(while_the_other_region_is_dark)
{
	w.dark[0] = true;
	start_act();
	script_advance((uint64_t)_i * 1000);
	crash_and_restart(false, 1000);
	script_advance(60 * 1000);
	ck_assert_uint_eq(w.leads, 1); /* told again to who asks again */
	ck_assert_uint_eq(find_parameter(WEST, "/dr/active")->writes, 1);
	w.dark[0] = false;
	script_settle();
	check_all_done(1);
	ck_assert_uint_eq(find_topic(WEST)->published, 1);
}
END_TEST

/* The operator failed back while drd was down: the old change has lost. */
START_TEST(a_higher_epoch_while_down)
{
	static const char newer[] = "{\"active\":\"us-east-1\",\"epoch\":8}";
	unsigned sent;
	size_t i;

	w.dark[0] = true;
	start_act();
	script_advance(60 * 1000);
	for (i = 1; i < PARAMETERS; i += 2)
		strcpy(w.parameters[i].value, newer);
	w.dark[0] = false;
	crash_and_restart(false, 1000);
	/* the lead had been verified before: it is not looked at again */
	w.parameters[3].wanted = newer;
	script_settle();
	ck_assert_str_eq(find_parameter(EAST, "/dr/active")->value, newer);
	ck_assert_int_eq(effect_of("east/active")->state, EFFECT_GIVEN_UP);
	ck_assert(change_leads_done(&w.change));
	ck_assert(change_is_lost(&w.change));
	ck_assert_uint_eq(w.settles, 1);
	sent = w.sent;
	script_settle();
	ck_assert_uint_eq(w.sent, sent);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_crash");
	TCase *tc = tcase_create("failover_crash");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, world_set_up, world_tear_down);
	tcase_add_loop_test(tc, at_any_time_calls_lost, 0, WHOLE_MS);
	tcase_add_loop_test(tc, at_any_time_calls_landed, 0, WHOLE_MS);
	tcase_add_loop_test(tc, at_any_time_and_down_for_a_day, 0, WHOLE_MS);
	tcase_add_test(tc, without_a_crash);
	tcase_add_loop_test(tc, after_each_record, 1, RECORDS + 1);
	tcase_add_loop_test(tc, many_times, 0, 40);
	tcase_add_loop_test(tc, while_the_other_region_is_dark, 1, 40);
	tcase_add_test(tc, a_higher_epoch_while_down);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
