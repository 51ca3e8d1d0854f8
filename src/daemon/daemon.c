/* SPDX-License-Identifier: MIT
 *
 * `drd run`: the keepers of all stacks, the socket, the signals.
 *
 * The configuration is replaced whole or not at all: the new file is read
 * aside, compared with what runs, and only then taken over.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/client.h"
#include "aws/creds.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/advice.h"
#include "daemon/config.h"
#include "daemon/control.h"
#include "daemon/daemon.h"
#include "daemon/keeper.h"
#include "daemon/notify.h"
#include "daemon/session.h"
#include "daemon/status.h"
#include "net/loop.h"

#define CONTROL_GROUP "drd"

/* Less than systemd gives us to start. */
enum { CREDS_LIMIT_MS = 10000 };

struct daemon {
	struct config *config;
	int64_t config_since_ms;
	int64_t started_ms;
	struct session session;
	struct control *control;
	struct keeper **keepers;
	size_t keeper_count;
	struct signal_watch *on_term;
	struct signal_watch *on_int;
	struct signal_watch *on_hup;
	struct timer *watchdog;
	struct timer *telling; /* a status line is due */
	char *told;	       /* the last one */

	int64_t reload_ms; /* wall; 0: none yet */
	bool reload_ok;
	char *reload_text;

	struct control_call *poll_call; /* waits for `polls_open` polls */
	size_t polls_open;
	const struct keeper *poll_keeper; /* NULL: all of them */
};

/* ---- status ------------------------------------------------------------ */

static struct status_stack *
view(const struct daemon *d, struct status_view *out)
{
	struct status_stack *stacks;
	size_t i;

	stacks = mem_array(d->keeper_count + 1, sizeof(*stacks));
	for (i = 0; i < d->keeper_count; i++)
		keeper_status(d->keepers[i], &stacks[i]);
	*out = (struct status_view){
		.version = DRD_VERSION,
		.pid = getpid(),
		.now_ms = clock_wall_ms(),
		.now_mono_ms = clock_mono_ms(),
		.started_ms = d->started_ms,
		.config_path = d->config->path,
		.config_digest = d->config->digest,
		.config_since_ms = d->config_since_ms,
		.reload_ms = d->reload_ms,
		.reload_ok = d->reload_ok,
		.reload_text = d->reload_text,
		.stacks = stacks,
		.stack_count = d->keeper_count,
	};
	return stacks;
}

static void
tell_status(void *arg)
{
	struct daemon *d = arg;
	struct status_view v;
	struct status_stack *stacks;
	char *line;

	d->telling = NULL;
	stacks = view(d, &v);
	line = status_line(&v);
	free(stacks);
	if (d->told == NULL || strcmp(line, d->told) != 0)
		notify_status(line);
	free(d->told);
	d->told = line;
}

/* Something changed: tell systemd, once per round of the loop. */
static void
on_changed(void *arg)
{
	struct daemon *d = arg;

	if (d->telling == NULL)
		d->telling = loop_after(d->session.loop, 0, tell_status, d);
}

static void
do_status(struct control_call *call, void *arg)
{
	struct daemon *d = arg;
	struct status_view v;
	struct status_stack *stacks;

	stacks = view(d, &v);
	v.api = aws_usage(d->session.aws);
	control_reply_json(call, status_json(&v));
	json_decref(v.api);
	free(stacks);
}

/* ---- orders ------------------------------------------------------------ */

static struct keeper *
find_keeper(const struct daemon *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->keeper_count; i++)
		if (strcmp(keeper_name(d->keepers[i]), name) == 0)
			return d->keepers[i];
	return NULL;
}

/* What the polls on demand have found, a line for each stack. */
static void
tell_verdicts(const struct daemon *d)
{
	const struct poll_verdict *verdict;
	struct failover_status status;
	struct text out = TEXT_INIT;
	size_t i;

	for (i = 0; i < d->keeper_count; i++) {
		if (d->poll_keeper != NULL && d->poll_keeper != d->keepers[i])
			continue;
		failover_status(keeper_failover(d->keepers[i]), &status);
		verdict = &status.detected->verdict;
		text_addf(&out, "%s%s: %s: %s", out.len != 0 ? "\n" : "",
		    status.stack, verdict_name(verdict->verdict), verdict->why);
	}
	control_reply_ok(d->poll_call, "%s", out.s);
	text_release(&out);
}

