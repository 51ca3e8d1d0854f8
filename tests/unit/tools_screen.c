/* SPDX-License-Identifier: MIT
 *
 * The screen, as it is: one document drawn, and lines that never exceed 80
 * columns whatever is in them.
 */
#include <check.h>

#include "../../src/tools/screen.c"
#include "lib/json.h"

static size_t
widest(const char *s)
{
	size_t n = 0, most = 0;

	for (; *s != '\0'; s++) {
		if (*s == '\n')
			n = 0;
		else if (((unsigned char)*s & 0xc0) != 0x80 && ++n > most)
			most = n;
	}
	return most;
}

static size_t
rows(const char *s)
{
	size_t n = 0;

	while ((s = strchr(s, '\n')) != NULL) {
		n++;
		s++;
	}
	return n;
}

static const char calm[] =
    "{'name': 'shop', 'level': 'ok', 'level_why': '', 'active': 'us-east-1',"
    " 'role': 'steady', 'role_age_ms': 7505000, 'role_why': null, 'epoch': 1,"
    " 'streak': 0, 'fall': 3, 'poll': {'count': 250, 'age_ms': 2100,"
    " 'next_in_ms': 27900, 'verdict': 'ok', 'why': ''},"
    " 'signals': [{'id': 'route53', 'trigger': true, 'verdict': 'ok',"
    " 'reason': null, 'detail': '16 of 16 checkers healthy', 'fails': 0,"
    " 'age_ms': 2100}], 'change': null, 'reconcile': {'running': false,"
    " 'held': null, 'troubles': [], 'last': {'age_ms': 1000, 'nodes': 27,"
    " 'clean': 27, 'written': 0, 'drift': 0, 'failed': 0,"
    " 'braked': false}}}";

static const char calm_screen[] =
    "STACK                    ACTIVE           ROLE           EPOCH  SINCE\n"
    "shop                     us-east-1        steady         1      2h 5m\n"
    "  poll       #250 ok 2.1s ago, streak 0/3, next in 27.9s\n"
    "  signals (* triggers)     verdict  streak    age  detail\n"
    "  * route53                ok                2.1s  16 of 16 checkers "
    "healthy\n"
    "  reconcile  1.0s ago: 27 of 27 as declared, 0 written, 0 drifted, 0 "
    "failed\n";

static const char moving[] =
    "{'name': 'shop', 'level': 'critical', 'level_why': 'failing-over; 1"
    " effect is pending', 'active': 'us-west-2', 'role': 'failing-over',"
    " 'role_age_ms': 2100, 'role_why': 'three failing polls in a row',"
    " 'epoch': 2, 'streak': 3, 'fall': 3, 'poll': {'count': 3, 'age_ms':"
    " 900, 'next_in_ms': null, 'verdict': 'fail', 'why': ''},"
    " 'signals': [{'id': 'alarm:health-check', 'trigger': true, 'verdict':"
    " 'unknown', 'reason': 'throttled', 'detail': 'Rate exceeded by far and"
    " for long', 'fails': 2, 'age_ms': 900}, {'id': 'alarm:elb-5xx',"
    " 'trigger': false, 'verdict': 'unknown', 'reason': 'no-data', 'detail':"
    " '', 'reason_text': 'no data', 'fails': 0, 'age_ms': null}],"
    " 'change': {'epoch': 2, 'from': 'us-east-1', 'to': 'us-west-2',"
    " 'failback': false, 'cause': 'automatic', 'reason': 'route53: 2 of 16"
    " checkers healthy', 'decided_at': '2026-11-23T01:02:03.456Z',"
    " 'decided_age_ms': 2100, 'first_fail_at': '2026-11-23T01:01:03.456Z',"
    " 'recovery': {'users_ms': 61123, 'all_ms': null, 'target_ms': 300000},"
    " 'leads_done': true, 'settled': false, 'pending': 1, 'effects': ["
    "{'key': 'us-east-1/parameter-active', 'state': 'sent', 'attempts': 4,"
    " 'sent_at': '2026-11-23T01:02:03.600Z', 'sent_after_ms': 144,"
    " 'verified_after_ms': null, 'note': 'timeout: no answer'},"
    "{'key': 'us-east-1/parameter-endpoint', 'state': 'verified'},"
    "{'key': 'us-west-2/parameter-active', 'leads': true, 'state':"
    " 'verified', 'attempts':"
    " 1, 'sent_at': '2026-11-23T01:02:03.457Z', 'sent_after_ms': 1,"
    " 'verified_after_ms': 123, 'note': ''}]},"
    " 'reconcile': {'running': true, 'held': 'a role change is under way',"
    " 'troubles': [{'node': 'us-east-1/topic', 'state': 'foreign', 'why':"
    " 'not ours'}], 'last': null}}";

