/* SPDX-License-Identifier: MIT
 *
 * What an answer of AWS's means.  See online_judge.h.
 *
 * A line that is not ok says what to do, with the words that the one who has
 * to do it will find in AWS's console: names and codes of quotas.
 */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon/online_judge.h"

enum {
	/* Lambda Developer Guide, "Configuring reserved concurrency". */
	UNRESERVED_LEAST = 100,
	/* ACM renews 60 days ahead; at 30 something is wrong with it. */
	RENEWED_DAYS = 30,
};

#define DAY_MS INT64_C(86400000)

/* --- Who and where ------------------------------------------------------ */

void
judge_account(struct online_line *line, const json_t *reply,
    const char *account, const char *source)
{
	const char *ours = tree_str(reply, "Account");
	const char *arn = tree_str(reply, "Arn");

	if (ours == NULL || arn == NULL)
		online_say(line, ONLINE_UNKNOWN,
		    "could not be found out: a reply without account or ARN");
	else if (account != NULL && strcmp(ours, account) != 0)
		online_say(line, ONLINE_FAIL,
		    "%s, but the other region says %s: both regions of a "
		    "stack must be of one account; look at the endpoints in "
		    "the configuration",
		    ours, account);
	else if (text_ends(arn, ":root"))
		online_say(line, ONLINE_WARN,
		    "%s, as its root user, by credentials from %s: give drd a "
		    "role of its own (drd policy prints its permissions)",
		    ours, source);
	else
		online_say(line, ONLINE_OK, "%s, as %s, by credentials from %s",
		    ours, arn, source);
}

void
judge_region(struct online_line *line, const json_t *reply, const char *region)
{
	const char *name, *status = NULL;
	size_t i;

	for (i = 0; i < tree_count(reply, "regionInfo.item"); i++) {
		const json_t *item = tree_item(reply, "regionInfo.item", i);

		name = tree_str(item, "regionName");
		if (name != NULL && strcmp(name, region) == 0)
			status = tree_str(item, "optInStatus");
	}
	if (status == NULL)
		online_say(line, ONLINE_FAIL,
		    "AWS knows no region %s: look at its name", region);
	else if (strcmp(status, "not-opted-in") == 0)
		online_say(line, ONLINE_FAIL,
		    "not enabled for this account: enable it (aws account "
		    "enable-region --region-name %s) and wait some minutes",
		    region);
	else
		online_say(line, ONLINE_OK, "enabled (%s)", status);
}

void
judge_clock(struct online_line *line, int64_t skew_ms)
{
	char span[CLOCK_SPAN_SIZE];

	if (skew_ms == 0) {
		online_say(line, ONLINE_OK, "near enough to AWS's");
		return;
	}
	online_say(line, ONLINE_WARN,
	    "this machine's is %s %s AWS's: drd corrects its signatures, but "
	    "not the times in its journal and log: have it set (chrony, "
	    "systemd-timesyncd)",
	    clock_span((uint64_t)(skew_ms < 0 ? -skew_ms : skew_ms), span),
	    skew_ms < 0 ? "ahead of" : "behind");
}

/* --- Lambda ------------------------------------------------------------- */

int
concurrency_read(const json_t *reply, struct concurrency *out)
{
	if (tree_int(reply, "AccountLimit.ConcurrentExecutions", &out->limit) ==
		-1 ||
	    tree_int(reply, "AccountLimit.UnreservedConcurrentExecutions",
		&out->unreserved) == -1)
		return -1;
	return 0;
}

void
judge_concurrency(struct online_line *line, const struct concurrency *c)
{
	int64_t others = c->limit - c->unreserved - c->ours;
	int64_t left = c->unreserved + c->ours - c->wanted;
	int64_t most = c->unreserved + c->ours - UNRESERVED_LEAST;

	/* What is reserved already is not asked for again. */
	if (left >= UNRESERVED_LEAST || c->wanted <= c->ours)
		online_say(line, ONLINE_OK,
		    "%" PRId64 " to be reserved, of %" PRId64
		    ", leaves %" PRId64 " unreserved",
		    c->wanted, c->limit, left);
	else
		online_say(line, ONLINE_FAIL,
		    "to reserve %" PRId64 " is refused: the account has "
		    "%" PRId64 ", others have reserved %" PRId64
		    ", and %d must stay unreserved: raise the quota "
		    "\"Concurrent executions\" (Service Quotas lambda "
		    "L-B99A9384) to %" PRId64 ", or set concurrency = %" PRId64
		    "%s",
		    c->wanted, c->limit, others, UNRESERVED_LEAST,
		    others + c->wanted + UNRESERVED_LEAST, most > 0 ? most : 0,
		    most > 0 ? "" : ", which reserves none");
}

