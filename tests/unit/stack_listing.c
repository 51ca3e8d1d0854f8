/* SPDX-License-Identifier: MIT
 *
 * One listing of all tags in place of a read each; and all that it must not
 * be the reason for.
 */
#include "lib/script.h"
#include "stack_things.h"

static struct kind kind_listed;

static void
setup_listed(void)
{
	setup();
	kind_listed = kind_thing;
	kind_listed.arn = "Arn";
}

static struct node *
want_listed(const char *region, const char *name, const char *members)
{
	return want_thing_of(
	    &kind_listed, region, name, POLICY_MANAGE, members);
}

START_TEST(test_one_listing_serves_all)
{
	const char *names[] = { "a", "b", "c", "d", "e" };
	size_t i;

	for (i = 0; i < 5; i++) {
		want_listed("us-east-1", names[i], "\"Size\":1");
		want_listed("us-west-2", names[i], "\"Size\":1");
		make_thing("us-east-1", names[i], "\"Size\":1", OURS);
		make_thing("us-west-2", names[i], "\"Size\":1", OURS);
	}
	seal();
	survey();
	ck_assert_uint_eq(result.clean, 10);
	ck_assert_uint_eq(fake_count("GetTags"), 0);
	/* Two a page, and an empty token ends. */
	ck_assert_uint_eq(fake_count("us-east-1 GetResources"), 3);
	ck_assert_uint_eq(fake_count("us-west-2 GetResources"), 3);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(
		fake_call("GetResources", 0)->input, "ResourcesPerPage")),
	    100);
}
END_TEST

START_TEST(test_what_is_not_there_is_not_listed)
{
	want_listed("us-east-1", "a", "\"Size\":1");
	seal();
	apply();
	ck_assert_uint_eq(fake_count("GetResources"), 0);
	ck_assert_uint_eq(fake_count("GetTags"), 1);
	ck_assert_uint_eq(result.written, 1);
}
END_TEST

static const char *const late[] = { "{}",
	"{\"arn:us-east-1/a\":{\"drd:stack\":\"shop\",\"drd:owner\":\"x\"}}",
	"{\"arn:us-east-1/a\":{\"drd:stack\":\"shop\"}}" };

/* The listing lags: what it does not confirm, the service itself says. */
START_TEST(test_a_listing_that_lags)
{
	struct node *a = want_listed("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	world.listed = json_of(late[_i]);
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("GetTags"), 1);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

/* It says ours, but somebody has taken the tag away since. */
START_TEST(test_nothing_is_written_on_its_word)
{
	struct node *a = want_listed("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2", THEIRS);
	world.listed = json_of("{\"arn:us-east-1/a\":" OURS "}");
	seal();
	apply();
	ck_state(a, NODE_FOREIGN);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

START_TEST(test_tags_are_read_before_the_first_write_only)
{
	struct node *a =
	    want_listed("us-east-1", "a", "\"Size\":1,\"Colour\":\"red\"");

	make_thing("us-east-1", "a", "\"Size\":2,\"Colour\":\"blue\"", OURS);
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("GetResources"), 1);
	/* Before the first write, and after each of the two. */
	ck_assert_uint_eq(fake_count("GetTags"), 3);
	ck_assert_uint_eq(fake_writes(), 2);
}
END_TEST

START_TEST(test_tags_that_cannot_be_read_before_a_write)
{
	struct node *a = want_listed("us-east-1", "a", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":2", OURS);
	fake_trouble("GetTags", ERROR_DENIED, "AccessDenied", 9, false);
	seal();
	apply();
	ck_state(a, NODE_FAILED);
	ck_assert_uint_eq(fake_writes(), 0);
}
END_TEST

static const enum error_class failures[] = { ERROR_AGAIN, ERROR_THROTTLED,
	ERROR_DENIED, ERROR_BROKEN, ERROR_ABSENT };

START_TEST(test_a_listing_that_fails)
{
	struct node *a = want_listed("us-east-1", "a", "\"Size\":1");
	struct node *b = want_listed("us-east-1", "b", "\"Size\":1");

	make_thing("us-east-1", "a", "\"Size\":1", OURS);
	make_thing("us-east-1", "b", "\"Size\":1", THEIRS);
	fake_trouble("GetResources", failures[_i], "Trouble", 9, false);
	seal();
	apply();
	ck_state(a, NODE_CLEAN);
	ck_state(b, NODE_FOREIGN);
	ck_assert_uint_eq(fake_count("GetTags"), 2);
}
END_TEST

START_TEST(test_observed_without_tags_is_not_listed)
{
	struct node *a = want_thing_of(
	    &kind_listed, "us-east-1", "a", POLICY_OBSERVE, "\"Size\":1");

	json_object_del(a->want, "Tags");
	make_thing("us-east-1", "a", "\"Size\":1", THEIRS);
	seal();
	survey();
	ck_state(a, NODE_CLEAN);
	ck_assert_uint_eq(fake_count("GetResources"), 0);
	ck_assert_uint_eq(fake_count("GetTags"), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stack_listing");
	TCase *t = tcase_create("listing");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, setup_listed, teardown);
	tcase_add_test(t, test_one_listing_serves_all);
	tcase_add_test(t, test_what_is_not_there_is_not_listed);
	tcase_add_loop_test(t, test_a_listing_that_lags, 0, 3);
	tcase_add_test(t, test_nothing_is_written_on_its_word);
	tcase_add_test(t, test_tags_are_read_before_the_first_write_only);
	tcase_add_test(t, test_tags_that_cannot_be_read_before_a_write);
	tcase_add_loop_test(t, test_a_listing_that_fails, 0,
	    (int)(sizeof(failures) / sizeof(failures[0])));
	tcase_add_test(t, test_observed_without_tags_is_not_listed);
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
