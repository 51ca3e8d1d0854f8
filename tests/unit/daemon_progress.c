/* SPDX-License-Identifier: MIT
 *
 * What an apply and a destroy tell as they go: the count is of what there was
 * to do, and ends where it said it would.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/progress.c"

static struct graph *graph;
static struct progress progress;
static char *told;
static size_t told_len;
static FILE *out;

static struct node *
add(const char *id, enum node_state state)
{
	struct node *node = graph_add(graph, &kind_topic, "us-east-1", id, id,
	    POLICY_MANAGE, mem_must(json_object()));

	node->state = state;
	if (state == NODE_CLEAN || state == NODE_DRIFTED ||
	    state == NODE_DOOMED)
		node->have = mem_must(json_object());
	return node;
}

static void
setup(void)
{
	graph = graph_new("shop");
	out = open_memstream(&told, &told_len);
	ck_assert_ptr_nonnull(out);
}

static void
teardown(void)
{
	progress_end(&progress);
	fclose(out);
	free(told);
	graph_free(graph);
}

static void
begin(bool removing)
{
	struct error e;

	ck_assert_int_eq(graph_seal(graph, &e), 0);
	progress_begin(&progress, out, graph, removing);
}

static void
become(struct node *node, enum node_state state)
{
	node->state = state;
	if (node->have == NULL && state == NODE_CLEAN)
		node->have = mem_must(json_object());
	progress_step(node, "as wanted", &progress);
}

static void
come_to_grief(struct node *node, enum node_state state)
{
	struct error e;

	error_set(&e, ERROR_DENIED, "AccessDenied", "not you");
	node_fail(node, state, &e);
	progress_step(node, node->why, &progress);
}

static void
ck_count(unsigned done, unsigned total)
{
	char *count = mem_printf("\n[%3u/%u ", done, total);

	fflush(out);
	ck_assert_msg(strstr(told, count + (done == 1)) != NULL,
	    "expected %s in:\n%s", count, told);
	ck_assert_uint_eq(progress.done, done);
	ck_assert_uint_eq(progress.total, total);
	free(count);
}

START_TEST(what_had_nothing_to_do_and_fails_does_not_count)
{
	struct node *made = add("made", NODE_ABSENT);
	struct node *changed = add("changed", NODE_DRIFTED);
	struct node *clean = add("clean", NODE_CLEAN);
	struct node *lost = add("lost", NODE_FAILED);

	begin(false);
	progress_step(made, "CreateTopic: not there yet", &progress);
	become(made, NODE_CLEAN);
	ck_count(1, 2);
	come_to_grief(lost, NODE_FAILED);
	come_to_grief(clean, NODE_BLOCKED);
	ck_count(1, 2);
	come_to_grief(changed, NODE_FAILED);
	ck_count(2, 2);
}
END_TEST

START_TEST(what_differs_later_comes_on_top)
{
	struct node *made = add("made", NODE_ABSENT);
	struct node *follows = add("follows", NODE_CLEAN);

	begin(false);
	progress_step(made, "CreateTopic: not there yet", &progress);
	become(made, NODE_CLEAN);
	ck_count(1, 1);
	follows->state = NODE_DRIFTED;
	progress_step(follows, "SetTopicAttributes: other policy", &progress);
	progress_step(follows, "TagResource: other tags", &progress);
	become(follows, NODE_CLEAN);
	ck_count(2, 2);
}
END_TEST

START_TEST(a_removal_counts_what_is_doomed)
{
	struct node *doomed = add("doomed", NODE_DOOMED);
	struct node *kept = add("kept", NODE_DOOMED);
	struct node *foreign = add("foreign", NODE_FOREIGN);

	begin(true);
	progress_step(doomed, "DeleteTopic: no longer wanted", &progress);
	json_decref(doomed->have);
	doomed->have = NULL;
	become(doomed, NODE_GONE);
	ck_count(1, 2);
	come_to_grief(foreign, NODE_FOREIGN);
	come_to_grief(kept, NODE_FAILED);
	ck_count(2, 2);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("progress");
	TCase *t = tcase_create("progress");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, what_had_nothing_to_do_and_fails_does_not_count);
	tcase_add_test(t, what_differs_later_comes_on_top);
	tcase_add_test(t, a_removal_counts_what_is_doomed);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	SRunner *runner = srunner_create(suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
