/* SPDX-License-Identifier: MIT
 *
 * The tree: paths, lists that are one thing, and the comparison that decides
 * whether AWS has what drd wants.
 */
#include <check.h>

#include "../../src/base/tree.c"

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))

/* JSON with ' for ", to be readable in C. */
static json_t *
json(const char *spec)
{
	char *s = mem_strdup(spec), *p;
	json_t *t;

	for (p = s; (p = strchr(p, '\'')) != NULL;)
		*p = '"';
	t = tree_parse(s, strlen(s));
	ck_assert_msg(t != NULL, "not JSON: %s", spec);
	free(s);
	return t;
}

START_TEST(paths)
{
	json_t *t = json("{'a': {'b': 'x', 'n': 3}, 'l': [{'id': 'y'}],"
			 "'m': [{'id': 1}, {'id': 2}], 'z': null}");

	ck_assert_str_eq(tree_str(t, "a.b"), "x");
	ck_assert_ptr_eq(tree_at(t, ""), t);
	ck_assert_str_eq(tree_str(t, "l.id"), "y");
	ck_assert_ptr_null(tree_at(t, "m.id"));
	ck_assert_ptr_null(tree_at(t, "a.b.c"));
	ck_assert_ptr_null(tree_at(t, "a.x"));
	ck_assert_ptr_null(tree_at(t, "ab"));
	ck_assert_ptr_null(tree_at(NULL, "a"));
	ck_assert_ptr_null(tree_str(t, "a.n"));
	ck_assert_ptr_null(tree_str(t, "z"));
	json_decref(t);
}
END_TEST

static const struct {
	const char *json;
	bool is;
	int64_t value;
} ints[] = {
	{ "3", true, 3 },
	{ "'3'", true, 3 },
	{ "'-7'", true, -7 },
	{ "[5]", true, 5 },
	{ "3.0", true, 3 },
	{ "'3.0'", true, 3 },
	{ "'1e3'", true, 1000 },
	{ "'9223372036854775807'", true, INT64_MAX },
	{ "'9223372036854775808'", false, 0 },
	{ "3.5", false, 0 },
	{ "1e300", false, 0 },
	{ "''", false, 0 },
	{ "' 3'", false, 0 },
	{ "'0x10'", false, 0 },
	{ "'3x'", false, 0 },
	{ "'-'", false, 0 },
	{ "'nan'", false, 0 },
	{ "'inf'", false, 0 },
	{ "true", false, 0 },
	{ "null", false, 0 },
	{ "{}", false, 0 },
	{ "[1, 2]", false, 0 },
};

START_TEST(integers)
{
	json_t *t = json(ints[_i].json);
	int64_t value = 42;

	ck_assert_int_eq(tree_int(t, "", &value), ints[_i].is ? 0 : -1);
	ck_assert_int_eq(value, ints[_i].is ? ints[_i].value : 42);
	json_decref(t);
}
END_TEST

START_TEST(truth)
{
	json_t *t = json("{'a': true, 'b': 'true', 'c': 'True', 'd': 1,"
			 "'e': false, 'f': [true]}");

	ck_assert(tree_true(t, "a") && tree_true(t, "b") && tree_true(t, "f"));
	ck_assert(!tree_true(t, "c") && !tree_true(t, "d"));
	ck_assert(!tree_true(t, "e") && !tree_true(t, "nothing"));
	json_decref(t);
}
END_TEST

START_TEST(lists)
{
	json_t *t = json("{'none': [], 'empty': '', 'null': null, 'one': 'x',"
			 "'object': {'a': 1}, 'two': ['x', 'y']}");

	ck_assert_uint_eq(tree_count(t, "absent"), 0);
	ck_assert_uint_eq(tree_count(t, "none"), 0);
	ck_assert_uint_eq(tree_count(t, "empty"), 0);
	ck_assert_uint_eq(tree_count(t, "null"), 0);
	ck_assert_uint_eq(tree_count(t, "one"), 1);
	ck_assert_uint_eq(tree_count(t, "object"), 1);
	ck_assert_uint_eq(tree_count(t, "two"), 2);
	ck_assert_str_eq(json_string_value(tree_item(t, "one", 0)), "x");
	ck_assert_str_eq(json_string_value(tree_item(t, "two", 1)), "y");
	ck_assert_ptr_null(tree_item(t, "one", 1));
	ck_assert_ptr_null(tree_item(t, "two", 2));
	ck_assert_ptr_null(tree_item(t, "empty", 0));
	ck_assert_ptr_null(tree_item(t, "absent", 0));
	json_decref(t);
}
END_TEST

