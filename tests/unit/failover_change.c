/* SPDX-License-Identifier: MIT
 *
 * A change to the journal and back, and what an edited journal may not do.
 */
#include <check.h>

#include "lib/json.h"

#include "../../src/failover/change.c"
#include "../../src/failover/change_record.c"

static const char change_json[] =
    "{'type': 'change', 'epoch': 7, 'from': 'us-east-1', 'to': 'us-west-2',"
    "'failback': false, 'audit': '7k3f9q2m', 'cause': 'automatic', 'reason': "
    "'three polls',"
    "'at': '2026-11-23T01:00:00.123Z',"
    "'first_fail': '2026-11-23T00:59:00.000Z', 'effects': ["
    "{'key': 'us-west-2/parameter-active', 'kind': 'parameter',"
    " 'region': 'us-west-2', 'target': '/dr/x/active',"
    " 'value': 'new', 'leads': true},"
    "{'key': 'us-east-1/notice-7', 'kind': 'notice', 'region': 'us-east-1',"
    " 'target': 'arn:aws:sns:us-east-1:1:t', 'value': 'text',"
    " 'leads': false},"
    "{'key': 'dns', 'kind': 'dns', 'region': 'us-west-2',"
    " 'target': 'app.example', 'leads': true}]}";

static struct change
read_json(const char *spec)
{
	json_t *record = json(spec);
	struct change change;
	struct error e;

	ck_assert_msg(change_read(record, &change, &e) == 0, "%s", e.text);
	json_decref(record);
	return change;
}

START_TEST(a_record_makes_a_change)
{
	struct change c = read_json(change_json);
	size_t i;

	ck_assert_uint_eq(c.epoch, 7);
	ck_assert_str_eq(c.from, "us-east-1");
	ck_assert_str_eq(c.to, "us-west-2");
	ck_assert(!c.failback);
	ck_assert(!c.regardless);
	ck_assert_str_eq(c.audit, "7k3f9q2m");
	ck_assert_str_eq(c.cause, "automatic");
	ck_assert_str_eq(c.reason, "three polls");
	ck_assert_int_eq(c.decided_ms, INT64_C(1795395600123));
	ck_assert_int_eq(c.first_fail_ms, INT64_C(1795395540000));
	ck_assert_uint_eq(c.count, 3);
	ck_assert_str_eq(c.effects[0].value, "new");
	ck_assert_int_eq(c.effects[1].kind, EFFECT_NOTICE);
	ck_assert(c.effects[0].leads && !c.effects[1].leads);
	ck_assert_ptr_null(c.effects[2].value);
	for (i = 0; i < c.count; i++) {
		ck_assert_int_eq(c.effects[i].state, EFFECT_PLANNED);
		ck_assert_uint_eq(c.effects[i].attempts, 0);
		ck_assert_int_eq(c.effects[i].sent_ms, 0);
		ck_assert_str_eq(c.effects[i].note, "");
	}
	change_release(&c);
	ck_assert_uint_eq(c.count, 0);
}
END_TEST

START_TEST(a_change_makes_its_record)
{
	struct change c = read_json(change_json);
	json_t *record = change_record(&c);

	json_is(record, change_json);
	json_decref(record);
	c.failback = true;
	c.regardless = true;
	c.first_fail_ms = 0;
	record = change_record(&c);
	change_release(&c);
	ck_assert_ptr_null(tree_at(record, "first_fail"));
	ck_assert_int_eq(change_read(record, &c, NULL), 0);
	ck_assert(c.failback);
	ck_assert(c.regardless);
	ck_assert_int_eq(c.first_fail_ms, 0);
	json_decref(record);
	change_release(&c);
}
END_TEST

/* A member taken away, or put in the place of the right one. */
static const struct {
	const char *path;  /* of the change, or of its first effect */
	const char *value; /* JSON in a list; NULL: taken away */
	bool good;
} edits[] = {
	{ "epoch", NULL, false },
	{ "epoch", "[0]", false },
	{ "epoch", "[-1]", false },
	{ "epoch", "[1.5]", false },
	{ "epoch", "['x']", false },
	{ "epoch", "[9007199254740993]", true },
	{ "from", NULL, false },
	{ "to", NULL, false },
	{ "to", "['a-region-name-that-is-longer-than-any']", false },
	{ "audit", NULL, true },
	{ "audit", "['order-of-monday']", false },
	{ "cause", NULL, false },
	{ "reason", NULL, false },
	{ "reason", "[7]", false },
	{ "reason", "['']", true },
	{ "at", NULL, true },
	{ "at", "['yesterday']", false },
	{ "at", "[5]", false },
	{ "first_fail", "['']", false },
	{ "failback", NULL, true },
	{ "effects", NULL, true },
	{ "effects", "['']", true },
	{ "effects", "['x']", false },
	{ "effects", "[[1, 2]]", false },
	{ "effect.key", NULL, false },
	{ "effect.kind", NULL, false },
	{ "effect.kind", "['Parameter']", false },
	{ "effect.kind", "['dns']", true },
	{ "effect.region", NULL, false },
	{ "effect.target", NULL, false },
	{ "effect.value", NULL, false },
	{ "effect.value", "[{}]", false },
	{ "effect.leads", NULL, true },
	{ "effect.more", "['from a later version']", true },
};

