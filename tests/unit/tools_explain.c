/* SPDX-License-Identifier: MIT
 *
 * What explain and history print, as it is: several states of a stack, and
 * the events of an incident.
 */
#include <check.h>

#include "../../src/tools/explain.c"
#include "../../src/tools/ledger.h"
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

static void
drawn(const char *spec, void (*draw)(const json_t *, struct text *),
    const char *expected)
{
	struct text out = TEXT_INIT;
	json_t *t = json(spec);

	draw(t, &out);
	ck_assert_msg(strcmp(out.s, expected) == 0, "expected:\n%sgot:\n%s",
	    expected, out.s);
	ck_assert_uint_le(widest(out.s), LAYOUT_WIDTH);
	text_release(&out);
	json_decref(t);
}

#define HEAD                                                            \
	"{'name': 'shop', 'level': 'ok', 'level_why': '', 'active':"    \
	" 'us-east-1', 'primary': 'us-east-1', 'standby': 'us-west-2'," \
	" 'role': 'steady', 'role_age_ms': 7505000, 'role_why': null,"  \
	" 'epoch': 1, 'streak': 0, 'fall': 3, 'poll': {'count': 250,"   \
	" 'age_ms': 2100, 'verdict': 'ok', 'why': ''},"

static const char calm[] = HEAD
    "'signals': [{'id': 'route53', 'region': 'us-east-1', 'trigger': true,"
    " 'verdict': 'ok', 'reason': null, 'detail': '16 of 16 checkers healthy',"
    " 'age_ms': 2100, 'shares': {'region': 'us-east-1', 'plane': 'control',"
    " 'service': 'Route 53', 'why': 'its API is there alone'}}, {'id':"
    " 'probe', 'region': 'us-west-2', 'trigger': false, 'verdict': 'unknown',"
    " 'reason': 'timeout', 'reason_text': 'no answer in time', 'detail': '',"
    " 'age_ms': null, 'shares': {'region': null, 'plane': 'data', 'service':"
    " null, 'why': 'drd asks by itself'}}],"
    " 'without': [{'region': 'us-east-1', 'triggers': 0, 'decides': 'nobody',"
    " 'text': 'none of them is left, and when_blind = hold: there will be no"
    " failover by itself'}],"
    " 'trigger': 'a failover by itself', 'gates': [{'name': 'paused',"
    " 'applies': true, 'blocks': false}, {'name': 'soak', 'applies': false,"
    " 'blocks': false}],"
    " 'earliest': {'in_ms': 65000, 'why': '3 more failing polls'},"
    " 'budget': {'least_ms': 121000, 'most_ms': 245000, 'target_ms': 300000, "
    "'parts': [{'what':"
    " 'until route53 says so', 'least_ms': 60000, 'most_ms': 90000},"
    " {'what': 'until drd polls', 'least_ms': 0, 'most_ms': 30000}]}}";

static const char calm_screen[] =
    "STACK shop\n"
    "  role       steady for 2h 5m\n"
    "  active     us-east-1, epoch 1 (primary us-east-1, standby us-west-2)\n"
    "  ok         nothing to do\n"
    "  verdict    ok 2.1s ago, 0 of 3 failing polls in a row\n"
    "  evidence (* counts towards a failover)\n"
    "    * route53 in us-east-1: ok: 16 of 16 checkers healthy, 2.1s ago\n"
    "            dies with us-east-1 (Route 53, control plane): its API is "
    "there\n"
    "            alone\n"
    "      probe in us-west-2: unknown, timeout: no answer in time, never "
    "seen\n"
    "            dies with no region: drd asks by itself\n"
    "    when us-east-1 is gone none of them is left, and when_blind = hold: "
    "there\n"
    "            will be no failover by itself\n"
    "  gates for a failover by itself\n"
    "    pass   paused\n"
    "  earliest   a failover by itself in 1m 5s: 3 more failing polls\n"
    "  time to recovery: 2m 1s to 4m 5s, target 5m\n"
    "        1m to 1m 30s  until route53 says so\n"
    "       0ms to    30s  until drd polls\n";

