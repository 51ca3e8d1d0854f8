/* SPDX-License-Identifier: MIT
 *
 * Where the two halves of a stack meet: what a pass tells the watch, and what
 * the watch makes of a pass.
 *
 * The world answers the watch; of a pass it knows nothing, so every node of
 * one fails, and the tests put into the nodes what they would have seen.
 */
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/declared.h"
#include "lib/world.h"

#include "daemon/keeper.c"
#include "daemon/keeper_pass.c"

#include "aws/client.h"
#include "aws/creds.h"
#include "net/http.h"

enum { POLL_MS = 30000, SECOND = 1000 };

static struct config *declaration;
static struct config_stack stack;

static char dir[] = "/tmp/drd-test-XXXXXX";
static struct config config = {
	.state_dir = dir,
	.poll_interval = POLL_MS,
	.poll_deadline = 10 * SECOND,
	.reconcile_interval = POLL_MS,
	.stacks = &stack,
	.stack_count = 1,
};

static struct world world;
static struct loop *loop;
static struct http *http;
static struct aws *aws;
static struct keeper *k;

static void
on_changed(void *arg)
{
}

static void
on_role(const struct failover_status *status, enum role from, enum role to,
    void *arg)
{
}

static void
on_effect(const struct failover_status *status, const struct effect *effect,
    void *arg)
{
}

static void
on_hold(const struct failover_status *status, bool advised, const char *why,
    void *arg)
{
}

static void
on_note(const struct failover_status *status, const char *event,
    const char *text, void *arg)
{
}

static void
on_poll(const struct failover_status *status, void *arg)
{
}

static void
on_news(
    const struct failover_status *status, enum recovery_news news, void *arg)
{
}

static const struct keeper_ops ops = {
	.changed = on_changed,
	.role_changed = on_role,
	.stepped = on_effect,
	.recovered = on_news,
	.withheld = on_hold,
	.noted = on_note,
	.polled = on_poll,
};

static void
setup(void)
{
	struct creds creds = { 0 };
	struct error e;

	declaration = declared("trigger = route53", NULL);
	stack = declaration->stacks[0];
	world_creds();
	world_start(&world);
	log_set_level(LOG_LEVEL_ERROR);
	strcpy(dir + sizeof(dir) - sizeof("XXXXXX"), "XXXXXX");
	ck_assert(mkdtemp(dir) != NULL);
	loop = loop_new();
	http = http_new(loop, 8);
	aws = aws_new(loop, http);
	ck_assert_int_eq(creds_from_environment(&creds, &e), 1);
	aws_set_creds(aws, &creds);
	k = keeper_new(loop, aws, &config, &stack, &ops, &e);
	ck_assert_msg(k != NULL, "%s", e.text);
	keeper_start(k);
	script_advance(POLL_MS / 2);
	ck_assert(k->passed && k->pass == NULL);
}

static void
teardown(void)
{
	char *path = keeper_journal_path(&config, &stack);

	keeper_free(k);
	aws_free(aws);
	http_free(http);
	loop_free(loop);
	unlink(path);
	rmdir(dir);
	free(path);
	config_free(declaration);
}

static struct failover_status
watch(void)
{
	struct failover_status status;

	failover_status(k->failover, &status);
	return status;
}

static void
see(const char *id, enum node_state state, const char *member,
    const char *value)
{
	struct node *node = graph_find(k->graph, id);

	ck_assert_msg(node != NULL, "%s", id);
	node_reset(node);
	node->have = json_pack("{s:s}", member, value);
	node->state = state;
}

static bool
journal_holds(const char *word)
{
	char *path = keeper_journal_path(&config, &stack), buf[8192];
	FILE *file = fopen(path, "r");
	size_t len;

	ck_assert(file != NULL);
	len = fread(buf, 1, sizeof(buf) - 1, file);
	buf[len] = '\0';
	fclose(file);
	free(path);
	return strstr(buf, word) != NULL;
}

/* A name is not enough: users and notices must not go to strangers. */
START_TEST(what_is_foreign_is_no_fact)
{
	struct reconcile_result result = { .nodes = 5 };

	see("us-west-2/alb", NODE_FOREIGN, "DNSName", "stranger.example");
	see("us-east-1/topic", NODE_FOREIGN, "TopicArn", "arn:stranger");
	see("health-primary", NODE_FOREIGN, "Id", "stranger-check");
	see("us-east-1/alb", NODE_CLEAN, "DNSName", "east.example");
	see("us-west-2/topic", NODE_DRIFTED, "TopicArn", "arn:west");
	on_passed(&result, k);
	ck_assert(journal_holds("east.example"));
	ck_assert(journal_holds("arn:west"));
	ck_assert(!journal_holds("stranger"));
}
END_TEST