START_TEST(edited_records)
{
	json_t *record = json(change_json), *where = record, *values;
	const char *name = edits[_i].path;
	struct change c;
	struct error e;

	if (strncmp(name, "effect.", 7) == 0) {
		where = tree_item(record, "effects", 0);
		name += 7;
	}
	json_object_del(where, name);
	if (edits[_i].value != NULL) {
		values = json(edits[_i].value);
		json_object_set(where, name, json_array_get(values, 0));
		json_decref(values);
	}
	memset(&c, 0x5a, sizeof(c));
	ck_assert_int_eq(change_read(record, &c, &e), edits[_i].good ? 0 : -1);
	if (!edits[_i].good) {
		ck_assert_int_eq(e.class, ERROR_BROKEN);
		/* of an effect that is none, the first member is missed */
		if (strcmp(name, "effects") == 0)
			name = "kind";
		ck_assert_ptr_nonnull(strstr(e.text, name));
		ck_assert_uint_eq(c.count, 0);
		ck_assert_ptr_null(c.effects);
	}
	change_release(&c);
	json_decref(record);
}
END_TEST

START_TEST(effects_are_bounded)
{
	json_t *record = json(change_json);
	json_t *effects = json_object_get(record, "effects");
	struct change c;
	struct error e;

	while (json_array_size(effects) < EFFECTS_MAX)
		json_array_append(effects, json_array_get(effects, 0));
	ck_assert_int_eq(change_read(record, &c, &e), 0);
	change_release(&c);
	json_array_append(effects, json_array_get(effects, 0));
	ck_assert_int_eq(change_read(record, &c, &e), -1);
	json_decref(record);
}
END_TEST

/* Operators write in any language, and long reasons get cut inside a letter:
   the decision goes to disk all the same. */
START_TEST(text_that_is_not_utf8)
{
	struct change c = read_json(change_json);
	json_t *record;

	strcpy(c.reason, "caf\xc3\xa9");
	record = change_record(&c);
	ck_assert_str_eq(tree_str(record, "reason"), "caf\xc3\xa9");
	json_decref(record);
	strcpy(c.reason, "caf\xc3");
	record = change_record(&c);
	ck_assert_str_eq(tree_str(record, "reason"), "caf?");
	json_decref(record);
	change_release(&c);
}
END_TEST

/* ---- steps ------------------------------------------------------------- */

START_TEST(steps_are_replayed)
{
	struct change c = read_json(change_json), again;
	json_t *record;

	c.effects[0].state = EFFECT_VERIFIED;
	c.effects[0].attempts = 3;
	c.effects[0].sent_ms = INT64_C(1795395600124);
	c.effects[0].verified_ms = INT64_C(1795395600999);
	strcpy(c.effects[0].note, "version 5");
	c.effects[1].state = EFFECT_SENT;
	c.effects[1].attempts = 1;
	record = effect_record(&c, &c.effects[0]);
	effect_record_add(record, &c.effects[1]);

	again = read_json(change_json);
	change_replay(&again, record);
	ck_assert_int_eq(again.effects[0].state, EFFECT_VERIFIED);
	ck_assert_uint_eq(again.effects[0].attempts, 3);
	ck_assert_int_eq(again.effects[0].sent_ms, c.effects[0].sent_ms);
	ck_assert_int_eq(
	    again.effects[0].verified_ms, c.effects[0].verified_ms);
	ck_assert_str_eq(again.effects[0].note, "version 5");
	ck_assert_int_eq(again.effects[1].state, EFFECT_SENT);
	ck_assert_int_eq(again.effects[1].sent_ms, 0);
	ck_assert_int_eq(again.effects[2].state, EFFECT_PLANNED);
	json_decref(record);
	change_release(&c);
	change_release(&again);
}
END_TEST

