/* SPDX-License-Identifier: MIT
 *
 * A world for act.c: two regions' parameters and topics, a journal in
 * memory, on the script's clock.  To be included once, after act.c; it takes the place of the AWS client and of the journal.
 *
 * Every call is checked against the laws as it leaves (see check_laws), so
 * that no test, whatever it breaks, can pass with them broken.
 */
#ifndef DRD_TESTS_ACT_WORLD_H
#define DRD_TESTS_ACT_WORLD_H

#include <check.h>

#include "aws/client.h"
#include "failover/notice.h"
#include "lib/json.h"
#include "lib/script.h"

#define EAST	     "us-east-1"
#define WEST	     "us-west-2"
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum {
	LATENCY_MS = 40,
	CALL_MS = 5000,
	RETRY_CAP_MS = 30000,
	EPOCH = 7,
	PARAMETERS = 4,
	TOPICS = 2,
	RECORDS_MAX = 64,
};

static const char new_endpoint[] = "http://west.example";
static const char new_active[] =
    "{\"active\":\"us-west-2\",\"epoch\":7,\"since\":\"now\"}";
static const char old_endpoint[] = "http://east.example";
static const char old_active[] =
    "{\"active\":\"us-east-1\",\"epoch\":6,\"since\":\"then\"}";
static const char told_text[] =
    "{\"event\":\"FAILOVER\",\"stack\":\"dr\",\"epoch\":7,"
    "\"to\":\"us-west-2\"}";

struct parameter {
	const char *region;
	const char *name;
	const char *wanted;
	char value[256]; /* "": there is none */
	bool plain;	 /* a String, not a SecureString */
	int64_t version;
	unsigned writes;
};

struct topic {
	const char *region;
	const char *arn;
	unsigned published;
	unsigned answered; /* well or not */
};

/* What becomes of a call. */
struct fault {
	enum error_class class; /* NONE: a reply as below, or a good one */
	const char *code;
	bool landed;	   /* it took effect before it failed */
	const char *reply; /* a reply that makes no sense; NULL: a good one */
};

struct aws_call {
	struct aws_call *next;
	struct timer *timer;
	char operation[32];
	char region[32];
	json_t *input;
	struct fault fault;
	aws_done *done;
	void *arg;
};

static struct {
	struct parameter parameters[PARAMETERS];
	struct topic topics[TOPICS];
	bool dark[2]; /* EAST, WEST: nobody answers */
	struct aws_call *calls;
	unsigned sent;	   /* calls so far */
	unsigned fault_at; /* this call (from 1) meets `fault`; 0: none */
	struct fault fault;

	json_t *journal[RECORDS_MAX];
	size_t records;
	bool journal_fails;
	size_t crash_at; /* nothing leaves after this record; 0: never */

	struct loop *loop;
	struct change change;
	const char *servers[2];
	struct act_options options;
	struct act *act;
	unsigned leads, settles, steps;
	unsigned cancel_at; /* act_cancel in the n-th callback; 0: never */
	unsigned callbacks;
} w;

/* ---- the journal ------------------------------------------------------- */

static bool
crashed(void)
{
	return w.crash_at > 0 && w.records >= w.crash_at;
}

int
journal_add(struct journal *journal, const json_t *record, struct error *e)
{
	if (w.journal_fails)
		return error_set(e, ERROR_AGAIN, "Journal", "disk full");
	if (crashed())
		return 0;
	ck_assert_uint_lt(w.records, RECORDS_MAX);
	w.journal[w.records++] = json_deep_copy(record);
	return 0;
}

/* What a restart would know. */
static struct change
change_on_disk(void)
{
	struct change change;
	struct error e;
	size_t i;

	ck_assert_msg(
	    change_read(w.journal[0], &change, &e) == 0, "%s", e.text);
	for (i = 1; i < w.records; i++)
		change_replay(&change, w.journal[i]);
	return change;
}

/* ---- the laws ---------------------------------------------------------- */

static struct parameter *
find_parameter(const char *region, const char *name)
{
	size_t i;

	for (i = 0; i < PARAMETERS; i++)
		if (strcmp(w.parameters[i].region, region) == 0 &&
		    strcmp(w.parameters[i].name, name) == 0)
			return &w.parameters[i];
	ck_abort_msg("no parameter %s in %s", name, region);
}