static const char blocked[] = HEAD
    "'signals': [], 'trigger': 'a failover by itself', 'gates': [{'name':"
    " 'paused', 'applies': true, 'blocks': true, 'since_age_ms': 60000,"
    " 'why': 'by uid 1000 (pid 77) until 2026-11-23T12:00:00.000Z:"
    " rehearsal', 'clears': 'its end, or `drdctl resume`', 'no_override':"
    " null}, {'name': 'role-change', 'applies': true, 'blocks': true,"
    " 'since_age_ms': 1000, 'why': 'one is under way', 'clears': 'its end',"
    " 'no_override': 'two at once would tear the planes apart'}],"
    " 'earliest': {'in_ms': null, 'why': 'paused, role-change'},"
    " 'readiness': {'region': 'us-west-2', 'verdict': 'fail', 'items':"
    " [{'id': 'replication:table', 'verdict': 'fail', 'detail': '9s behind',"
    " 'age_ms': 30000, 'shares_death_of': 'source', 'blocks': true, 'why':"
    " 'more than 5s', 'last_verdict': 'fail', 'known_detail': '9s behind',"
    " 'known_age_ms': 30000}, {'id': 'targets', 'verdict': 'ok', 'reason':"
    " 'denied', 'detail': 'AccessDenied: not authorized', 'age_ms': 2000,"
    " 'shares_death_of': 'target', 'blocks': false, 'why': null,"
    " 'last_verdict': 'unknown', 'known_detail': '1 of 1 healthy',"
    " 'known_age_ms': 240000}, {'id': 'table', 'verdict': 'fail', 'reason':"
    " 'timeout', 'detail': '', 'age_ms': 2000, 'shares_death_of': 'target',"
    " 'blocks': true, 'why': 'ARCHIVED', 'last_verdict': 'unknown',"
    " 'known_detail': 'ARCHIVED', 'known_age_ms': 60000}]},"
    " 'latch': {'seen': 'clear', 'wanted': 'clear', 'told_age_ms': 4000,"
    " 'where': 'metric drd/Latch of shop-prod', 'trouble': null},"
    " 'planes': [{'plane': 'journal', 'region': null, 'says': 'us-east-1, "
    "epoch 1', 'agrees': 'yes', 'age_ms': null}, {'plane': 'parameter',"
    " 'region': 'us-west-2', 'says': 'us-west-2, epoch 2', 'agrees': 'no',"
    " 'age_ms': 5000}],"
    " 'path': [{'operation': 'PutParameter', 'region': 'us-west-2', 'target':"
    " '/dr/shop-prod/active', 'users_wait': true, 'begins': 'at once', "
    "'shares': {'region':"
    " 'us-west-2', 'plane': 'data', 'service': 'SSM', 'why': 'it is there"
    " already'}}], 'budget': null}";

static const char blocked_screen[] =
    "STACK shop\n"
    "  role       steady for 2h 5m\n"
    "  active     us-east-1, epoch 1 (primary us-east-1, standby us-west-2)\n"
    "  ok         nothing to do\n"
    "  verdict    ok 2.1s ago, 0 of 3 failing polls in a row\n"
    "  evidence (* counts towards a failover)\n"
    "  gates for a failover by itself\n"
    "    BLOCK  paused for 1m: by uid 1000 (pid 77) until "
    "2026-11-23T12:00:00.000Z:\n"
    "            rehearsal\n"
    "            cleared by: its end, or `drdctl resume`\n"
    "    BLOCK  role-change for 1.0s: one is under way\n"
    "            cleared by: its end\n"
    "            cannot be overridden: two at once would tear the planes "
    "apart\n"
    "  earliest   no failover by itself: paused, role-change\n"
    "  readiness of us-west-2: fail\n"
    "    fail    replication:table: 9s behind, seen 30.0s ago; dies with "
    "the other\n            region\n"
    "            blocks: more than 5s\n"
    "    ok      targets: 1 of 1 healthy, believed as of 4m ago\n"
    "            the last look, 2.0s ago, could not tell: AccessDenied: not\n"
    "            authorized\n"
    "    fail    table: ARCHIVED, believed as of 1m ago\n"
    "            the last look, 2.0s ago, could not tell: timeout\n"
    "            blocks: ARCHIVED\n"
    "  latch      clear, wanted clear, told 4.0s ago: metric drd/Latch of "
    "shop-prod\n"
    "  planes: does each say what the journal says?\n"
    "    yes     journal: us-east-1, epoch 1\n"
    "    no      parameter in us-west-2: us-west-2, epoch 2, 5.0s ago\n"
    "  calls of the next change (* users wait for it)\n"
    "    * PutParameter in us-west-2, at once: /dr/shop-prod/active\n"
    "            dies with us-west-2 (SSM, data plane): it is there already\n";

