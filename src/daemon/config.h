/* SPDX-License-Identifier: MIT
 *
 * The configuration file, read, checked and turned into facts.
 *
 * Either the whole file is good or nothing of it is used: every mistake is
 * listed with file and line.  All times are milliseconds unless the name
 * says otherwise; every string is owned by the config and never NULL unless
 * the comment allows it.  Every option is documented in etc/drd.conf and
 * man/drd.conf.5.
 */
#ifndef DRD_DAEMON_CONFIG_H
#define DRD_DAEMON_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/text.h"
#include "failover/carrier.h"
#include "failover/verdict.h"
#include "stack/node.h"

struct config_region {
	char *name;	     /* "us-east-1" */
	char *load_balancer; /* its AWS name; by default the rule of names.h */
	char *cidr;	     /* of the VPC: "10.0.0.0/16" */
	char **zones;	     /* availability zones; none: AWS's first three */
	size_t zone_count;
	char *certificate; /* ARN, or "": see entry_domain */
	char *bucket;	   /* its name; by default the rule of names.h */
};

struct config_endpoint {
	char *region;
	char *url;
};

enum config_protocol { CHECK_AUTO, CHECK_HTTP, CHECK_HTTPS };

struct config_stack {
	char *name;
	char *service;
	char *environment;
	char *suffix; /* of the parameters; default {service}-{environment} */
	char *owner;  /* value of the tag drd:owner */
	struct config_region primary;
	struct config_region standby;

	bool advisory;	      /* mode: say what it would do, and do not do it */
	uint64_t min_between; /* milliseconds, automatic failovers; 0: any */
	unsigned max_per_day; /* of these; 0: no limit */
	char **windows;	      /* no change by itself, as in window.h */
	size_t window_count;
	unsigned fall;	     /* consecutive failing polls; default 3 */
	uint64_t rto_target; /* until users are served again */
	unsigned rise;	     /* polls in a row that are ok: well again */
	unsigned quorum; /* failing trigger signals in one poll; default 1 */
	unsigned startup_grace; /* polls that are not counted */
	enum when_blind when_blind;
	bool route53_metric; /* ask for the metric, not for the status */
	char **triggers;     /* "route53", "alarm:health-check", ... */
	size_t trigger_count;

	char *zone;	     /* domain of the hosted zone, no final dot */
	char *record;	     /* the failover name, inside the zone */
	char **name_servers; /* "host[:port]"; none: the zone's own */
	size_t name_server_count;
	char *resolver; /* "host[:port]" or NULL: the system's */

	enum config_protocol check_protocol; /* of the health checks */
	bool check_https;		     /* what follows from it */
	unsigned check_port;
	char *check_path;
	unsigned check_interval_s; /* 10 or 30 */
	unsigned check_threshold;  /* 1 to 10 */

	enum carrier latch_carrier; /* as asked for */
	enum carrier latch;	    /* what follows from it: see derive */
	char *latch_bucket;	    /* or NULL */
	char *latch_key;
	char *latch_control; /* or NULL */
	char **latch_endpoints;
	size_t latch_endpoint_count;
	bool failback_automatic;
	uint64_t failback_soak; /* milliseconds */
	bool fence; /* a failover lets the primary's function not run */
	unsigned probe_port; /* by default the check's */
	char *probe_body;    /* text in a good answer; "": any */
	uint64_t probe_timeout_ms;
	uint64_t probe_slow_ms;

	/* CloudWatch alarms: thresholds of the watching set. */
	unsigned alarm_elb_5xx;	      /* answers a minute */
	unsigned alarm_lambda_errors; /* a minute */
	unsigned alarm_lambda_ms;     /* duration, average */
	unsigned alarm_periods;	      /* minutes in a row */

	/* The function: what answers behind the load balancers. */
	char *function_package; /* path of a zip file */
	/* The package's, as hash.h spells it; NULL: not read (yet). */
	char *function_sha256;
	char *function_runtime; /* "nodejs24.x" */
	char *function_handler; /* "index.handler" */
	unsigned function_memory_mb;
	unsigned function_timeout_s;
	unsigned function_concurrency; /* reserved; 0: none is */

	/* The entry: load balancers and their targets. */
	char *entry_domain; /* request certificates for it; "": do not */
	char *entry_tls_policy;
	bool entry_https; /* there is a certificate, so there is HTTPS */
	unsigned entry_keepalive_s;
	unsigned target_interval_s;
	unsigned target_threshold;

	/* The data. */
	char *table_name;
	char *table_key; /* partition key, a string */
	bool table_protected;
	bool bucket_replicates_back;
	unsigned bucket_expire_days; /* of old versions; 0: kept */

	char *parameter_key; /* of KMS, for the parameters; "": AWS's own */

	unsigned alarm_table_ms; /* replication latency */
	unsigned alarm_bucket_s; /* replication latency */

	char **subscriptions; /* "email:a@b", "https://...", SQS ARN */
	size_t subscription_count;

	/* What the other region must be like to take over. */
	uint64_t ready_interval; /* milliseconds */
	uint64_t ready_max_age;
	uint64_t ready_table_lag; /* 0: no limit */
	uint64_t ready_bucket_lag;
	uint64_t ready_canary; /* 0: none */

	enum policy manage_network;
	enum policy manage_roles;
	enum policy manage_function;
	enum policy manage_entry;
	enum policy manage_certificate;
	enum policy manage_table;
	enum policy manage_bucket;
	enum policy manage_zone;
	enum policy manage_health_checks;
	enum policy manage_records;
	enum policy manage_alarms;
	enum policy manage_topics;
	enum policy manage_parameters;
	unsigned max_changes;	     /* a daemon cycle may make; 0: no limit */
	unsigned max_change_percent; /* of all objects; 0: no limit */
	unsigned max_deletions;	     /* a daemon cycle may make; 0: none */
};

enum { CONFIG_DIGEST_SIZE = 17 };

struct config {
	char *path;
	char digest[CONFIG_DIGEST_SIZE]; /* of the file: tells two apart */
	char *state_dir;
	char *socket;
	unsigned socket_mode;
	char *viewer_group;   /* "": whoever can connect */
	char *operator_group; /* "": none */
	char *admin_group;    /* "": none */
	enum log_level log_level;
	uint64_t poll_interval;
	uint64_t suspect_interval; /* between polls once one has failed */
	uint64_t poll_deadline;	   /* less than either interval */
	uint64_t reconcile_interval;
	uint64_t settle;	  /* until AWS shows what was made */
	uint64_t connect_timeout; /* per attempt */
	uint64_t request_timeout; /* per attempt */
	unsigned api_share;	  /* percent of AWS's limits; 0: no limit */
	struct config_endpoint *endpoints;
	size_t endpoint_count;
	struct config_stack *stacks;
	size_t stack_count;
	char *warnings; /* one a line, with file and line; "": none */
	char *unusable; /* of config_read_to_run; NULL: nothing is */
};

/*
 * NULL: refused, and `complaints` has one line per mistake:
 * "/etc/drd.conf:12: ...".  Nothing is printed here.
 */
struct config *config_read(const char *path, struct text *complaints);
/*
 * The same for who has to run: a package that cannot be used is no reason not
 * to watch, so it is told in config->unusable, a line each, and its function
 * keeps the code that it has.
 */
struct config *config_read_to_run(const char *path, struct text *complaints);
/* The same without the files that it names (the function's package). */
struct config *config_read_text(const char *path, struct text *complaints);

void config_free(struct config *config);
void config_region_release(struct config_region *region);

struct config_stack *
config_find_stack(const struct config *config, const char *name);

#endif
