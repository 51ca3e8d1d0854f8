/* SPDX-License-Identifier: MIT
 *
 * The orders of drdctl: as words, as requests, as exit codes; and what comes
 * of them while somebody waits.
 */
#include <check.h>

#include "lib/json.h"

int drdctl_main(int argc, char **argv);

#define main drdctl_main
#include "../../src/tools/drdctl.c"
#undef main

/* Words are separated by "|"; the request, or NULL: wrong usage. */
static const struct {
	const char *words;
	const char *request;
} orders[] = {
	{ "reload", "reload" },
	{ "poll", "poll" },
	{ "poll|shop", "poll shop" },
	{ "failback|shop|--reason|all is well",
	    "failback shop reason=all is well" },
	{ "--reason=a=b to=c|ack|shop", "ack shop reason=a=b to=c" },
	{ "failover|shop|--to|us-west-2|-r|x",
	    "failover shop to=us-west-2 reason=x" },
	{ "failover|shop|--to|us-west-2|-r|x|--override|readiness|"
	  "--override=window|--wait|--yes",
	    "failover shop to=us-west-2 override=readiness override=window "
	    "reason=x" },
	{ "failback|shop|-r|x|--wait=5s", "failback shop reason=x" },
	{ "pause|shop|--for|2h|-r|x", "pause shop for=2h reason=x" },
	{ "resume|shop|-r|x", "resume shop reason=x" },
	{ "", NULL },
	{ "status", NULL },
	{ "failback|-r|why", NULL },
	{ "failback|shop", NULL },
	{ "failback|shop|-r|   ", NULL },
	{ "failback|shop|-r|two\nlines", NULL },
	{ "failback|shop|x|-r|why", NULL },
	{ "failback|sh op|-r|why", NULL },
	{ "failback|shop|-r|why|--to|us-west-2", NULL },
	{ "failback|shop|-r|why|--wait=soon", NULL },
	{ "failback|to=x|-r|why", NULL },
	{ "failover|shop|-r|why", NULL },
	{ "failover|shop|--to|us west|-r|why", NULL },
	{ "failover|shop|--to|r|--override|a b|-r|why", NULL },
	{ "failover|shop|--to|r|--for|2h|-r|why", NULL },
	{ "pause|shop|-r|why", NULL },
	{ "pause|shop|--for|2 h|-r|why", NULL },
	{ "pause|shop|--for|2|-r|why", NULL },
	{ "pause|shop|--for|0s|-r|why", NULL },
	{ "poll|a\nfailback", NULL },
	{ "poll|", NULL },
	{ "poll|shop|-r|why", NULL },
	{ "reload|shop", NULL },
	{ "reload|--wait", NULL },
	{ "reload|--nonsense", NULL },
	{ "failover|s|--to|r|-r|x|--override|1|--override|2|--override|3|"
	  "--override|4|--override|5",
	    NULL },
};

START_TEST(words_make_a_request)
{
	struct orders given = { 0 };
	const struct tool_option options[] = {
		{ "reason", 'r', OPTION_TEXT, &given.reason },
		{ "to", '\0', OPTION_TEXT, &given.to },
		{ "for", '\0', OPTION_TEXT, &given.span },
		{ "override", '\0', OPTION_LIST, &given.overrides },
		{ "wait", 'w', OPTION_MAYBE, &given.wait },
		{ "yes", 'y', OPTION_FLAG, &given.yes },
		{ NULL, '\0', OPTION_FLAG, NULL },
	};
	struct tool tool = { "drdctl", usage, options, 1, NULL, NULL, 0 };
	char name[] = "drdctl", *argv[24] = { name }, *rest, *copy;
	const struct order *order = NULL;
	struct text line = TEXT_INIT;
	const char *wrong = "";
	int argc = 1;

	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
	rest = copy = strdup(orders[_i].words);
	while (orders[_i].words[0] != '\0' && rest != NULL)
		argv[argc++] = strsep(&rest, "|");
	if (options_read(&tool, argc, argv) == -1)
		wrong = check(&tool, &given, &order);
	if (orders[_i].request == NULL) {
		ck_assert_ptr_nonnull(wrong);
	} else {
		ck_assert_ptr_null(wrong);
		compose(order, &given, &line);
		ck_assert_str_eq(line.s, orders[_i].request);
	}
	free(copy);
	text_release(&line);
}
END_TEST

static const struct {
	const char *reply;
	int code;
} judged[] = {
	{ "OK 0a1b2c3d polled\n", 0 },
	{ "ERR failed x\n", 1 },
	{ "ERR no-stack x\n", 1 },
	{ "ERR something-new x\n", 1 },
	{ "ERR\n", 3 },
	{ "ERR \n", 1 },
	{ "OK\n", 3 },
	{ "{}\n", 3 },
	{ "\n", 3 },
	{ "ERR refused primary-not-ok: x\n", 4 },
	{ "ERR busy too many clients\n", 3 },
	{ "ERR usage x\n", 64 },
	{ "ERR denied x\n", 77 },
	{ "ERR config f:1: x\nf:2: y\n", 78 },
};

START_TEST(answers_make_an_exit_code)
{
	char *reply = strdup(judged[_i].reply);

	/* What is printed is not looked at, and should not be seen. */
	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stdout));
	ck_assert_int_eq(judge(reply), judged[_i].code);
	free(reply);
}
END_TEST