static void
on_polled(void *arg)
{
	struct daemon *d = arg;

	if (--d->polls_open != 0)
		return;
	tell_verdicts(d);
	d->poll_call = NULL;
}

static void
do_poll(struct control_call *call, const char *stack, void *arg)
{
	struct daemon *d = arg;
	const struct keeper *only;
	size_t i;

	only = stack != NULL ? find_keeper(d, stack) : NULL;
	if (stack != NULL && only == NULL) {
		control_reply_error(
		    call, CONTROL_NO_STACK, "there is no stack \"%s\"", stack);
		return;
	}
	if (d->poll_call != NULL) {
		control_reply_error(call, CONTROL_REFUSED,
		    "busy: somebody else's poll is under way; try again");
		return;
	}
	for (i = 0; i < d->keeper_count; i++) {
		if (only != NULL && only != d->keepers[i])
			continue;
		if (failover_poll_now(
			keeper_failover(d->keepers[i]), on_polled, d) == 0)
			d->polls_open++;
	}
	d->poll_call = call;
	d->poll_keeper = only;
	if (d->polls_open == 0) {
		control_reply_ok(call, "nothing to poll");
		d->poll_call = NULL;
	}
}

static void
do_failback(struct control_call *call, const char *stack, const char *reason,
    const char *who, void *arg)
{
	struct daemon *d = arg;
	struct keeper *keeper = find_keeper(d, stack);
	struct failover_status status;
	struct error e;

	if (keeper == NULL) {
		control_reply_error(
		    call, CONTROL_NO_STACK, "there is no stack \"%s\"", stack);
		return;
	}
	if (failover_failback(keeper_failover(keeper), reason, who, &e) == -1) {
		log_warning("control: %s: failback refused: %s: %s", stack,
		    e.code, e.text);
		control_reply_error(
		    call, CONTROL_REFUSED, "%s: %s", e.code, e.text);
		return;
	}
	failover_status(keeper_failover(keeper), &status);
	control_reply_ok(call,
	    "%s: failing back to %s, epoch %llu; follow it with drd-status",
	    stack, status.primary, (unsigned long long)status.epoch);
}

/* ---- reload ------------------------------------------------------------ */

/* What a running daemon cannot change: said, not silently ignored. */
static int
check_replacement(
    const struct config *old, const struct config *new, struct text *complaints)
{
	const struct config_stack *a, *b;
	size_t i;

	if (strcmp(old->state_dir, new->state_dir) != 0)
		text_addf(complaints,
		    "%s: state_dir cannot change in a running daemon\n",
		    new->path);
	if (strcmp(old->socket, new->socket) != 0 ||
	    old->socket_mode != new->socket_mode)
		text_addf(complaints,
		    "%s: socket and socket_mode cannot change in a running "
		    "daemon\n",
		    new->path);
	for (i = 0; i < new->stack_count; i++) {
		b = &new->stacks[i];
		a = config_find_stack(old, b->name);
		if (a != NULL &&
		    (strcmp(a->primary.name, b->primary.name) != 0 ||
			strcmp(a->standby.name, b->standby.name) != 0))
			text_addf(complaints,
			    "%s: stack \"%s\": the regions of a stack that "
			    "runs cannot change\n",
			    new->path, b->name);
	}
	return complaints->len == 0 ? 0 : -1;
}

static struct keeper *
take_keeper(struct daemon *d, const char *name)
{
	struct keeper *keeper;
	size_t i;

	for (i = 0; i < d->keeper_count; i++) {
		keeper = d->keepers[i];
		if (keeper != NULL && strcmp(keeper_name(keeper), name) == 0) {
			d->keepers[i] = NULL;
			return keeper;
		}
	}
	return NULL;
}

/*
 * Keepers for the stacks of `config`, new ones first: if one of them cannot
 * be had (its journal is locked or damaged) nothing has changed yet.
 */
static struct keeper **
new_keepers(
    struct daemon *d, const struct config *config, struct text *complaints)
{
	struct keeper **keepers;
	struct error e;
	size_t i;

	keepers = mem_array(config->stack_count + 1, sizeof(struct keeper *));
	for (i = 0; i < config->stack_count; i++) {
		if (find_keeper(d, config->stacks[i].name) != NULL)
			continue;
		keepers[i] = keeper_new(d->session.loop, d->session.aws, config,
		    &config->stacks[i], on_changed, d, &e);
		if (keepers[i] == NULL)
			text_addf(complaints, "%s: stack \"%s\": %s\n",
			    config->path, config->stacks[i].name, e.text);
	}
	if (complaints->len == 0)
		return keepers;
	for (i = 0; i < config->stack_count; i++)
		keeper_free(keepers[i]);
	free(keepers);
	return NULL;
}

