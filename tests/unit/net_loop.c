/* SPDX-License-Identifier: MIT
 *
 * The loop: what runs, when, and what may be freed from inside.
 */
#include <check.h>
#include <string.h>
#include <unistd.h>

#include "../../src/net/loop.c"
#include "base/clock.h"

static struct loop *loop;
static char order[64];
static struct timer *victim;
static struct watch *watch;
static int fds[2];

static void
setup(void)
{
	memset(order, 0, sizeof(order));
	loop = loop_new();
	ck_assert_int_eq(pipe(fds), 0);
}

static void
teardown(void)
{
	loop_free(loop);
	close(fds[0]);
	close(fds[1]);
}

/* Callbacks take void *, literals are const. */
static void *
mark(const char *s)
{
	return (void *)(uintptr_t)s;
}

static void
note(void *arg)
{
	strcat(order, arg);
}

static void
stop(void *arg)
{
	loop_stop(loop);
}

static void
run(void)
{
	ck_assert_int_eq(loop_run(loop), 0);
}

START_TEST(timers_run_in_order_of_time)
{
	loop_after(loop, 30, note, mark("c"));
	loop_after(loop, 0, note, mark("a"));
	loop_after(loop, 10, note, mark("b"));
	loop_after(loop, 40, stop, NULL);
	ck_assert_str_eq(order, "");
	run();
	ck_assert_str_eq(order, "abc");
}
END_TEST

static uint64_t fired_at;

static void
take_time(void *arg)
{
	fired_at = clock_mono_ms();
	loop_stop(loop);
}

START_TEST(a_timer_is_never_early)
{
	uint64_t start;
	int i;

	for (i = 0; i < 20; i++) {
		start = clock_mono_ms();
		loop_after(loop, 5, take_time, NULL);
		run();
		ck_assert_uint_ge(fired_at - start, 5);
	}
}
END_TEST

static void
cancel_victim(void *arg)
{
	timer_cancel(victim);
	strcat(order, "x");
}

START_TEST(a_cancelled_timer_does_not_run)
{
	timer_cancel(NULL);
	loop_after(loop, 0, cancel_victim, NULL);
	victim = loop_after(loop, 10, note, mark("v"));
	loop_after(loop, 20, stop, NULL);
	run();
	ck_assert_str_eq(order, "x");
}
END_TEST

START_TEST(never_is_far_away)
{
	struct timer *never = loop_after(loop, UINT64_MAX, note, mark("n"));

	loop_after(loop, 5, stop, NULL);
	run();
	ck_assert_str_eq(order, "");
	timer_cancel(never);
}
END_TEST

static void
again(void *arg)
{
	strcat(order, "a");
	if (strlen(order) < 5)
		loop_after(loop, 0, again, NULL);
	else
		loop_stop(loop);
}

START_TEST(a_timer_may_start_the_next)
{
	loop_after(loop, 0, again, NULL);
	run();
	ck_assert_str_eq(order, "aaaaa");
}
END_TEST

START_TEST(a_stop_before_the_run_counts)
{
	loop_after(loop, 0, note, mark("a"));
	loop_stop(loop);
	run();
	ck_assert_str_eq(order, "");
	loop_after(loop, 1, stop, NULL);
	run();
	ck_assert_str_eq(order, "a");
}
END_TEST

static void
on_events(void *arg, int events)
{
	char c;

	ck_assert_int_eq(events, WATCH_READ);
	ck_assert_int_eq(read(fds[0], &c, 1), 1);
	strncat(order, &c, 1);
	if (c == 'p')
		watch_set(watch, 0);
	if (c == 'f') {
		watch_free(watch);
		watch = NULL;
	}
	if (c != 'a')
		loop_stop(loop);
}

static void
resume(void *arg)
{
	ck_assert_str_eq(order, "aap");
	watch_set(watch, WATCH_READ);
}

START_TEST(a_watch_pauses_resumes_and_frees_itself)
{
	watch = loop_watch(loop, fds[0], WATCH_READ, on_events, NULL);
	ck_assert_int_eq(write(fds[1], "aapaf", 5), 5);
	run();
	ck_assert_str_eq(order, "aap");
	loop_after(loop, 5, resume, NULL);
	run();
	ck_assert_str_eq(order, "aapaf");
	ck_assert_ptr_null(watch);
	watch_free(NULL);
}
END_TEST

