/* SPDX-License-Identifier: MIT
 *
 * Acting: who comes first, what is sent, what a failure costs, and when it
 * is over.  failover_crash.c is about what a restart makes of it.
 */
#include "../../src/failover/act.c"
#include "../../src/failover/act_task.c"

#include "lib/act_world.h"
#include "lib/script.h"

/* ---- when all goes well ------------------------------------------------ */

START_TEST(a_failover)
{
	start_act();
	script_settle();
	check_all_done(1);
	ck_assert_uint_eq(w.sent, 10);	/* put and get of 4, publish of 2 */
	ck_assert_uint_eq(w.steps, 14); /* sent and verified of 7 */
	ck_assert_str_eq(effect_of("west/active")->note, "version 2");
	ck_assert_str_eq(effect_of("east/notice")->note, "message m-1");
	ck_assert_str_eq(effect_of("dns")->note,
	    "2 of 2 name servers answer with us-west-2");
	ck_assert_uint_eq(effect_of("dns")->attempts, 1);
}
END_TEST

/* Users are served after two round trips, the rest after two more; and one
   record was on disk before the first call. */
START_TEST(effects_are_in_flight_together)
{
	start_act();
	script_advance(0);
	ck_assert_uint_eq(w.sent, 3);	 /* two puts and the notice */
	ck_assert_uint_eq(w.records, 3); /* change, sent, dns verified */
	script_advance(2 * (LATENCY_MS + 2));
	ck_assert_uint_eq(w.leads, 1);
	/* 5 confirmations, and what each set free was with it */
	ck_assert_uint_eq(w.records, 7);
	ck_assert_uint_eq(w.settles, 0);
	script_advance(2 * (LATENCY_MS + 2));
	ck_assert_uint_eq(w.settles, 1);
}
END_TEST

START_TEST(nothing_to_do_is_done_at_once)
{
	size_t i;

	change_release(&w.change);
	w.change.epoch = EPOCH;
	for (i = 0; i < PARAMETERS; i++)
		strcpy(w.parameters[i].value, w.parameters[i].wanted);
	start_act();
	ck_assert_uint_eq(w.leads + w.settles, 0); /* not from inside */
	script_settle();
	ck_assert_uint_eq(w.leads, 1);
	ck_assert_uint_eq(w.settles, 1);
	ck_assert_uint_eq(w.sent + w.steps, 0);
}
END_TEST

START_TEST(callbacks_are_optional)
{
	w.options.on_step = NULL;
	w.options.on_lead = NULL;
	w.options.on_settled = NULL;
	start_act();
	script_settle();
	ck_assert(change_settled(&w.change));
}
END_TEST

/* ---- what is sent ------------------------------------------------------ */

static struct aws_call *
call_now(const char *operation, const char *target)
{
	const char *name;
	struct aws_call *call;

	for (call = w.calls; call != NULL; call = call->next) {
		name = tree_str(call->input, "Name");
		if (name == NULL)
			name = tree_str(call->input, "TopicArn");
		if (strcmp(call->operation, operation) == 0 &&
		    strcmp(name, target) == 0)
			return call;
	}
	ck_abort_msg("no %s of %s under way", operation, target);
}

START_TEST(requests)
{
	const json_t *input;
	json_t *faces;

	start_act();
	script_advance(0);
	json_is(call_now("PutParameter", "/dr/endpoint")->input,
	    "{'Name': '/dr/endpoint', 'Value': 'http://west.example',"
	    "'Type': 'SecureString', 'Overwrite': true}");
	input = call_now("Publish", "arn:west")->input;
	ck_assert_str_eq(tree_str(input, "TopicArn"), "arn:west");
	ck_assert_str_eq(tree_str(input, "Subject"),
	    "drd: FAILOVER of dr, epoch 7"); /* of a drd before this one */
	faces = tree_parse(
	    tree_str(input, "Message"), strlen(tree_str(input, "Message")));
	ck_assert_str_eq(tree_str(faces, "sqs"),
	    "{\"event\":\"FAILOVER\",\"stack\":\"dr\",\"epoch\":7,"
	    "\"to\":\"us-west-2\"}");
	ck_assert(strstr(tree_str(faces, "default"), "epoch      7") != NULL);
	json_decref(faces);
	json_is(tree_at(input, "MessageAttributes.entry"),
	    "[{'Name': 'drd_stack', 'Value':"
	    " {'DataType': 'String', 'StringValue': 'dr'}},"
	    "{'Name': 'drd_epoch', 'Value':"
	    " {'DataType': 'Number', 'StringValue': '7'}},"
	    "{'Name': 'drd_step', 'Value':"
	    " {'DataType': 'String', 'StringValue': 'west/notice'}},"
	    "{'Name': 'drd_event', 'Value':"
	    " {'DataType': 'String', 'StringValue': 'FAILOVER'}}]");
	script_advance(LATENCY_MS + 2);
	json_is(call_now("GetParameter", "/dr/endpoint")->input,
	    "{'Name': '/dr/endpoint', 'WithDecryption': true}");
}
END_TEST

