/* SPDX-License-Identifier: MIT
 *
 * What holds drd back: until when, by either clock, and over a restart.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "failover/hold.c"

enum { SECOND = 1000, HOUR = 3600 * SECOND, DAY = 24 * HOUR };

static const int64_t t0 = INT64_C(1795400000000);

static struct hold hold;
static struct hold_now now;

static void
begin(void)
{
	memset(&hold, 0, sizeof(hold));
	now = (struct hold_now){ t0, 5000 };
}

/* Both clocks go on; the wall clock may also be set. */
static void
pass(int64_t ms)
{
	now.wall_ms += ms;
	now.mono_ms += (uint64_t)ms;
}

static void
pause_for(int64_t ms)
{
	hold.pause = (struct pause){
		.from_ms = now.wall_ms,
		.until_ms = now.wall_ms + ms,
		.who = "uid 0",
		.reason = "why",
	};
	hold_anchor(&hold, now);
}

static void
automatic(uint64_t epoch)
{
	struct change change = { .epoch = epoch, .decided_ms = now.wall_ms };

	strcpy(change.cause, CHANGE_AUTOMATIC);
	hold_note_change(&hold, &change);
	hold_anchor(&hold, now);
}

/* All that a restart has is the records and two clocks. */
static void
restart_after(int64_t ms, const struct change *last)
{
	json_t *records = json_array(), *record;
	bool readable;
	size_t i;

	hold_add_records(&hold, last != NULL ? last->epoch : 0, records);
	memset(&hold, 0, sizeof(hold));
	json_array_foreach(records, i, record)
	{
		ck_assert(hold_replay(&hold, record, &readable));
		ck_assert(readable);
	}
	json_decref(records);
	if (last != NULL)
		hold_note_change(&hold, last);
	now.wall_ms += ms;
	now.mono_ms = 77;
	hold_anchor(&hold, now);
}

START_TEST(a_pause_ends_at_its_time)
{
	ck_assert_int_eq(hold_paused_until(&hold, now), 0);
	pause_for(2 * HOUR);
	ck_assert_int_eq(hold_paused_until(&hold, now), t0 + 2 * HOUR);
	pass(2 * HOUR - 1);
	ck_assert_int_eq(hold_paused_until(&hold, now), t0 + 2 * HOUR);
	pass(1);
	ck_assert_int_eq(hold_paused_until(&hold, now), 0);
	pass(-1); /* but the monotonic clock never does this */
	now.mono_ms += 1;
	ck_assert_int_eq(hold_paused_until(&hold, now), 0);
}
END_TEST

START_TEST(a_clock_set_back_does_not_prolong_a_pause)
{
	pause_for(2 * HOUR);
	pass(HOUR);
	now.wall_ms -= 30 * (int64_t)DAY;
	ck_assert_int_eq(hold_paused_until(&hold, now), now.wall_ms + HOUR);
	pass(HOUR);
	ck_assert_int_eq(hold_paused_until(&hold, now), 0);
}
END_TEST

START_TEST(a_clock_set_forward_ends_a_pause)
{
	pause_for(2 * HOUR);
	now.wall_ms += 2 * HOUR;
	ck_assert_int_eq(hold_paused_until(&hold, now), 0);
}
END_TEST

START_TEST(a_pause_survives_a_restart_and_ends_then)
{
	pause_for(2 * HOUR);
	restart_after(HOUR, NULL);
	ck_assert_int_eq(hold_paused_until(&hold, now), t0 + 2 * HOUR);
	ck_assert_str_eq(hold.pause.who, "uid 0");
	ck_assert_str_eq(hold.pause.reason, "why");
	restart_after(HOUR, NULL);
	ck_assert_int_eq(hold_paused_until(&hold, now), 0);
}
END_TEST

START_TEST(a_restart_with_the_clock_set_back_pauses_no_longer_than_meant)
{
	pause_for(2 * HOUR);
	restart_after(-30 * (int64_t)DAY, NULL);
	ck_assert_int_eq(hold_paused_until(&hold, now), now.wall_ms + 2 * HOUR);
	pass(2 * HOUR);
	ck_assert_int_eq(hold_paused_until(&hold, now), 0);
}
END_TEST

START_TEST(resumed_is_resumed_after_a_restart_too)
{
	json_t *record;
	bool readable;

	pause_for(2 * HOUR);
	record = hold_resume_record("uid 0", "done", t0);
	ck_assert(hold_replay(&hold, record, &readable));
	json_decref(record);
	ck_assert_int_eq(hold_paused_until(&hold, now), 0);
	restart_after(1, NULL);
	ck_assert_int_eq(hold_paused_until(&hold, now), 0);
}
END_TEST

