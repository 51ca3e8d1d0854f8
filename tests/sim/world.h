/* SPDX-License-Identifier: MIT
 *
 * The truth: two regions, what serves in them, what is broken between.
 *
 * Only the plan of a simulation changes it (plan.h), and AWS's own machinery,
 * which is advanced here as time passes: checkers ask the balancers, their
 * opinion becomes a metric, the metric moves an alarm once a minute.
 */
#ifndef DRD_SIM_WORLD_H
#define DRD_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "chance.h"

enum region { EAST, WEST, REGIONS };

/* The planes that can break by themselves; APIs by service. */
enum api {
	API_EC2,
	API_ELB,
	API_LAMBDA,
	API_IAM,
	API_STS,
	API_DYNAMODB,
	API_S3,
	API_ROUTE53,
	API_CLOUDWATCH,
	API_SSM,
	API_SNS,
	API_OTHER,
	API_COUNT
};

/* How a call goes wrong. */
enum fault {
	FAULT_NONE,
	FAULT_REFUSED,
	FAULT_UNRESOLVED,
	FAULT_SILENT, /* packets are dropped: nothing comes, ever */
	FAULT_TLS,
	FAULT_BROKEN, /* the connection ends within the answer */
	FAULT_THROTTLED,
	FAULT_DENIED,
	FAULT_SERVER,  /* 500 of the protocol's own */
	FAULT_HTML,    /* a box on the way makes up a page, with 200 */
	FAULT_PROXY,   /* the same with 503 */
	FAULT_CUT,     /* half of the true answer */
	FAULT_EMPTY,   /* 200 and nothing */
	FAULT_STRANGE, /* an error code nobody has heard of */
	FAULT_LOST,    /* it is done, and the answer never comes */
	FAULT_COUNT
};

/* What users meet in a region. */
enum app { APP_OK, APP_REFUSED, APP_SILENT, APP_500, APP_SLOW, APP_COUNT };

enum verdict3 { SAYS_NOTHING, SAYS_OK, SAYS_FAIL };

enum {
	CHECKERS_MAX = 16,
	PARAMETERS_MAX = 8,
	NAME_SIZE = 128,
	VALUE_SIZE = 512,
	TAGS_SIZE = 512,
	ALARMS_MAX = 12,
	CHECKS = 4, /* primary, standby, latch, calculated */
};

struct checker {
	uint64_t next_ms;
	uint64_t asked_ms; /* 0: never */
	bool ok;	   /* the last answer */
	bool healthy;	   /* after three in a row */
	unsigned streak;   /* answers that contradict `healthy` */
};

struct parameter {
	char name[NAME_SIZE];
	char value[VALUE_SIZE];
	char before[VALUE_SIZE]; /* what a late reader may still get */
	char tags[TAGS_SIZE];	 /* a JSON list of Key and Value */
	/* Of the active parameter: what this version of it says. */
	unsigned read;
	enum region active;
	uint64_t epoch;
	uint64_t put_ms;
	unsigned version;
};

/* As PutMetricAlarm has left it. */
struct alarm {
	char name[NAME_SIZE];
	char settings[1024]; /* members, in JSON */
	char tags[TAGS_SIZE];
};

struct flaw {
	enum fault fault;
	unsigned permille; /* of the calls */
};

struct region_truth {
	enum app app;
	unsigned blind; /* checkers that cannot get there */
	struct flaw api[API_COUNT];
	struct flaw writes;  /* of all APIs, to what changes something */
	struct flaw uplink;  /* between drd and all of the region */
	uint64_t latency_ms; /* on top of what is usual */
	struct checker checkers[CHECKERS_MAX];
	bool bad_minute;      /* users met errors in the present one */
	unsigned bad_minutes; /* and in so many before it */
	struct parameter parameters[PARAMETERS_MAX];
	unsigned publishes;
};

struct world {
	struct chance chance;
	struct region_truth region[REGIONS];
	unsigned checkers; /* Route 53 says of so many; mostly 4 */
	uint64_t advanced_ms;
	uint64_t minute;	     /* the present one */
	bool checks_stopped;	     /* checkers ask nobody any more */
	bool metrics_stopped;	     /* Route 53 publishes none */
	bool check_healthy[REGIONS]; /* the minute's worst */
	uint64_t point_ms;	     /* of its metric: the last minute */
	bool point_known, point_ill; /* and the value */
	bool alarm_known;	     /* of the health check's alarm */
	bool alarm_raised;
	bool latch; /* the metric's last value */
	uint64_t latch_ms;
	bool latch_told; /* in the present minute */
	bool latched;	 /* as the check finds */
	struct alarm alarms[REGIONS][ALARMS_MAX];
	char check_tags[CHECKS][TAGS_SIZE]; /* XML */
	struct flaw name_servers;
	uint64_t lag_ms;	 /* reads may be so late */
	uint64_t standby_ill_ms; /* when it was last not quite well */
	unsigned long injected[FAULT_COUNT];
};

extern struct world world;

extern const char *const region_names[REGIONS];
extern const char *const fault_names[FAULT_COUNT];
extern const char *const app_names[APP_COUNT];
extern const char *const api_names[API_COUNT];

void world_reset(uint64_t seed);

/* Everything is well again. */
void world_heal(void);

/* For how long nothing has been wrong with us-west-2. */
uint64_t world_standby_well_ms(void);

/* Let AWS's machinery catch up with the time; before truth is changed. */
void world_advance(void);

bool world_serves(enum region region);

/* Checkers that have asked lately, as GetHealthCheckStatus would list them. */
unsigned
world_checkers_fresh(enum region region, uint64_t interval_s, unsigned *ok);

/* Route 53's own opinion, by its rule of 18 %. */
bool world_check_healthy(enum region region);

/* Where the failover name leads users now. */
enum region world_dns(void);

/* What befalls a call to this API now; draws. */
enum fault world_fault(enum region region, enum api api, bool writes);

struct parameter *world_parameter(enum region region, const char *name);

/* "/dr/shop-prod/active" says this region and epoch; false: it says none. */
bool world_active(enum region region, enum region *active, uint64_t *epoch);

#endif
