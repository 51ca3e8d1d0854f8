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
	[SECTION_FUNCTION] = { "function", SECTION_STACK, false, NULL },
	[SECTION_ENTRY] = { "entry", SECTION_STACK, false, NULL },
	[SECTION_TABLE] = { "table", SECTION_STACK, false, NULL },
	[SECTION_BUCKET] = { "bucket", SECTION_STACK, false, NULL },
	[SECTION_DNS] = { "dns", SECTION_STACK, false, NULL },
	[SECTION_HEALTH_CHECK] = { "health_check", SECTION_STACK, false, NULL },
	[SECTION_LATCH] = { "latch", SECTION_STACK, false, NULL },
	[SECTION_PROBE] = { "probe", SECTION_STACK, false, NULL },
	[SECTION_ALARMS] = { "alarms", SECTION_STACK, false, NULL },
	[SECTION_READINESS] = { "readiness", SECTION_STACK, false, NULL },
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
	{ "auto", CHECK_AUTO },
	{ "http", CHECK_HTTP },
	{ "https", CHECK_HTTPS },
	{ NULL, 0 },
};

static const struct config_word carriers[] = {
	{ "metric", CARRIER_METRIC },
	{ "object", CARRIER_OBJECT },
	{ "routing-control", CARRIER_CONTROL },
	{ "none", CARRIER_NONE },
	{ NULL, 0 },
};

static const struct config_word ways_back[] = {
	{ "automatic", true },
	{ "manual", false },
	{ NULL, 0 },
};

static const struct config_word switches[] = {
	{ "yes", true },
	{ "no", false },
	{ NULL, 0 },
};

static const struct config_word modes[] = {
	{ "automatic", false },
	{ "advisory", true },
	{ NULL, 0 },
};

static const struct config_word blind[] = {
	{ "probe", BLIND_PROBE },
	{ "hold", BLIND_HOLD },
	{ NULL, 0 },
};

static const struct config_word route53_sources[] = {
	{ "status", false },
	{ "metric", true },
	{ NULL, 0 },
};

static const struct config_word policies[] = {
	{ "manage", POLICY_MANAGE },
	{ "observe", POLICY_OBSERVE },
	{ "ignore", POLICY_IGNORE },
	{ NULL, 0 },
};

