/* SPDX-License-Identifier: MIT
 *
 * A new configuration in a running daemon.
 *
 * It is replaced whole or not at all: the new file is read aside, compared
 * with what runs, and only then taken over.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/chronicle.h"
#include "daemon/keeper.h"
#include "daemon/metrics.h"
#include "daemon/notify.h"
#include "daemon/running.h"

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
	if (strcmp(old->viewer_group, new->viewer_group) != 0 ||
	    strcmp(old->operator_group, new->operator_group) != 0 ||
	    strcmp(old->admin_group, new->admin_group) != 0)
		text_addf(complaints,
		    "%s: viewer_group, operator_group and admin_group cannot "
		    "change in a running daemon\n",
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

/* From here on nothing can fail. */
static void
replace(struct daemon *d, struct config *config, struct keeper **keepers)
{
	struct config *old = d->config;
	struct keeper *kept;
	struct error e;
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
		/* Whoever takes it up again has not asked for a pause. */
		failover_resume(keeper_failover(d->keepers[i]),
		    "the stack is not kept any more", "reload", &e);
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
	    (keepers = daemon_new_keepers(d, config, complaints)) == NULL) {
		config_free(config);
		return -1;
	}
	replace(d, config, keepers);
	return 0;
}

void
daemon_reload(struct daemon *d)
{
	struct log_fields fields = { .message_id = EVENT_RELOADED };
	struct text complaints = TEXT_INIT;
	struct error e;

	notify_reloading();
	daemon_drop_poll(d);
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
	chronicle_daemon(d->history, "reload", d->reload_text);
	metrics_reloaded(d->metrics, d->reload_ok);
	text_release(&complaints);
	notify_ready();
	daemon_changed(d);
}