static const char late[] =
    "{'name': 'shop', 'level': 'critical', 'level_why': 'failing-over',"
    " 'active': 'us-west-2', 'primary': 'us-east-1', 'standby': 'us-west-2',"
    " 'role': 'failing-over', 'role_age_ms': 100, 'role_why': '', 'epoch': 2,"
    " 'poll': {'count': 0}, 'signals': [], 'gates': [], 'change': {'epoch': 2,"
    " 'to': 'us-west-2', 'recovery': {'users_ms': null, 'all_ms': null,"
    " 'waiting_ms': 420000, 'target_ms': 300000}}}";

static const char late_screen[] =
    "STACK shop\n"
    "  role       failing-over for 0.1s\n"
    "  active     us-west-2, epoch 2 (primary us-east-1, standby us-west-2)\n"
    "  critical   failing-over\n"
    "  recovery   failover to us-west-2, epoch 2, users have waited for 7m, "
    "longer\n"
    "             than the 5m of rto_target\n"
    "  verdict    no poll has ended yet\n"
    "  evidence (* counts towards a failover)\n";

static const char starting[] =
    "{'name': 'shop', 'level': 'warning', 'level_why': 'starting', 'active':"
    " null, 'primary': 'us-east-1', 'standby': 'us-west-2', 'role':"
    " 'starting', 'role_age_ms': 100, 'role_why': 'just started', 'epoch': 0,"
    " 'poll': {'count': 0}, 'signals': [], 'gates': []}";

static const char starting_screen[] =
    "STACK shop\n"
    "  role       starting for 0.1s: just started\n"
    "  active     -, epoch 0 (primary us-east-1, standby us-west-2)\n"
    "  warning    starting\n"
    "  verdict    no poll has ended yet\n"
    "  evidence (* counts towards a failover)\n";

static const struct {
	const char *document;
	const char *screen;
} states[] = {
	{ calm, calm_screen },
	{ blocked, blocked_screen },
	{ late, late_screen },
	{ starting, starting_screen },
};

START_TEST(each_state_is_explained)
{
	drawn(states[_i].document, explain_stack, states[_i].screen);
}
END_TEST

static const char incident[] =
    "{'schema': 'drd.history/1', 'entries': ["
    "{'at': '2026-11-23T01:00:00.000Z', 'event': 'start', 'text': 'drd 1'},"
    "{'at': '2026-11-23T01:02:03.456Z', 'event': 'decision', 'stack': 'shop',"
    " 'audit': '7k3f9q2m', 'kind': 'failover', 'from': 'us-east-1', 'to':"
    " 'us-west-2', 'epoch': 2, 'cause': 'automatic', 'reason': 'three failing"
    " polls in a row', 'first_fail_at': '2026-11-23T01:01:03.456Z', 'streak':"
    " 3, 'inputs': [{'id': 'route53', 'verdict': 'fail', 'detail': '0 of 16"
    " checkers healthy', 'fails': 3}, {'id': 'alarm:elb-5xx', 'verdict':"
    " 'unknown', 'reason': 'throttled', 'fails': 0}]},"
    "{'at': '2026-11-23T01:02:03.900Z', 'event': 'effect', 'stack': 'shop',"
    " 'audit': '7k3f9q2m', 'effect': 'us-west-2/parameter-active', 'state':"
    " 'verified', 'attempts': 2, 'after_ms': 340, 'note': 'version 4'},"
    "{'at': '2026-11-23T01:02:04.000Z', 'event': 'role', 'stack': 'shop',"
    " 'audit': '7k3f9q2m', 'from': 'failing-over', 'to': 'failed-over',"
    " 'why': 'all is written', 'took_ms': 60544},"
    "{'at': '2026-11-23T01:03:30.000Z', 'event': 'completed', 'stack': 'shop',"
    " 'audit': '7k3f9q2m', 'epoch': 2, 'kind': 'failover', 'to': 'us-west-2',"
    " 'users_ms': 146544, 'target_ms': 300000},"
    "{'at': '2026-11-23T01:04:00.000Z', 'event': 'settled', 'stack': 'shop',"
    " 'audit': '7k3f9q2m', 'epoch': 2, 'kind': 'failover', 'to': 'us-west-2',"
    " 'users_ms': 146544, 'all_ms': 176544, 'target_ms': 60000},"
    "{'at': '2026-11-23T01:05:00.000Z', 'event': 'order', 'stack': 'shop',"
    " 'audit': '0a1b2c3d', 'order': 'failback', 'words': 'override=soak',"
    " 'outcome': 'denied', 'uid': 1000, 'pid': 77, 'reason': 'impatience',"
    " 'text': 'this is for members of the group drd-admin', 'lost': 3},"
    "{'at': '2026-11-23T01:06:00.000Z', 'event': 'something-new', 'stack':"
    " 'shop', 'text': 'of a later version'}, {}]}";