#define TOP(member)    offsetof(struct config, member)
#define STACK(member)  offsetof(struct config_stack, member)
#define REGION(member) offsetof(struct config_region_draft, region.member)

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
{ SECTION_TOP, "viewer_group", TYPE_TEXT, "",
    .form = &form_group, .offset = TOP(viewer_group),
    .help = "Group that may ask how it stands; by default whoever can "
	"connect." },
{ SECTION_TOP, "operator_group", TYPE_TEXT, "drd-operator",
    .form = &form_group, .offset = TOP(operator_group),
    .help = "Group that may give orders." },
{ SECTION_TOP, "admin_group", TYPE_TEXT, "drd-admin",
    .form = &form_group, .offset = TOP(admin_group),
    .help = "Group that may reload, and override gates." },
{ SECTION_TOP, "log_level", TYPE_WORD, "info",
    .words = levels, .offset = TOP(log_level),
    .help = "The least important messages to log." },
{ SECTION_TOP, "poll_interval", TYPE_MS64, "30s", 50 * MS, 1 * H,
    .offset = TOP(poll_interval),
    .help = "Time from one poll of the signals to the next." },
{ SECTION_TOP, "suspect_interval", TYPE_MS64, "", 5 * S, 1 * H,
    .offset = TOP(suspect_interval),
    .help = "The same once a poll has failed." },
{ SECTION_TOP, "poll_deadline", TYPE_MS64, "10s", 10 * MS, 10 * MIN,
    .offset = TOP(poll_deadline),
    .help = "Time after which what has not answered a poll is unknown." },
{ SECTION_TOP, "reconcile_interval", TYPE_MS64, "30s", 50 * MS, 24 * H,
    .offset = TOP(reconcile_interval),
    .help = "Time from one look for drift to the next." },
{ SECTION_TOP, "settle", TYPE_MS64, "5s", 0, 1 * MIN,
    .offset = TOP(settle),
    .help = "Time that AWS may take to show what was made." },
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
{ SECTION_STACK, "mode", TYPE_BOOL, "automatic",
    .words = modes, .offset = STACK(advisory),
    .help = "Whether drd fails over by itself, or only says that it would." },
{ SECTION_STACK, "min_between", TYPE_MS64, "1h", 0, 7 * 24 * H,
    .offset = STACK(min_between),
    .help = "Time from one automatic failover to the next, until "
	"acknowledged." },
{ SECTION_STACK, "max_per_day", TYPE_COUNT, "3", 0, 24,
    .offset = STACK(max_per_day),
    .help = "Automatic failovers within a day; 0 is no limit." },
{ SECTION_STACK, "windows", TYPE_LIST, "",
    .form = &form_window, .offset = STACK(windows),
    .count_offset = STACK(window_count),
    .help = "Times of the week, in UTC, when drd changes nothing by itself." },
{ SECTION_STACK, "fall", TYPE_COUNT, "3", 1, 100,
    .offset = STACK(fall),
    .help = "Failing polls in a row that make a failover." },
{ SECTION_STACK, "rise", TYPE_COUNT, "10", 1, 1000,
    .offset = STACK(rise),
    .help = "Polls in a row that are ok until the primary is well again." },
{ SECTION_STACK, "startup_grace", TYPE_COUNT, "1", 1, 100,
    .offset = STACK(startup_grace),
    .help = "Polls after a start that are looked at, not counted." },
{ SECTION_STACK, "when_blind", TYPE_WORD, "probe",
    .words = blind, .offset = STACK(when_blind),
    .help = "What happens when no trigger that AWS is asked for is known." },
{ SECTION_STACK, "route53_source", TYPE_BOOL, "status",
    .words = route53_sources, .offset = STACK(route53_metric),
    .help = "Where the signal route53 comes from." },
{ SECTION_STACK, "quorum", TYPE_COUNT, "1", 1, 16,
    .offset = STACK(quorum),
    .help = "Triggers that must fail in the same poll." },
{ SECTION_STACK, "trigger", TYPE_LIST, "route53 alarm:health-check",
    .form = &form_trigger, .offset = STACK(triggers),
    .count_offset = STACK(trigger_count),
    .help = "Signals that count towards a failover." },
{ SECTION_STACK, "rto_target", TYPE_MS64, "5m", 1 * S, 24 * H,
    .offset = STACK(rto_target),
    .help = "How long users may wait for a failover; told if they waited "
	    "longer." },
{ SECTION_STACK, "failback", TYPE_BOOL, "manual",
    .words = ways_back, .offset = STACK(failback_automatic),
    .help = "Whether users go back by themselves, or when somebody says so." },
{ SECTION_STACK, "failback_soak", TYPE_MS64, "10m", 0, 7 * 24 * H,
    .offset = STACK(failback_soak),
    .help = "How long the primary must have been well before." },
{ SECTION_STACK, "fence", TYPE_BOOL, "no",
    .words = switches, .offset = STACK(fence),
    .help = "Whether a failover lets the old primary's function not run." },
{ SECTION_STACK, "max_changes", TYPE_COUNT, "10", 0, 10000,
    .offset = STACK(max_changes),
    .help = "Changes the daemon may make in one cycle; 0 is no limit." },
{ SECTION_STACK, "max_change_percent", TYPE_COUNT, "25", 0, 100,
    .offset = STACK(max_change_percent),
    .help = "The same as a share of all objects; 0 is no limit." },
{ SECTION_STACK, "max_deletions", TYPE_COUNT, "0", 0, 10000,
    .offset = STACK(max_deletions),
    .help = "Things the daemon may take away in one cycle." },
{ SECTION_STACK, "parameter_key", TYPE_TEXT, "",
    .form = &form_key, .offset = STACK(parameter_key),
    .help = "KMS key that encrypts the parameters." },
{ SECTION_STACK, "subscriptions", TYPE_LIST, "",
    .form = &form_subscription, .offset = STACK(subscriptions),
    .count_offset = STACK(subscription_count),
    .help = "Who is told, by the topics of both regions." },

{ SECTION_REGION, "role", TYPE_WORD, NULL,
    .words = roles,
    .offset = offsetof(struct config_region_draft, role),
    .help = "One region is the primary, the other one the standby." },
{ SECTION_REGION, "load_balancer", TYPE_TEXT, "",
    .form = &form_balancer,
    .offset = REGION(load_balancer),
    .help = "Name of the region's load balancer." },