/* From here on nothing can fail. */
static void
replace(struct daemon *d, struct config *config, struct keeper **keepers)
{
	struct config *old = d->config;
	struct keeper *kept;
	size_t i;

	session_configure(&d->session, old, config);
	for (i = 0; i < config->stack_count; i++) {
		kept = take_keeper(d, config->stacks[i].name);
		if (kept == NULL) {
			keeper_start(keepers[i]);
			continue;
		}
		keepers[i] = kept;
		keeper_reconfigure(kept, config, &config->stacks[i]);
	}
	for (i = 0; i < d->keeper_count; i++) {
		if (d->keepers[i] == NULL)
			continue;
		log_info("reload: stack %s is not kept any more; its journal "
			 "stays",
		    keeper_name(d->keepers[i]));
		keeper_free(d->keepers[i]);
	}
	free(d->keepers);
	d->keepers = keepers;
	d->keeper_count = config->stack_count;
	d->config = config;
	d->config_since_ms = clock_wall_ms();
	log_set_level(config->log_level);
	config_free(old);
}

static int
try_reload(struct daemon *d, struct text *complaints)
{
	struct config *config;
	struct keeper **keepers;

	config = config_read(d->config->path, complaints);
	if (config == NULL)
		return -1;
	if (check_replacement(d->config, config, complaints) == -1 ||
	    (keepers = new_keepers(d, config, complaints)) == NULL) {
		config_free(config);
		return -1;
	}
	replace(d, config, keepers);
	return 0;
}

/* A poll that somebody waits for may be of a keeper that goes: answer now. */
static void
drop_poll_call(struct daemon *d)
{
	size_t i;

	if (d->poll_call == NULL)
		return;
	for (i = 0; i < d->keeper_count; i++)
		failover_forget_waiter(keeper_failover(d->keepers[i]));
	control_reply_error(d->poll_call, CONTROL_REFUSED,
	    "the configuration was reloaded meanwhile; try again");
	d->poll_call = NULL;
	d->polls_open = 0;
}

static void
reload(struct daemon *d)
{
	struct log_fields fields = { .message_id = EVENT_RELOADED };
	struct text complaints = TEXT_INIT;
	struct error e;

	notify_reloading();
	drop_poll_call(d);
	d->reload_ok = try_reload(d, &complaints) == 0;
	d->reload_ms = clock_wall_ms();
	if (d->reload_ok && session_load_creds(&d->session, &e) == -1)
		log_warning(
		    "reload: the credentials in force are kept: %s", e.text);
	free(d->reload_text);
	if (d->reload_ok) {
		d->reload_text =
		    mem_strdup("the new configuration is in force");
		log_line(LOG_LEVEL_INFO, &fields, "reload: %s: %s",
		    d->config->path, d->reload_text);
	} else {
		fields.message_id = EVENT_RELOAD_REFUSED;
		d->reload_text = mem_strdup(complaints.s);
		log_line(LOG_LEVEL_ERROR, &fields,
		    "reload: refused, the old configuration stays in force: %s",
		    complaints.s);
	}
	text_release(&complaints);
	notify_ready();
	on_changed(d);
}

static void
on_hup(void *arg)
{
	reload(arg);
}

static void
do_reload(struct control_call *call, void *arg)
{
	struct daemon *d = arg;

	reload(d);
	if (d->reload_ok)
		control_reply_ok(call, "%s", d->reload_text);
	else
		control_reply_error(call, CONTROL_CONFIG,
		    "refused, the old configuration stays in force\n%s",
		    d->reload_text);
}

/* ---- start and stop ---------------------------------------------------- */

static const struct control_ops control_ops = {
	.status = do_status,
	.poll = do_poll,
	.reload = do_reload,
	.failback = do_failback,
};

static void
on_stop(void *arg)
{
	struct daemon *d = arg;

	notify_stopping();
	loop_stop(d->session.loop);
}

static void
feed_watchdog(void *arg)
{
	struct daemon *d = arg;

	notify_watchdog();
	d->watchdog =
	    loop_after(d->session.loop, notify_watchdog_ms(), feed_watchdog, d);
}

