/* SPDX-License-Identifier: MIT
 *
 * References: who waits for whom, and what they are replaced by.
 */
#include <check.h>
#include <string.h>

#include "stack/graph.c"
#include "stack/ref.c"

static const struct kind kind_a = { .name = "a" };

static json_t *
json_of(const char *s)
{
	json_t *t = tree_parse(s, strlen(s));

	ck_assert_msg(t != NULL, "not JSON: %s", s);
	return t;
}

static struct node *
add(struct graph *g, const char *id, const char *want)
{
	return graph_add(
	    g, &kind_a, "us-east-1", id, id, POLICY_MANAGE, json_of(want));
}

static void
ck_json(json_t *t, const char *expected)
{
	char *s = tree_dump(t);

	ck_assert_str_eq(s, expected);
	free(s);
	json_decref(t);
}

START_TEST(test_needs)
{
	struct graph *g = graph_new("shop");
	struct error e = { 0 };
	struct node *a, *b, *c;

	a = add(g, "x/a",
	    "{\"T\":\"${x/b:Id} and ${x/c:Id}\","
	    "\"L\":[{\"M\":\"${x/b:Other}\"}]}");
	b = add(g, "x/b", "{\"T\":\"${x/c:Id}\"}");
	c = add(g, "x/c", "{\"T\":\"$ { } $x\", \"N\":1}");
	ck_assert_int_eq(graph_seal(g, &e), 0);
	ck_assert_uint_eq(graph_needs_count(g, a), 2);
	ck_assert_ptr_eq(graph_needs(g, a, 0), b);
	ck_assert_ptr_eq(graph_needs(g, a, 1), c);
	ck_assert_uint_eq(graph_needs_count(g, b), 1);
	ck_assert_uint_eq(graph_needs_count(g, c), 0);
	ck_assert_ptr_eq(graph_find(g, "x/b"), b);
	ck_assert_ptr_null(graph_find(g, "x/"));
	ck_assert_str_eq(graph_stack(g), "shop");
	graph_free(g);
}
END_TEST

static const struct {
	const char *a, *b;
	const char *text;
} refused[] = {
	{ "{\"T\":\"${c:Id}\"}", "{}",
	    "a refers to c, which is not in the stack" },
	{ "{\"T\":\"${a:Id}\"}", "{}", "a refers to: a" },
	{ "{\"T\":\"${b:Id}\"}", "{\"T\":\"${a:Id}\"}",
	    "a refers to: b refers to: a" },
	{ "{\"T\":\"${b}\"}", "{}", "a: \"${b}\" is not a reference" },
	{ "{\"T\":\"${b:Id\"}", "{}", "a: \"${b:Id\" is not a reference" },
	{ "{\"T\":\"${:Id}\"}", "{}", "a: \"${:Id}\" is not a reference" },
	{ "{\"T\":\"${b:}\"}", "{}", "a: \"${b:}\" is not a reference" },
};

START_TEST(test_refused)
{
	struct graph *g = graph_new("shop");
	struct error e = { 0 };

	add(g, "a", refused[_i].a);
	add(g, "b", refused[_i].b);
	ck_assert_int_eq(graph_seal(g, &e), -1);
	ck_assert_int_eq(e.class, ERROR_BUG);
	ck_assert_str_eq(e.text, refused[_i].text);
	graph_free(g);
}
END_TEST

START_TEST(test_ignored_cannot_be_referred_to)
{
	struct graph *g = graph_new("shop");
	struct error e = { 0 };

	add(g, "a", "{\"T\":\"${b:Id}\"}");
	graph_add(g, &kind_a, "us-east-1", "b", "b", POLICY_IGNORE,
	    json_of("{\"T\":\"${nobody:Id}\"}"));
	ck_assert_int_eq(graph_seal(g, &e), -1);
	ck_assert_str_eq(e.text, "a refers to b, which is ignored");
	graph_free(g);
}
END_TEST

