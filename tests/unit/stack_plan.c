/* SPDX-License-Identifier: MIT
 *
 * The plan, word for word.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "stack/judge.h"
#include "stack/plan.c"

static json_t *
json_of(const char *s)
{
	json_t *t = tree_parse(s, strlen(s));

	ck_assert_msg(t != NULL, "not JSON: %s", s);
	return t;
}

static json_t *
no_input(const json_t *want, const json_t *have, const char *token)
{
	return json_object();
}

static const struct kind_step steps[] = {
	{ "Put", .absent = true,
	    .differs = "Threshold Value Alias Policy Tags List",
	    .input = no_input, .why = "so" },
	{ .operation = NULL },
};

static const struct kind kind_x = { .name = "alarm", .steps = steps };
static const struct kind kind_y = {
	.name = "ssm-parameter",
	.steps = steps,
	.secrets = "Value",
	.exact = "Policy",
	.ignores = "Name",
	.advice = "delete it",
};

static int
is_not_pending(const json_t *want, const json_t *have, struct error *e)
{
	const char *state = tree_str(have, "State");

	return state != NULL && strcmp(state, "Pending") == 0
	    ? error_set(e, ERROR_AGAIN, "Pending", "State is Pending")
	    : 0;
}

static const struct kind kind_slow = {
	.name = "slow",
	.steps = steps,
	.landed = is_not_pending,
};

static const struct kind_step lesser[] = {
	{ "Take", .differs = "List", .input = no_input, .why = "extra",
	    .deletes = true },
	{ .operation = NULL },
};

static const struct kind kind_less = { .name = "less", .steps = lesser };

#define OURS   "\"Tags\":{\"drd:stack\":\"shop\",\"drd:owner\":\"drd\"}"
#define THEIRS "\"Tags\":{\"drd:stack\":\"shop\",\"drd:owner\":\"x\"}"

/* A node as a pass leaves it; `have` NULL: it is not there. */
static struct node *
add(struct graph *g, const struct kind *kind, const char *region,
    const char *name, enum policy policy, const char *wanted, const char *have)
{
	struct node *node =
	    graph_add(g, kind, region, name, name, policy, json_of(wanted));

	node->wanted = json_deep_copy(node->want);
	node->have = have != NULL ? json_of(have) : NULL;
	judge_node(node);
	return node;
}

static struct node *
add_failed(struct graph *g, const struct kind *kind, const char *name,
    enum node_state state, const struct error *e)
{
	struct node *node =
	    add(g, kind, "us-east-1", name, POLICY_MANAGE, "{}", NULL);

	node_fail(node, state, e);
	return node;
}

static void
seal(struct graph *g)
{
	struct error e = { 0 };

	ck_assert_msg(graph_seal(g, &e) == 0, "%s", e.text);
}

static const struct error denied = { ERROR_DENIED, "AccessDenied", "abc-123",
	"sns us-east-1: CreateTopic: AccessDenied: no" };
static const struct error blocked = { ERROR_AGAIN, "Blocked", "",
	"waits for b\xc3" };

