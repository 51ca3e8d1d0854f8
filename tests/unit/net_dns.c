/* SPDX-License-Identifier: MIT
 *
 * DNS queries against a server in the same loop, that answers, loses, lies
 * or cuts as the name asked for says.
 */
#include <check.h>
#include <ctype.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/stat.h>

#include "../../src/net/dns.c"
#include "../../src/net/resolve.c"
#include "base/text.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))

enum { BIND_TRIES = 100 };

static struct loop *loop;
static struct timer *guard;
static int udp, tcp, conn;
static struct watch *on_udp_watch, *on_tcp_watch, *on_conn_watch;
static char server[32];
static unsigned port;
static size_t packets, connections;
static bool last_recursive;

static struct dns_answer result;
static size_t ended;

static int
bound_socket(int type)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, type, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons((uint16_t)port);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The first label of the question; evdns asks in MiXed case. */
static void
label_of(const uint8_t *question, char label[64])
{
	size_t i;

	for (i = 0; i < question[12]; i++)
		label[i] = (char)tolower(question[13 + i]);
	label[i] = '\0';
}

/* Make the answer to `question` in place; returns its length. */
static size_t
reply_to(uint8_t *m, size_t len, bool over_tcp)
{
	static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0,
		4, 127, 0, 0, 1 };
	char label[64];

	label_of(m, label);
	last_recursive = m[2] & 1;
	m[2] = 0x84;
	m[3] = 0;
	if (strcmp(label, "nodata") == 0)
		return len;
	if (strcmp(label, "nx") == 0)
		m[3] = 3;
	else if (strcmp(label, "refuse") == 0)
		m[3] = 5;
	else if (text_starts(label, "cut") && !over_tcp)
		m[2] |= 2;
	else if (strcmp(label, "cutcut") == 0)
		m[2] |= 2;
	else if (strcmp(label, "short") == 0)
		m[7] = 5; /* five answers, of which one comes */
	if (m[7] == 0)
		m[7] = 1;
	memcpy(m + len, record, sizeof(record));
	return len + sizeof(record);
}

static void
send_to(const struct sockaddr_in *peer, const void *data, size_t len)
{
	ck_assert_int_eq(sendto(udp, data, len, 0,
			     (const struct sockaddr *)peer, sizeof(*peer)),
	    (ssize_t)len);
}

static void
serve_udp(void *arg, int events)
{
	struct sockaddr_in peer;
	socklen_t size = sizeof(peer);
	uint8_t m[1024];
	char label[64];
	ssize_t n;
	size_t len;

	n = recvfrom(udp, m, sizeof(m), 0, (struct sockaddr *)&peer, &size);
	ck_assert_int_gt(n, 17);
	packets++;
	label_of(m, label);
	if (strcmp(label, "lost") == 0)
		return;
	if (strcmp(label, "unlucky") == 0 && packets == 1)
		return;
	len = reply_to(m, (size_t)n, false);
	if (text_starts(label, "liar")) {
		m[0] ^= 1; /* another's id, and not even a message */
		send_to(&peer, m, len);
		send_to(&peer, "junk", 4);
		send_to(&peer, "", 0);
		m[0] ^= 1;
	}
	if (strcmp(label, "liar-only") != 0)
		send_to(&peer, m, len);
}

static void
serve_connection(void *arg, int events)
{
	uint8_t m[1024];
	char label[64];
	ssize_t n;
	size_t len;

	n = recv(conn, m, sizeof(m), 0);
	if (n > 2) {
		label_of(m + 2, label);
		len = reply_to(m + 2, (size_t)n - 2, true);
		m[0] = (uint8_t)(len >> 8);
		m[1] = (uint8_t)len;
		if (strcmp(label, "cutempty") == 0) {
			len = 0;
			m[0] = m[1] = 0;
		}
		if (strcmp(label, "cuthalf") == 0)
			len /= 2;
		if (strcmp(label, "cutclose") != 0)
			ck_assert_int_eq(send(conn, m, len + 2, MSG_NOSIGNAL),
			    (ssize_t)len + 2);
		if (strcmp(label, "cutsilent") == 0)
			return;
	}
	watch_free(on_conn_watch);
	on_conn_watch = NULL;
	close(conn);
	conn = -1;
}

static void
serve_tcp(void *arg, int events)
{
	conn = accept(tcp, NULL, NULL);
	ck_assert_int_ge(conn, 0);
	connections++;
	on_conn_watch =
	    loop_watch(loop, conn, WATCH_READ, serve_connection, NULL);
}