static const struct {
	const char *json, *text;
} texts[] = {
	{ "'x'", "x" },
	{ "12", "12" },
	{ "0.1", "0.1" },
	{ "5.0", "5" },
	{ "0.30000000000000004", "0.30000000000000004" },
	{ "true", "true" },
	{ "false", "false" },
	{ "null", NULL },
	{ "{}", NULL },
	{ "['x']", NULL },
};

START_TEST(spelling)
{
	json_t *t = json(texts[_i].json);
	char *s = tree_text(t);

	if (texts[_i].text == NULL)
		ck_assert_ptr_null(s);
	else
		ck_assert_str_eq(s, texts[_i].text);
	ck_assert_ptr_null(tree_text(NULL));
	free(s);
	json_decref(t);
}
END_TEST

static const struct {
	const char *have, *want, *sets;
	bool covered;
} comparisons[] = {
	/* scalars by their spelling */
	{ "'3'", "3", NULL, true },
	{ "3", "'3'", NULL, true },
	{ "'3.0'", "3", NULL, true },
	{ "3.0", "3", NULL, true },
	{ "'18.5'", "18.5", NULL, true },
	{ "'3'", "4", NULL, false },
	{ "9007199254740993", "9007199254740992", NULL, false },
	{ "'9007199254740993'", "9007199254740992", NULL, false },
	{ "'1.10'", "'1.1'", NULL, false },
	{ "'03'", "'3'", NULL, false },
	{ "'true'", "true", NULL, true },
	{ "true", "'true'", NULL, true },
	{ "'True'", "true", NULL, false },
	{ "false", "true", NULL, false },
	{ "1", "true", NULL, false },
	{ "'x'", "1", NULL, false },
	{ "{'a': 1}", "'x'", NULL, false },
	{ "'x'", "{'a': 1}", NULL, false },
	/* AWS fills in what nobody mentioned */
	{ "{'a': 1, 'b': 2}", "{'a': 1}", NULL, true },
	{ "{'a': 1}", "{'a': 1, 'b': 2}", NULL, false },
	{ "{'a': {'b': 1, 'c': 2}}", "{'a': {'b': 1}}", NULL, true },
	{ "{'a': {'b': 1}}", "{'a': {'b': 2}}", NULL, false },
	/* nothing is nothing */
	{ "{}", "{'a': null}", NULL, true },
	{ "{}", "{'a': []}", NULL, true },
	{ "{}", "{'a': ''}", NULL, true },
	{ "{'a': ''}", "{'a': []}", NULL, true },
	{ "''", "{}", NULL, true },
	{ "{}", "{'a': {}}", NULL, true },
	{ "{'a': 'x'}", "{'a': null}", NULL, false },
	{ "{'a': ['x']}", "{'a': []}", NULL, false },
	{ "{}", "{'a': {'b': 1}}", NULL, false },
	{ "{}", "{'a': 'x'}", NULL, false },
	{ "{}", "{'a': false}", NULL, false },
	/* a list of one is its item */
	{ "'x'", "['x']", NULL, true },
	{ "['x']", "'x'", NULL, true },
	{ "[['x']]", "'x'", NULL, true },
	{ "{'a': 1, 'b': 2}", "[{'a': 1}]", NULL, true },
	{ "['x', 'y']", "'x'", NULL, false },
	/* lists: as long, and in order unless they are sets */
	{ "['x', 'y']", "['x', 'y']", NULL, true },
	{ "['x', 'y']", "['y', 'x']", NULL, false },
	{ "{'s': ['x', 'y']}", "{'s': ['y', 'x']}", "s", true },
	{ "{'s': ['x', 'y']}", "{'s': ['y', 'x']}", "t", false },
	{ "{'s': ['x', 'y', 'z']}", "{'s': ['y', 'x']}", "s", false },
	{ "{'s': ['x', 'x']}", "{'s': ['x', 'y']}", "s", false },
	{ "{'s': ['x', 'y']}", "{'s': ['x', 'x']}", "s", false },
	{ "{'a': {'s': [1, 2]}}", "{'a': {'s': ['2', '1']}}", "q s", true },
	{ "{'l': [{'s': [1, 2]}, 3]}", "{'l': [{'s': [2, 1]}, 3]}", "s", true },
	/* first come, first served would fail here */
	{ "{'s': [{'a': 1, 'b': 2}, {'a': 1}]}",
	    "{'s': [{'a': 1}, {'a': 1, 'b': 2}]}", "s", true },
	{ "{'s': [{'a': 1}, {'a': 1, 'b': 2}, {'a': 1, 'c': 3}]}",
	    "{'s': [{'a': 1}, {'a': 1}, {'a': 1, 'b': 2}]}", "s", true },
	{ "{'s': [{'a': 1}, {'a': 1}]}", "{'s': [{'a': 1}, {'a': 1, 'b': 2}]}",
	    "s", false },
};

