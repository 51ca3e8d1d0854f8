/* SPDX-License-Identifier: MIT
 *
 * Notices: what they say, when an episode is worth one, and how long users
 * waited.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "failover/episode.c"
#include "failover/notice.c"
#include "failover/recovery.c"

/* ---- the message ------------------------------------------------------- */

static const struct notice completed = {
	.event = NOTICE_COMPLETED,
	.stack = "shop",
	.epoch = 2,
	.region = "us-west-2",
	.step = "us-west-2/completed-2",
	.audit = "0123abcd",
	.at_ms = INT64_C(1767225600000),
	.from = "us-east-1",
	.to = "us-west-2",
	.cause = "automatic",
	.reason = "three failing polls",
	.recovery_ms = 100 * 1000,
	.rto_target_ms = 300 * 1000,
};

/* One of the faces of a message; caller decrefs. */
static json_t *
faces_of(const json_t *input)
{
	const char *message = tree_str(input, "Message");
	json_t *faces = tree_parse(message, strlen(message));

	ck_assert(json_is_object(faces));
	return faces;
}

START_TEST(the_document)
{
	char *s = notice_write(&completed);

	ck_assert_str_eq(s,
	    "{\"at\":\"2026-01-01T00:00:00.000Z\",\"audit\":\"0123abcd\","
	    "\"cause\":\"automatic\",\"epoch\":2,\"event\":\"COMPLETED\","
	    "\"from\":\"us-east-1\",\"reason\":\"three failing polls\","
	    "\"recovery_ms\":100000,\"region\":\"us-west-2\","
	    "\"rto_target_ms\":300000,\"schema\":\"drd.notice/1\","
	    "\"stack\":\"shop\",\"step\":\"us-west-2/completed-2\","
	    "\"to\":\"us-west-2\"}");
	free(s);
}
END_TEST

START_TEST(people_get_a_text)
{
	char *s = notice_write(&completed);
	json_t *t = tree_parse(s, strlen(s));
	struct text text = TEXT_INIT;

	notice_text(t, &text);
	ck_assert_str_eq(text.s,
	    "The failover is complete for users: the standby region is "
	    "active.\n"
	    "\n"
	    "three failing polls\n"
	    "\n"
	    "stack      shop\n"
	    "change     us-east-1 to us-west-2\n"
	    "epoch      2\n"
	    "cause      automatic\n"
	    "at         2026-01-01T00:00:00.000Z\n"
	    "recovery   1m 40s from the first failing observation, within the "
	    "target of 5m\n"
	    "audit id   0123abcd\n"
	    "told by    us-west-2\n"
	    "\n"
	    "Next: repair the primary region; drdctl failback is the way "
	    "back.\n");
	text_release(&text);
	json_decref(t);
	free(s);
}
END_TEST

START_TEST(a_late_recovery_says_so)
{
	struct notice late = completed;
	struct text text = TEXT_INIT;
	json_t *t;
	char *s;

	late.recovery_ms = late.rto_target_ms + 1000;
	s = notice_write(&late);
	t = tree_parse(s, strlen(s));
	notice_text(t, &text);
	ck_assert(strstr(text.s, "OVER the target of 5m") != NULL);
	text_release(&text);
	json_decref(t);
	free(s);
}
END_TEST

START_TEST(each_protocol_has_its_face)
{
	static const char *const programs[] = { "sqs", "https", "lambda" };
	char *s = notice_write(&completed);
	json_t *input = notice_input("arn:t", completed.step, s, 9), *faces;
	size_t i;

	ck_assert_str_eq(tree_str(input, "MessageStructure"), "json");
	ck_assert_str_eq(tree_str(input, "Subject"),
	    "drd: COMPLETED of shop: us-east-1 to us-west-2, epoch 2");
	faces = faces_of(input);
	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		ck_assert_str_eq(tree_str(faces, programs[i]), s);
	ck_assert(text_starts(tree_str(faces, "default"), "The failover is"));
	ck_assert(tree_str(faces, "email") == NULL); /* the default's */
	json_decref(faces);
	json_decref(input);
	free(s);
}
END_TEST

