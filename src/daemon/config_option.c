/* SPDX-License-Identifier: MIT
 *
 * The options of the configuration file: the table, and what a word that is
 * not in it may have been meant for.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/config_form.h"
#include "daemon/config_option.h"

enum { /* milliseconds */
	MS = 1,
	S = 1000,
	MIN = 60 * S,
	H = 60 * MIN,
};

const struct config_section_facts config_sections[SECTION_COUNT] = {
	[SECTION_TOP] = { "", SECTION_TOP, false, NULL },
	[SECTION_ENDPOINT] = { "endpoint", SECTION_TOP, true, "region" },
	[SECTION_STACK] = { "stack", SECTION_TOP, true, "name" },
	[SECTION_REGION] = { "region", SECTION_STACK, true, "region" },
	[SECTION_DNS] = { "dns", SECTION_STACK, false, NULL },
	[SECTION_HEALTH_CHECK] = { "health_check", SECTION_STACK, false, NULL },
	[SECTION_ALARMS] = { "alarms", SECTION_STACK, false, NULL },
	[SECTION_MANAGE] = { "manage", SECTION_STACK, false, NULL },
};

static const struct config_word levels[] = {
	{ "error", LOG_LEVEL_ERROR },
	{ "warning", LOG_LEVEL_WARNING },
	{ "info", LOG_LEVEL_INFO },
	{ "debug", LOG_LEVEL_DEBUG },
	{ NULL, 0 },
};

static const struct config_word roles[] = {
	{ "primary", CONFIG_PRIMARY },
	{ "standby", CONFIG_STANDBY },
	{ NULL, 0 },
};

static const struct config_word protocols[] = {
	{ "http", false },
	{ "https", true },
	{ NULL, 0 },
};

static const struct config_word policies[] = {
	{ "manage", POLICY_MANAGE },
	{ "observe", POLICY_OBSERVE },
	{ "ignore", POLICY_IGNORE },
	{ NULL, 0 },
};

#define TOP(member)   offsetof(struct config, member)
#define STACK(member) offsetof(struct config_stack, member)