/* ---- waiting ------------------------------------------------------------ */

static const char before[] =
    "{'stacks': [{'name': 'other'}, {'name': 'shop', 'change': null}]}";

#define CHANGE(leads_done, users_ms, dns, lead, other, note)             \
	"{'stacks': [{'name': 'shop', 'change': {'audit': '0a1b2c3d',"   \
	"'to': 'us-west-2', 'epoch': 2, 'leads_done': " leads_done       \
	", 'recovery': {'users_ms': " users_ms "}, 'pending': 1,"        \
	"'effects': [{'key': 'us-west-2/p', 'kind': 'parameter',"        \
	"'leads': true, 'state': '" lead "', 'verified_after_ms': 340,"  \
	"'note': 'version 4'}, {'key': 'us-east-1/p', 'kind':"           \
	"'parameter', 'leads': false, 'state': '" other "',"             \
	"'verified_after_ms': null, 'note': '" note "'}, {'key': 'dns'," \
	"'kind': 'dns', 'leads': true, 'state': '" dns "',"              \
	"'verified_after_ms': 61000, 'note': 'n'}]}}]}"

static enum await_state
see(struct await *await, const char *document, char *news, size_t size)
{
	struct text out = TEXT_INIT;
	json_t *t = json(document);
	enum await_state state = await_judge(await, t, &out);

	snprintf(news, size, "%s", out.s);
	json_decref(t);
	text_release(&out);
	return state;
}

START_TEST(each_step_is_told_once)
{
	struct await await = { .stack = "shop", .audit = "0a1b2c3d" };
	char news[1024];
	static const struct {
		const char *document;
		enum await_state state;
		const char *news;
	} steps[] = {
		{ before, AWAIT_ON, "" },
		{ CHANGE("false", "null", "planned", "planned", "planned", ""),
		    AWAIT_ON, "" },
		{ CHANGE("false", "null", "planned", "sent", "planned", ""),
		    AWAIT_ON, "  +0.340s  us-west-2/p sent: version 4\n" },
		{ CHANGE("false", "null", "planned", "sent", "planned", "x"),
		    AWAIT_ON, "" },
		{ CHANGE("true", "null", "planned", "verified", "sent", "x"),
		    AWAIT_ON,
		    "  +0.340s  us-west-2/p verified: version 4\n"
		    "           us-east-1/p sent: x\n" },
		{ CHANGE("true", "61000", "verified", "verified", "sent", "x"),
		    AWAIT_DONE,
		    " +61.000s  dns verified: n\n"
		    "DONE: us-west-2 is active, epoch 2; 1 effect is pending "
		    "and retried until done\n" },
	};
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		ck_assert_int_eq(
		    see(&await, steps[i].document, news, sizeof(news)),
		    steps[i].state);
		ck_assert_str_eq(news, steps[i].news);
		ck_assert_int_eq(await.in_force, i >= 4);
	}
}
END_TEST

/* Then the parameters are all there is, and nobody else has come. */
START_TEST(dns_that_is_not_followed_is_not_waited_for)
{
	struct await await = { .stack = "shop", .audit = "0a1b2c3d" };
	char news[1024];

	ck_assert_int_eq(
	    see(&await,
		CHANGE("false", "null", "given-up", "sent", "planned", ""),
		news, sizeof(news)),
	    AWAIT_ON);
	ck_assert_int_eq(
	    see(&await,
		CHANGE("true", "340", "given-up", "verified", "planned", ""),
		news, sizeof(news)),
	    AWAIT_DONE);
	ck_assert_ptr_nonnull(strstr(news,
	    "DONE: us-west-2 is active, epoch 2; whether DNS leads there is "
	    "not known; 1 effect"));
}
END_TEST

START_TEST(what_is_overtaken_has_failed)
{
	struct await await = { .stack = "shop", .audit = "0a1b2c3d" };
	char news[1024];

	ck_assert_int_eq(
	    see(&await, CHANGE("false", "null", "sent", "given-up", "sent", ""),
		news, sizeof(news)),
	    AWAIT_FAILED);
	ck_assert_ptr_nonnull(strstr(news, "FAILED: somebody else"));
	await.audit = "ffffffff";
	ck_assert_int_eq(
	    see(&await,
		CHANGE("true", "9", "verified", "verified", "verified", ""),
		news, sizeof(news)),
	    AWAIT_FAILED);
	ck_assert_str_eq(news, "FAILED: another change has taken its place\n");
	ck_assert_int_eq(
	    see(&await, "{'stacks': []}", news, sizeof(news)), AWAIT_FAILED);
	ck_assert_str_eq(news, "FAILED: the stack is not kept any more\n");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tools_drdctl");
	TCase *tc = tcase_create("tools_drdctl");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tc, words_make_a_request, 0, sizeof(orders) / sizeof(*orders));
	tcase_add_loop_test(
	    tc, answers_make_an_exit_code, 0, sizeof(judged) / sizeof(*judged));
	tcase_add_test(tc, each_step_is_told_once);
	tcase_add_test(tc, dns_that_is_not_followed_is_not_waited_for);
	tcase_add_test(tc, what_is_overtaken_has_failed);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