static struct topic *
find_topic(const char *region)
{
	return &w.topics[strcmp(region, EAST) == 0 ? 0 : 1];
}

static bool
has_value(const char *region, const char *name)
{
	const struct parameter *p = find_parameter(region, name);

	return strcmp(p->value, p->wanted) == 0;
}

static bool
west_is_done(void)
{
	return has_value(WEST, "/dr/endpoint") && has_value(WEST, "/dr/active");
}

static bool
east_is_done(void)
{
	return has_value(EAST, "/dr/endpoint") && has_value(EAST, "/dr/active");
}

/* Does the disk say that a call for this target may have left? */
static bool
is_intended(const char *region, const char *target)
{
	struct change disk = change_on_disk();
	bool intended = false;
	size_t i;

	for (i = 0; i < disk.count; i++)
		if (strcmp(disk.effects[i].region, region) == 0 &&
		    strcmp(disk.effects[i].target, target) == 0)
			intended |= disk.effects[i].state != EFFECT_PLANNED;
	change_release(&disk);
	return intended;
}

/*
 * Data plane calls only (4); intent before effect (5); nothing is put or
 * published in the other region before its time (7); bounded, not retried
 * behind our back, on the failover's own budget.
 */
static void
check_laws(const struct aws_request *r)
{
	bool publish = strcmp(r->operation, "Publish") == 0;
	const char *target = tree_str(r->input, publish ? "TopicArn" : "Name");

	ck_assert(publish || strcmp(r->operation, "PutParameter") == 0 ||
	    strcmp(r->operation, "GetParameter") == 0);
	ck_assert_int_eq(r->service, publish ? SERVICE_SNS : SERVICE_SSM);
	ck_assert_int_eq(r->lane, LANE_FAILOVER);
	ck_assert_uint_eq(r->attempts, 1);
	ck_assert_uint_eq(r->deadline_ms, clock_mono_ms() + CALL_MS);
	ck_assert(w.journal_fails || is_intended(r->region, target));
	if (strcmp(r->region, EAST) == 0 && publish)
		ck_assert_uint_gt(find_topic(WEST)->answered, 0);
	if (strcmp(r->region, EAST) == 0 && !publish)
		ck_assert(west_is_done());
}

/* ---- the client -------------------------------------------------------- */

static void
forget_call(struct aws_call *call)
{
	struct aws_call **at = &w.calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	timer_cancel(call->timer);
	json_decref(call->input);
	free(call);
}

static json_t *
get_parameter(const struct parameter *p, struct error *e)
{
	if (p->value[0] != '\0')
		return json_pack("{s:{s:s, s:I}}", "Parameter", "Value",
		    p->value, "Version", (json_int_t)p->version);
	error_set(e, ERROR_ABSENT, "ParameterNotFound", "no such parameter");
	return NULL;
}

/* The call takes effect; its reply, or NULL and an error. */
static json_t *
execute(const struct aws_call *call, struct error *e)
{
	const char *name = tree_str(call->input, "Name");
	const char *value = tree_str(call->input, "Value");
	struct parameter *p;

	if (strcmp(call->operation, "Publish") == 0) {
		find_topic(call->region)->published++;
		return json("{'MessageId': 'm-1'}");
	}
	p = find_parameter(call->region, name);
	if (strcmp(call->operation, "GetParameter") == 0)
		return get_parameter(p, e);
	if (p->plain && tree_str(call->input, "Type") != NULL) {
		error_set(e, ERROR_BROKEN, "HierarchyTypeMismatchException",
		    "the type of a parameter does not change");
		return NULL;
	}
	ck_assert_uint_lt(strlen(value), sizeof(p->value));
	strcpy(p->value, value);
	p->writes++;
	p->version++;
	return json_pack("{s:I}", "Version", (json_int_t)p->version);
}