/* clang-format off */
const struct config_option config_options[] = {
{ SECTION_TOP, "state_dir", TYPE_TEXT, "/var/lib/drd",
    .form = &form_path, .offset = TOP(state_dir),
    .help = "Where the journals are kept, one per stack." },
{ SECTION_TOP, "socket", TYPE_TEXT, "/run/drd/drd.sock",
    .form = &form_socket, .offset = TOP(socket),
    .help = "Where drd-status and drdctl find the daemon." },
{ SECTION_TOP, "socket_mode", TYPE_MODE, "0660", 0, 0777,
    .offset = TOP(socket_mode),
    .help = "Permissions of the socket, in octal." },
{ SECTION_TOP, "log_level", TYPE_WORD, "info",
    .words = levels, .offset = TOP(log_level),
    .help = "The least important messages to log." },
{ SECTION_TOP, "poll_interval", TYPE_MS64, "30s", 50 * MS, 1 * H,
    .offset = TOP(poll_interval),
    .help = "Time from one poll of the signals to the next." },
{ SECTION_TOP, "poll_deadline", TYPE_MS64, "10s", 10 * MS, 10 * MIN,
    .offset = TOP(poll_deadline),
    .help = "Time after which what has not answered a poll is unknown." },
{ SECTION_TOP, "reconcile_interval", TYPE_MS64, "30s", 50 * MS, 24 * H,
    .offset = TOP(reconcile_interval),
    .help = "Time from one look for drift to the next." },
{ SECTION_TOP, "connect_timeout", TYPE_MS64, "3s", 10 * MS, 1 * MIN,
    .offset = TOP(connect_timeout),
    .help = "Time to connect to AWS, for each attempt." },
{ SECTION_TOP, "request_timeout", TYPE_MS64, "10s", 10 * MS, 5 * MIN,
    .offset = TOP(request_timeout),
    .help = "Time for a whole request to AWS, for each attempt." },
{ SECTION_TOP, "api_share", TYPE_COUNT, "50", 0, 100,
    .offset = TOP(api_share),
    .help = "Percent of AWS's limits on API calls to use; 0 is no limit." },

{ SECTION_ENDPOINT, "url", TYPE_TEXT, NULL,
    .form = &form_url, .offset = offsetof(struct config_endpoint, url),
    .help = "Where the services of this region are reached." },

{ SECTION_STACK, "service", TYPE_TEXT, "",
    .form = &form_name, .offset = STACK(service),
    .help = "First part of the names of all objects." },
{ SECTION_STACK, "environment", TYPE_TEXT, NULL,
    .form = &form_name, .offset = STACK(environment),
    .help = "Third part of the names, and the tag Environment." },
{ SECTION_STACK, "suffix", TYPE_TEXT, "",
    .form = &form_suffix, .offset = STACK(suffix),
    .help = "Level of the parameters' names below /dr." },
{ SECTION_STACK, "owner", TYPE_TEXT, "drd",
    .form = &form_tag, .offset = STACK(owner),
    .help = "Value of the tag drd:owner; other owners' objects are left alone." },
{ SECTION_STACK, "fall", TYPE_COUNT, "3", 1, 100,
    .offset = STACK(fall),
    .help = "Failing polls in a row that make a failover." },
{ SECTION_STACK, "quorum", TYPE_COUNT, "1", 1, 16,
    .offset = STACK(quorum),
    .help = "Triggers that must fail in the same poll." },
{ SECTION_STACK, "trigger", TYPE_LIST, "route53 alarm:health-check",
    .form = &form_trigger, .offset = STACK(triggers),
    .count_offset = STACK(trigger_count),
    .help = "Signals that count towards a failover." },
{ SECTION_STACK, "max_changes", TYPE_COUNT, "10", 0, 10000,
    .offset = STACK(max_changes),
    .help = "Changes the daemon may make in one cycle; 0 is no limit." },

{ SECTION_REGION, "role", TYPE_WORD, NULL,
    .words = roles,
    .offset = offsetof(struct config_region_draft, role),
    .help = "One region is the primary, the other one the standby." },
{ SECTION_REGION, "load_balancer", TYPE_TEXT, "",
    .form = &form_balancer,
    .offset = offsetof(struct config_region_draft, region.load_balancer),
    .help = "Name of the region's load balancer." },

{ SECTION_DNS, "zone", TYPE_TEXT, NULL,
    .form = &form_domain, .offset = STACK(zone),
    .help = "Domain of the hosted zone." },
{ SECTION_DNS, "record", TYPE_TEXT, NULL,
    .form = &form_domain, .offset = STACK(record),
    .help = "The failover name, which the users' traffic follows." },
{ SECTION_DNS, "name_servers", TYPE_LIST, "",
    .form = &form_server, .offset = STACK(name_servers),
    .count_offset = STACK(name_server_count),
    .help = "Servers that are asked where the name points." },
{ SECTION_DNS, "resolver", TYPE_TEXT, "",
    .form = &form_server, .offset = STACK(resolver),
    .help = "Server that is asked for the load balancers' addresses." },

{ SECTION_HEALTH_CHECK, "protocol", TYPE_BOOL, "http",
    .words = protocols, .offset = STACK(check_https),
    .help = "How Route 53 asks the load balancer." },
{ SECTION_HEALTH_CHECK, "port", TYPE_COUNT, "", 1, 65535,
    .offset = STACK(check_port),
    .help = "Port that Route 53 connects to." },
{ SECTION_HEALTH_CHECK, "path", TYPE_TEXT, "/health",
    .form = &form_url_path, .offset = STACK(check_path),
    .help = "Path that has to answer 200 to 399." },
{ SECTION_HEALTH_CHECK, "interval", TYPE_SECONDS, "30s", 10 * S, 30 * S,
    .offset = STACK(check_interval_s),
    .help = "Time between two checks of a checker." },
{ SECTION_HEALTH_CHECK, "threshold", TYPE_COUNT, "3", 1, 10,
    .offset = STACK(check_threshold),
    .help = "Answers in a row that change a checker's mind." },

{ SECTION_ALARMS, "elb_5xx", TYPE_COUNT, "10", 1, 1000000,
    .offset = STACK(alarm_elb_5xx),
    .help = "Load balancer errors a minute that raise the alarm." },
{ SECTION_ALARMS, "lambda_errors", TYPE_COUNT, "5", 1, 1000000,
    .offset = STACK(alarm_lambda_errors),
    .help = "Lambda errors a minute that raise the alarm." },
{ SECTION_ALARMS, "lambda_duration", TYPE_MS, "5s", 1 * MS, 15 * MIN,
    .offset = STACK(alarm_lambda_ms),
    .help = "Average run time that raises the alarm." },
{ SECTION_ALARMS, "periods", TYPE_COUNT, "3", 1, 60,
    .offset = STACK(alarm_periods),
    .help = "Minutes in a row before an alarm is raised." },

{ SECTION_MANAGE, "zone", TYPE_WORD, "manage",
    .words = policies, .offset = STACK(manage_zone),
    .help = "The hosted zone." },
{ SECTION_MANAGE, "health_checks", TYPE_WORD, "manage",
    .words = policies, .offset = STACK(manage_health_checks),
    .help = "The Route 53 health checks." },
{ SECTION_MANAGE, "records", TYPE_WORD, "manage",
    .words = policies, .offset = STACK(manage_records),
    .help = "The two failover records." },
{ SECTION_MANAGE, "alarms", TYPE_WORD, "manage",
    .words = policies, .offset = STACK(manage_alarms),
    .help = "The CloudWatch alarms." },
{ SECTION_MANAGE, "topics", TYPE_WORD, "manage",
    .words = policies, .offset = STACK(manage_topics),
    .help = "The SNS topics and their policies." },
{ SECTION_MANAGE, "parameters", TYPE_WORD, "manage",
    .words = policies, .offset = STACK(manage_parameters),
    .help = "The SSM parameters." },
{ .name = NULL },
};
/* clang-format on */

