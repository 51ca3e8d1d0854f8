/* SPDX-License-Identifier: MIT
 *
 * `drd run`: the keepers of all stacks, the socket, the signals.
 *
 * What the socket asks for is in orders.c, a new configuration in reload.c.
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
#include "daemon/chronicle.h"
#include "daemon/daemon.h"
#include "daemon/keeper.h"
#include "daemon/metrics.h"
#include "daemon/notify.h"
#include "daemon/running.h"
#include "daemon/status.h"
#include "net/loop.h"

/* Less than systemd gives us to start. */
enum { CREDS_LIMIT_MS = 10000 };

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
		.history_trouble = history_trouble(d->history),
		.clients = d->control != NULL ? control_clients(d->control) : 0,
		.loop_longest_ms = loop_longest_ms(d->session.loop),
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

void
daemon_changed(void *arg)
{
	struct daemon *d = arg;

	if (d->telling == NULL)
		d->telling = loop_after(d->session.loop, 0, tell_status, d);
}

json_t *
daemon_status(const struct daemon *d)
{
	struct status_view v;
	struct status_stack *stacks = view(d, &v);
	json_t *t;

	v.api = aws_usage(d->session.aws);
	t = status_json(&v);
	json_decref(v.api);
	free(stacks);
	return t;
}

void
daemon_metrics(const struct daemon *d, struct text *out)
{
	struct status_view v;
	struct status_stack *stacks = view(d, &v);

	v.requests = aws_tally(d->session.aws);
	metrics_text(d->metrics, &v, out);
	json_decref(v.requests);
	free(stacks);
}

/* ---- keepers ----------------------------------------------------------- */

struct keeper *
daemon_find(const struct daemon *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->keeper_count; i++)
		if (strcmp(keeper_name(d->keepers[i]), name) == 0)
			return d->keepers[i];
	return NULL;
}

static void
on_role_changed(const struct failover_status *status, enum role from,
    enum role to, void *arg)
{
	const struct daemon *d = arg;

	chronicle_role(d->history, status, from, to);
	metrics_role(d->metrics, status, from, to);
}

static void
on_stepped(const struct failover_status *status, const struct effect *effect,
    void *arg)
{
	const struct daemon *d = arg;

	chronicle_effect(d->history, status, effect);
}

static void
on_recovered(
    const struct failover_status *status, enum recovery_news news, void *arg)
{
	const struct daemon *d = arg;

	chronicle_recovered(d->history, status, news);
}

static void
on_withheld(const struct failover_status *status, bool advised, const char *why,
    void *arg)
{
	const struct daemon *d = arg;

	chronicle_withheld(d->history, status, advised, why);
}

static void
on_noted(const struct failover_status *status, const char *event,
    const char *text, void *arg)
{
	const struct daemon *d = arg;

	chronicle_noted(d->history, status, event, text);
}

static void
on_polled(const struct failover_status *status, void *arg)
{
	const struct daemon *d = arg;

	metrics_polled(d->metrics, status);
}

struct keeper **
daemon_new_keepers(
    struct daemon *d, const struct config *config, struct text *complaints)
{
	const struct keeper_ops ops = {
		.changed = daemon_changed,
		.role_changed = on_role_changed,
		.stepped = on_stepped,
		.recovered = on_recovered,
		.withheld = on_withheld,
		.noted = on_noted,
		.polled = on_polled,
		.arg = d,
	};
	struct keeper **keepers;
	struct error e;
	size_t i;

	keepers = mem_array(config->stack_count + 1, sizeof(struct keeper *));
	for (i = 0; i < config->stack_count; i++) {
		if (daemon_find(d, config->stacks[i].name) != NULL)
			continue;
		keepers[i] = keeper_new(d->session.loop, d->session.aws, config,
		    &config->stacks[i], &ops, &e);
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

/* ---- start and stop ---------------------------------------------------- */

static void
on_hup(void *arg)
{
	daemon_reload(arg);
}

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

static void
name_group(struct access_rules *rules, enum access access, const char *name)
{
	struct access_group *group = &rules->groups[access];

	snprintf(group->name, sizeof(group->name), "%s", name);
}

static struct control *
listen_for_orders(struct daemon *d, struct error *e)
{
	const struct config *config = d->config;
	struct access_rules rules = { .own = geteuid() };

	name_group(&rules, ACCESS_VIEWER, config->viewer_group);
	name_group(&rules, ACCESS_OPERATOR, config->operator_group);
	name_group(&rules, ACCESS_ADMIN, config->admin_group);
	access_look_up(&rules);
	return control_open(d->session.loop, config->socket,
	    (mode_t)config->socket_mode, &rules, &daemon_orders, d, e);
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
	d->metrics = metrics_new();
	d->history = history_open(d->session.loop, d->config->state_dir);
	await_creds(d);
	d->control = listen_for_orders(d, &e);
	if (d->control == NULL) {
		log_error("start: %s", e.text);
		return -1;
	}
	d->keepers = daemon_new_keepers(d, d->config, &complaints);
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

/* `lines` is cut up. */
static void
warn_of_each(char *lines, const char *what)
{
	char *line;

	while ((line = strsep(&lines, "\n")) != NULL)
		if (*line != '\0')
			log_warning("start: %s%s", line, what);
}

static void
give_advice(const struct daemon *d)
{
	struct text advice = TEXT_INIT;
	char *here = creds_region();

	advise(d->config, here, clock_wall_ms(), &advice);
	advise_hindrances(d->config, clock_wall_ms(), &advice);
	warn_of_each(advice.s, "");
	if (d->config->unusable != NULL)
		warn_of_each(d->config->unusable,
		    ": the function's code is left as it is, until a reload "
		    "finds a package");
	text_release(&advice);
	free(here);
}

static void
go(struct daemon *d)
{
	struct log_fields fields = { .message_id = EVENT_STARTED };
	size_t i;

	chronicle_daemon(d->history, "start", "drd " DRD_VERSION);
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
	daemon_changed(d);
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
	if (started)
		chronicle_daemon(d->history, "stop", NULL);
	history_close(d->history);
	metrics_free(d->metrics);
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