START_TEST(what_is_not_utf8_is_told_all_the_same)
{
	struct notice cut = completed;
	json_t *input;
	char *s;

	cut.reason = "caf\xc3";
	s = notice_write(&cut);
	ck_assert(strstr(s, "\"reason\":\"caf?\"") != NULL);
	input = notice_input("arn:t", "k", s, 2);
	json_decref(faces_of(input));
	json_decref(input);
	free(s);
}
END_TEST

START_TEST(every_event_has_a_name_and_a_word)
{
	int i;

	for (i = 0; i < NOTICE_COUNT; i++) {
		ck_assert(events[i].name != NULL && events[i].what != NULL);
		ck_assert_int_eq(notice_event_of(events[i].name), i);
	}
	ck_assert_int_eq(notice_event_of("NOBODY"), NOTICE_COUNT);
	ck_assert_int_eq(notice_event_of(NULL), NOTICE_COUNT);
}
END_TEST

/* ---- episodes ---------------------------------------------------------- */

static struct episodes episodes;
static bool lasts[NOTICE_COUNT];
static unsigned told;

static void
look(enum notice_event event, struct episode_view *view)
{
	const char *why;

	view->polls++;
	switch (episode_look(&episodes, event, lasts[event], view, &why)) {
	case EPISODE_BEGINS:
		ck_assert(!lasts[event] && *why != '\0');
		lasts[event] = true;
		told++;
		break;
	case EPISODE_ENDS:
		ck_assert(lasts[event]);
		lasts[event] = false;
		break;
	case EPISODE_STAYS:
		break;
	}
}

static void
setup_episodes(void)
{
	memset(&episodes, 0, sizeof(episodes));
	memset(lasts, 0, sizeof(lasts));
	told = 0;
}

START_TEST(detected_once_before_the_decision)
{
	struct episode_view v = {
		.primary_active = true, .fall = 3, .failing = "route53: 0 of 16"
	};
	unsigned streak;

	for (streak = 1; streak < 6; streak++) {
		v.streak = streak;
		v.primary_active = streak < 3;
		look(NOTICE_DETECTED, &v);
		ck_assert_uint_eq(told, streak >= 2);
	}
	v.streak = 0;
	look(NOTICE_DETECTED, &v);
	ck_assert(!lasts[NOTICE_DETECTED]);
	v.primary_active = true;
	v.streak = 2;
	look(NOTICE_DETECTED, &v);
	ck_assert_uint_eq(told, 2);
}
END_TEST

START_TEST(one_failing_poll_wakes_nobody_unless_it_decides)
{
	struct episode_view v = {
		.primary_active = true, .fall = 3, .streak = 1, .failing = "x"
	};

	look(NOTICE_DETECTED, &v);
	ck_assert_uint_eq(told, 0);
	v.fall = 1;
	look(NOTICE_DETECTED, &v);
	ck_assert_uint_eq(told, 1);
}
END_TEST

/* What the standby does when it is active is not the primary's failing. */
START_TEST(not_detected_where_the_standby_is_active)
{
	struct episode_view v = { .fall = 3, .streak = 9, .failing = "x" };

	look(NOTICE_DETECTED, &v);
	ck_assert_uint_eq(told, 0);
}
END_TEST

START_TEST(what_passes_by_itself_is_noise)
{
	struct episode_view v = { .fall = 3 };
	unsigned i;

	for (i = 0; i < 9; i++) {
		v.blind = "throttled";
		v.isolated = i % 3 == 2 ? NULL : "us-west-2 does not answer";
		look(NOTICE_BLIND, &v);
		look(NOTICE_ISOLATED, &v);
	}
	ck_assert_uint_eq(told, 0);
	look(NOTICE_BLIND, &v);
	ck_assert_uint_eq(told, 1);
	look(NOTICE_BLIND, &v);
	ck_assert_uint_eq(told, 1);
}
END_TEST

/* A restart forgets what was seen, not what was told. */
START_TEST(nothing_is_over_right_after_a_start)
{
	struct episode_view v = { .fall = 3 };

	lasts[NOTICE_BLIND] = true;
	while (v.polls < 10) {
		look(NOTICE_BLIND, &v);
		ck_assert(lasts[NOTICE_BLIND]);
	}
	look(NOTICE_BLIND, &v);
	ck_assert(!lasts[NOTICE_BLIND]);
}
END_TEST

