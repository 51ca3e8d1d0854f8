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

size_t
local_clients(const struct local_server *s)
{
	return s->open ? 7 : 0;
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
static char told[1024];		  /* to the history */
static struct control_call *held; /* a poll that has not ended */

static void
on_request(struct control_call *call, const struct request *request, void *arg)
{
	ck_assert_ptr_eq(arg, heard);
	snprintf(heard, sizeof(heard), "%s %s|%s|%s",
	    request_verb_name(request->verb), request->stack, request->reason,
	    control_who(call));
	if (request->verb == REQUEST_STATUS)
		control_reply_json(
		    call, json_pack("{s:s}", "schema", "drd.status/1"));
	else if (request->verb == REQUEST_VERSION)
		control_reply_ok(call, "0.1");
	else if (request->verb == REQUEST_RELOAD)
		control_reply_error(
		    call, CONTROL_CONFIG, "refused\nf:1: a\nf:2: b\n");
	else if (request->verb == REQUEST_POLL)
		held = call;
	else
		control_reply_ok(call, "epoch %d", 3);
}

static void
on_answered(const struct control_order *order, const char *outcome,
    const char *text, void *arg)
{
	ck_assert_ptr_eq(arg, heard);
	ck_assert(audit_is_one(order->audit));
	snprintf(told, sizeof(told), "%s %s|%s|%s|%ju %jd|%s: %s", order->verb,
	    order->stack, order->words, order->reason, (uintmax_t)order->uid,
	    (intmax_t)order->pid, outcome, text);
}

static const struct control_ops ops = {
	.run = on_request,
	.answered = on_answered,
};

enum { OPERATORS = 54001, ADMINS = 54002 };

static const struct access_rules rules = {
	.own = 54000,
	.groups = {
		[ACCESS_OPERATOR] = { "drd-operator", true, OPERATORS },
		[ACCESS_ADMIN] = { "drd-admin", true, ADMINS },
	},
};

static void
setup(void)
{
	struct error e;

	log_set_level(LOG_LEVEL_ERROR);
	heard[0] = told[0] = '\0';
	held = NULL;
	control = control_open(NULL, "/sock", 0660, &rules, &ops, heard, &e);
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

/* The reply without the name of the order, which differs each time. */
static const char *
reply_of(struct local_client *who)
{
	static char reply[sizeof(who->reply)];
	const char *audit = who->reply;
	char name[AUDIT_SIZE];

	audit += strncmp(audit, "OK ", 3) == 0 ? 3
	    : strncmp(audit, "ERR ", 4) == 0
	    ? (size_t)4 + strcspn(audit + 4, " ") + 1
	    : strlen(audit);
	snprintf(name, sizeof(name), "%s", audit);
	if (!audit_is_one(name) || text_starts(who->reply, "ERR usage "))
		return who->reply;
	snprintf(reply, sizeof(reply), "%.*sAUDIT%s", (int)(audit - who->reply),
	    who->reply, audit + AUDIT_SIZE - 1);
	return reply;
}

/* ---- the cases ---------------------------------------------------------- */

static const struct {
	const char *line;
	const char *reply;
	const char *heard;
	const char *told;
} cases[] = {
	{ "status", "{\"schema\":\"drd.status/1\"}\n",
	    "status ||uid 0 (pid 4711)", "" },
	{ "version", "OK 0.1\n", "version ||uid 0 (pid 4711)", "" },
	{ "poll shop", "", "poll shop||uid 0 (pid 4711)", "" },
	{ "reload", "ERR config AUDIT refused\nf:1: a\nf:2: b\n",
	    "reload ||uid 0 (pid 4711)",
	    "reload |||0 4711|config: refused\nf:1: a\nf:2: b\n" },
	{ "failback shop reason=all is well", "OK AUDIT epoch 3\n",
	    "failback shop|all is well|uid 0 (pid 4711)",
	    "failback shop||all is well|0 4711|done: epoch 3" },
	{ "failover shop to=us-west-2 override=readiness override=window "
	  "reason=now",
	    "OK AUDIT epoch 3\n", "failover shop|now|uid 0 (pid 4711)",
	    "failover shop|to=us-west-2 override=readiness override=window|"
	    "now|0 4711|done: epoch 3" },
	{ "pause shop for=90m reason=x", "OK AUDIT epoch 3\n",
	    "pause shop|x|uid 0 (pid 4711)",
	    "pause shop|for=1h 30m|x|0 4711|done: epoch 3" },
	{ "failback shop", /* what cannot be read is no order */
	    "ERR usage expected: failback STACK [override=GATE]... "
	    "reason=TEXT, the reason a text of 1 to 400 bytes\n",
	    "", "" },
};

START_TEST(requests_are_carried_out_and_told)
{
	ck_assert_uint_eq(control_clients(control), 7);
	say(&client, 0, 1, cases[_i].line);
	ck_assert_str_eq(reply_of(&client), cases[_i].reply);
	ck_assert_str_eq(heard, cases[_i].heard);
	ck_assert_str_eq(told, cases[_i].told);
	ck_assert_int_eq(client.replies, cases[_i].reply[0] != '\0');
}
END_TEST

START_TEST(who_may_not_is_told_and_so_is_the_history)
{
	say(&client, 54321, OPERATORS, "failover s to=r override=g reason=t");
	ck_assert_str_eq(reply_of(&client),
	    "ERR denied AUDIT this is for members of the group drd-admin; "
	    "you are uid 54321, an operator\n");
	ck_assert_str_eq(heard, "");
	ck_assert(text_starts(told,
	    "failover s|to=r override=g|t|54321 4711|"
	    "denied: this is for members"));
	say(&client, 54321, OPERATORS, "failover s to=r reason=t");
	ck_assert_str_eq(heard, "failover s|t|uid 54321 (pid 4711)");
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
	ck_assert_str_eq(reply_of(&a), "OK AUDIT polled\n");
	ck_assert_ptr_null(a.gone);
	ck_assert_int_eq(b.replies, 0);
	control_reply_error(held, CONTROL_REFUSED, "late");
	ck_assert_str_eq(reply_of(&b), "ERR refused AUDIT late\n");
}
END_TEST

START_TEST(each_order_has_a_name_of_its_own)
{
	say(&a, 0, 0, "failback s reason=r");
	say(&b, 0, 0, "failback s reason=r");
	ck_assert_str_ne(a.reply, b.reply);
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
	control = control_open(NULL, "/sock", 0660, &rules, &ops, heard, NULL);
}
END_TEST

START_TEST(a_socket_in_use_is_told)
{
	struct error e;

	ck_assert_ptr_null(
	    control_open(NULL, "/busy", 0660, &rules, &ops, heard, &e));
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
	tcase_add_loop_test(tc, requests_are_carried_out_and_told, 0,
	    sizeof(cases) / sizeof(*cases));
	tcase_add_test(tc, who_may_not_is_told_and_so_is_the_history);
	tcase_add_test(tc, each_order_has_a_name_of_its_own);
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
