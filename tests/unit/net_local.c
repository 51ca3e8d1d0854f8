/* SPDX-License-Identifier: MIT
 *
 * The local server, and clients that are slow, silent, rude or gone.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "net/loop.h"

/* valgrind keeps its own count of descriptors, so no limit is set for real. */
static bool out_of_descriptors;
static int
scarce_accept(int fd)
{
	errno = EMFILE;
	return out_of_descriptors ? -1 : accept4(fd, NULL, NULL, SOCK_NONBLOCK);
}

/* Thirty seconds of patience are 300 ms here. */
#define loop_after(loop, ms, fn, arg) (loop_after)(loop, (ms) / 100, fn, arg)
#define accept4(fd, ...)	      scarce_accept(fd)
#include "../../src/net/local.c"
#include "../../src/net/local_socket.c"
#undef loop_after
#undef accept4

static struct loop *loop;
static struct local_server *server;
static char dir[32], path[64];
static struct timer *guard;

static struct local_client *waiting;
static char last_line[LOCAL_LINE_MAX + 1];
static struct local_peer last_peer;
static size_t lines, gone, warnings;
static bool answer_later;
static char *big;

enum { BIG = 1000000 };

static void
count_warnings(
    enum log_level level, const struct log_fields *fields, const char *line)
{
	warnings += level <= LOG_LEVEL_WARNING;
}

static void
on_line(struct local_client *client, const struct local_peer *peer,
    const char *line, void *arg)
{
	ck_assert_ptr_eq(arg, &lines);
	lines++;
	last_peer = *peer;
	strcpy(last_line, line);
	if (answer_later)
		waiting = client;
	else if (strcmp(line, "big") == 0)
		local_reply(client, big, BIG);
	else if (strcmp(line, "nothing") == 0)
		local_reply(client, "", 0);
	else
		local_reply(client, "OK\n", 3);
}

static void
on_gone(void *arg)
{
	ck_assert_ptr_eq(arg, &gone);
	gone++;
}

static void
on_guard(void *arg)
{
	ck_abort_msg("the condition never came");
}

static void
on_moment(void *arg)
{
	loop_stop(loop);
}

static void
run_for(uint64_t ms)
{
	loop_after(loop, ms, on_moment, NULL);
	ck_assert_int_eq(loop_run(loop), 0);
}

static void
setup(void)
{
	struct error e;

	log_set_sink(count_warnings);
	strcpy(dir, "/tmp/drd-local-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/drd.sock", dir);
	loop = loop_new();
	guard = loop_after(loop, 20000, on_guard, NULL);
	big = mem_alloc(BIG);
	memset(big, 'b', BIG);
	lines = gone = warnings = 0;
	answer_later = false;
	waiting = NULL;
	server = local_listen(loop, path, 0660, on_line, &lines, &e);
	ck_assert_ptr_nonnull(server);
}

static void
teardown(void)
{
	timer_cancel(guard);
	local_close(server);
	loop_free(loop);
	free(big);
	ck_assert_int_eq(access(path, F_OK), -1);
	ck_assert_int_eq(rmdir(dir), 0);
}

static int
client(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void
say(int fd, const char *s, size_t len)
{
	ck_assert_int_eq(send(fd, s, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* Run until the server closes; what it said, to be freed. */
static char *
hear(int fd, size_t *len)
{
	char buf[65536];
	struct text all = TEXT_INIT;
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), 0)) != 0) {
		if (n < 0 && errno == EAGAIN)
			run_for(1);
		else
			ck_assert_msg(n > 0, "recv: %s", strerror(errno));
		if (n > 0)
			text_add_bytes(&all, buf, (size_t)n);
	}
	close(fd);
	if (len != NULL)
		*len = all.len;
	return text_take(&all);
}

static void
expect(int fd, const char *reply)
{
	char *heard = hear(fd, NULL);

	ck_assert_str_eq(heard, reply);
	free(heard);
}