START_TEST(each_condition_has_its_event)
{
	struct episode_view v = { .fall = 3,
		.primary_active = true,
		.streak = 3,
		.failing = "f",
		.blocked = "b",
		.advised = "a",
		.unacked = "u",
		.isolated = "i",
		.not_ready = "n",
		.blind = "bl",
		.apart = "ap",
		.trouble = "t",
		.braked = "br",
		.jumped = "j" };
	int i, polls;

	for (polls = 0; polls < 10; polls++)
		for (i = 0; i < NOTICE_COUNT; i++)
			look((enum notice_event)i, &v);
	for (i = 0; i < NOTICE_COUNT; i++)
		ck_assert(lasts[i] ==
		    (i != NOTICE_STARTED && i != NOTICE_STEP_FAILED &&
			i != NOTICE_COMPLETED && i != NOTICE_FAILED_BACK &&
			i != NOTICE_CANARY));
}
END_TEST

/* ---- recovery ---------------------------------------------------------- */

static struct effect effects[] = {
	{ .kind = EFFECT_PARAMETER, .leads = true },
	{ .kind = EFFECT_NOTICE, .leads = true },
	{ .kind = EFFECT_DNS, .leads = true },
	{ .kind = EFFECT_PARAMETER },
};

static struct change change = {
	.effects = effects,
	.count = 4,
	.first_fail_ms = 1000,
	.decided_ms = 61000,
};

static void
verify(size_t i, int64_t ms)
{
	effects[i].state = EFFECT_VERIFIED;
	effects[i].verified_ms = ms;
}

START_TEST(users_wait_for_what_they_need)
{
	struct recovery r;

	verify(0, 61100);
	recovery_of(&change, &r);
	ck_assert_int_eq(r.users_ms, -1);
	verify(2, 91000);
	recovery_of(&change, &r);
	ck_assert_int_eq(r.from_ms, 1000);
	ck_assert_int_eq(r.users_ms, 90000); /* not for the notice */
	ck_assert_int_eq(r.all_ms, -1);
	verify(1, 92000);
	verify(3, 961000);
	recovery_of(&change, &r);
	ck_assert_int_eq(r.users_ms, 90000);
	ck_assert_int_eq(r.all_ms, 960000);
}
END_TEST

START_TEST(an_ordered_change_is_measured_from_the_order)
{
	struct recovery r;

	change.first_fail_ms = 0;
	verify(0, 61100);
	effects[2].state = EFFECT_GIVEN_UP; /* DNS: nobody knows */
	recovery_of(&change, &r);
	ck_assert_int_eq(r.from_ms, 61000);
	ck_assert_int_eq(r.users_ms, 100);
}
END_TEST

START_TEST(a_clock_set_back_makes_nothing_negative)
{
	struct recovery r;

	change.first_fail_ms = 3600000;
	verify(0, 1000);
	verify(2, 2000);
	recovery_of(&change, &r);
	ck_assert_int_eq(r.users_ms, 0);
}
END_TEST

START_TEST(a_lost_change_serves_nobody)
{
	struct recovery r;
	size_t i;

	for (i = 0; i < 4; i++)
		effects[i].state = EFFECT_GIVEN_UP;
	recovery_of(&change, &r);
	ck_assert_int_eq(r.users_ms, -1);
	ck_assert_int_eq(r.all_ms, -1);
	change.count = 0;
	recovery_of(&change, &r);
	ck_assert_int_eq(r.users_ms, -1);
}
END_TEST

