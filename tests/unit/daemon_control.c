/* SPDX-License-Identifier: MIT
 *
 * Requests, who may make them, and calls that outlive their clients.  The
 * socket is a fake: a client is a buffer for its reply.
 */
#include <check.h>

#include "../../src/daemon/control.c"

struct local_client {
	char reply[8192];
	int replies;
	void (*gone)(void *arg);
	void *gone_arg;
};

struct local_server {
	local_on_line *on_line;
	void *arg;
	bool open;
};

static struct local_server server;
static struct control *control;

struct local_server *
local_listen(struct loop *loop, const char *path, mode_t mode,
    local_on_line *line, void *arg, struct error *e)
{
	if (strcmp(path, "/busy") == 0) {
		error_set(e, ERROR_BROKEN, "InUse", "%s: in use", path);
		return NULL;
	}
	ck_assert_uint_eq(mode, 0660);
	server = (struct local_server){ line, arg, true };
	return &server;
}

void
local_close(struct local_server *s)
{
	s->open = false;
}

void
local_reply(struct local_client *client, const char *reply, size_t len)
{
	ck_assert_uint_lt(len, sizeof(client->reply));
	memcpy(client->reply, reply, len);
	client->reply[len] = '\0';
	client->replies++;
}

void
local_on_gone(struct local_client *client, void (*gone)(void *arg), void *arg)
{
	client->gone = gone;
	client->gone_arg = arg;
}

/* ---- a daemon that notes what it is asked ------------------------------- */

static char heard[1024];
static struct control_call *held; /* a poll that has not ended */

static void
on_status(struct control_call *call, void *arg)
{
	json_t *json = json_object();

	ck_assert_ptr_eq(arg, heard);
	json_object_set_new(json, "schema", json_string("drd.status/1"));
	control_reply_json(call, json);
}

static void
on_poll(struct control_call *call, const char *stack, void *arg)
{
	snprintf(heard, sizeof(heard), "poll %s", stack ? stack : "(all)");
	held = call;
}

static void
on_reload(struct control_call *call, void *arg)
{
	snprintf(heard, sizeof(heard), "reload");
	control_reply_error(call, CONTROL_CONFIG, "refused\nf:1: a\nf:2: b\n");
}

static void
on_failback(struct control_call *call, const char *stack, const char *reason,
    const char *who, void *arg)
{
	snprintf(heard, sizeof(heard), "failback %s|%s|%s", stack, reason, who);
	control_reply_ok(call, "epoch %d", 3);
}

static void
on_ack(struct control_call *call, const char *stack, const char *reason,
    const char *who, void *arg)
{
	snprintf(heard, sizeof(heard), "ack %s|%s|%s", stack, reason, who);
	control_reply_ok(call, "released");
}

static const struct control_ops ops = {
	.status = on_status,
	.poll = on_poll,
	.reload = on_reload,
	.failback = on_failback,
	.ack = on_ack,
};

static void
setup(void)
{
	struct error e;

	log_set_level(LOG_LEVEL_ERROR);
	heard[0] = '\0';
	held = NULL;
	control = control_open(NULL, "/sock", 0660, "root", &ops, heard, &e);
	ck_assert_ptr_nonnull(control);
}

static void
teardown(void)
{
	control_close(control);
	ck_assert(!server.open);
}

/* Clients live longer than a test: an open call may end in the teardown. */
static struct local_client client, a, b;

static void
say(struct local_client *who, uid_t uid, gid_t gid, const char *line)
{
	const gid_t groups[] = { 54322, gid };
	struct local_peer peer = {
		.pid = 4711,
		.uid = uid,
		.gid = 54323, /* the group in effect is another one */
		.groups = groups,
		.group_count = 2,
	};

	memset(who, 0, sizeof(*who));
	server.on_line(who, &peer, line, server.arg);
}

/* ---- the cases ---------------------------------------------------------- */

#define LONG "a23456789b23456789c23456789d234567"

static const struct {
	const char *line;
	const char *reply;
	const char *heard;
} cases[] = {
	{ "status", "{\"schema\":\"drd.status/1\"}\n", "" },
	{ "version", "OK " DRD_VERSION "\n", "" },
	{ "poll", "", "poll (all)" },
	{ "poll shop", "", "poll shop" },
	{ "reload", "ERR config refused\nf:1: a\nf:2: b\n", "reload" },
	{ "failback shop all is well again", "OK epoch 3\n",
	    "failback shop|all is well again|uid 0 (pid 4711)" },
	{ "ack shop it was me", "OK released\n",
	    "ack shop|it was me|uid 0 (pid 4711)" },
	{ "failback shop  b", "OK epoch 3\n",
	    "failback shop|b|uid 0 (pid 4711)" },
	{ "",
	    "ERR usage the first word must be one of status version poll "
	    "reload failback ack\n",
	    "" },
	{ "stat",
	    "ERR usage the first word must be one of status version "
	    "poll reload failback ack\n",
	    "" },
	{ "STATUS",
	    "ERR usage the first word must be one of status version "
	    "poll reload failback ack\n",
	    "" },
	{ " status",
	    "ERR usage the first word must be one of status version "
	    "poll reload failback ack\n",
	    "" },
	{ "status x", "ERR usage expected: status\n", "" },
	{ "reload now", "ERR usage expected: reload\n", "" },
	{ "poll a b", "ERR usage expected: poll [STACK]\n", "" },
	{ "poll " LONG, "ERR usage expected: poll [STACK]\n", "" },
	{ "poll a\tb", "ERR usage expected: poll [STACK]\n", "" },
	{ "failback", "ERR usage expected: failback STACK REASON...\n", "" },
	{ "failback shop",
	    "ERR usage expected: failback STACK REASON..., the "
	    "reason a text of 1 to 400 bytes\n",
	    "" },
	{ "failback shop ",
	    "ERR usage expected: failback STACK REASON..., "
	    "the reason a text of 1 to 400 bytes\n",
	    "" },
	{ "failback shop a\033[31m",
	    "ERR usage expected: failback STACK "
	    "REASON..., the reason a text of 1 to 400 bytes\n",
	    "" },
	{ "failback shop \xff\xfe",
	    "ERR usage expected: failback STACK "
	    "REASON..., the reason a text of 1 to 400 bytes\n",
	    "" },
};

