/* SPDX-License-Identifier: MIT
 *
 * Which effects a change has, and the clock jumps that stop a count.
 */
#include <check.h>
#include <stdlib.h>

#include "failover/decide.c"

#include "failover/jump.h"
#include "failover/memory.h"

static json_t *
facts_without(const char *region, const char *what)
{
	json_t *facts, *of;

	facts = json_pack("{s:{s:{s:s,s:s,s:s}, s:{s:s,s:s,s:s}}}", "regions",
	    "us-east-1", "balancer", "e", "endpoint", "http://e", "topic",
	    "arn:e", "us-west-2", "balancer", "w", "endpoint", "http://w",
	    "topic", "arn:w");
	ck_assert(facts != NULL);
	if (region != NULL) {
		of = json_object_get(json_object_get(facts, "regions"), region);
		ck_assert_int_eq(json_object_del(of, what), 0);
	}
	return facts;
}

static struct decision
failover_with(const json_t *facts)
{
	return (struct decision){
		.stack = "shop",
		.from = "us-east-1",
		.to = "us-west-2",
		.epoch = 2,
		.audit = "0123abcd",
		.cause = "automatic",
		.reason = "three \"failing\" polls",
		.decided_ms = INT64_C(1767225600000),
		.endpoint_parameter = "/dr/shop/endpoint",
		.active_parameter = "/dr/shop/active",
		.record = "shop.example.test",
		.facts = facts,
	};
}

static const struct effect *
find(const struct change *c, const char *key)
{
	size_t i;

	for (i = 0; i < c->count; i++)
		if (strcmp(c->effects[i].key, key) == 0)
			return &c->effects[i];
	return NULL;
}

START_TEST(every_effect_of_a_failover)
{
	static const struct {
		const char *key;
		enum effect_kind kind;
		const char *region;
		const char *target;
		bool leads;
	} want[] = {
		{ "us-west-2/parameter-endpoint", EFFECT_PARAMETER, "us-west-2",
		    "/dr/shop/endpoint", true },
		{ "us-west-2/parameter-active", EFFECT_PARAMETER, "us-west-2",
		    "/dr/shop/active", true },
		{ "us-west-2/notice-2", EFFECT_NOTICE, "us-west-2", "arn:w",
		    true },
		{ "dns", EFFECT_DNS, "us-west-2", "shop.example.test", true },
		{ "us-east-1/parameter-endpoint", EFFECT_PARAMETER, "us-east-1",
		    "/dr/shop/endpoint", false },
		{ "us-east-1/parameter-active", EFFECT_PARAMETER, "us-east-1",
		    "/dr/shop/active", false },
		{ "us-east-1/notice-2", EFFECT_NOTICE, "us-east-1", "arn:e",
		    false },
	};
	json_t *facts = facts_without(NULL, NULL), *notice;
	struct decision d = failover_with(facts);
	const struct effect *e;
	struct change c;
	struct error error;
	struct active active;
	size_t i;

	ck_assert_int_eq(decide(&d, &c, &error), 0);
	ck_assert_uint_eq(c.count, sizeof(want) / sizeof(want[0]));
	for (i = 0; i < c.count; i++) {
		e = find(&c, want[i].key);
		ck_assert_msg(e != NULL, "%s", want[i].key);
		ck_assert_int_eq(e->kind, want[i].kind);
		ck_assert_str_eq(e->region, want[i].region);
		ck_assert_str_eq(e->target, want[i].target);
		ck_assert(e->leads == want[i].leads);
		ck_assert_int_eq(e->state, EFFECT_PLANNED);
	}
	ck_assert_str_eq(find(&c, want[4].key)->value, "http://w");
	ck_assert_int_eq(
	    active_read(find(&c, want[5].key)->value, &active, &error), 0);
	ck_assert_str_eq(active.region, "us-west-2");
	ck_assert_uint_eq(active.epoch, 2);
	ck_assert_int_eq(active.since_ms, d.decided_ms);
	notice = tree_parse(
	    find(&c, want[6].key)->value, strlen(find(&c, want[6].key)->value));
	ck_assert_str_eq(tree_str(notice, "step"), "us-east-1/notice-2");
	ck_assert_str_eq(tree_str(notice, "reason"), d.reason);
	ck_assert_str_eq(tree_str(notice, "audit"), d.audit);
	ck_assert_str_eq(tree_str(notice, "event"), "STARTED");
	json_decref(notice);
	change_release(&c);
	json_decref(facts);
}
END_TEST