START_TEST(one_line_one_reply_close)
{
	int fd = client();

	say(fd, "status --json\n", 14);
	expect(fd, "OK\n");
	ck_assert_str_eq(last_line, "status --json");
	ck_assert_int_eq(last_peer.pid, getpid());
	ck_assert_uint_eq(last_peer.uid, getuid());
	ck_assert_uint_eq(last_peer.gid, getgid());
	ck_assert_int_eq((int)last_peer.group_count, getgroups(0, NULL));
	ck_assert_uint_eq(server->count, 0);
}
END_TEST

START_TEST(a_line_may_come_in_pieces)
{
	int fd = client();

	say(fd, "sta", 3);
	run_for(5);
	say(fd, "tus", 3);
	run_for(5);
	ck_assert_uint_eq(lines, 0);
	say(fd, "\nmore", 5);
	expect(fd, "OK\n");
	ck_assert_str_eq(last_line, "status");
	ck_assert_uint_eq(lines, 1);
}
END_TEST

START_TEST(empty_lines_and_empty_replies)
{
	int fd = client();

	say(fd, "\n", 1);
	expect(fd, "OK\n");
	ck_assert_str_eq(last_line, "");
	fd = client();
	say(fd, "nothing\n", 8);
	expect(fd, "");
}
END_TEST

START_TEST(the_longest_line_is_taken_and_one_more_is_not)
{
	char line[LOCAL_LINE_MAX + 1];
	int fd = client();

	memset(line, 'x', sizeof(line));
	line[LOCAL_LINE_MAX - 1] = '\n';
	say(fd, line, LOCAL_LINE_MAX);
	expect(fd, "OK\n");
	ck_assert_uint_eq(strlen(last_line), LOCAL_LINE_MAX - 1);
	fd = client();
	line[LOCAL_LINE_MAX - 1] = 'x';
	line[LOCAL_LINE_MAX] = '\n';
	say(fd, line, sizeof(line));
	expect(fd, "ERR usage the line is too long\n");
	ck_assert_uint_eq(lines, 1);
}
END_TEST

START_TEST(a_nul_in_the_line_is_refused)
{
	int fd = client();

	say(fd, "sta\0tus\n", 8);
	expect(fd, "ERR usage the line has a NUL in it\n");
	ck_assert_uint_eq(lines, 0);
}
END_TEST

START_TEST(a_flood_of_garbage_ends)
{
	char garbage[60000];
	int fd = client();

	memset(garbage, 0xfe, sizeof(garbage));
	say(fd, garbage, sizeof(garbage));
	expect(fd, "ERR usage the line is too long\n");
	ck_assert_uint_eq(lines, 0);
}
END_TEST

START_TEST(a_silent_client_is_dropped)
{
	int silent = client(), half = client();

	say(half, "stat", 4);
	run_for(100);
	ck_assert_uint_eq(server->count, 2);
	expect(silent, "");
	expect(half, "");
	ck_assert_uint_eq(server->count, 0);
	ck_assert_uint_eq(lines, 0);
}
END_TEST

START_TEST(a_client_that_waits_is_not_hurried)
{
	int fd = client();

	answer_later = true;
	say(fd, "poll\n", 5);
	run_for(600);
	ck_assert_ptr_nonnull(waiting);
	ck_assert_uint_eq(server->count, 1);
	local_reply(waiting, "OK late\n", 8);
	expect(fd, "OK late\n");
}
END_TEST

START_TEST(there_is_no_33rd_client)
{
	int fds[LOCAL_CLIENTS_MAX], i, fd;

	for (i = 0; i < LOCAL_CLIENTS_MAX; i++) {
		fds[i] = client();
		run_for(1);
	}
	fd = client();
	expect(fd, "ERR busy too many clients\n");
	ck_assert_uint_eq(server->count, LOCAL_CLIENTS_MAX);
	/* The others are not harmed, and a place that is left is free. */
	close(fds[0]);
	while (server->count == LOCAL_CLIENTS_MAX)
		run_for(1);
	fd = client();
	say(fd, "status\n", 7);
	expect(fd, "OK\n");
	for (i = 1; i < LOCAL_CLIENTS_MAX; i++) {
		say(fds[i], "status\n", 7);
		expect(fds[i], "OK\n");
	}
}
END_TEST