static const char incident_screen[] =
    "2026-11-23T01:00:00.000Z  drd  start\n"
    "    drd 1\n"
    "2026-11-23T01:02:03.456Z  shop  7k3f9q2m  decision: failover us-east-1 "
    "->\n"
    "    us-west-2, epoch 2 (automatic)\n"
    "    three failing polls in a row\n"
    "    first failing poll at 2026-11-23T01:01:03.456Z\n"
    "    route53                fail    0 of 16 checkers healthy\n"
    "    alarm:elb-5xx          unknown throttled\n"
    "2026-11-23T01:02:03.900Z  shop  7k3f9q2m  effect: "
    "us-west-2/parameter-active\n"
    "    verified +0.340s, 2 tries\n"
    "    version 4\n"
    "2026-11-23T01:02:04.000Z  shop  7k3f9q2m  role: failing-over -> "
    "failed-over, 1m\n"
    "    after it began\n"
    "    all is written\n"
    "2026-11-23T01:03:30.000Z  shop  7k3f9q2m  completed: failover to "
    "us-west-2,\n"
    "    epoch 2, took 2m 26s of the 5m of rto_target\n"
    "2026-11-23T01:04:00.000Z  shop  7k3f9q2m  settled: failover to "
    "us-west-2, epoch\n"
    "    2, took 2m 26s, longer than the 1m of rto_target, both regions 2m "
    "56s\n"
    "2026-11-23T01:05:00.000Z  shop  0a1b2c3d  order: failback override=soak: "
    "denied\n"
    "    by uid 1000 (pid 77): impatience\n"
    "    this is for members of the group drd-admin\n"
    "    before this, 3 events were lost\n"
    "2026-11-23T01:06:00.000Z  shop  something-new\n"
    "    of a later version\n"
    "-  drd  -\n";

START_TEST(an_incident_is_told)
{
	drawn(incident, ledger, incident_screen);
	drawn("{'entries': []}", ledger, "nothing has happened yet\n");
}
END_TEST

/* From another version of the daemon, or none at all. */
START_TEST(documents_with_gaps_are_explained)
{
	static const char *const gaps[] = { "{}", "[]", "{'signals': [{}]}",
		"{'gates': [{}]}", "{'gates': [{'applies': true}]}",
		"{'gates': [{'applies': true, 'blocks': true}]}",
		"{'earliest': {}}", "{'budget': {'parts': [{}]}}",
		"{'budget': {'least_ms': -1}}", "{'path': [{}]}",
		"{'readiness': {'items': [{}]}}", "{'planes': [{}]}",
		"{'signals': [{'shares': {}}]}", "{'change': {'recovery': {}}}",
		"{'without': [{}]}",
		"{'change': {'recovery': {'users_ms': -1}}}",
		"{'poll': {'count': 1}}" };
	struct text out = TEXT_INIT;
	json_t *t;
	size_t i;

	for (i = 0; i < sizeof(gaps) / sizeof(*gaps); i++) {
		t = json(gaps[i]);
		explain_stack(t, &out);
		ledger(t, &out);
		json_decref(t);
	}
	ck_assert_uint_gt(out.len, 0);
	ck_assert_uint_le(widest(out.s), LAYOUT_WIDTH);
	text_release(&out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tools_explain");
	TCase *tc = tcase_create("tools_explain");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tc, each_state_is_explained, 0, sizeof(states) / sizeof(states[0]));
	tcase_add_test(tc, an_incident_is_told);
	tcase_add_test(tc, documents_with_gaps_are_explained);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
