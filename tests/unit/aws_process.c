/* SPDX-License-Identifier: MIT
 *
 * credential_process with real programs, under the real loop: what they
 * print, how they end, and that they do end.
 */
#include <check.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "../../src/aws/source_process.c"
#include "base/clock.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define GOOD                                                           \
	"{\"Version\": 1, \"AccessKeyId\": \"AKPROC\", \"SecretAccess" \
	"Key\": \"hush\", \"SessionToken\": \"hush-token\", "          \
	"\"Expiration\": \"2999-01-01T00:00:00Z\"}"

static struct loop *loop;
static struct source_world world;
static struct origin origin;

static struct {
	int count;
	struct creds creds;
	struct error e;
} out;

static void
on_done(struct creds *creds, const struct error *e, void *arg)
{
	out.count++;
	if (creds != NULL) {
		out.creds = *creds;
		*creds = (struct creds){ 0 };
	} else {
		out.e = *e;
	}
	ck_assert((creds == NULL) != (e == NULL));
	ck_assert_ptr_null(strstr(out.e.text, "hush"));
	loop_stop(loop);
}

static void
setup(void)
{
	loop = loop_new();
	world.loop = loop;
	memset(&out, 0, sizeof(out));
}

static void
teardown(void)
{
	creds_release(&out.creds);
	loop_free(loop);
	/* no child is left, not even a dead one */
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

static void
run_command(const char *command)
{
	char *copy = mem_strdup(command);

	origin.process = copy;
	process_fetch(&world, &origin, on_done, NULL);
	ck_assert_int_eq(out.count, 0);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(out.count, 1);
	free(copy);
}

START_TEST(prints_credentials)
{
	run_command("  printf '%s'  '" GOOD "' ");
	ck_assert_msg(out.creds.key != NULL, "%s", out.e.text);
	ck_assert_str_eq(out.creds.key, "AKPROC");
	ck_assert_str_eq(out.creds.secret, "hush");
	ck_assert_str_eq(out.creds.token, "hush-token");
	ck_assert_int_gt(out.creds.expires_ms, clock_wall_ms());
}
END_TEST

/* Without token and expiry: a key pair, for ever. */
START_TEST(prints_a_pair)
{
	run_command("printf '%s' '{\"Version\": 1, \"AccessKeyId\": \"AK\", "
		    "\"SecretAccessKey\": \"hush\"}'");
	ck_assert_msg(out.creds.key != NULL, "%s", out.e.text);
	ck_assert_ptr_null(out.creds.token);
	ck_assert_int_eq(out.creds.expires_ms, 0);
}
END_TEST

static const struct {
	const char *command;
	const char *words;
} failures[] = {
	{ "/nonexistent/program", "No such file" },
	{ "", "no command" },
	{ "printf 'x", "not closed" },
	{ "true", "not JSON" },
	{ "false", "status 1" },
	{ "sh -c 'kill -9 $$'", "signal 9" },
	{ "printf '%s' '<html>hush</html>'", "not JSON" },
	{ "printf '%s' '{\"Version\": 2}'", "Version 1" },
	{ "printf '%s' '{\"AccessKeyId\": \"AK\"}'", "Version 1" },
	{ "printf '%s' '{\"Version\": 1, \"AccessKeyId\": \"AK\"}'",
	    "SecretAccessKey" },
	{ "printf '%s' '{\"Version\": 1, \"AccessKeyId\": \"AK\", "
	  "\"SecretAccessKey\": \"hush\", "
	  "\"Expiration\": \"2001-01-01T00:00:00Z\"}'",
	    "expired at" },
	{ "sh -c \"printf '%s' '{}'; exit 3\"", "status 3" },
	{ "head -c 65537 /dev/zero", "more than 64 KiB" },
	{ "cat /dev/zero", "more than 64 KiB" },
	{ "sh -c 'cat /dev/zero & wait'", "more than 64 KiB" },
};

START_TEST(fails)
{
	run_command(failures[_i].command);
	ck_assert_ptr_null(out.creds.key);
	ck_assert_msg(
	    strstr(out.e.text, failures[_i].words) != NULL, "%s", out.e.text);
}
END_TEST

static void
limit(void *arg)
{
	struct fetch *fetch = arg;

	timer_cancel(fetch->timer);
	on_limit(fetch);
}

/* The limit is a minute: it comes early here.  Its children die with it, and
   so do those of one that has ended and left its output open. */
static const char *const slow[] = { "sleep 1000", "sh -c 'sleep 1000; true'",
	"sh -c 'sleep 1000 & true'" };

START_TEST(takes_too_long)
{
	char *copy = mem_strdup(slow[_i]);
	struct fetch *fetch;
	int status = 0;
	pid_t group;

	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	origin.process = copy;
	fetch = process_fetch(&world, &origin, on_done, NULL);
	group = fetch->pid;
	loop_after(loop, 200, limit, fetch);
	ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_int_eq(out.count, 1);
	ck_assert_ptr_nonnull(strstr(out.e.text, "longer than a minute"));
	/* The orphan is ours now, unless its dying parent has met it first. */
	while (waitpid(-group, &status, 0) > 0)
		ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_int_eq(kill(-group, 0), -1);
	free(copy);
}
END_TEST

START_TEST(cancelled)
{
	char *copy = mem_strdup("sleep 1000");

	origin.process = copy;
	process_cancel(process_fetch(&world, &origin, on_done, NULL));
	origin.process = strcpy(copy, "/none");
	process_cancel(process_fetch(&world, &origin, on_done, NULL));
	free(copy);
	ck_assert_int_eq(out.count, 0);
}
END_TEST

static const struct {
	const char *command;
	const char *words; /* each in brackets */
} splits[] = {
	{ "a b\tc", "[a][b][c]" },
	{ "a 'b c' \"d e\"", "[a][b c][d e]" },
	{ "a\\ b c", "[a b][c]" },
	{ "'a\\b' \"a\\b\" \"a\\\"b\" \"a\\\\b\"", "[a\\b][a\\b][a\"b][a\\b]" },
	{ "a'b'c\"d\"", "[abcd]" },
	{ "'' \"\"", "[][]" },
	{ "a\\", "[a\\]" },
	{ "\"it's\"", "[it's]" },
};

START_TEST(splits_like_a_shell)
{
	struct words words = { .count = 0 };
	struct text all = TEXT_INIT;
	struct error e;

	ck_assert_int_eq(split(splits[_i].command, &words, &e), 0);
	for (size_t i = 0; i < words.count; i++)
		text_addf(&all, "[%s]", words.word[i]);
	ck_assert_str_eq(all.s, splits[_i].words);
	text_release(&all);
	words_release(&words);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/process");
	TCase *tests = tcase_create("process");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 30);
	tcase_add_test(tests, prints_credentials);
	tcase_add_test(tests, prints_a_pair);
	tcase_add_loop_test(tests, fails, 0, COUNT(failures));
	tcase_add_loop_test(tests, takes_too_long, 0, COUNT(slow));
	tcase_add_test(tests, cancelled);
	tcase_add_loop_test(tests, splits_like_a_shell, 0, COUNT(splits));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