START_TEST(a_slow_reader_gets_all_of_a_large_reply)
{
	int fd = client(), other;
	size_t len;
	char *heard;

	say(fd, "big\n", 4);
	run_for(20);
	/* In the meantime others are served. */
	other = client();
	say(other, "status\n", 7);
	expect(other, "OK\n");
	ck_assert_uint_eq(server->count, 1);
	heard = hear(fd, &len);
	ck_assert_uint_eq(len, BIG);
	ck_assert_mem_eq(heard, big, BIG);
	free(heard);
}
END_TEST

START_TEST(who_never_reads_the_reply_is_dropped)
{
	int fd = client();

	say(fd, "big\n", 4);
	run_for(100);
	ck_assert_uint_eq(server->count, 1);
	while (server->count > 0)
		run_for(10);
	close(fd);
}
END_TEST

START_TEST(a_client_that_leaves_is_told_of)
{
	int fd = client();

	answer_later = true;
	say(fd, "poll\n", 5);
	while (waiting == NULL)
		run_for(1);
	local_on_gone(waiting, on_gone, &gone);
	close(fd);
	while (gone == 0)
		run_for(1);
	ck_assert_uint_eq(server->count, 0);
	ck_assert_uint_eq(gone, 1);
}
END_TEST

START_TEST(forgotten_means_not_told)
{
	int fd = client();

	answer_later = true;
	say(fd, "poll\n", 5);
	while (waiting == NULL)
		run_for(1);
	local_on_gone(waiting, on_gone, &gone);
	local_on_gone(waiting, NULL, NULL);
	close(fd);
	while (server->count > 0)
		run_for(1);
	ck_assert_uint_eq(gone, 0);
}
END_TEST

START_TEST(the_last_word_is_not_the_end)
{
	int fd = client();

	answer_later = true;
	say(fd, "poll\n", 5);
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	while (waiting == NULL)
		run_for(1);
	local_on_gone(waiting, on_gone, &gone);
	run_for(20);
	ck_assert_uint_eq(gone, 0);
	local_reply(waiting, "OK\n", 3);
	expect(fd, "OK\n");
	ck_assert_uint_eq(gone, 0);
}
END_TEST