static const char moving_screen[] =
    "STACK                    ACTIVE           ROLE           EPOCH  SINCE\n"
    "shop                     us-west-2        failing-over   2      2.1s\n"
    "  critical   failing-over; 1 effect is pending\n"
    "  why        three failing polls in a row\n"
    "  poll       #3 fail 0.9s ago, streak 3/3, one is under way\n"
    "  signals (* triggers)     verdict  streak    age  detail\n"
    "  * alarm:health-check     unknown     2/3   0.9s  throttled: Rate "
    "exceeded by\n"
    "                                                   far and for long\n"
    "    alarm:elb-5xx          unknown              -  no-data: no data\n"
    "  change     epoch 2: us-east-1 -> us-west-2, failover (automatic), 2.1s "
    "ago\n"
    "             route53: 2 of 16 checkers healthy\n"
    "             took 1m 1s of the 5m of rto_target\n"
    "             in force; 1 effect pending\n"
    "    sent                 us-east-1/parameter-active, 4 tries: timeout: "
    "no answer\n"
    "    verified    +0.123s  us-west-2/parameter-active\n"
    "  reconcile  the first is under way\n"
    "             held: a role change is under way\n"
    "             us-east-1/topic foreign: not ours\n";

static void
drawn(const char *spec, void (*draw)(const json_t *, struct text *),
    const char *expected)
{
	struct text out = TEXT_INIT;
	json_t *t = json(spec);

	draw(t, &out);
	ck_assert_msg(strcmp(out.s, expected) == 0, "expected:\n%sgot:\n%s",
	    expected, out.s);
	text_release(&out);
	json_decref(t);
}

START_TEST(a_calm_stack)
{
	drawn(calm, screen_stack, calm_screen);
}
END_TEST

START_TEST(a_moving_stack)
{
	drawn(moving, screen_stack, moving_screen);
}
END_TEST

/* Beside what the calm one has. */
START_TEST(what_is_in_the_way_is_shown)
{
	drawn("{'name': 'shop', 'active': 'us-east-1', 'primary':"
	      " 'us-east-1', 'role': 'steady', 'epoch': 2, 'role_age_ms': "
	      "1000, 'mode': 'advisory',"
	      " 'trigger': 'a failover by itself', 'blocked_by': 'paused, "
	      "readiness', 'pause': {'left_ms':"
	      " 3600000, 'who': 'uid 7 (pid 8)', 'reason': 'rehearsal'},"
	      " 'readiness': {'region':"
	      " 'us-west-2', 'ready': false, 'why': 'targets: none is"
	      " healthy'}, 'poll': {'count': 0}}",
	    screen_stack,
	    "STACK                    ACTIVE           ROLE           EPOCH  "
	    "SINCE\n"
	    "shop                     us-east-1        steady         2      "
	    "1.0s\n"
	    "  mode       advisory: no failover by itself\n"
	    "  paused     for 1h more by uid 7 (pid 8): rehearsal\n"
	    "  blocked    a failover by itself: paused, readiness\n"
	    "  not ready  us-west-2: targets: none is healthy\n"
	    "  poll       none has ended yet\n"
	    "  reconcile  none has ended yet\n");
}
END_TEST

/* The level quotes the trouble, unless it had to cut it. */
START_TEST(a_trouble_is_told_once)
{
	static const char *const levels[] = { "the disk is full",
		"suspect; the disk is full; 1 effect is pending",
		"suspect; the disk is" };
	struct text out = TEXT_INIT;
	json_t *t = json("{'trouble': 'the disk is full'}");
	const char *first;

	json_object_set_new(t, "level", json_string("warning"));
	json_object_set_new(t, "level_why", json_string(levels[_i]));
	screen_stack(t, &out);
	first = strstr(out.s, "the disk is full");
	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_null(strstr(first + 1, "the disk is full"));
	text_release(&out);
	json_decref(t);
}
END_TEST