static struct graph *
build(void)
{
	struct graph *g = graph_new("shop");
	struct node *node;

	add(g, &kind_x, "us-east-1", "shop-ok", POLICY_MANAGE,
	    "{\"Threshold\":5," OURS "}", "{\"Threshold\":5.0," OURS "}");
	add(g, &kind_y, "us-west-2", "shop-new", POLICY_MANAGE,
	    "{\"Threshold\":5,\"Name\":\"n\",\"Value\":\"new secret\","
	    "\"Policy\":{\"Statement\":[{\"Action\":\"sns:Publish\","
	    "\"Resource\":\"arn:aws:sns:us-west-2:123456789012:x\"}]},"
	    "\"List\":\"${b:Id}\"," OURS "}",
	    NULL);
	add(g, &kind_x, "us-east-1", "shop-elb-5xx", POLICY_MANAGE,
	    "{\"Threshold\":10,\"Alias\":{\"A\":\"${b:Id}\",\"B\":1,\"C\":2},"
	    "\"List\":[1,2]," OURS "}",
	    "{\"Threshold\":5,\"Alias\":{\"A\":\"a\",\"B\":1},"
	    "\"List\":\"1\"," OURS "}");
	add(g, &kind_y, "us-east-1", "/dr/shop-prod/active", POLICY_MANAGE,
	    "{\"Value\":\"new secret\",\"Name\":\"x\",\"Policy\":{\"S\":[{"
	    "\"P\":\"me\"},2]}," OURS "}",
	    "{\"Value\":\"old secret\",\"Policy\":{\"S\":[{\"P\":\"me\","
	    "\"Q\":\"all\"},2],\"T\":1}," OURS "}");
	add(g, &kind_y, "us-east-1", "/dr/shop-prod/endpoint", POLICY_MANAGE,
	    "{\"Value\":\"v\"," OURS "}", "{\"Value\":\"w\"," THEIRS "}");
	add(g, &kind_y, "us-east-1", "type", POLICY_MANAGE,
	    "{\"Type\":\"S\"," OURS "}", "{\"Type\":\"T\"," OURS "}");
	add(g, &kind_x, "us-east-1", "watched", POLICY_OBSERVE,
	    "{\"Threshold\":10}", "{\"Threshold\":5}");
	add(g, &kind_x, "us-east-1", "off", POLICY_IGNORE, "{}", NULL);
	add(g, &kind_x, "us-east-1", "b", POLICY_MANAGE, "{" OURS "}",
	    "{" OURS "}");
	add(g, &kind_slow, "us-east-1", "slow", POLICY_MANAGE, "{" OURS "}",
	    "{\"State\":\"Pending\"," OURS "}");
	add(g, &kind_less, "us-east-1", "less", POLICY_MANAGE,
	    "{\"List\":[1]," OURS "}", "{\"List\":[1,2]," OURS "}");
	node = add(g, &kind_x, "us-east-1", "nobodys", POLICY_MANAGE,
	    "{\"Threshold\":1," OURS "}",
	    "{\"Threshold\":1,\"Tags\":{\"Name\":\"x\"}}");
	node->adopt = true;
	judge_node(node);
	add(g, &kind_x, "us-east-1", "adoptable", POLICY_MANAGE, "{" OURS "}",
	    "{\"Tags\":{\"Name\":\"x\"}}");
	add_failed(g, &kind_x, "red\033[31m", NODE_BLOCKED, &blocked);
	add_failed(g, &kind_x, "locked", NODE_FAILED, &denied);
	node = add(g, &kind_x, "us-east-1", "ice", POLICY_MANAGE, "{}", NULL);
	node->frozen = true;
	judge_node(node);
	seal(g);
	return g;
}