/* Milliseconds of processor time, ours and the kernel's for us. */
static long
used_ms(void)
{
	struct rusage u;

	ck_assert_int_eq(getrusage(RUSAGE_SELF, &u), 0);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
	    (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

START_TEST(more_than_a_line_does_not_spin)
{
	int fd = client();
	long before;

	answer_later = true;
	say(fd, "poll\n", 5);
	while (waiting == NULL)
		run_for(1);
	say(fd, "and more\n", 9);
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	before = used_ms();
	run_for(300);
	ck_assert_int_lt(used_ms() - before, 150);
	local_reply(waiting, "OK\n", 3);
	expect(fd, "OK\n");
}
END_TEST

START_TEST(the_reply_to_one_who_left_is_harmless)
{
	int fd = client();

	answer_later = true;
	say(fd, "poll\n", 5);
	while (waiting == NULL)
		run_for(1);
	close(fd);
	local_reply(waiting, big, BIG);
	ck_assert_uint_eq(server->count, 0);
}
END_TEST

START_TEST(closing_tells_who_waits)
{
	int fd = client(), talking = client();

	answer_later = true;
	say(fd, "poll\n", 5);
	while (waiting == NULL)
		run_for(1);
	local_on_gone(waiting, on_gone, &gone);
	local_close(server);
	server = NULL;
	ck_assert_uint_eq(gone, 1);
	ck_assert_int_eq(access(path, F_OK), -1);
	expect(fd, "");
	expect(talking, "");
}
END_TEST

START_TEST(running_out_of_descriptors_is_waited_for)
{
	int fd = client();

	out_of_descriptors = true;
	say(fd, "status\n", 7);
	run_for(35);
	/* A try every 10 ms (a second, outside of this test). */
	ck_assert_uint_ge(warnings, 1);
	ck_assert_uint_le(warnings, 5);
	out_of_descriptors = false;
	expect(fd, "OK\n");
}
END_TEST

START_TEST(the_socket_has_its_mode)
{
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0660);
}
END_TEST

START_TEST(a_living_server_is_not_replaced)
{
	struct error e;
	int fd;

	ck_assert_ptr_null(local_listen(loop, path, 0660, on_line, &lines, &e));
	ck_assert_str_eq(e.code, "InUse");
	ck_assert_ptr_nonnull(strstr(e.text, "already"));
	ck_assert_int_eq(access(path, F_OK), 0);
	fd = client();
	say(fd, "status\n", 7);
	expect(fd, "OK\n");
}
END_TEST

START_TEST(a_stale_socket_is_replaced)
{
	struct error e;
	int fd;

	/* As a killed daemon leaves it: the file stays. */
	server->socket.inode = 0;
	local_close(server);
	ck_assert_int_eq(access(path, F_OK), 0);
	server = local_listen(loop, path, 0600, on_line, &lines, &e);
	ck_assert_ptr_nonnull(server);
	fd = client();
	say(fd, "status\n", 7);
	expect(fd, "OK\n");
}
END_TEST

START_TEST(the_file_of_another_is_left_alone)
{
	struct local_server *first = server;
	struct error e;

	ck_assert_int_eq(unlink(path), 0);
	server = local_listen(loop, path, 0600, on_line, &lines, &e);
	ck_assert_ptr_nonnull(server);
	local_close(first);
	ck_assert_int_eq(access(path, F_OK), 0);
}
END_TEST

START_TEST(what_cannot_be_listened_at_is_an_error)
{
	char other[64], long_path[200];
	struct error e;
	int fd;

	snprintf(other, sizeof(other), "%s/file", dir);
	fd = open(other, O_CREAT | O_WRONLY, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_ptr_null(
	    local_listen(loop, other, 0600, on_line, &lines, &e));
	ck_assert_ptr_nonnull(strstr(e.text, "not a socket"));
	ck_assert_int_eq(unlink(other), 0);
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	ck_assert_ptr_null(
	    local_listen(loop, long_path, 0600, on_line, &lines, &e));
	ck_assert_ptr_nonnull(strstr(e.text, "107 bytes"));
	ck_assert_ptr_null(local_listen(loop, "", 0600, on_line, &lines, &e));
	ck_assert_ptr_null(local_listen(
	    loop, "/nonexistent/drd.sock", 0600, on_line, &lines, &e));
	ck_assert_ptr_nonnull(strstr(e.text, "No such file"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("net_local");
	TCase *tc = tcase_create("net_local");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, one_line_one_reply_close);
	tcase_add_test(tc, a_line_may_come_in_pieces);
	tcase_add_test(tc, empty_lines_and_empty_replies);
	tcase_add_test(tc, the_longest_line_is_taken_and_one_more_is_not);
	tcase_add_test(tc, a_nul_in_the_line_is_refused);
	tcase_add_test(tc, a_flood_of_garbage_ends);
	tcase_add_test(tc, a_silent_client_is_dropped);
	tcase_add_test(tc, a_client_that_waits_is_not_hurried);
	tcase_add_test(tc, there_is_no_33rd_client);
	tcase_add_test(tc, a_slow_reader_gets_all_of_a_large_reply);
	tcase_add_test(tc, who_never_reads_the_reply_is_dropped);
	tcase_add_test(tc, a_client_that_leaves_is_told_of);
	tcase_add_test(tc, forgotten_means_not_told);
	tcase_add_test(tc, the_last_word_is_not_the_end);
	tcase_add_test(tc, more_than_a_line_does_not_spin);
	tcase_add_test(tc, the_reply_to_one_who_left_is_harmless);
	tcase_add_test(tc, closing_tells_who_waits);
	tcase_add_test(tc, running_out_of_descriptors_is_waited_for);
	tcase_add_test(tc, the_socket_has_its_mode);
	tcase_add_test(tc, a_living_server_is_not_replaced);
	tcase_add_test(tc, a_stale_socket_is_replaced);
	tcase_add_test(tc, the_file_of_another_is_left_alone);
	tcase_add_test(tc, what_cannot_be_listened_at_is_an_error);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