enum { KEY_MAX = 32 };

/* Levenshtein's distance: letters to add, drop or change. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[KEY_MAX + 1], i, j, corner, up, best;

	if (strlen(a) > KEY_MAX || strlen(b) > KEY_MAX)
		return SIZE_MAX;
	for (j = 0; j <= strlen(b); j++)
		row[j] = j;
	for (i = 1; i <= strlen(a); i++) {
		corner = row[0];
		row[0] = i;
		for (j = 1; j <= strlen(b); j++) {
			up = row[j];
			best = corner + (a[i - 1] != b[j - 1]);
			if (up + 1 < best)
				best = up + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			corner = up;
		}
	}
	return row[strlen(b)];
}

static void
nearer(const char *key, const char *candidate, size_t *best, const char **name)
{
	size_t d = distance(key, candidate);

	if (d < *best) {
		*best = d;
		*name = candidate;
	}
}

/* A section that does know `key`, or NULL. */
static const char *
section_of(const char *key)
{
	const struct config_option *option;

	for (option = config_options; option->name != NULL; option++) {
		if (strcmp(option->name, key) == 0)
			return option->section == SECTION_TOP
			    ? "the top of the file"
			    : config_sections[option->section].name;
	}
	return NULL;
}

void
config_option_suggest(
    enum config_section section, const char *key, char *out, size_t size)
{
	const struct config_option *option;
	const char *name = NULL, *home = section_of(key);
	size_t best = strlen(key) / 3 + 2; /* farther is another word */
	int i;

	for (option = config_options; option->name != NULL; option++) {
		if (option->section == section)
			nearer(key, option->name, &best, &name);
	}
	for (i = SECTION_TOP + 1; i < SECTION_COUNT; i++) {
		if (config_sections[i].parent == section)
			nearer(key, config_sections[i].name, &best, &name);
	}
	if (home != NULL)
		snprintf(out, size, " (it belongs in %s)", home);
	else if (name != NULL)
		snprintf(out, size, " (did you mean \"%s\"?)", name);
	else
		snprintf(out, size, "%s", "");
}