{ SECTION_REGION, "cidr", TYPE_TEXT, "",
    .form = &form_cidr, .offset = REGION(cidr),
    .help = "Addresses of the region's network." },
{ SECTION_REGION, "zones", TYPE_LIST, "",
    .form = &form_region_zone, .offset = REGION(zones),
    .count_offset = REGION(zone_count),
    .help = "Three availability zones, one for each subnet." },
{ SECTION_REGION, "certificate", TYPE_TEXT, "",
    .form = &form_certificate, .offset = REGION(certificate),
    .help = "ARN of the certificate of the HTTPS listener." },
{ SECTION_REGION, "bucket", TYPE_TEXT, "",
    .form = &form_bucket, .offset = REGION(bucket),
    .help = "Name of the region's bucket." },

{ SECTION_FUNCTION, "package", TYPE_TEXT, "",
    .form = &form_file, .offset = STACK(function_package),
    .help = "Zip file with the code, the same in both regions." },
{ SECTION_FUNCTION, "runtime", TYPE_TEXT, "nodejs24.x",
    .form = &form_runtime, .offset = STACK(function_runtime),
    .help = "What runs the code." },
{ SECTION_FUNCTION, "handler", TYPE_TEXT, "index.handler",
    .form = &form_handler, .offset = STACK(function_handler),
    .help = "File and function in the package that are called." },
{ SECTION_FUNCTION, "memory", TYPE_COUNT, "512", 128, 10240,
    .offset = STACK(function_memory_mb),
    .help = "Memory in megabytes, which buys computing time, too." },
{ SECTION_FUNCTION, "timeout", TYPE_SECONDS, "10s", 1 * S, 15 * MIN,
    .offset = STACK(function_timeout_s),
    .help = "Time after which a call is ended." },
{ SECTION_FUNCTION, "concurrency", TYPE_COUNT, "100", 0, 100000,
    .offset = STACK(function_concurrency),
    .help = "Calls at a time that are reserved; 0 reserves none." },

{ SECTION_ENTRY, "domain", TYPE_TEXT, "",
    .form = &form_domain, .offset = STACK(entry_domain),
    .help = "Name to request certificates for, inside the zone." },
{ SECTION_ENTRY, "tls_policy", TYPE_TEXT,
    "ELBSecurityPolicy-TLS13-1-2-2021-06",
    .form = &form_tls_policy, .offset = STACK(entry_tls_policy),
    .help = "TLS versions and ciphers of the HTTPS listener." },
{ SECTION_ENTRY, "keepalive", TYPE_SECONDS, "5m", 1 * MIN, 7 * 24 * H,
    .offset = STACK(entry_keepalive_s),
    .help = "Time after which a client has to connect anew." },
{ SECTION_ENTRY, "target_interval", TYPE_SECONDS, "10s", 5 * S, 5 * MIN,
    .offset = STACK(target_interval_s),
    .help = "Time between two health checks of the function." },
{ SECTION_ENTRY, "target_threshold", TYPE_COUNT, "2", 2, 10,
    .offset = STACK(target_threshold),
    .help = "Answers in a row that change the balancer's mind." },

{ SECTION_TABLE, "name", TYPE_TEXT, "",
    .form = &form_table, .offset = STACK(table_name),
    .help = "Name of the table, the same in both regions." },
{ SECTION_TABLE, "key", TYPE_TEXT, "id",
    .form = &form_table_key, .offset = STACK(table_key),
    .help = "Attribute that is the partition key, a string." },
{ SECTION_TABLE, "protected", TYPE_BOOL, "yes",
    .words = switches, .offset = STACK(table_protected),
    .help = "Whether AWS refuses to delete the table." },

{ SECTION_BUCKET, "replicate_back", TYPE_BOOL, "no",
    .words = switches, .offset = STACK(bucket_replicates_back),
    .help = "Whether the standby's bucket is copied back, too." },
{ SECTION_BUCKET, "expire_days", TYPE_COUNT, "0", 0, 36500,
    .offset = STACK(bucket_expire_days),
    .help = "Days after which an old version is removed; 0 keeps it." },

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