START_TEST(it_is_news_once)
{
	struct recovery_told known = { 0 };

	change.epoch = 2;
	verify(0, 61100);
	ck_assert_int_eq(
	    recovery_note(&known, &change, &effects[0]), RECOVERY_NO_NEWS);
	verify(2, 91000);
	effects[1].state = EFFECT_SENT;
	ck_assert_int_eq(
	    recovery_note(&known, &change, &effects[1]), RECOVERY_NO_NEWS);
	ck_assert_int_eq(
	    recovery_note(&known, &change, &effects[2]), RECOVERY_SERVED);
	/* Taken in the same turn, told after it. */
	ck_assert_int_eq(
	    recovery_note(&known, &change, &effects[0]), RECOVERY_NO_NEWS);
	verify(1, 92000);
	ck_assert_int_eq(
	    recovery_note(&known, &change, &effects[1]), RECOVERY_NO_NEWS);
	verify(3, 961000);
	ck_assert_int_eq(
	    recovery_note(&known, &change, &effects[3]), RECOVERY_ALL);
	ck_assert_int_eq(
	    recovery_note(&known, &change, &effects[3]), RECOVERY_NO_NEWS);
	/* After a restart: what users needed was over before. */
	known = (struct recovery_told){ 0 };
	effects[3].state = EFFECT_SENT;
	verify(1, 92000);
	ck_assert_int_eq(
	    recovery_note(&known, &change, &effects[1]), RECOVERY_NO_NEWS);
	verify(3, 961000);
	ck_assert_int_eq(
	    recovery_note(&known, &change, &effects[3]), RECOVERY_ALL);
}
END_TEST

START_TEST(all_at_once_is_told_as_served)
{
	struct recovery_told known = { 0 };
	size_t i;

	change.epoch = 2;
	for (i = 0; i < 4; i++)
		verify(i, 70000);
	ck_assert_int_eq(
	    recovery_note(&known, &change, &effects[0]), RECOVERY_SERVED);
	for (i = 1; i < 4; i++)
		ck_assert_int_eq(recovery_note(&known, &change, &effects[i]),
		    RECOVERY_NO_NEWS);
}
END_TEST

START_TEST(waiting_grows_until_users_are_served)
{
	verify(0, 61100);
	ck_assert_int_eq(recovery_waiting(&change, 81000), 80000);
	ck_assert_int_eq(recovery_waiting(&change, 500), 0); /* set back */
	change.failback = true;
	ck_assert_int_eq(recovery_waiting(&change, 81000), -1);
	change.failback = false;
	verify(2, 91000);
	ck_assert_int_eq(recovery_waiting(&change, 99000), -1);
	effects[2].state = EFFECT_SENT;
	effects[3].state = EFFECT_GIVEN_UP; /* for a higher epoch */
	ck_assert_int_eq(recovery_waiting(&change, 99000), -1);
	change.count = 0;
	ck_assert_int_eq(recovery_waiting(&change, 99000), -1);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("notice");
	TCase *t = tcase_create("message");
	SRunner *r;
	int failed;

	tcase_add_test(t, the_document);
	tcase_add_test(t, people_get_a_text);
	tcase_add_test(t, a_late_recovery_says_so);
	tcase_add_test(t, each_protocol_has_its_face);
	tcase_add_test(t, what_is_not_utf8_is_told_all_the_same);
	tcase_add_test(t, every_event_has_a_name_and_a_word);
	suite_add_tcase(s, t);
	t = tcase_create("episodes");
	tcase_add_checked_fixture(t, setup_episodes, NULL);
	tcase_add_test(t, detected_once_before_the_decision);
	tcase_add_test(t, one_failing_poll_wakes_nobody_unless_it_decides);
	tcase_add_test(t, not_detected_where_the_standby_is_active);
	tcase_add_test(t, what_passes_by_itself_is_noise);
	tcase_add_test(t, nothing_is_over_right_after_a_start);
	tcase_add_test(t, each_condition_has_its_event);
	suite_add_tcase(s, t);
	t = tcase_create("recovery");
	tcase_add_test(t, users_wait_for_what_they_need);
	tcase_add_test(t, an_ordered_change_is_measured_from_the_order);
	tcase_add_test(t, a_clock_set_back_makes_nothing_negative);
	tcase_add_test(t, a_lost_change_serves_nobody);
	tcase_add_test(t, it_is_news_once);
	tcase_add_test(t, all_at_once_is_told_as_served);
	tcase_add_test(t, waiting_grows_until_users_are_served);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? 0 : 1;
}
