/* SPDX-License-Identifier: MIT
 *
 * Asking a daemon that answers, that does not, and that answers rubbish.
 */
#include <check.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../../src/tools/ask.c"

static char directory[] = "/tmp/drd-test-ask.XXXXXX";
static char path[64];
static int listener;
static pid_t server;

static void
setup(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(strrchr(directory, '.'), ".XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/s", directory);
	strcpy(address.sun_path, path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(listener, 0);
	ck_assert_int_eq(
	    bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	server = 0;
}

static void
teardown(void)
{
	if (server > 0) {
		kill(server, SIGKILL);
		waitpid(server, NULL, 0);
	}
	close(listener);
	unlink(path);
	rmdir(directory);
}

/*
 * A daemon that takes one request and sends `reply` `times` times; if `keep`,
 * it never closes.
 */
static void
serve(const char *expected, const char *reply, size_t times, bool keep)
{
	char buf[1024];
	size_t i;
	ssize_t n;
	int fd;

	server = fork();
	ck_assert_int_ge(server, 0);
	if (server != 0)
		return;
	fd = accept(listener, NULL, NULL);
	n = recv(fd, buf, sizeof(buf) - 1, 0);
	if (n < 0 || strncmp(buf, expected, (size_t)n) != 0)
		_exit(1);
	for (i = 0; i < times; i++) {
		if (send(fd, reply, strlen(reply), MSG_NOSIGNAL) < 0)
			_exit(0);
	}
	while (keep)
		pause();
	_exit(0);
}

START_TEST(an_answer_comes_whole)
{
	struct text reply = TEXT_INIT;
	struct error e;

	serve("status\n", "0123456789abcdef\n", 20000, false);
	ck_assert_int_eq(ask(path, "status", 10000, &reply, &e), 0);
	ck_assert_uint_eq(reply.len, 20000 * 17);
	text_release(&reply);
}
END_TEST

static const struct {
	const char *reply;
	size_t times;
	bool keep;
	const char *why;
} failures[] = {
	{ "", 0, true, "no answer in time" },
	{ "half", 1, true, "no answer in time" },
	{ "half", 1, false, "the reply was cut short" },
	{ "", 0, false, "the reply was cut short" },
	{ "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n",
	    ASK_REPLY_MAX / 64 + 1, false, "the reply is too long" },
};

START_TEST(what_is_no_answer_ends_in_time)
{
	struct text reply = TEXT_INIT;
	struct error e;
	uint64_t start = clock_mono_ms();
	unsigned patience = failures[_i].keep ? 200 : 20000;

	serve("status\n", failures[_i].reply, failures[_i].times,
	    failures[_i].keep);
	ck_assert_int_eq(ask(path, "status", patience, &reply, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, failures[_i].why));
	ck_assert_uint_lt(clock_mono_ms() - start, 10000);
	text_release(&reply);
}
END_TEST

START_TEST(nobody_there)
{
	struct text reply = TEXT_INIT;
	struct error e;
	char longer[200];

	close(listener);
	ck_assert_int_eq(ask(path, "status", 1000, &reply, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "no daemon listens there"));
	unlink(path);
	ck_assert_int_eq(ask(path, "status", 1000, &reply, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "no daemon listens there"));
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	ck_assert_int_eq(ask(longer, "status", 1000, &reply, &e), -1);
	listener = -1;
}
END_TEST

START_TEST(terminals_are_not_steered)
{
	char s[] = "a\033[31mb\nc\r\x7f\xc2\x9b\xc3\xa9";

	ask_clean(s);
	ck_assert_str_eq(s, "a?[31mb\nc????\xc3\xa9");
}
END_TEST

START_TEST(which_socket)
{
	unsetenv("DRD_SOCKET");
	ck_assert_str_eq(ask_socket(NULL), "/run/drd/drd.sock");
	setenv("DRD_SOCKET", "/x", 1);
	ck_assert_str_eq(ask_socket(NULL), "/x");
	ck_assert_str_eq(ask_socket("/y"), "/y");
	setenv("DRD_SOCKET", "", 1);
	ck_assert_str_eq(ask_socket(NULL), "/run/drd/drd.sock");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tools_ask");
	TCase *tc = tcase_create("tools_ask");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_answer_comes_whole);
	tcase_add_loop_test(tc, what_is_no_answer_ends_in_time, 0,
	    sizeof(failures) / sizeof(*failures));
	tcase_add_test(tc, nobody_there);
	tcase_add_test(tc, terminals_are_not_steered);
	tcase_add_test(tc, which_socket);
	tcase_set_timeout(tc, 30);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