/* The key of reconcile's puts; a String has none. */
START_TEST(a_put_names_the_key)
{
	w.options.key = "alias/dr";
	w.parameters[2].plain = true;
	start_act();
	script_advance(0);
	json_is(call_now("PutParameter", w.parameters[2].name)->input,
	    "{'Name': '/dr/endpoint', 'Value': 'http://west.example',"
	    "'Type': 'SecureString', 'KeyId': 'alias/dr', 'Overwrite': true}");
	script_advance(LATENCY_MS + 2);
	json_is(call_now("PutParameter", w.parameters[2].name)->input,
	    "{'Name': '/dr/endpoint', 'Value': 'http://west.example',"
	    "'Overwrite': true}");
	script_settle();
	check_all_done(1);
}
END_TEST

/* A message that says little, or says it strangely: SNS must still take it. */
START_TEST(a_subject_is_short_ascii)
{
	static const char *const values[] = { "not json", "{}",
		"{\"stack\":\"\",\"to\":\"\",\"epoch\":0}",
		"{\"stack\":\"caf\\u00e9\\n\",\"event\":\"\\u0007\"}",
		"{\"stack\":\"a-very-long-name-of-a-stack-that-goes-on-and-on-"
		"and-on-and-on-and-on-and-on\",\"event\":\"SOMETHINGLONGER\","
		"\"to\":\"a-region-of-which-nobody-has-heard-so-far\","
		"\"epoch\":9223372036854775807}" };
	const char *subject, *c;
	struct effect effect = { .key = "k" };
	json_t *input;
	size_t i;

	for (i = 0; i < COUNT(values); i++) {
		effect.value = mem_strdup(values[i]);
		input = notice_input(
		    "arn:t", effect.key, effect.value, w.change.epoch);
		subject = tree_str(input, "Subject");
		ck_assert_str_eq(tree_str(input, "MessageStructure"), "json");
		ck_assert_uint_lt(strlen(subject), 100);
		ck_assert_int_eq(strncmp(subject, "drd: ", 5), 0);
		for (c = subject; *c != '\0'; c++)
			ck_assert(*c >= ' ' && *c <= '~');
		ck_assert_uint_eq(tree_count(input, "MessageAttributes.entry"),
		    i < 3 ? 2 : 4);
		json_decref(input);
		free(effect.value);
	}
}
END_TEST

/* A notice that an earlier change could not deliver tells of that change. */
START_TEST(a_notice_taken_along)
{
	const char *epoch = "MessageAttributes.entry";
	json_t *input, *entry;
	struct effect effect = { .key = "us-east-1/notice-5",
		.value = mem_strdup(
		    "{\"event\":\"STARTED\",\"stack\":\"dr\","
		    "\"from\":\"w\",\"to\":\"us-east-1\",\"epoch\":5}") };

	input = notice_input("arn:t", effect.key, effect.value, w.change.epoch);
	ck_assert_str_eq(tree_str(input, "Subject"),
	    "drd: STARTED of dr: w to us-east-1, epoch 5");
	entry = tree_item(input, epoch, 1);
	ck_assert_str_eq(tree_str(entry, "Value.StringValue"), "5");
	json_decref(input);
	free(effect.value);
}
END_TEST

/* ---- failures ---------------------------------------------------------- */

static const struct fault faults[] = {
	{ ERROR_AGAIN, "Timeout", false, NULL },
	{ ERROR_AGAIN, "Timeout", true, NULL },
	{ ERROR_AGAIN, "InternalServerError", true, NULL },
	{ ERROR_AGAIN, "ConnectionBroken", true, NULL },
	{ ERROR_AGAIN, "Refused", false, NULL },
	{ ERROR_THROTTLED, "ThrottlingException", false, NULL },
	{ ERROR_DENIED, "AccessDeniedException", false, NULL },
	{ ERROR_BROKEN, "HierarchyTypeMismatchException", false, NULL },
	{ ERROR_ABSENT, "ParameterNotFound", false, NULL },
	{ ERROR_ABSENT, "NotFound", true, NULL },
	{ ERROR_BUG, "", false, NULL },
	{ ERROR_NONE, "", true, "{}" },
	{ ERROR_NONE, "", true, "[]" },
	{ ERROR_NONE, "", true, "{'Parameter': {'Value': 'something else'}}" },
	{ ERROR_NONE, "", true, "{'MessageId': ''}" },
};