static void
on_guard(void *arg)
{
	ck_abort_msg("no end to a query");
}

static void
setup(void)
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);
	int i;

	tcp = -1;
	for (i = 0; i < BIND_TRIES && tcp < 0; i++) {
		port = 0;
		udp = bound_socket(SOCK_DGRAM);
		ck_assert_int_eq(
		    getsockname(udp, (struct sockaddr *)&address, &size), 0);
		port = ntohs(address.sin_port);
		tcp = bound_socket(SOCK_STREAM);
		if (tcp < 0)
			close(udp);
	}
	ck_assert_int_eq(listen(tcp, 8), 0);
	snprintf(server, sizeof(server), "127.0.0.1:%u", port);
	loop = loop_new();
	on_udp_watch = loop_watch(loop, udp, WATCH_READ, serve_udp, NULL);
	on_tcp_watch = loop_watch(loop, tcp, WATCH_READ, serve_tcp, NULL);
	on_conn_watch = NULL;
	conn = -1;
	packets = connections = ended = 0;
	guard = loop_after(loop, 10000, on_guard, NULL);
}

static void
teardown(void)
{
	timer_cancel(guard);
	watch_free(on_udp_watch);
	watch_free(on_tcp_watch);
	watch_free(on_conn_watch);
	loop_free(loop);
	close(udp);
	close(tcp);
	if (conn >= 0)
		close(conn);
}

static void
done(const struct dns_answer *answer, void *arg)
{
	result = *answer;
	ended++;
	loop_stop(loop);
}