START_TEST(the_last_automatic_failover_waits_for_a_person)
{
	const struct automatic *last;
	json_t *record;
	bool readable;

	ck_assert_ptr_null(hold_unacknowledged(&hold));
	automatic(2);
	pass(HOUR);
	automatic(4);
	last = hold_unacknowledged(&hold);
	ck_assert_ptr_nonnull(last);
	ck_assert_uint_eq(last->epoch, 4);
	ck_assert_int_eq(hold_over_at(last, HOUR, now), now.wall_ms + HOUR);
	pass(HOUR - 1);
	ck_assert_int_eq(hold_over_at(last, HOUR, now), now.wall_ms + 1);
	pass(1);
	ck_assert_int_eq(hold_over_at(last, HOUR, now), now.wall_ms);
	record = hold_ack_record(&hold, "uid 0", "seen", now.wall_ms);
	ck_assert(hold_replay(&hold, record, &readable));
	json_decref(record);
	ck_assert_ptr_null(hold_unacknowledged(&hold));
	automatic(6);
	ck_assert_uint_eq(hold_unacknowledged(&hold)->epoch, 6);
}
END_TEST

START_TEST(an_order_acknowledges)
{
	struct change order = { .epoch = 3, .failback = true };

	automatic(2);
	strcpy(order.cause, "uid 0");
	hold_note_change(&hold, &order);
	ck_assert_ptr_null(hold_unacknowledged(&hold));
	restart_after(1, &order);
	ck_assert_ptr_null(hold_unacknowledged(&hold));
	ck_assert_uint_eq(hold.count, 1);
}
END_TEST

START_TEST(a_failback_by_itself_is_no_failover)
{
	struct change back = { .epoch = 3, .failback = true };

	strcpy(back.cause, CHANGE_AUTOMATIC);
	hold_note_change(&hold, &back);
	ck_assert_uint_eq(hold.count, 0);
	automatic(4);
	strcpy(back.cause, CHANGE_AUTOMATIC);
	back.epoch = 5;
	hold_note_change(&hold, &back);
	ck_assert_uint_eq(hold_unacknowledged(&hold)->epoch, 4);
}
END_TEST

START_TEST(the_interval_goes_by_either_clock)
{
	automatic(2);
	now.wall_ms -= 10 * (int64_t)DAY;
	ck_assert_int_eq(hold_over_at(hold_unacknowledged(&hold), HOUR, now),
	    now.wall_ms + HOUR);
	pass(HOUR);
	ck_assert_int_eq(
	    hold_over_at(hold_unacknowledged(&hold), HOUR, now), now.wall_ms);
	restart_after(-10 * (int64_t)DAY, NULL);
	ck_assert_int_eq(hold_over_at(hold_unacknowledged(&hold), HOUR, now),
	    now.wall_ms + HOUR);
	pass(HOUR);
	ck_assert_int_eq(
	    hold_over_at(hold_unacknowledged(&hold), HOUR, now), now.wall_ms);
}
END_TEST

START_TEST(a_day_forgets_the_oldest_first)
{
	const struct automatic *oldest;

	ck_assert_uint_eq(hold_count(&hold, DAY, now, &oldest), 0);
	ck_assert_ptr_null(oldest);
	automatic(2);
	pass(HOUR);
	automatic(4);
	pass(HOUR);
	automatic(6);
	ck_assert_uint_eq(hold_count(&hold, DAY, now, &oldest), 3);
	ck_assert_uint_eq(oldest->epoch, 2);
	restart_after(22 * (int64_t)HOUR, NULL);
	ck_assert_uint_eq(hold_count(&hold, DAY, now, &oldest), 2);
	ck_assert_uint_eq(oldest->epoch, 4);
	pass(2 * HOUR);
	ck_assert_uint_eq(hold_count(&hold, DAY, now, &oldest), 0);
}
END_TEST

START_TEST(one_failover_counts_once)
{
	struct change change = { .epoch = 2, .decided_ms = t0 };

	strcpy(change.cause, CHANGE_AUTOMATIC);
	automatic(2);
	restart_after(1, &change);
	ck_assert_uint_eq(hold.count, 1);
	hold_note_change(&hold, &change);
	ck_assert_uint_eq(hold.count, 1);
}
END_TEST

START_TEST(the_list_of_failovers_is_bounded)
{
	const struct automatic *oldest;
	uint64_t i;

	for (i = 0; i < 3 * HOLD_AUTOMATICS; i++) {
		automatic(2 + i);
		pass(SECOND);
	}
	ck_assert_uint_eq(
	    hold_count(&hold, DAY, now, &oldest), HOLD_AUTOMATICS);
	ck_assert_uint_eq(oldest->epoch, 2 + 2 * HOLD_AUTOMATICS);
	ck_assert_uint_eq(
	    hold_unacknowledged(&hold)->epoch, 1 + 3 * HOLD_AUTOMATICS);
}
END_TEST