/*
 * _i: which call fails, in each of the ways above.  It ends in the same
 * place; a parameter is written a second time only if a failed read-back
 * showed something else than was written.
 */
START_TEST(any_call_may_fail)
{
	bool liar;
	size_t i;

	for (i = 0; i < COUNT(faults); i++) {
		w.fault_at = (unsigned)_i + 1;
		w.fault = faults[i];
		liar =
		    faults[i].reply != NULL || faults[i].class == ERROR_ABSENT;
		start_act();
		script_settle();
		check_all_done(liar ? 2 : 1);
		world_tear_down();
		world_set_up(); /* for the next one, and for the fixture */
	}
}
END_TEST

START_TEST(a_failed_try_is_noted)
{
	w.fault_at = 1;
	w.fault = faults[6];
	start_act();
	script_advance(LATENCY_MS + 2);
	ck_assert_int_eq(effect_of("west/endpoint")->state, EFFECT_SENT);
	ck_assert_str_eq(effect_of("west/endpoint")->note, "it failed");
	ck_assert_uint_eq(effect_of("west/endpoint")->attempts, 1);
	script_settle();
	ck_assert_uint_eq(effect_of("west/endpoint")->attempts, 2);
	ck_assert_str_eq(effect_of("west/endpoint")->note, "version 2");
}
END_TEST

/* The failing region is dark for an hour: users are served at once, and when
   it is back it gets exactly one write. */
START_TEST(the_other_region_is_dark_for_an_hour)
{
	w.dark[0] = true;
	start_act();
	script_advance(2 * (LATENCY_MS + 2));
	ck_assert_uint_eq(w.leads, 1);
	ck_assert_uint_eq(change_pending(&w.change), 3);
	script_advance(3600 * 1000);
	ck_assert_uint_eq(change_pending(&w.change), 3);
	ck_assert_uint_eq(w.settles, 0);
	/* patient, not idle: the longest wait is the cap and one call */
	ck_assert_uint_gt(effect_of("east/active")->attempts,
	    3600 * 1000 / (RETRY_CAP_MS + CALL_MS));
	ck_assert_uint_lt(effect_of("east/active")->attempts, 400);
	ck_assert_uint_lt(w.records, 10); /* failures do not fill the disk */
	w.dark[0] = false;
	script_advance(RETRY_CAP_MS + CALL_MS + 3 * (LATENCY_MS + 2));
	check_all_done(1);
}
END_TEST

/* The standby itself is dark: the failing region is not touched, whatever
   time it takes; its notice does not wait longer than one try. */
START_TEST(the_standby_is_dark)
{
	w.dark[1] = true;
	start_act();
	script_advance(600 * 1000);
	ck_assert_uint_eq(w.leads, 0);
	ck_assert_uint_eq(find_topic(EAST)->published, 1);
	ck_assert_str_eq(find_parameter(EAST, "/dr/active")->value, old_active);
	w.dark[1] = false;
	script_settle();
	check_all_done(1);
}
END_TEST

/* No parameter there yet, nor is there after a look: it is put. */
START_TEST(an_absent_parameter_is_put)
{
	w.parameters[2].value[0] = w.parameters[0].value[0] = '\0';
	w.change.decided_ms -= 3600 * 1000;
	start_act();
	script_settle();
	check_all_done(1);
}
END_TEST

/* Made by hand, as another type: users come before tidiness. */
START_TEST(a_parameter_of_another_type_is_put)
{
	size_t i;

	for (i = 0; i < PARAMETERS; i++)
		w.parameters[i].plain = true;
	start_act();
	script_settle();
	check_all_done(1);
}
END_TEST

/* ---- looking first ----------------------------------------------------- */

/* Old decisions, and those that a clock step makes look so, look first; a
   value that is there is not written again. */
START_TEST(a_decision_that_is_not_fresh_looks_first)
{
	static const int64_t ages_ms[] = { 60 * 1000, 86400 * 1000, -1 };

	w.change.decided_ms -= ages_ms[_i];
	strcpy(w.parameters[3].value, new_active);
	start_act();
	script_advance(0);
	call_now("GetParameter", "/dr/active");
	call_now("GetParameter", "/dr/endpoint");
	script_settle();
	check_all_done(1);
	ck_assert_uint_eq(w.parameters[3].writes, 0);
	ck_assert_str_eq(
	    effect_of("west/active")->note, "version 1, was there already");
}
END_TEST