{ SECTION_HEALTH_CHECK, "protocol", TYPE_WORD, "auto",
    .words = protocols, .offset = STACK(check_protocol),
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

{ SECTION_LATCH, "carrier", TYPE_WORD, "metric",
    .words = carriers, .offset = STACK(latch_carrier),
    .help = "What tells Route 53 to stay with the standby." },
{ SECTION_LATCH, "bucket", TYPE_TEXT, "",
    .form = &form_bucket, .offset = STACK(latch_bucket),
    .help = "Bucket of the standby region whose object is the latch." },
{ SECTION_LATCH, "key", TYPE_TEXT, "",
    .form = &form_object, .offset = STACK(latch_key),
    .help = "Key of that object, which everybody may read." },
{ SECTION_LATCH, "control", TYPE_TEXT, "",
    .form = &form_control, .offset = STACK(latch_control),
    .help = "ARN of the routing control that is the latch." },
{ SECTION_LATCH, "endpoints", TYPE_LIST, "",
    .form = &form_cluster, .offset = STACK(latch_endpoints),
    .count_offset = STACK(latch_endpoint_count),
    .help = "The five endpoints of its cluster." },

{ SECTION_PROBE, "port", TYPE_COUNT, "", 1, 65535,
    .offset = STACK(probe_port),
    .help = "Port of the load balancers that drd connects to." },
{ SECTION_PROBE, "body", TYPE_TEXT, "",
    .form = &form_body, .offset = STACK(probe_body),
    .help = "Text that a good answer has in it." },
{ SECTION_PROBE, "timeout", TYPE_MS64, "5s", 10 * MS, 1 * MIN,
    .offset = STACK(probe_timeout_ms),
    .help = "Time after which there is no answer." },
{ SECTION_PROBE, "slow", TYPE_MS64, "2s", 10 * MS, 1 * MIN,
    .offset = STACK(probe_slow_ms),
    .help = "Time after which an answer says nothing." },

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

{ SECTION_ALARMS, "table_replication", TYPE_MS, "10s", 1 * S, 1 * H,
    .offset = STACK(alarm_table_ms),
    .help = "Delay of the table's replication that raises the alarm." },
{ SECTION_ALARMS, "bucket_replication", TYPE_SECONDS, "15m", 1 * MIN, 24 * H,
    .offset = STACK(alarm_bucket_s),
    .help = "Delay of the bucket's replication that raises the alarm." },

{ SECTION_READINESS, "interval", TYPE_MS64, "60s", 50 * MS, 1 * H,
    .offset = STACK(ready_interval),
    .help = "Time from one look at the other region to the next." },
{ SECTION_READINESS, "max_age", TYPE_MS64, "5m", 50 * MS, 24 * H,
    .offset = STACK(ready_max_age),
    .help = "Time for which what was seen there is believed." },
{ SECTION_READINESS, "table_lag", TYPE_MS64, "60s", 0, 24 * H,
    .offset = STACK(ready_table_lag),
    .help = "Delay of the table's replication that is too much; 0s is none." },
{ SECTION_READINESS, "bucket_lag", TYPE_MS64, "15m", 0, 7 * 24 * H,
    .offset = STACK(ready_bucket_lag),
    .help = "Delay of the bucket's replication that is too much; 0s is none." },
{ SECTION_READINESS, "canary", TYPE_MS64, "24h", 0, 7 * 24 * H,
    .offset = STACK(ready_canary),
    .help = "Time between two proofs that parameters and topics can be "
	    "written; 0s is none." },

{ SECTION_MANAGE, "network", TYPE_WORD, "manage",
    .words = policies, .offset = STACK(manage_network),
    .help = "VPC, subnets, gateway, routes and security group." },
{ SECTION_MANAGE, "roles", TYPE_WORD, "manage",
    .words = policies, .offset = STACK(manage_roles),
    .help = "The IAM roles and their policies." },
{ SECTION_MANAGE, "function", TYPE_WORD, "manage",
    .words = policies, .offset = STACK(manage_function),
    .help = "The Lambda function, its concurrency and permission." },
{ SECTION_MANAGE, "entry", TYPE_WORD, "manage",
    .words = policies, .offset = STACK(manage_entry),
    .help = "Load balancers, target groups and listeners." },
{ SECTION_MANAGE, "certificate", TYPE_WORD, "manage",
    .words = policies, .offset = STACK(manage_certificate),
    .help = "The certificates and the record that validates them." },
{ SECTION_MANAGE, "table", TYPE_WORD, "manage",
    .words = policies, .offset = STACK(manage_table),
    .help = "The DynamoDB table, its replica and backups." },
{ SECTION_MANAGE, "bucket", TYPE_WORD, "manage",
    .words = policies, .offset = STACK(manage_bucket),
    .help = "The S3 buckets, their settings and replication." },
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
    .help = "The SNS topics, their policies and subscriptions." },
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