static const char *const unreadable[] = {
	"{\"type\":\"pause\"}",
	"{\"type\":\"pause\",\"who\":\"a\",\"reason\":\"b\","
	"\"from\":\"2026-11-23T01:00:00Z\"}",
	"{\"type\":\"pause\",\"who\":\"a\",\"reason\":\"b\","
	"\"from\":\"2026-11-23T01:00:00Z\",\"until\":\"tomorrow\"}",
	"{\"type\":\"pause\",\"who\":\"a\",\"reason\":\"b\","
	"\"from\":\"2026-11-23T01:00:00Z\",\"until\":\"2026-11-23T01:00:00Z\"}",
	"{\"type\":\"pause\",\"who\":\"a\","
	"\"from\":\"2026-11-23T01:00:00Z\",\"until\":\"2026-11-23T02:00:00Z\"}",
	"{\"type\":\"pause\",\"reason\":\"b\","
	"\"from\":\"2026-11-23T01:00:00Z\",\"until\":\"2026-11-23T02:00:00Z\"}",
	"{\"type\":\"pause\",\"who\":\"a\",\"reason\":\"b\","
	"\"from\":\"2026-11-23T01:00:00Z\",\"until\":\"soon\"}",
	"{\"type\":\"pause\",\"who\":\"a\",\"reason\":\"b\","
	"\"from\":\"1969-11-23T01:00:00Z\",\"until\":\"2026-11-23T02:00:00Z\"}",
	"{\"type\":\"automatic\",\"at\":\"2026-11-23T01:00:00Z\"}",
	"{\"type\":\"ack\"}",
	"{\"type\":\"ack\",\"epoch\":-1}",
	"{\"type\":\"automatic\",\"epoch\":0,\"at\":\"2026-11-23T01:00:00Z\"}",
	"{\"type\":\"automatic\",\"epoch\":2}",
};

START_TEST(an_unreadable_record_changes_nothing)
{
	struct hold before;
	json_t *record;
	bool readable;

	pause_for(HOUR);
	automatic(2);
	before = hold;
	record = tree_parse(unreadable[_i], strlen(unreadable[_i]));
	ck_assert_ptr_nonnull(record);
	ck_assert(hold_replay(&hold, record, &readable));
	ck_assert(!readable);
	ck_assert_mem_eq(&hold, &before, sizeof(hold));
	json_decref(record);
}
END_TEST

START_TEST(other_records_are_not_ours)
{
	json_t *record = json_pack("{s:s}", "type", "change");
	bool readable;

	ck_assert(!hold_replay(&hold, record, &readable));
	json_decref(record);
}
END_TEST

/* What an operator has typed, cut in the middle of a letter. */
START_TEST(any_bytes_make_a_record)
{
	struct pause p = { .from_ms = t0, .until_ms = t0 + HOUR };
	json_t *record;
	bool readable;

	strcpy(p.who, "J\xc3\xbcrgen");
	strcpy(p.reason, "gr\xc3");
	record = hold_pause_record(&p);
	ck_assert(hold_replay(&hold, record, &readable));
	ck_assert(readable);
	ck_assert_str_eq(hold.pause.who, "J\xc3\xbcrgen");
	ck_assert_str_eq(hold.pause.reason, "gr?");
	json_decref(record);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_hold");
	TCase *tc = tcase_create("failover_hold");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_test(tc, a_pause_ends_at_its_time);
	tcase_add_test(tc, a_clock_set_back_does_not_prolong_a_pause);
	tcase_add_test(tc, a_clock_set_forward_ends_a_pause);
	tcase_add_test(tc, a_pause_survives_a_restart_and_ends_then);
	tcase_add_test(
	    tc, a_restart_with_the_clock_set_back_pauses_no_longer_than_meant);
	tcase_add_test(tc, resumed_is_resumed_after_a_restart_too);
	tcase_add_test(tc, the_last_automatic_failover_waits_for_a_person);
	tcase_add_test(tc, an_order_acknowledges);
	tcase_add_test(tc, a_failback_by_itself_is_no_failover);
	tcase_add_test(tc, the_interval_goes_by_either_clock);
	tcase_add_test(tc, a_day_forgets_the_oldest_first);
	tcase_add_test(tc, one_failover_counts_once);
	tcase_add_test(tc, the_list_of_failovers_is_bounded);
	tcase_add_loop_test(tc, an_unreadable_record_changes_nothing, 0,
	    sizeof(unreadable) / sizeof(unreadable[0]));
	tcase_add_test(tc, other_records_are_not_ours);
	tcase_add_test(tc, any_bytes_make_a_record);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