static void
ask(const char *of, const char *name, uint64_t total_ms)
{
	size_t before = ended;

	dns_ask(loop, of, name, total_ms, done, NULL);
	ck_assert_uint_eq(ended, before);
	while (ended == before)
		ck_assert_int_eq(loop_run(loop), 0);
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

static const struct {
	const char *name;
	enum dns_outcome outcome;
	uint64_t total_ms;
	size_t packets, connections;
} questions[] = {
	{ "www.test", DNS_ANSWERED, 5000, 1, 0 },
	{ "www.test.", DNS_ANSWERED, 5000, 1, 0 },
	{ "nodata.test", DNS_EMPTY, 5000, 1, 0 },
	{ "nx.test", DNS_NO_NAME, 5000, 1, 0 },
	{ "refuse.test", DNS_REFUSED, 5000, 1, 0 },
	{ "short.test", DNS_GARBLED, 5000, 1, 0 },
	{ "lost.test", DNS_TIMEOUT, 200, 4, 0 },
	{ "unlucky.test", DNS_ANSWERED, 400, 2, 0 },
	{ "liar.test", DNS_ANSWERED, 5000, 1, 0 },
	{ "liar-only.test", DNS_GARBLED, 200, 4, 0 },
	{ "cut.test", DNS_ANSWERED, 5000, 1, 1 },
	{ "cutcut.test", DNS_GARBLED, 5000, 1, 1 },
	{ "cutempty.test", DNS_GARBLED, 5000, 1, 1 },
	{ "cuthalf.test", DNS_GARBLED, 5000, 1, 1 },
	{ "cutclose.test", DNS_UNREACHABLE, 5000, 1, 1 },
	{ "", DNS_NO_NAME, 5000, 0, 0 },
	{ "a..b", DNS_NO_NAME, 5000, 0, 0 },
};

START_TEST(a_question_has_its_outcome)
{
	ask(server, questions[_i].name, questions[_i].total_ms);
	ck_assert_msg(result.outcome == questions[_i].outcome, "%s: %s",
	    questions[_i].name, dns_outcome_name(result.outcome));
	ck_assert_uint_eq(packets, questions[_i].packets);
	ck_assert_uint_eq(connections, questions[_i].connections);
	ck_assert_uint_eq(result.count, result.outcome == DNS_ANSWERED);
	if (result.outcome == DNS_ANSWERED) {
		ck_assert_str_eq(result.addresses[0], "127.0.0.1");
		ck_assert_uint_eq(result.ttl, 60);
	}
	if (result.outcome == DNS_TIMEOUT)
		ck_assert_uint_ge(result.took_ms, 200);
	ck_assert(!last_recursive || packets == 0);
}
END_TEST

START_TEST(nobody_there_is_heard_of_at_once)
{
	ask("127.0.0.1:1", "www.test", 5000);
	ck_assert_int_eq(result.outcome, DNS_UNREACHABLE);
	ck_assert_uint_lt(result.took_ms, 2000);
}
END_TEST

START_TEST(tcp_refused_is_unreachable)
{
	watch_free(on_tcp_watch);
	on_tcp_watch = NULL;
	close(tcp);
	ask(server, "cut.test", 5000);
	ck_assert_int_eq(result.outcome, DNS_UNREACHABLE);
	ck_assert_uint_eq(packets, 1);
	tcp = dup(udp);
}
END_TEST

START_TEST(tcp_has_the_same_deadline)
{
	watch_set(on_tcp_watch, 0);
	ask(server, "cut.test", 200);
	ck_assert_int_eq(result.outcome, DNS_TIMEOUT);
}
END_TEST

START_TEST(what_is_no_server_is_unreachable)
{
	ask("127.0.0.1:nonsense", "www.test", 500);
	ck_assert_int_eq(result.outcome, DNS_UNREACHABLE);
	ask("127.0.0.1:99999", "www.test", 500);
	ck_assert_int_eq(result.outcome, DNS_UNREACHABLE);
}
END_TEST

static const struct {
	const char *server, *host, *port;
} servers[] = {
	{ "ns.example", "ns.example", "53" },
	{ "ns.example:5353", "ns.example", "5353" },
	{ "127.0.0.1", "127.0.0.1", "53" },
	{ "127.0.0.1:54", "127.0.0.1", "54" },
	{ "::1", "::1", "53" },
	{ "2001:db8::1", "2001:db8::1", "53" },
	{ "[::1]", "::1", "53" },
	{ "[::1]:54", "::1", "54" },
	{ "", "", "53" },
};

START_TEST(servers_are_written_in_these_ways)
{
	const char *of_port;
	char *host;

	split_server(servers[_i].server, &host, &of_port);
	ck_assert_str_eq(host, servers[_i].host);
	ck_assert_str_eq(of_port, servers[_i].port);
	free(host);
}
END_TEST

/* A resolv.conf that names our server. */
static void
write_resolv_conf(char path[32], const char *text)
{
	int fd;

	strcpy(path, "/tmp/drd-resolv-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	resolv_conf = path;
}

START_TEST(the_systems_server_is_asked_to_recurse)
{
	char text[256], path[32];

	snprintf(text, sizeof(text),
	    "# nameserver 192.0.2.1\nsearch test\nnameserver %s\n"
	    "nameserver 192.0.2.2\n",
	    server);
	write_resolv_conf(path, text);
	ask(NULL, "www.test", 5000);
	ck_assert_int_eq(result.outcome, DNS_ANSWERED);
	ck_assert(last_recursive);
	unlink(path);
}
END_TEST

START_TEST(without_a_file_it_is_this_machine)
{
	char *found;

	resolv_conf = "/nonexistent/resolv.conf";
	found = resolve_system_server();
	ck_assert_str_eq(found, "127.0.0.1");
	free(found);
}
END_TEST

START_TEST(a_server_may_be_a_name)
{
	char text[64], path[32], named[64];

	snprintf(text, sizeof(text), "nameserver %s\n", server);
	write_resolv_conf(path, text);
	snprintf(named, sizeof(named), "ns1.test:%u", port);
	ask(named, "nodata.test", 5000);
	ck_assert_int_eq(result.outcome, DNS_EMPTY);
	/* Both families of the name, then the question itself. */
	ck_assert_uint_eq(packets, 3);
	/* The same once more, and one from /etc/hosts. */
	ask(named, "www.test", 5000);
	ck_assert_int_eq(result.outcome, DNS_ANSWERED);
	snprintf(named, sizeof(named), "localhost:%u", port);
	ask(named, "www.test", 5000);
	ck_assert_int_eq(result.outcome, DNS_ANSWERED);
	unlink(path);
}
END_TEST

START_TEST(a_server_without_an_address_is_unreachable)
{
	char text[64], path[32];

	snprintf(text, sizeof(text), "nameserver %s\n", server);
	write_resolv_conf(path, text);
	ask("nx.test", "www.test", 5000);
	ck_assert_int_eq(result.outcome, DNS_UNREACHABLE);
	unlink(path);
}
END_TEST

START_TEST(the_servers_name_has_the_same_deadline)
{
	char text[64], path[32];

	snprintf(text, sizeof(text), "nameserver %s\n", server);
	write_resolv_conf(path, text);
	ask("lost.test", "www.test", 200);
	ck_assert_int_eq(result.outcome, DNS_TIMEOUT);
	ck_assert_uint_lt(result.took_ms, 2000);
	run_for(20);
	unlink(path);
}
END_TEST

START_TEST(a_changed_resolv_conf_is_read_again)
{
	struct timespec times[2] = { { 1000, 0 }, { 1000, 0 } };
	char text[64], path[32], old[32];

	write_resolv_conf(old, "nameserver 127.0.0.1:1\n");
	ask("ns.test", "www.test", 100);
	ck_assert_int_ne(result.outcome, DNS_ANSWERED);
	snprintf(text, sizeof(text), "nameserver %s\n", server);
	write_resolv_conf(path, text);
	ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
	snprintf(text, sizeof(text), "ns.test:%u", port);
	ask(text, "www.test", 5000);
	ck_assert_int_eq(result.outcome, DNS_ANSWERED);
	unlink(old);
	unlink(path);
}
END_TEST

START_TEST(a_cancelled_query_is_never_done)
{
	struct dns_query *lost =
	    dns_ask(loop, server, "lost.test", 50, done, NULL);
	struct dns_query *early =
	    dns_ask(loop, server, "www.test", 50, done, NULL);
	struct dns_query *bad = dns_ask(loop, server, "", 50, done, NULL);

	dns_cancel(early);
	dns_cancel(bad);
	run_for(10);
	dns_cancel(lost);
	dns_cancel(NULL);
	run_for(100);
	ck_assert_uint_eq(ended, 0);
}
END_TEST

START_TEST(a_query_is_cancelled_while_its_server_is_looked_up)
{
	char text[64], path[32];
	struct dns_query *q;

	snprintf(text, sizeof(text), "nameserver %s\n", server);
	write_resolv_conf(path, text);
	q = dns_ask(loop, "lost.test", "www.test", 5000, done, NULL);
	run_for(10);
	dns_cancel(q);
	run_for(10);
	/* And at the very end, when no round of the loop follows. */
	q = dns_ask(loop, "lost.test", "www.test", 5000, done, NULL);
	run_for(10);
	dns_cancel(q);
	q = dns_ask(loop, "localhost", "www.test", 5000, done, NULL);
	dns_cancel(q);
	ck_assert_uint_eq(ended, 0);
	unlink(path);
}
END_TEST

static void
cancel_itself(const struct dns_answer *answer, void *arg)
{
	struct dns_query **q = arg;

	dns_cancel(*q);
	ended++;
	loop_stop(loop);
}

START_TEST(a_done_may_cancel_itself)
{
	struct dns_query *q =
	    dns_ask(loop, server, "www.test", 5000, cancel_itself, &q);

	while (ended == 0)
		ck_assert_int_eq(loop_run(loop), 0);
}
END_TEST

START_TEST(outcomes_have_names)
{
	ck_assert_str_eq(dns_outcome_name(DNS_ANSWERED), "answered");
	ck_assert_str_eq(dns_outcome_name(DNS_GARBLED), "garbled");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("net_dns");
	TCase *tc = tcase_create("net_dns");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tc, a_question_has_its_outcome, 0, COUNT(questions));
	tcase_add_test(tc, nobody_there_is_heard_of_at_once);
	tcase_add_test(tc, tcp_refused_is_unreachable);
	tcase_add_test(tc, tcp_has_the_same_deadline);
	tcase_add_test(tc, what_is_no_server_is_unreachable);
	tcase_add_loop_test(
	    tc, servers_are_written_in_these_ways, 0, COUNT(servers));
	tcase_add_test(tc, the_systems_server_is_asked_to_recurse);
	tcase_add_test(tc, without_a_file_it_is_this_machine);
	tcase_add_test(tc, a_server_may_be_a_name);
	tcase_add_test(tc, a_server_without_an_address_is_unreachable);
	tcase_add_test(tc, the_servers_name_has_the_same_deadline);
	tcase_add_test(tc, a_changed_resolv_conf_is_read_again);
	tcase_add_test(tc, a_cancelled_query_is_never_done);
	tcase_add_test(tc, a_query_is_cancelled_while_its_server_is_looked_up);
	tcase_add_test(tc, a_done_may_cancel_itself);
	tcase_add_test(tc, outcomes_have_names);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