#define HIGHER                                                      \
	"{\"active\":\"us-west-2\",\"endpoint\":\"x\",\"epoch\":7," \
	"\"since\":\"2026-01-01T00:00:00.000Z\"}"

/* Reconcile meets it, the watch must know: it would decide against it. */
START_TEST(a_higher_epoch_that_a_pass_meets_is_asked_for)
{
	struct reconcile_result result = { .nodes = 1, .failed = 1 };
	struct error e;
	struct node *node;

	ck_assert_int_eq(watch().role, ROLE_STEADY);
	snprintf(world.region[WEST].active, VALUE_SIZE, "%s", HIGHER);
	node = graph_find(k->graph, "us-west-2/parameter-active");
	error_set(&e, ERROR_BROKEN, "HigherEpoch", "of epoch 7");
	node_fail(node, NODE_FAILED, &e);
	on_passed(&result, k);
	script_advance(SECOND);
	ck_assert_int_eq(watch().role, ROLE_FAILED_OVER);
	ck_assert_uint_eq(watch().epoch, 7);
	script_advance(2 * POLL_MS);
	ck_assert_uint_eq(k->graph_epoch, 7);
}
END_TEST

/* What it wants is of an epoch that is not in force any more. */
START_TEST(a_pass_of_a_lower_epoch_ends)
{
	world.latency_ms = 100;
	snprintf(world.region[WEST].active, VALUE_SIZE, "%s", HIGHER);
	failover_doubt(k->failover);
	script_advance(50);
	timer_cancel(k->cycle);
	run_pass(k); /* its first answers come after that one */
	ck_assert(k->pass != NULL);
	while (watch().epoch != 7)
		script_advance(1);
	ck_assert(k->pass == NULL || k->graph_epoch == 7);
	script_advance(SECOND);
	ck_assert_uint_eq(k->graph_epoch, 7);
}
END_TEST

/* Together they would ask more at once than AWS answers. */
START_TEST(stacks_take_turns)
{
	struct config_stack stacks[3] = { stack, stack, stack };
	struct config three = config;
	struct watchlist list;
	size_t i;

	three.stacks = stacks;
	three.stack_count = 3;
	for (i = 0; i < 3; i++) {
		watchlist_init(&list, &three, &stacks[i]);
		ck_assert_uint_eq(list.failover.poll_phase, i * POLL_MS / 3);
		watchlist_release(&list);
	}
}
END_TEST

static unsigned lines;

static void
on_line(enum log_level level, const struct log_fields *fields, const char *text)
{
	(void)fields;
	lines += level <= LOG_LEVEL_INFO && strstr(text, "topic") != NULL;
}

START_TEST(what_fails_each_time_is_told_once)
{
	struct reconcile_result result = { .nodes = 1, .failed = 1 };
	struct node *node = graph_find(k->graph, "us-west-2/topic");
	struct node *behind = graph_find(k->graph, "us-west-2/topic-policy");
	struct error waits;
	struct error e;
	int i;

	free(k->troubles);
	k->troubles = NULL;
	log_set_level(LOG_LEVEL_INFO);
	log_set_sink(on_line);
	lines = 0;
	error_set(&e, ERROR_DENIED, "AccessDenied", "not you");
	error_set(&waits, ERROR_AGAIN, "Blocked", "waits for us-west-2/topic");
	for (i = 0; i < 100; i++) {
		node->state = NODE_DRIFTED;
		on_step(node, "TagResource: other tags", k);
		node_fail(node, NODE_FAILED, &e);
		on_step(node, node->why, k);
		node_fail(behind, NODE_BLOCKED, &waits);
		on_step(behind, behind->why, k);
		on_passed(&result, k);
	}
	ck_assert_uint_eq(lines, 3);
	/* Its end is told again. */
	node->state = NODE_CLEAN;
	on_step(node, "as wanted", k);
	ck_assert_uint_eq(lines, 4);
	log_set_sink(NULL);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("keeper");
	TCase *t = tcase_create("keeper");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, what_is_foreign_is_no_fact);
	tcase_add_test(t, a_higher_epoch_that_a_pass_meets_is_asked_for);
	tcase_add_test(t, a_pass_of_a_lower_epoch_ends);
	tcase_add_test(t, what_fails_each_time_is_told_once);
	tcase_add_test(t, stacks_take_turns);
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