static const char golden[] =
    "~ us-east-1  alarm          shop-elb-5xx\n"
    "      Threshold: 5 -> 10\n"
    "      Alias.A: a -> (known after apply)\n"
    "      Alias.C: (none) -> 2\n"
    "      List: 1 -> [1,2]\n"
    "~ us-east-1  ssm-parameter  /dr/shop-prod/active\n"
    "      Value: (secret) -> (secret)\n"
    "      Policy.S.0.Q: all -> (none)\n"
    "      Policy.T: 1 -> (none)\n"
    "! us-east-1  ssm-parameter  /dr/shop-prod/endpoint: not ours: tag "
    "drd:stack is shop, drd:owner is x; left alone: rename or remove the "
    "ssm-parameter, give it our tags to hand it over, or let drd only "
    "observe it\n"
    "! us-east-1  ssm-parameter  type: Type differs and cannot be changed: "
    "delete it\n"
    "~ us-east-1  alarm          watched (observed)\n"
    "      Threshold: 5 -> 10\n"
    ". us-east-1  slow           slow: State is Pending\n"
    "~ us-east-1  less           less (takes something away)\n"
    "      List: [1,2] -> [1]\n"
    "@ us-east-1  alarm          nobodys: not ours yet: to be adopted\n"
    "      Tags.drd:stack: (none) -> shop\n"
    "      Tags.drd:owner: (none) -> drd\n"
    "! us-east-1  alarm          adoptable: not ours: tag drd:stack is "
    "absent, drd:owner is absent; left alone: rename or remove the alarm, "
    "hand it over with `drd apply --adopt`, or let drd only observe it\n"
    "! us-east-1  alarm          red?[31m: waits for b\xc3\n"
    "! us-east-1  alarm          locked: sns us-east-1: CreateTopic: "
    "AccessDenied: no (request abc-123)\n"
    "      to do: allow it: `drd policy` prints what drd needs\n"
    "+ us-west-2  ssm-parameter  shop-new\n"
    "      Threshold: 5\n"
    "      Value: (secret)\n"
    "      Policy: {\"Statement\":[{\"Action\":\"sns:Publish\",\"Resource\":"
    "\"arn:aws:sn...\n"
    "      List: (known after apply)\n"
    "\n"
    "1 to create, 4 to change, 2 foreign, 3 failed, 2 as declared, "
    "1 to adopt, 1 landing, 1 frozen\n";

START_TEST(test_text)
{
	struct graph *g = build();
	struct text out = TEXT_INIT;

	plan_text(g, &out);
	ck_assert_str_eq(out.s, golden);
	ck_assert_int_eq(plan_exit_code(g), 1);
	text_release(&out);
	graph_free(g);
}
END_TEST

static const json_t *
change_named(const json_t *plan, const char *id)
{
	size_t i;

	for (i = 0; i < tree_count(plan, "changes"); i++)
		if (strcmp(tree_str(tree_item(plan, "changes", i), "id"), id) ==
		    0)
			return tree_item(plan, "changes", i);
	ck_abort_msg("no change of %s", id);
}

static void
ck_change(const json_t *plan, const char *id, const char *expected)
{
	char *s = tree_dump(change_named(plan, id));

	ck_assert_str_eq(s, expected);
	free(s);
}

#define CHANGE(id, kind, region, state, why, more)                           \
	"{" more "\"id\":\"" id "\",\"kind\":\"" kind "\"," more_##state     \
	    "\"name\":\"" id "\",\"policy\":\"manage\",\"region\":\"" region \
	    "\",\"state\":\"" #state "\",\"why\":\"" why "\"}"
#define more_drifted
#define more_adopted
#define more_landing
#define more_absent                                                    \
	"\"members\":{\"List\":\"(known after apply)\",\"Policy\":{"   \
	"\"Statement\":[{\"Action\":\"sns:Publish\",\"Resource\":"     \
	"\"arn:aws:sns:us-west-2:123456789012:x\"}]},\"Threshold\":5," \
	"\"Value\":\"(secret)\"},"
#define more_failed

