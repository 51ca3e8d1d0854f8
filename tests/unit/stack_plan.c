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

static struct graph *
build(void)
{
	struct graph *g = graph_new("shop");
	struct node *node;
	struct error e;

	add(g, &kind_x, "us-east-1", "shop-ok", POLICY_MANAGE,
	    "{\"Threshold\":5," OURS "}", "{\"Threshold\":5.0," OURS "}");
	add(g, &kind_y, "us-west-2", "shop-new", POLICY_MANAGE,
	    "{\"Threshold\":5}", NULL);
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
	node = add(
	    g, &kind_x, "us-east-1", "red\033[31m", POLICY_MANAGE, "{}", NULL);
	error_set(&e, ERROR_AGAIN, "Blocked", "waits for b\xc3");
	node_fail(node, NODE_BLOCKED, &e);
	node = add(g, &kind_x, "us-east-1", "ice", POLICY_MANAGE, "{}", NULL);
	node->frozen = true;
	judge_node(node);
	return g;
}

static const char golden[] =
    "+ us-west-2  ssm-parameter  shop-new\n"
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
    "ssm-parameter, give it both tags to hand it over, or let drd only "
    "observe it\n"
    "! us-east-1  ssm-parameter  type: Type differs and cannot be changed: "
    "delete it\n"
    "~ us-east-1  alarm          watched (observed)\n"
    "      Threshold: 5 -> 10\n"
    "! us-east-1  alarm          red?[31m: waits for b\xc3\n"
    "\n"
    "1 to create, 3 to change, 1 foreign, 2 failed, 1 as declared, "
    "1 frozen\n";

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

START_TEST(test_json)
{
	struct graph *g = build();
	json_t *t = plan_json(g);
	char *s = tree_dump(t);
	int64_t n;

	ck_assert_str_eq(tree_str(t, "schema"), "drd.plan/1");
	ck_assert_str_eq(tree_str(t, "stack"), "shop");
	ck_assert_uint_eq(tree_count(t, "changes"), 7);
	ck_assert_int_eq(tree_int(t, "change", &n), 0);
	ck_assert_int_eq(n, 3);
	ck_assert_int_eq(tree_int(tree_item(t, "changes", 1),
			     "differences.Threshold.want", &n),
	    0);
	ck_assert_int_eq(n, 10);
	ck_assert_str_eq(
	    tree_str(tree_item(t, "changes", 3), "error.code"), "Foreign");
	/* Not a trace of the secret, and valid even where a text was cut. */
	ck_assert_ptr_null(strstr(s, "secret\""));
	ck_assert_ptr_null(strstr(s, "old secret"));
	ck_assert_ptr_nonnull(strstr(s, "waits for b?"));
	free(s);
	json_decref(t);
	graph_free(g);
}
END_TEST

START_TEST(test_nothing_to_do)
{
	struct graph *g = graph_new("shop");
	struct text out = TEXT_INIT;

	add(g, &kind_x, "us-east-1", "shop-ok", POLICY_MANAGE,
	    "{\"Threshold\":5," OURS "}", "{\"Threshold\":\"5\"," OURS "}");
	plan_text(g, &out);
	ck_assert_str_eq(out.s,
	    "0 to create, 0 to change, 0 foreign, 0 failed, 1 as declared\n");
	ck_assert_int_eq(plan_exit_code(g), 0);
	add(g, &kind_x, "us-east-1", "more", POLICY_MANAGE, "{}", NULL);
	ck_assert_int_eq(plan_exit_code(g), 2);
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
	tcase_add_test(t, test_nothing_to_do);
	tcase_add_test(t, test_notes);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