START_TEST(without_an_endpoint_nothing_can_change)
{
	json_t *facts = facts_without("us-west-2", "endpoint");
	struct decision d = failover_with(facts);
	struct change c;
	struct error e;

	ck_assert_int_eq(decide(&d, &c, &e), -1);
	ck_assert(strstr(e.text, "us-west-2") != NULL);
	d.facts = NULL;
	ck_assert_int_eq(decide(&d, &c, &e), -1);
	json_decref(facts);
}
END_TEST

START_TEST(without_a_topic_only_its_notice_is_missing)
{
	json_t *facts = facts_without("us-east-1", "topic");
	struct decision d = failover_with(facts);
	struct change c;
	struct error e;

	d.record = NULL;
	ck_assert_int_eq(decide(&d, &c, &e), 0);
	ck_assert_uint_eq(c.count, 5);
	ck_assert(find(&c, "us-east-1/notice-2") == NULL);
	ck_assert(find(&c, "us-west-2/notice-2") != NULL);
	ck_assert(find(&c, "dns") == NULL);
	change_release(&c);
	json_decref(facts);
}
END_TEST

START_TEST(notices_not_told_yet_are_taken_along)
{
	json_t *facts = facts_without(NULL, NULL);
	struct decision d = failover_with(facts);
	struct change first, second;
	struct error e;
	size_t i;

	ck_assert_int_eq(decide(&d, &first, &e), 0);
	for (i = 0; i < first.count; i++)
		first.effects[i].state = EFFECT_VERIFIED;
	first.effects[6].state = EFFECT_SENT;
	d.epoch = 3;
	d.from = "us-west-2";
	d.to = "us-east-1";
	d.failback = true;
	d.last = &first;
	ck_assert_int_eq(decide(&d, &second, &e), 0);
	ck_assert_uint_eq(second.count, 8);
	ck_assert(find(&second, "us-east-1/notice-3")->leads);
	ck_assert(find(&second, "us-west-2/notice-2") == NULL);
	ck_assert_int_eq(
	    find(&second, "us-east-1/notice-2")->state, EFFECT_SENT);
	change_release(&first);
	change_release(&second);
	json_decref(facts);
}
END_TEST

START_TEST(jumps)
{
	enum { S = 1000, INTERVAL = 30 * S };
	static const struct {
		const char *what;
		uint64_t mono, due;
		int64_t wall;
		bool jump;
	} cases[] = {
		{ "on time", 30 * S, 30 * S, 30 * S, false },
		{ "a little late", 34 * S, 30 * S, 34 * S, false },
		{ "an interval late", 61 * S, 30 * S, 61 * S, true },
		{ "slewed", 30 * S, 30 * S, 34 * S, false },
		{ "set forward", 30 * S, 30 * S, 36 * S, true },
		{ "set back", 30 * S, 30 * S, -3600 * S, true },
	};
	struct jump jump;
	char why[128];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		jump = (struct jump){ 0 };
		ck_assert(!jump_seen(
		    &jump, 1000, 5000, 0, INTERVAL, why, sizeof(why)));
		ck_assert_msg(jump_seen(&jump, 1000 + cases[i].mono,
				  5000 + cases[i].wall, 1000 + cases[i].due,
				  INTERVAL, why, sizeof(why)) == cases[i].jump,
		    "%s", cases[i].what);
	}
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("decide");
	TCase *t = tcase_create("decide");
	SRunner *runner;
	int failed;

	tcase_add_test(t, every_effect_of_a_failover);
	tcase_add_test(t, without_an_endpoint_nothing_can_change);
	tcase_add_test(t, without_a_topic_only_its_notice_is_missing);
	tcase_add_test(t, notices_not_told_yet_are_taken_along);
	tcase_add_test(t, jumps);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
