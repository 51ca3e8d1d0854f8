/* SPDX-License-Identifier: MIT
 *
 * What an answer of AWS's means for a stack that is to be built: pure, no
 * I/O.  Each function sets *line, a sentence with its remedy.
 */
#ifndef DRD_DAEMON_ONLINE_JUDGE_H
#define DRD_DAEMON_ONLINE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/tree.h"
#include "daemon/online_line.h"

/*
 * STS GetCallerIdentity.  `account` is the one that another region named, or
 * NULL; `source` is where the credentials come from, for people.
 */
void judge_account(struct online_line *line, const json_t *reply,
    const char *account, const char *source);

/* EC2 DescribeRegions with AllRegions. */
void
judge_region(struct online_line *line, const json_t *reply, const char *region);

/* AWS's clock minus this machine's; 0: near enough for AWS. */
void judge_clock(struct online_line *line, int64_t skew_ms);

/* Executions at the same time, in one region. */
struct concurrency {
	int64_t limit;	    /* of the account */
	int64_t unreserved; /* of these, nobody's */
	int64_t ours;	    /* of these, reserved for our functions now */
	int64_t wanted;	    /* to be reserved for our functions */
};

/* From Lambda GetAccountSettings; -1: it does not say. */
int concurrency_read(const json_t *reply, struct concurrency *out);
void judge_concurrency(struct online_line *line, const struct concurrency *c);

/* Account limits of both regions: after a failover the standby has it all. */
void judge_parity(struct online_line *line, const char *primary,
    int64_t primary_limit, int64_t standby_limit);

/* ACM DescribeCertificate; `record` is the name that users call. */
void judge_certificate(struct online_line *line, const json_t *reply,
    const char *record, int64_t now_ms);

/* How many of something an account may have, has, and will need. */
struct quota_facts {
	const char *name;    /* of the quota: "VPCs per Region" */
	const char *service; /* code: "vpc" */
	const char *code;    /* "L-F678F1CE" */
	int64_t limit;
	int64_t used;
	unsigned missing; /* of ours: will be made */
	unsigned unsure;  /* of ours: perhaps there, perhaps not */
};

void judge_quota(struct online_line *line, const struct quota_facts *q);

#endif