START_TEST(comparison)
{
	json_t *have = json(comparisons[_i].have);
	json_t *want = json(comparisons[_i].want);

	ck_assert_msg(tree_covers(have, want, comparisons[_i].sets) ==
		comparisons[_i].covered,
	    "%s against %s", comparisons[_i].have, comparisons[_i].want);
	json_decref(have);
	json_decref(want);
}
END_TEST

START_TEST(absent_trees_compare)
{
	json_t *want = json("{'a': 1}"), *nothing = json("null");

	ck_assert(!tree_covers(NULL, want, NULL));
	ck_assert(tree_covers(NULL, nothing, NULL));
	ck_assert(tree_covers(want, NULL, NULL) == false);
	ck_assert(tree_covers(NULL, NULL, NULL));
	json_decref(want);
	json_decref(nothing);
}
END_TEST

START_TEST(put_makes_the_way)
{
	json_t *t = json("{'x': 'scalar'}");
	char *s;

	tree_put(t, "b.c.d", json_integer(1));
	tree_put(t, "b.a", json_string("y"));
	tree_put(t, "b.c.d", json_integer(2));
	tree_put(t, "x.y", json_true());
	s = tree_dump(t);
	ck_assert_str_eq(
	    s, "{\"b\":{\"a\":\"y\",\"c\":{\"d\":2}},\"x\":{\"y\":true}}");
	free(s);
	json_decref(t);
}
END_TEST

START_TEST(dump_is_sorted_and_compact)
{
	json_t *t = json("{'b': [1, 2.5], 'a': 'x'}");
	json_t *scalar = json("'x'");
	char *s = tree_dump(t), *x = tree_dump(scalar);

	ck_assert_str_eq(s, "{\"a\":\"x\",\"b\":[1,2.5]}");
	ck_assert_str_eq(x, "\"x\"");
	free(s);
	free(x);
	json_decref(t);
	json_decref(scalar);
}
END_TEST

static const char *const not_json[] = { "", "{", "<html>", "{}x", "{'a': 1}",
	"\"\xff\"", "\"a\\u0000b\"", "nan" };

START_TEST(what_is_not_json_is_null)
{
	ck_assert_ptr_null(tree_parse(not_json[_i], strlen(not_json[_i])));
}
END_TEST

START_TEST(parse_stops_at_the_length_and_survives_depth)
{
	struct text deep = TEXT_INIT;
	json_t *t = tree_parse("{}garbage", 2);
	int i;

	ck_assert(json_is_object(t));
	json_decref(t);
	for (i = 0; i < 100000; i++)
		text_add(&deep, "[");
	ck_assert_ptr_null(tree_parse(deep.s, deep.len));
	text_release(&deep);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_tree");
	TCase *tc = tcase_create("base_tree");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, paths);
	tcase_add_loop_test(tc, integers, 0, COUNT(ints));
	tcase_add_test(tc, truth);
	tcase_add_test(tc, lists);
	tcase_add_loop_test(tc, spelling, 0, COUNT(texts));
	tcase_add_loop_test(tc, comparison, 0, COUNT(comparisons));
	tcase_add_test(tc, absent_trees_compare);
	tcase_add_test(tc, put_makes_the_way);
	tcase_add_test(tc, dump_is_sorted_and_compact);
	tcase_add_loop_test(tc, what_is_not_json_is_null, 0, COUNT(not_json));
	tcase_add_test(tc, parse_stops_at_the_length_and_survives_depth);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