static void
on_answer(void *arg)
{
	struct aws_call *call = arg;
	struct aws_call copy = *call;
	struct error e = { .class = ERROR_NONE };
	json_t *reply = NULL;

	call->timer = NULL;
	copy.input = json_incref(call->input);
	forget_call(call);
	if (copy.fault.class == ERROR_NONE || copy.fault.landed)
		reply = execute(&copy, &e);
	if (copy.fault.class != ERROR_NONE) {
		json_decref(reply);
		reply = NULL;
		error_set(&e, copy.fault.class, copy.fault.code, "it failed");
	} else if (copy.fault.reply != NULL) {
		json_decref(reply);
		reply = json(copy.fault.reply);
	}
	if (strcmp(copy.operation, "Publish") == 0)
		find_topic(copy.region)->answered++;
	copy.done(reply, reply != NULL ? NULL : &e, copy.arg);
	json_decref(reply);
	json_decref(copy.input);
}

struct aws_call *
aws_send(
    struct aws *aws, const struct aws_request *r, aws_done *done, void *arg)
{
	struct aws_call *call = mem_alloc(sizeof(*call));
	bool dark = w.dark[strcmp(r->region, EAST) == 0 ? 0 : 1];

	call->next = w.calls;
	w.calls = call;
	call->input = json_deep_copy(r->input);
	call->done = done;
	call->arg = arg;
	snprintf(call->operation, sizeof(call->operation), "%s", r->operation);
	snprintf(call->region, sizeof(call->region), "%s", r->region);
	if (crashed())
		return call; /* it never leaves */
	check_laws(r);
	w.sent++;
	if (dark)
		call->fault =
		    (struct fault){ ERROR_AGAIN, "Timeout", false, NULL };
	else if (w.sent == w.fault_at)
		call->fault = w.fault;
	/* not all at the very same moment, so that a crash can fall between */
	call->timer = loop_after(
	    w.loop, dark ? CALL_MS : LATENCY_MS + w.sent % 3, on_answer, call);
	return call;
}

void
aws_cancel(struct aws_call *call)
{
	forget_call(call);
}

/* ---- one act ----------------------------------------------------------- */

static void
called_back(void)
{
	ck_assert_ptr_nonnull(w.act);
	if (++w.callbacks == w.cancel_at) {
		act_cancel(w.act);
		w.act = NULL;
	}
}

static void
on_step(const struct effect *effect, void *arg)
{
	struct change disk = change_on_disk();
	size_t i;

	ck_assert_ptr_eq(arg, &w);
	w.steps++;
	for (i = 0; i < disk.count; i++)
		if (strcmp(disk.effects[i].key, effect->key) == 0)
			ck_assert(w.journal_fails || crashed() ||
			    disk.effects[i].state == effect->state);
	change_release(&disk);
	called_back();
}

static void
on_lead(void *arg)
{
	w.leads++;
	ck_assert(crashed() || west_is_done());
	ck_assert(change_leads_done(&w.change));
	called_back();
}

static void
on_settled(void *arg)
{
	w.settles++;
	ck_assert(change_settled(&w.change));
	called_back();
}

static void
plan(enum effect_kind kind, const char *region, const char *key,
    const char *target, const char *value)
{
	struct change *c = &w.change;
	struct effect *effect;

	c->effects = mem_grow(c->effects, c->count + 1, sizeof(*c->effects));
	effect = &c->effects[c->count++];
	memset(effect, 0, sizeof(*effect));
	effect->kind = kind;
	effect->leads = strcmp(region, WEST) == 0;
	effect->value = value != NULL ? mem_strdup(value) : NULL;
	snprintf(effect->region, sizeof(effect->region), "%s", region);
	snprintf(effect->key, sizeof(effect->key), "%s", key);
	snprintf(effect->target, sizeof(effect->target), "%s", target);
}

static void
plan_region(const char *region, const char *endpoint, const char *active,
    const char *notice)
{
	plan(EFFECT_PARAMETER, region, endpoint, "/dr/endpoint", new_endpoint);
	plan(EFFECT_PARAMETER, region, active, "/dr/active", new_active);
	plan(EFFECT_NOTICE, region, notice, find_topic(region)->arn, told_text);
}