START_TEST(requests_are_understood_or_explained)
{
	say(&client, 0, 1, cases[_i].line);
	ck_assert_str_eq(client.reply, cases[_i].reply);
	ck_assert_str_eq(heard, cases[_i].heard);
	ck_assert_int_eq(client.replies, cases[_i].reply[0] != '\0');
}
END_TEST

START_TEST(reasons_are_bounded)
{
	char line[512];

	memset(line, 'x', sizeof(line));
	memcpy(line, "failback s ", 11);
	line[11 + REASON_MAX] = '\0';
	say(&client, 0, 0, line);
	ck_assert_str_eq(client.reply, "OK epoch 3\n");
	line[11 + REASON_MAX] = 'x';
	line[12 + REASON_MAX] = '\0';
	say(&client, 0, 0, line);
	ck_assert(text_starts(client.reply, "ERR usage "));
}
END_TEST

/* The group of the setup is root's: gid 0. */
START_TEST(orders_are_for_those_who_may)
{
	static const char *const orders[] = { "poll", "reload",
		"failback shop why" };
	size_t i;

	say(&client, 54321, 54321, "status");
	ck_assert(text_starts(client.reply, "{"));
	say(&client, 54321, 54321, "version");
	ck_assert(text_starts(client.reply, "OK "));
	for (i = 0; i < 3; i++) {
		heard[0] = '\0';
		say(&client, 54321, 54321, orders[i]);
		ck_assert(text_starts(client.reply, "ERR denied "));
		ck_assert_ptr_nonnull(strstr(client.reply, "uid 54321"));
		ck_assert_str_eq(heard, "");
		say(&client, 54321, 0, orders[i]);
		ck_assert_str_ne(heard, "");
		heard[0] = '\0';
		say(&client, geteuid(), 54321, orders[i]);
		ck_assert_str_ne(heard, "");
	}
}
END_TEST

START_TEST(the_group_in_effect_counts_too)
{
	struct local_peer peer = { .pid = 4711, .uid = 54321, .gid = 0 };

	memset(&client, 0, sizeof(client));
	heard[0] = '\0';
	server.on_line(&client, &peer, "reload", server.arg);
	ck_assert_str_ne(heard, "");
}
END_TEST

START_TEST(no_group_is_nobody)
{
	struct error e;

	control_close(control);
	control = control_open(
	    NULL, "/sock", 0660, "no-such-group-here", &ops, heard, &e);
	say(&client, 54321, 0, "reload");
	ck_assert(text_starts(client.reply, "ERR denied "));
	control_close(control);
	control = control_open(NULL, "/sock", 0660, NULL, &ops, heard, &e);
	say(&client, 54321, 0, "reload");
	ck_assert(text_starts(client.reply, "ERR denied "));
}
END_TEST

START_TEST(calls_are_answered_later)
{
	struct control_call *first;

	say(&a, 0, 0, "poll");
	first = held;
	say(&b, 0, 0, "poll");
	ck_assert_int_eq(a.replies, 0);
	control_reply_ok(first, "polled");
	ck_assert_str_eq(a.reply, "OK polled\n");
	ck_assert_ptr_null(a.gone);
	ck_assert_int_eq(b.replies, 0);
	control_reply_error(held, CONTROL_REFUSED, "late");
	ck_assert_str_eq(b.reply, "ERR refused late\n");
}
END_TEST

START_TEST(a_client_may_leave_first)
{
	say(&client, 0, 0, "poll");
	client.gone(client.gone_arg);
	control_reply_ok(held, "polled");
	ck_assert_int_eq(client.replies, 0);
}
END_TEST

START_TEST(open_calls_end_with_the_socket)
{
	say(&a, 0, 0, "poll");
	say(&b, 0, 0, "poll");
	b.gone(b.gone_arg);
	control_close(control);
	ck_assert_int_eq(a.replies + b.replies, 0);
	ck_assert_ptr_null(a.gone);
	control = control_open(NULL, "/sock", 0660, NULL, &ops, heard, NULL);
}
END_TEST

START_TEST(a_socket_in_use_is_told)
{
	struct error e;

	ck_assert_ptr_null(
	    control_open(NULL, "/busy", 0660, NULL, &ops, heard, &e));
	ck_assert_str_eq(e.text, "/busy: in use");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_control");
	TCase *tc = tcase_create("daemon_control");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, requests_are_understood_or_explained, 0,
	    sizeof(cases) / sizeof(*cases));
	tcase_add_test(tc, reasons_are_bounded);
	tcase_add_test(tc, orders_are_for_those_who_may);
	tcase_add_test(tc, the_group_in_effect_counts_too);
	tcase_add_test(tc, no_group_is_nobody);
	tcase_add_test(tc, calls_are_answered_later);
	tcase_add_test(tc, a_client_may_leave_first);
	tcase_add_test(tc, open_calls_end_with_the_socket);
	tcase_add_test(tc, a_socket_in_use_is_told);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