static const char newer[] =
    "{\"active\":\"us-east-1\",\"epoch\":8,\"since\":\"later\"}";

/* Somebody made a later change while the first write was failing. */
START_TEST(a_higher_epoch_wins)
{
	unsigned sent;
	size_t i;

	w.fault_at = 2; /* the put of west/active */
	w.fault = faults[5];
	start_act();
	script_advance(LATENCY_MS + 2);
	ck_assert_int_eq(effect_of("west/active")->state, EFFECT_SENT);
	strcpy(w.parameters[3].value, newer);
	script_advance(RETRY_CAP_MS);
	ck_assert_str_eq(w.parameters[3].value, newer);
	ck_assert_int_eq(effect_of("west/active")->state, EFFECT_GIVEN_UP);
	ck_assert_str_eq(
	    effect_of("west/active")->note, "superseded by epoch 8");
	/* the whole change has lost: the other region is left alone */
	ck_assert_int_eq(effect_of("east/active")->state, EFFECT_GIVEN_UP);
	ck_assert_str_eq(w.parameters[1].value, old_active);
	ck_assert_uint_eq(w.leads, 0);
	ck_assert_uint_eq(w.settles, 1);
	ck_assert(!change_leads_done(&w.change));
	ck_assert(change_is_lost(&w.change));
	sent = w.sent;
	script_settle();
	ck_assert_uint_eq(w.sent, sent);
	for (i = 0; i < PARAMETERS; i++)
		ck_assert_uint_le(w.parameters[i].writes, 1);
}
END_TEST

/* An equal or lower epoch, or text without one, does not stop it. */
START_TEST(other_values_do_not)
{
	static const char *const values[] = { old_active, "", "http://x",
		"{\"epoch\":7}", "{\"epoch\":\"eight\"}", "{\"epoch\":-8}",
		"[8]", "8", "{\"epoch\":8.5}" };

	strcpy(w.parameters[3].value, values[_i]);
	w.change.decided_ms -= 3600 * 1000;
	start_act();
	script_settle();
	check_all_done(1);
}
END_TEST

/* The endpoint's value is a URL: whatever it says, it carries no epoch. */
START_TEST(the_endpoint_is_put_again)
{
	w.change.decided_ms -= 3600 * 1000;
	strcpy(w.parameters[2].value, "http://somewhere.else");
	start_act();
	script_settle();
	check_all_done(1);
}
END_TEST

/* ---- the journal fails ------------------------------------------------- */

START_TEST(without_a_journal_it_goes_forward)
{
	size_t i;

	w.journal_fails = true;
	start_act();
	script_settle();
	ck_assert(west_is_done() && east_is_done());
	ck_assert_uint_eq(w.leads, 1);
	ck_assert_uint_eq(w.settles, 1);
	for (i = 0; i < w.change.count; i++) {
		ck_assert_int_eq(w.change.effects[i].state, EFFECT_VERIFIED);
		ck_assert_ptr_nonnull(
		    strstr(w.change.effects[i].note, "not in the journal"));
	}
	ck_assert_str_eq(
	    effect_of("west/active")->note, "version 2; not in the journal");
}
END_TEST

START_TEST(a_long_note_stays_in_bounds)
{
	struct effect *effect = &w.change.effects[0];
	struct act act = { .change = &w.change };
	struct act_task task = { .act = &act, .effect = effect };
	struct error e = { .text = "disk full" };
	char note[600];

	memset(note, 'x', sizeof(note) - 1);
	note[sizeof(note) - 1] = '\0';
	note[3] = '\n';
	effect_note(effect, note);
	ck_assert_uint_eq(strlen(effect->note), sizeof(effect->note) - 1);
	ck_assert_int_eq(effect->note[3], '?');
	note_unjournalled(&task, &e);
	ck_assert_uint_eq(strlen(effect->note), sizeof(effect->note) - 1);
}
END_TEST

/* ---- DNS --------------------------------------------------------------- */