START_TEST(test_resolve)
{
	struct graph *g = graph_new("shop");
	const struct node *missing;
	struct error e = { 0 };
	struct node *a, *b;

	a = add(g, "a",
	    "{\"Whole\":\"${b:List}\",\"Port\":\"${b:Port}\","
	    "\"Text\":\"http://${b:Deep.Name}:${b:Port}/\"}");
	b = add(g, "b", "{}");
	ck_assert_int_eq(graph_seal(g, &e), 0);
	ck_assert_ptr_null(graph_resolve(g, a, &missing));
	ck_assert_ptr_eq(missing, b);
	b->have = json_of("{\"Port\":80,\"List\":[1,2]}");
	ck_json(graph_resolve_known(g, a),
	    "{\"Port\":80,\"Text\":\"http://${b:Deep.Name}:80/\","
	    "\"Whole\":[1,2]}");
	ck_assert_ptr_null(graph_resolve(g, a, NULL));
	tree_put(b->have, "Deep.Name", json_string("x"));
	ck_json(graph_resolve(g, a, &missing),
	    "{\"Port\":80,\"Text\":\"http://x:80/\",\"Whole\":[1,2]}");
	ck_assert_ptr_null(missing);
	graph_free(g);
}
END_TEST

START_TEST(test_what_has_no_references_is_shared)
{
	struct graph *g = graph_new("shop");
	struct error e = { 0 };
	struct node *a, *b;
	json_t *t;

	a = add(g, "a", "{\"T\":\"${b:Name}\",\"Deep\":{\"L\":[1,2]}}");
	b = add(g, "b", "{\"L\":[1,2]}");
	ck_assert_int_eq(graph_seal(g, &e), 0);
	t = graph_resolve_known(g, a);
	ck_assert_ptr_ne(t, a->want);
	ck_assert_ptr_eq(
	    json_object_get(t, "Deep"), json_object_get(a->want, "Deep"));
	json_decref(t);
	t = graph_resolve(g, b, NULL);
	ck_assert_ptr_eq(t, b->want);
	json_decref(t);
	graph_free(g);
}
END_TEST

START_TEST(test_order)
{
	struct graph *g = graph_new("shop");
	struct error e = { 0 };

	add(g, "a", "{\"T\":\"${c:Id} ${b:Id}\"}");
	add(g, "b", "{}");
	add(g, "c", "{\"T\":\"${b:Id}\"}");
	ck_assert_int_eq(graph_seal(g, &e), 0);
	ck_assert_str_eq(graph_in_order(g, 0)->id, "b");
	ck_assert_str_eq(graph_in_order(g, 1)->id, "c");
	ck_assert_str_eq(graph_in_order(g, 2)->id, "a");
	ck_assert_uint_eq(graph_users_count(g, graph_find(g, "b")), 2);
	ck_assert_uint_eq(graph_users_count(g, graph_find(g, "a")), 0);
	ck_assert_uint_eq(graph_index(graph_find(g, "c")), 2);
	graph_free(g);
}
END_TEST

/* Values come from AWS, where somebody else may have written them. */
START_TEST(test_values_are_not_searched_for_references)
{
	struct graph *g = graph_new("shop");
	struct error e = { 0 };
	struct node *a, *b;

	a = add(g, "a", "{\"T\":\"<${b:Name}>\"}");
	b = add(g, "b", "{}");
	ck_assert_int_eq(graph_seal(g, &e), 0);
	b->have = json_of("{\"Name\":\"${b:Secret}\",\"Secret\":\"s\"}");
	ck_json(graph_resolve(g, a, NULL), "{\"T\":\"<${b:Secret}>\"}");
	graph_free(g);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stack_graph");
	TCase *t = tcase_create("graph");
	SRunner *runner;
	int failed;

	tcase_add_test(t, test_needs);
	tcase_add_loop_test(
	    t, test_refused, 0, (int)(sizeof(refused) / sizeof(refused[0])));
	tcase_add_test(t, test_ignored_cannot_be_referred_to);
	tcase_add_test(t, test_resolve);
	tcase_add_test(t, test_what_has_no_references_is_shared);
	tcase_add_test(t, test_order);
	tcase_add_test(t, test_values_are_not_searched_for_references);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