START_TEST(a_refused_reload_is_told_in_full)
{
	drawn("{'version': '0.1.0', 'pid': 1, 'now': 'now', 'started_age_ms':"
	      " 1000, 'config': {'path': '/c', 'digest': '0123456789',"
	      " 'age_ms': 1000, 'reload': {'ok': false, 'age_ms': 500,"
	      " 'text': '/c:1: one\\n/c:2: two\\n'}}}",
	    screen_daemon,
	    "drd 0.1.0  pid 1  up 1.0s  now\n"
	    "config /c  01234567  in force for 1.0s\n"
	    "reload REFUSED 0.5s ago: /c:1: one\n"
	    "  /c:2: two\n");
}
END_TEST

/* From another version of the daemon, or none at all. */
START_TEST(documents_with_gaps_are_drawn)
{
	static const char *const gaps[] = { "{}", "[]", "{'signals': [{}]}",
		"{'change': {}}", "{'change': {'effects': [{}]}}",
		"{'reconcile': {'troubles': [{}], 'last': {}}}",
		"{'name': 3, 'epoch': 'x', 'poll': {'count': 1}}",
		"{'config': {'reload': {}}}" };
	struct text out = TEXT_INIT;
	json_t *t;
	size_t i;

	for (i = 0; i < sizeof(gaps) / sizeof(*gaps); i++) {
		t = json(gaps[i]);
		screen_daemon(t, &out);
		screen_stack(t, &out);
		json_decref(t);
	}
	ck_assert_uint_gt(out.len, 0);
	ck_assert_uint_le(widest(out.s), LAYOUT_WIDTH);
	text_release(&out);
}
END_TEST

START_TEST(no_line_is_too_wide)
{
	static const char *const words[] = { "", " ", "a", "caf\xc3\xa9",
		"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", "\n",
		("0123456789012345678901234567890123456789012345678901234567"
		 "8901234567890123456789012345678901234567890123456789"),
		"twelve chars" };
	struct text line = TEXT_INIT, out = TEXT_INIT;
	unsigned seed = 1;
	int i, j;

	for (i = 0; i < 2000; i++) {
		text_clear(&line);
		text_clear(&out);
		for (j = 0; j < 40; j++) {
			seed = seed * 1103515245 + 12345;
			text_add(&line, words[seed >> 16 & 7]);
			text_add(&line, " ");
		}
		layout_flow(&out, (size_t)(i % 60), (unsigned)(i % 7), line.s);
		ck_assert_uint_le(
		    rows(out.s), i % 7 > 0 ? (size_t)i % 7 : 1000);
		ck_assert_uint_le(widest(out.s), LAYOUT_WIDTH);
		ck_assert(text_ends(out.s, "\n"));
		/* No character was cut in two. */
		json_decref(mem_must(json_string(out.s)));
	}
	text_release(&line);
	text_release(&out);
}
END_TEST

START_TEST(stacks_are_found_by_name)
{
	json_t *t = json("{'stacks': [{'name': 'a'}, {}, {'name': 'b'}]}");

	ck_assert_ptr_eq(screen_find_stack(t, "b"), tree_item(t, "stacks", 2));
	ck_assert_ptr_null(screen_find_stack(t, "c"));
	json_decref(t);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tools_screen");
	TCase *tc = tcase_create("tools_screen");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, a_calm_stack);
	tcase_add_test(tc, a_moving_stack);
	tcase_add_test(tc, what_is_in_the_way_is_shown);
	tcase_add_loop_test(tc, a_trouble_is_told_once, 0, 3);
	tcase_add_test(tc, a_refused_reload_is_told_in_full);
	tcase_add_test(tc, documents_with_gaps_are_drawn);
	tcase_add_test(tc, no_line_is_too_wide);
	tcase_add_test(tc, stacks_are_found_by_name);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