START_TEST(dns_takes_its_time)
{
	script_dns(NULL, "app.example", "10.0.0.1", DNS_ANSWERED);
	start_act();
	script_advance(10000);
	ck_assert_uint_eq(change_pending(&w.change), 1);
	ck_assert_uint_eq(w.settles, 0);
	ck_assert_uint_eq(effect_of("dns")->attempts, 11);
	ck_assert_str_eq(effect_of("dns")->note,
	    "0 of 2 name servers answer with us-west-2");
	script_dns("ns-2", "app.example", "10.1.0.1", DNS_ANSWERED);
	script_advance(1000);
	ck_assert_str_eq(effect_of("dns")->note,
	    "1 of 2 name servers answer with us-west-2");
	script_dns("ns-1", "app.example", "10.1.0.1", DNS_ANSWERED);
	script_advance(1000);
	check_all_done(1);
}
END_TEST

START_TEST(dns_that_cannot_be_followed)
{
	if (_i == 0)
		w.options.dns.record = NULL;
	else if (_i == 1)
		w.options.dns.server_count = 0;
	else
		w.options.dns.target_balancer = NULL;
	start_act();
	script_settle();
	ck_assert_int_eq(effect_of("dns")->state, EFFECT_GIVEN_UP);
	ck_assert_int_eq(
	    strncmp(effect_of("dns")->note, "not followed", 12), 0);
	ck_assert_uint_eq(w.leads, 1);
	ck_assert_uint_eq(w.settles, 1);
	ck_assert(west_is_done() && east_is_done());
}
END_TEST

/* ---- cancelling -------------------------------------------------------- */

/* At each millisecond of the whole affair: nothing is left behind (the tear
   down looks), and nothing is called back. */
START_TEST(cancelled_at_any_time)
{
	unsigned callbacks;

	w.dark[0] = _i % 2 != 0;
	script_dns("ns-1", "app.example", "10.0.0.1", DNS_ANSWERED);
	start_act();
	script_advance((uint64_t)_i);
	act_cancel(w.act);
	w.act = NULL;
	callbacks = w.callbacks;
	ck_assert_ptr_null(w.calls);
	ck_assert_uint_eq(script_pending(), 0);
	script_settle();
	ck_assert_uint_eq(w.callbacks, callbacks);
}
END_TEST

/* From inside the n-th callback, whichever it is. */
START_TEST(cancelled_from_inside)
{
	w.cancel_at = (unsigned)_i;
	start_act();
	script_settle();
	ck_assert_uint_eq(w.callbacks, (unsigned)_i);
	ck_assert_ptr_null(w.act);
	ck_assert_ptr_null(w.calls);
}
END_TEST

/* Also when the callbacks come from giving up. */
START_TEST(cancelled_while_giving_up)
{
	strcpy(w.parameters[3].value, newer);
	w.change.decided_ms -= 3600 * 1000;
	w.cancel_at = (unsigned)_i;
	start_act();
	script_settle();
	ck_assert_uint_eq(w.callbacks, (unsigned)_i);
	ck_assert_ptr_null(w.calls);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("failover_act");
	TCase *tc = tcase_create("failover_act");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, world_set_up, world_tear_down);
	tcase_add_test(tc, a_failover);
	tcase_add_test(tc, effects_are_in_flight_together);
	tcase_add_test(tc, nothing_to_do_is_done_at_once);
	tcase_add_test(tc, callbacks_are_optional);
	tcase_add_test(tc, requests);
	tcase_add_test(tc, a_put_names_the_key);
	tcase_add_test(tc, a_subject_is_short_ascii);
	tcase_add_test(tc, a_notice_taken_along);
	tcase_add_loop_test(tc, any_call_may_fail, 0, 10);
	tcase_add_test(tc, a_failed_try_is_noted);
	tcase_add_test(tc, the_other_region_is_dark_for_an_hour);
	tcase_add_test(tc, the_standby_is_dark);
	tcase_add_test(tc, an_absent_parameter_is_put);
	tcase_add_test(tc, a_parameter_of_another_type_is_put);
	tcase_add_loop_test(tc, a_decision_that_is_not_fresh_looks_first, 0, 3);
	tcase_add_test(tc, a_higher_epoch_wins);
	tcase_add_loop_test(tc, other_values_do_not, 0, 9);
	tcase_add_test(tc, the_endpoint_is_put_again);
	tcase_add_test(tc, without_a_journal_it_goes_forward);
	tcase_add_test(tc, a_long_note_stays_in_bounds);
	tcase_add_test(tc, dns_takes_its_time);
	tcase_add_loop_test(tc, dns_that_cannot_be_followed, 0, 3);
	tcase_add_loop_test(tc, cancelled_at_any_time, 0, 200);
	tcase_add_loop_test(tc, cancelled_from_inside, 1, 17);
	tcase_add_loop_test(tc, cancelled_while_giving_up, 1, 13);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