static const struct {
	const char *id;
	const char *expected;
} changes[] = {
	{ "shop-new",
	    CHANGE("shop-new", "ssm-parameter", "us-west-2", absent,
		"not there", "") },
	{ "shop-elb-5xx",
	    CHANGE("shop-elb-5xx", "alarm", "us-east-1", drifted,
		"Threshold, Alias, List",
		"\"differences\":{\"Alias.A\":{\"have\":\"a\",\"want\":"
		"\"(known after apply)\"},\"Alias.C\":{\"have\":null,"
		"\"want\":2},\"List\":{\"have\":\"1\",\"want\":[1,2]},"
		"\"Threshold\":{\"have\":5,\"want\":10}},") },
	{ "less",
	    CHANGE("less", "less", "us-east-1", drifted, "List",
		"\"deletes\":true,\"differences\":{\"List\":{\"have\":[1,2],"
		"\"want\":[1]}},") },
	{ "nobodys",
	    CHANGE("nobodys", "alarm", "us-east-1", adopted,
		"not ours yet: to be adopted",
		"\"differences\":{\"Tags.drd:owner\":{\"have\":null,"
		"\"want\":\"drd\"},\"Tags.drd:stack\":{\"have\":null,"
		"\"want\":\"shop\"}},") },
	{ "slow",
	    CHANGE(
		"slow", "slow", "us-east-1", landing, "State is Pending", "") },
	{ "locked",
	    CHANGE("locked", "alarm", "us-east-1", failed,
		"sns us-east-1: CreateTopic: AccessDenied: no",
		"\"error\":{\"class\":\"denied\",\"code\":\"AccessDenied\","
		"\"remedy\":\"allow it: `drd policy` prints what drd needs\","
		"\"request_id\":\"abc-123\",\"text\":\"sns us-east-1: "
		"CreateTopic: AccessDenied: no\"},") },
};

START_TEST(test_json)
{
	struct graph *g = build();
	json_t *t = plan_json(g), *counts;
	char *s = tree_dump(t);
	size_t i;

	ck_assert_uint_eq(tree_count(t, "changes"), 12);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		ck_change(t, changes[i].id, changes[i].expected);
	/* Not a trace of the secret, and valid even where a text was cut. */
	ck_assert_ptr_null(strstr(s, "secret\""));
	ck_assert_ptr_null(strstr(s, "old secret"));
	ck_assert_ptr_nonnull(strstr(s, "waits for b?"));
	free(s);
	counts = json_deep_copy(t);
	json_object_del(counts, "changes");
	json_object_del(counts, "notes");
	s = tree_dump(counts);
	ck_assert_str_eq(s,
	    "{\"adopt\":1,\"change\":4,\"clean\":2,\"create\":1,"
	    "\"destroy\":false,\"failed\":3,\"foreign\":2,\"frozen\":1,"
	    "\"gone\":0,\"landing\":1,\"left\":0,\"remove\":0,"
	    "\"schema\":\"drd.plan/1\",\"stack\":\"shop\"}");
	free(s);
	json_decref(counts);
	json_decref(t);
	graph_free(g);
}
END_TEST

/* As a pass that removes leaves it. */
static void
doom(struct graph *g, const char *region, const char *name, enum policy policy,
    const char *want, const char *have)
{
	struct node *node = add(g, &kind_x, region, name, policy, want, have);

	judge_removal(node);
}

/* What to do: about whatever AWS says, and nothing that drd says itself. */
static const struct {
	enum error_class class;
	const char *code;
	const char *request_id;
	const char *remedy; /* its begin, or NULL */
} cures[] = {
	{ ERROR_DENIED, "AccessDeniedException", "r", "allow it" },
	{ ERROR_DENIED, "ExpiredToken", "r", "renew the credentials" },
	{ ERROR_DENIED, "RequestExpired", "r", "renew the credentials, and" },
	{ ERROR_DENIED, "RequestTimeTooSkewed", "r", "set this machine's" },
	{ ERROR_DENIED, "SignatureDoesNotMatch", "r", "look at the secret" },
	{ ERROR_DENIED, "InvalidClientTokenId", "r", "look at the cred" },
	{ ERROR_BROKEN, "VpcLimitExceeded", "r", "ask AWS" },
	{ ERROR_BROKEN, "TooManyBuckets", "r", "ask AWS" },
	{ ERROR_BROKEN, "MalformedPolicyDocument", "r", "change what AWS" },
	{ ERROR_BROKEN, "Http400", "", "see what answers" },
	{ ERROR_BROKEN, "Unchangeable", "", NULL },
	{ ERROR_ABSENT, "NoSuchBucket", "r", "see what AWS" },
	{ ERROR_ABSENT, "NotThere", "", NULL },
	{ ERROR_THROTTLED, "SlowDown", "r", "try again later" },
	{ ERROR_AGAIN, "BucketAlreadyOwnedByYou", "r", "see what else" },
	{ ERROR_AGAIN, "ResourceInUseException", "r", "remove what still" },
	{ ERROR_AGAIN, "BucketNotEmpty", "r", "empty it" },
	{ ERROR_AGAIN, "ConnectionBroken", "", "try again: it may" },
	{ ERROR_AGAIN, "Http503", "", "try again: it may" },
	{ ERROR_AGAIN, "Blocked", "", NULL },
	{ ERROR_AGAIN, "Left", "", NULL },
};