static void
on_writable(void *arg, int events)
{
	ck_assert_int_eq(events, WATCH_WRITE);
	strcat(order, "w");
	loop_stop(loop);
}

START_TEST(writable_is_told)
{
	watch = loop_watch(loop, fds[1], 0, on_writable, NULL);
	loop_after(loop, 5, stop, NULL);
	run();
	ck_assert_str_eq(order, "");
	watch_set(watch, WATCH_WRITE);
	run();
	ck_assert_str_eq(order, "w");
	watch_free(watch);
}
END_TEST

START_TEST(signals_arrive_in_the_loop)
{
	struct signal_watch *hup =
	    loop_on_signal(loop, SIGHUP, note, mark("h"));
	struct signal_watch *usr = loop_on_signal(loop, SIGUSR1, stop, NULL);

	ck_assert_int_eq(raise(SIGHUP), 0);
	ck_assert_str_eq(order, "");
	loop_after(loop, 5, stop, NULL);
	run();
	ck_assert_str_eq(order, "h");
	ck_assert_int_eq(raise(SIGUSR1), 0);
	run();
	signal_watch_free(hup);
	signal_watch_free(usr);
}
END_TEST

START_TEST(writing_to_a_closed_pipe_is_an_error_not_a_death)
{
	close(fds[0]);
	ck_assert_int_eq(write(fds[1], "x", 1), -1);
	fds[0] = dup(fds[1]);
}
END_TEST

static void
take_long(void *arg)
{
	uint64_t until = clock_mono_ms() + 20;

	while (clock_mono_ms() < until)
		;
	loop_stop(loop);
}

START_TEST(a_callback_that_takes_long_is_noticed)
{
	ck_assert_uint_eq(loop_longest_ms(loop), 0);
	loop_after(loop, 0, take_long, NULL);
	run();
	ck_assert_uint_ge(loop_longest_ms(loop), 20);
	loop_after(loop, 0, stop, NULL);
	run();
	ck_assert_uint_ge(loop_longest_ms(loop), 20);
}
END_TEST

START_TEST(what_was_long_ago_is_forgotten)
{
	struct lag lag = { 0 };
	uint64_t now = 1000 * (uint64_t)LAG_WINDOW_MS;

	ck_assert_uint_eq(lag_longest_ms(&lag, now), 0);
	lag_note(&lag, now - 900, now);
	lag_note(&lag, now, now + 30);
	ck_assert_uint_eq(lag_longest_ms(&lag, now + 30), 900);
	now += LAG_WINDOW_MS;
	ck_assert_uint_eq(lag_longest_ms(&lag, now), 900);
	lag_note(&lag, now - 50, now);
	ck_assert_uint_eq(lag_longest_ms(&lag, now), 900);
	now += LAG_WINDOW_MS;
	ck_assert_uint_eq(lag_longest_ms(&lag, now), 50);
	lag_note(&lag, now, now);
	now += 2 * LAG_WINDOW_MS;
	ck_assert_uint_eq(lag_longest_ms(&lag, now), 0);
	lag_note(&lag, now - 7, now);
	ck_assert_uint_eq(lag_longest_ms(&lag, now), 7);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("net_loop");
	TCase *tc = tcase_create("net_loop");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, timers_run_in_order_of_time);
	tcase_add_test(tc, a_timer_is_never_early);
	tcase_add_test(tc, a_cancelled_timer_does_not_run);
	tcase_add_test(tc, never_is_far_away);
	tcase_add_test(tc, a_timer_may_start_the_next);
	tcase_add_test(tc, a_stop_before_the_run_counts);
	tcase_add_test(tc, a_watch_pauses_resumes_and_frees_itself);
	tcase_add_test(tc, writable_is_told);
	tcase_add_test(tc, signals_arrive_in_the_loop);
	tcase_add_test(tc, writing_to_a_closed_pipe_is_an_error_not_a_death);
	tcase_add_test(tc, a_callback_that_takes_long_is_noticed);
	tcase_add_test(tc, what_was_long_ago_is_forgotten);
	tcase_add_checked_fixture(tc, setup, teardown);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