static int
make_state_dir(const char *path, struct error *e)
{
	struct stat st;

	if (mkdir(path, 0700) == -1 && errno != EEXIST)
		return error_set(e, ERROR_BROKEN, "StateDir",
		    "state_dir %s cannot be made: %s", path, strerror(errno));
	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return error_set(e, ERROR_BROKEN, "StateDir",
		    "state_dir %s is not a directory", path);
	if (access(path, W_OK | X_OK) == -1)
		return error_set(e, ERROR_BROKEN, "StateDir",
		    "state_dir %s cannot be written: %s", path,
		    strerror(errno));
	return 0;
}

/*
 * The first poll is better with credentials, but a source that is slow or
 * down now is no reason to be down too.
 */
static void
await_creds(struct daemon *d)
{
	struct error e;

	if (session_wait_creds(&d->session, CREDS_LIMIT_MS, &e) == -1)
		log_warning("start: going on without credentials, and looking "
			    "for them: %s",
		    e.text);
}

static int
start(struct daemon *d)
{
	struct text complaints = TEXT_INIT;
	struct error e;

	if (make_state_dir(d->config->state_dir, &e) == -1 ||
	    session_open(&d->session, d->config, &e) == -1) {
		log_error("start: %s", e.text);
		return -1;
	}
	await_creds(d);
	d->control = control_open(d->session.loop, d->config->socket,
	    (mode_t)d->config->socket_mode, CONTROL_GROUP, &control_ops, d, &e);
	if (d->control == NULL) {
		log_error("start: %s", e.text);
		return -1;
	}
	d->keepers = new_keepers(d, d->config, &complaints);
	if (d->keepers == NULL) {
		log_error("start: %s", complaints.s);
		text_release(&complaints);
		return -1;
	}
	d->keeper_count = d->config->stack_count;
	d->on_term = loop_on_signal(d->session.loop, SIGTERM, on_stop, d);
	d->on_int = loop_on_signal(d->session.loop, SIGINT, on_stop, d);
	d->on_hup = loop_on_signal(d->session.loop, SIGHUP, on_hup, d);
	return 0;
}

static void
give_advice(const struct daemon *d)
{
	struct text advice = TEXT_INIT;
	char *here = creds_region();

	advise(d->config, here, &advice);
	if (advice.len != 0)
		log_warning("start: %s", advice.s);
	text_release(&advice);
	free(here);
}

static void
go(struct daemon *d)
{
	struct log_fields fields = { .message_id = EVENT_STARTED };
	size_t i;

	for (i = 0; i < d->keeper_count; i++)
		keeper_start(d->keepers[i]);
	if (notify_watchdog_ms() != 0)
		feed_watchdog(d);
	log_line(LOG_LEVEL_INFO, &fields,
	    "start: drd %s keeps %zu stack%s of %s, credentials from %s",
	    DRD_VERSION, d->keeper_count, d->keeper_count == 1 ? "" : "s",
	    d->config->path, session_creds_source(&d->session));
	give_advice(d);
	notify_ready();
	on_changed(d);
}

static void
stop(struct daemon *d)
{
	struct log_fields fields = { .message_id = EVENT_STOPPING };
	bool started = d->keeper_count > 0;
	struct failover_status status;
	size_t i, pending = 0;

	for (i = 0; i < d->keeper_count; i++) {
		failover_status(keeper_failover(d->keepers[i]), &status);
		if (status.change != NULL)
			pending += change_pending(status.change);
		keeper_free(d->keepers[i]);
	}
	free(d->keepers);
	control_close(d->control);
	timer_cancel(d->watchdog);
	timer_cancel(d->telling);
	signal_watch_free(d->on_term);
	signal_watch_free(d->on_int);
	signal_watch_free(d->on_hup);
	session_close(&d->session);
	config_free(d->config);
	free(d->told);
	free(d->reload_text);
	if (started)
		log_line(LOG_LEVEL_INFO, &fields,
		    "stop: %zu effects pending, kept in the journal", pending);
}

int
daemon_run(struct config *config)
{
	struct daemon d = {
		.config = config,
		.config_since_ms = clock_wall_ms(),
		.started_ms = clock_wall_ms(),
	};
	int rc = -1;

	log_set_level(config->log_level);
	if (start(&d) == 0) {
		go(&d);
		rc = loop_run(d.session.loop);
		if (rc == -1)
			log_error("loop: it failed; stopping");
	}
	stop(&d);
	return rc == 0 ? 0 : 1;
}