START_TEST(test_remedies)
{
	struct error e = { 0 };
	const char *remedy;

	error_set(&e, cures[_i].class, cures[_i].code, "no");
	snprintf(
	    e.request_id, sizeof(e.request_id), "%s", cures[_i].request_id);
	remedy = plan_remedy(&e);
	if (cures[_i].remedy == NULL)
		ck_assert_ptr_null(remedy);
	else
		ck_assert_msg(
		    remedy != NULL && text_starts(remedy, cures[_i].remedy),
		    "%s: %s", cures[_i].code, remedy);
}
END_TEST

START_TEST(test_destroy)
{
	struct graph *g = graph_new("shop");
	struct text out = TEXT_INIT;
	json_t *t;

	doom(g, "us-east-1", "vpc", POLICY_MANAGE, "{" OURS "}", "{" OURS "}");
	doom(g, "us-east-1", "subnet", POLICY_MANAGE,
	    "{\"V\":\"${vpc:Id}\"," OURS "}", "{" OURS "}");
	doom(g, "us-west-2", "gone", POLICY_MANAGE, "{" OURS "}", NULL);
	doom(g, "us-west-2", "theirs", POLICY_MANAGE, "{" OURS "}",
	    "{" THEIRS "}");
	doom(g, "us-west-2", "watched", POLICY_OBSERVE, "{}", "{}");
	doom(
	    g, "us-west-2", "topic", POLICY_MANAGE, "{" OURS "}", "{" OURS "}");
	seal(g);
	plan_text(g, &out);
	ck_assert_str_eq(out.s,
	    "- us-east-1  alarm  subnet\n"
	    "- us-east-1  alarm  vpc\n"
	    "- us-west-2  alarm  topic\n"
	    ". us-west-2  alarm  watched (observed): left: it is only "
	    "observed\n"
	    "! us-west-2  alarm  theirs: not ours: tag drd:stack is shop, "
	    "drd:owner is x; left alone\n"
	    "\n"
	    "3 to remove, 1 left, 1 foreign, 0 failed, 1 not there\n");
	ck_assert_int_eq(plan_exit_code(g), 2);
	t = plan_json(g);
	ck_assert(tree_true(t, "destroy"));
	ck_assert_str_eq(tree_str(change_named(t, "vpc"), "state"), "doomed");
	ck_assert_str_eq(tree_str(change_named(t, "watched"), "why"),
	    "left: it is only observed");
	json_decref(t);
	text_release(&out);
	graph_free(g);
}
END_TEST

START_TEST(test_nothing_to_do)
{
	struct graph *g = graph_new("shop");
	struct text out = TEXT_INIT;

	add(g, &kind_x, "us-east-1", "shop-ok", POLICY_MANAGE,
	    "{\"Threshold\":5," OURS "}", "{\"Threshold\":\"5\"," OURS "}");
	seal(g);
	plan_text(g, &out);
	ck_assert_str_eq(out.s,
	    "0 to create, 0 to change, 0 foreign, 0 failed, 1 as declared\n");
	ck_assert_int_eq(plan_exit_code(g), 0);
	text_release(&out);
	graph_free(g);
}
END_TEST