static const char *const nothing[] = {
	"{'epoch': 6, 'steps': {'key': 'dns', 'state': 'sent', 'attempts': 1,"
	" 'note': ''}}",
	"{'steps': {'key': 'dns', 'state': 'sent', 'attempts': 1,"
	" 'note': ''}}",
	"{'epoch': 7}",
	"{'epoch': 7, 'steps': []}",
	"{'epoch': 7, 'steps': 5}",
	"{'epoch': 7, 'steps': {'key': 'other', 'state': 'sent',"
	" 'attempts': 1, 'note': ''}}",
	"{'epoch': 7, 'steps': {'state': 'sent', 'attempts': 1, 'note': ''}}",
	"{'epoch': 7, 'steps': {'key': 'dns', 'state': 'Sent', 'attempts': 1,"
	" 'note': ''}}",
	"{'epoch': 7, 'steps': {'key': 'dns', 'state': 'sent',"
	" 'attempts': -1, 'note': ''}}",
	"{'epoch': 7, 'steps': {'key': 'dns', 'state': 'sent', 'note': ''}}",
	"{'epoch': 7, 'steps': {'key': 'dns', 'state': 'sent', 'attempts': 1,"
	" 'note': '', 'sent': 'now'}}",
	"{'epoch': 7, 'steps': {'key': 'dns', 'state': 'sent',"
	" 'attempts': 1}}",
};

START_TEST(records_that_say_nothing)
{
	struct change c = read_json(change_json);
	json_t *record = json(nothing[_i]);

	change_replay(&c, record);
	ck_assert_uint_eq(change_pending(&c), 3);
	ck_assert_int_eq(c.effects[2].state, EFFECT_PLANNED);
	ck_assert_uint_eq(c.effects[2].attempts, 0);
	json_decref(record);
	change_release(&c);
}
END_TEST

START_TEST(replay_into_no_change)
{
	struct change c = { .epoch = 0 };
	json_t *record = json(nothing[0]);

	change_replay(&c, record);
	ck_assert(change_settled(&c));
	json_decref(record);
}
END_TEST

START_TEST(what_is_done)
{
	struct change c = read_json(change_json);

	ck_assert(!change_leads_done(&c));
	ck_assert_uint_eq(change_pending(&c), 3);
	c.effects[0].state = EFFECT_SENT;
	ck_assert(!change_leads_done(&c));
	c.effects[0].state = EFFECT_GIVEN_UP;
	ck_assert(!change_leads_done(&c)); /* lost is not done */
	c.effects[0].state = EFFECT_VERIFIED;
	ck_assert(change_leads_done(&c));
	ck_assert_uint_eq(change_pending(&c), 2);
	ck_assert(!change_settled(&c));
	c.effects[1].state = EFFECT_VERIFIED;
	c.effects[2].state = EFFECT_GIVEN_UP;
	ck_assert(change_settled(&c));
	ck_assert(!change_is_lost(&c)); /* DNS that is not followed */
	c.effects[0].state = EFFECT_GIVEN_UP;
	ck_assert(change_is_lost(&c));
	change_release(&c);
}
END_TEST

/* For as long as it cannot move, and a while from when it can. */
START_TEST(dns_is_given_its_time)
{
	struct change c = read_json(change_json);
	int64_t decided = c.decided_ms, verified = decided + 7200000;

	ck_assert(change_moves_dns(&c, decided));
	ck_assert(change_moves_dns(&c, decided + 2 * CHANGE_DNS_MS));
	c.effects[0].state = EFFECT_VERIFIED;
	c.effects[0].verified_ms = verified;
	ck_assert(change_moves_dns(&c, verified));
	ck_assert(change_moves_dns(&c, verified + CHANGE_DNS_MS));
	ck_assert(!change_moves_dns(&c, verified + CHANGE_DNS_MS + 1));
	ck_assert(!change_moves_dns(&c, verified - 1)); /* set back */
	c.effects[2].state = EFFECT_VERIFIED;
	ck_assert(!change_moves_dns(&c, verified));
	change_release(&c);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(effect_kind_name(EFFECT_PARAMETER), "parameter");
	ck_assert_str_eq(effect_kind_name(EFFECT_NOTICE), "notice");
	ck_assert_str_eq(effect_kind_name(EFFECT_DNS), "dns");
	ck_assert_str_eq(effect_state_name(EFFECT_PLANNED), "planned");
	ck_assert_str_eq(effect_state_name(EFFECT_SENT), "sent");
	ck_assert_str_eq(effect_state_name(EFFECT_VERIFIED), "verified");
	ck_assert_str_eq(effect_state_name(EFFECT_GIVEN_UP), "given-up");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_change");
	TCase *tc = tcase_create("failover_change");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, a_record_makes_a_change);
	tcase_add_test(tc, a_change_makes_its_record);
	tcase_add_loop_test(tc, edited_records, 0, COUNT(edits));
	tcase_add_test(tc, effects_are_bounded);
	tcase_add_test(tc, text_that_is_not_utf8);
	tcase_add_test(tc, steps_are_replayed);
	tcase_add_loop_test(tc, records_that_say_nothing, 0, COUNT(nothing));
	tcase_add_test(tc, replay_into_no_change);
	tcase_add_test(tc, what_is_done);
	tcase_add_test(tc, dns_is_given_its_time);
	tcase_add_test(tc, names);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