void
judge_parity(struct online_line *line, const char *primary,
    int64_t primary_limit, int64_t standby_limit)
{
	if (standby_limit >= primary_limit)
		online_say(line, ONLINE_OK,
		    "no less concurrent executions than %s", primary);
	else
		online_say(line, ONLINE_WARN,
		    "%" PRId64 " concurrent executions, but %" PRId64
		    " in %s: after a failover it could not serve as many: "
		    "raise the quota \"Concurrent executions\" (Service Quotas "
		    "lambda L-B99A9384) to %" PRId64,
		    standby_limit, primary_limit, primary, primary_limit);
}

/* --- Certificates ------------------------------------------------------- */

/* Is a name of a certificate, perhaps with a star, that of the host? */
static bool
is_for(const char *name, const char *host)
{
	const char *dot = strchr(host, '.');

	if (text_starts(name, "*."))
		return dot != NULL && strcasecmp(name + 1, dot) == 0;
	return strcasecmp(name, host) == 0;
}

static bool
is_for_record(const json_t *certificate, const char *record)
{
	const char *name = tree_str(certificate, "DomainName");
	size_t i;

	if (name != NULL && is_for(name, record))
		return true;
	for (i = 0; i < tree_count(certificate, "SubjectAlternativeNames");
	     i++) {
		name = json_string_value(
		    tree_item(certificate, "SubjectAlternativeNames", i));
		if (name != NULL && is_for(name, record))
			return true;
	}
	return false;
}

static bool
is_imported(const json_t *certificate)
{
	const char *type = tree_str(certificate, "Type");

	return type != NULL && strcmp(type, "IMPORTED") == 0;
}

static void
judge_issued(struct online_line *line, const json_t *certificate,
    const char *record, int64_t now_ms)
{
	const json_t *end = tree_at(certificate, "NotAfter");
	int64_t left_ms = (int64_t)(json_number_value(end) * 1000) - now_ms;
	const char *remedy = is_imported(certificate)
	    ? "ACM does not renew what was imported: import a new one"
	    : "ACM has not renewed it: see in DNS that its validation record "
	      "is there, and that the certificate is in use";

	if (!json_is_number(end))
		online_say(line, ONLINE_UNKNOWN,
		    "could not be found out: issued, but until when?");
	else if (left_ms <= 0)
		online_say(line, ONLINE_FAIL, "has expired: %s", remedy);
	else if (left_ms < RENEWED_DAYS * DAY_MS)
		online_say(line, ONLINE_WARN, "expires in %" PRId64 " days: %s",
		    left_ms / DAY_MS, remedy);
	else if (!is_for_record(certificate, record))
		online_say(line, ONLINE_WARN,
		    "is not for %s, so browsers would refuse it there: take "
		    "one that is",
		    record);
	else
		online_say(line, ONLINE_OK, "issued, %" PRId64 " days left",
		    left_ms / DAY_MS);
}

void
judge_certificate(struct online_line *line, const json_t *reply,
    const char *record, int64_t now_ms)
{
	const json_t *certificate = tree_at(reply, "Certificate");
	const char *status = tree_str(certificate, "Status");

	if (status == NULL)
		online_say(line, ONLINE_UNKNOWN,
		    "could not be found out: a reply without a status");
	else if (strcmp(status, "ISSUED") == 0)
		judge_issued(line, certificate, record, now_ms);
	else if (strcmp(status, "EXPIRED") == 0)
		online_say(line, ONLINE_FAIL,
		    "has expired: put another ARN into the configuration");
	else if (strcmp(status, "PENDING_VALIDATION") == 0)
		online_say(line, ONLINE_FAIL,
		    "is PENDING_VALIDATION, and no listener takes it so: put "
		    "its validation record into DNS");
	else
		online_say(line, ONLINE_FAIL,
		    "is %s, and no listener takes it so: put another ARN into "
		    "the configuration",
		    status);
}

/* --- Quotas ------------------------------------------------------------- */

void
judge_quota(struct online_line *line, const struct quota_facts *q)
{
	int64_t most = q->used + (int64_t)q->missing + (int64_t)q->unsure;
	int64_t need = q->used + (int64_t)q->missing;

	if (q->missing > 0 && need > q->limit)
		online_say(line, ONLINE_FAIL,
		    "%" PRId64 " of %" PRId64 " in use and %u more needed: "
		    "raise the quota \"%s\" (Service Quotas %s %s) to %" PRId64
		    ", or remove what nobody needs",
		    q->used, q->limit, q->missing, q->name, q->service, q->code,
		    need);
	else if (q->unsure > 0 && most > q->limit)
		online_say(line, ONLINE_UNKNOWN,
		    "%" PRId64 " of %" PRId64 " in use, but up to %u more are "
		    "needed: what there is of ours could not be read",
		    q->used, q->limit, q->missing + q->unsure);
	else if (q->missing > 0)
		online_say(line, ONLINE_OK,
		    "%" PRId64 " of %" PRId64 " in use, %u more needed",
		    q->used, q->limit, q->missing);
	else
		online_say(line, ONLINE_OK, "%" PRId64 " of %" PRId64 " in use",
		    q->used, q->limit);
}