static const struct {
	const struct kind *kind;
	const char *have; /* NULL: not there */
	int code;
} codes[] = {
	{ &kind_x, NULL, 2 },
	{ &kind_x, "{\"Threshold\":1," OURS "}", 0 },
	{ &kind_x, "{\"Threshold\":2," OURS "}", 2 },
	{ &kind_x, "{\"Threshold\":1," THEIRS "}", 1 },
	{ &kind_slow, "{\"Threshold\":1,\"State\":\"Pending\"," OURS "}", 2 },
};

START_TEST(test_exit_codes)
{
	struct graph *g = graph_new("shop");

	add(g, codes[_i].kind, "us-east-1", "a", POLICY_MANAGE,
	    "{\"Threshold\":1," OURS "}", codes[_i].have);
	ck_assert_int_eq(plan_exit_code(g), codes[_i].code);
	graph_free(g);
}
END_TEST

/* A short value is cut between characters, not in one. */
START_TEST(test_short_values)
{
	struct graph *g = graph_new("shop");
	struct text want = TEXT_INIT, out = TEXT_INIT;
	int i;

	text_add(&want,
	    "{\"Value\":\"12345678901234567890123456789012345678"
	    "90123456789012345678");
	for (i = 0; i < 4; i++)
		text_add(&want, "\xe2\x82\xac"); /* three bytes each */
	text_add(&want, "\"}");
	add(g, &kind_x, "us-east-1", "a", POLICY_MANAGE, want.s, NULL);
	seal(g);
	plan_text(g, &out);
	ck_assert_ptr_nonnull(strstr(out.s, "78\xe2\x82\xac...\n"));
	text_release(&want);
	text_release(&out);
	graph_free(g);
}
END_TEST

static const char *
asks_somebody(const json_t *have)
{
	return tree_str(have, "Asks");
}

/* As declared is not always all there is to say. */
START_TEST(test_notes)
{
	static const struct kind kind_z = {
		.name = "sns-subscription",
		.steps = steps,
		.note = asks_somebody,
	};
	struct graph *g = graph_new("shop");
	struct text out = TEXT_INIT;
	json_t *t;

	add(g, &kind_z, "us-east-1", "email:a@b.example", POLICY_MANAGE,
	    "{" OURS "}", "{\"Asks\":\"waits for its receiver\"," OURS "}");
	add(g, &kind_z, "us-west-2", "email:c@d.example", POLICY_MANAGE,
	    "{" OURS "}", "{" OURS "}");
	add(g, &kind_z, "eu-west-1", "email:e@f.example", POLICY_MANAGE,
	    "{" OURS "}", NULL);
	seal(g);
	plan_text(g, &out);
	ck_assert_ptr_nonnull(strstr(out.s,
	    ", 2 as declared\nnote: sns-subscription email:a@b.example in "
	    "us-east-1 waits for its receiver\n"));
	ck_assert_ptr_null(strstr(out.s,
	    "note: sns-subscription "
	    "email:c@d.example"));
	t = plan_json(g);
	ck_assert_uint_eq(tree_count(t, "notes"), 1);
	ck_assert_str_eq(tree_str(tree_item(t, "notes", 0), "note"),
	    "waits for its receiver");
	json_decref(t);
	text_release(&out);
	graph_free(g);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stack_plan");
	TCase *t = tcase_create("plan");
	SRunner *runner;
	int failed;

	tcase_add_test(t, test_text);
	tcase_add_test(t, test_json);
	tcase_add_loop_test(
	    t, test_remedies, 0, (int)(sizeof(cures) / sizeof(cures[0])));
	tcase_add_test(t, test_destroy);
	tcase_add_test(t, test_nothing_to_do);
	tcase_add_loop_test(
	    t, test_exit_codes, 0, (int)(sizeof(codes) / sizeof(codes[0])));
	tcase_add_test(t, test_short_values);
	tcase_add_test(t, test_notes);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