/* A failover from EAST to WEST, decided now, on disk. */
static void
plan_failover(void)
{
	w.change = (struct change){ .epoch = EPOCH,
		.from = EAST,
		.to = WEST,
		.cause = "automatic",
		.reason = "three failing polls",
		.decided_ms = clock_wall_ms() };
	plan_region(WEST, "west/endpoint", "west/active", "west/notice");
	plan(EFFECT_DNS, WEST, "dns", "app.example", NULL);
	plan_region(EAST, "east/endpoint", "east/active", "east/notice");
	w.journal[w.records++] = change_record(&w.change);
}

static void
start_act(void)
{
	unsigned before = w.sent;

	w.act = act_start(w.loop, NULL, NULL, &w.change, &w.options);
	ck_assert_uint_eq(w.sent, before); /* not from inside */
}

static log_sink drop_line;

static void
drop_line(
    enum log_level level, const struct log_fields *fields, const char *line)
{
}

static void
world_set_up(void)
{
	static const struct parameter parameters[PARAMETERS] = {
		{ .region = EAST, .name = "/dr/endpoint" },
		{ .region = EAST, .name = "/dr/active" },
		{ .region = WEST, .name = "/dr/endpoint" },
		{ .region = WEST, .name = "/dr/active" },
	};
	size_t i;

	script_reset();
	log_set_sink(drop_line);
	memset(&w, 0, sizeof(w));
	memcpy(w.parameters, parameters, sizeof(parameters));
	for (i = 0; i < PARAMETERS; i++) {
		w.parameters[i].wanted = i % 2 == 0 ? new_endpoint : new_active;
		strcpy(w.parameters[i].value,
		    i % 2 == 0 ? old_endpoint : old_active);
		w.parameters[i].version = 1;
	}
	w.topics[0] = (struct topic){ EAST, "arn:east", 0, 0 };
	w.topics[1] = (struct topic){ WEST, "arn:west", 0, 0 };
	w.loop = loop_new();
	w.servers[0] = "ns-1";
	w.servers[1] = "ns-2";
	w.options = (struct act_options){
		.stack = "dr",
		.dns = { .record = "app.example",
		    .servers = w.servers,
		    .server_count = 2,
		    .target_balancer = "west.elb" },
		.retry_cap_ms = RETRY_CAP_MS,
		.call_ms = CALL_MS,
		.on_step = on_step,
		.on_lead = on_lead,
		.on_settled = on_settled,
		.arg = &w,
	};
	script_dns(NULL, "west.elb", "10.1.0.1", DNS_ANSWERED);
	script_dns(NULL, "app.example", "10.1.0.1", DNS_ANSWERED);
	plan_failover();
}

static void
world_tear_down(void)
{
	size_t i;

	act_cancel(w.act);
	ck_assert_ptr_null(w.calls);
	ck_assert_uint_eq(script_pending(), 0);
	change_release(&w.change);
	for (i = 0; i < w.records; i++)
		json_decref(w.journal[i]);
	loop_free(w.loop);
}

/* ---- outcomes ---------------------------------------------------------- */

static const struct effect *
effect_of(const char *key)
{
	size_t i;

	for (i = 0; i < w.change.count; i++)
		if (strcmp(w.change.effects[i].key, key) == 0)
			return &w.change.effects[i];
	ck_abort_msg("no effect %s", key);
}

/* Everything is where it should be, and on disk as well; each parameter was
   written `writes` times at the most. */
static void
check_all_done(unsigned writes)
{
	struct change disk = change_on_disk();
	size_t i;

	ck_assert(west_is_done() && east_is_done());
	for (i = 0; i < PARAMETERS; i++)
		ck_assert_uint_le(w.parameters[i].writes, writes);
	for (i = 0; i < TOPICS; i++)
		ck_assert_uint_ge(w.topics[i].published, 1);
	ck_assert_uint_eq(w.leads, 1);
	ck_assert_uint_eq(w.settles, 1);
	ck_assert(change_settled(&w.change));
	for (i = 0; i < w.change.count; i++) {
		ck_assert_int_eq(w.change.effects[i].state, EFFECT_VERIFIED);
		ck_assert_int_eq(disk.effects[i].state, EFFECT_VERIFIED);
		ck_assert_int_ge(
		    disk.effects[i].verified_ms, disk.effects[i].sent_ms);
		ck_assert_uint_gt(disk.effects[i].attempts, 0);
	}
	change_release(&disk);
}

#endif
