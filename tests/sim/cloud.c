/* SPDX-License-Identifier: MIT
 *
 * A request arrives: at which service, and what goes wrong with it.
 *
 * What a call does is done when it is sent; only the answer takes time.  So a
 * lost answer is a change that drd does not know of.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cloud.h"
#include "instant.h"
#include "laws.h"

enum { LATENCY_MS = 20, JITTER_MS = 40, SKEW_MAX_MS = 5 * 60 * 1000 };

static const char html[] =
    "<!DOCTYPE html><html><body><h1>Sorry<br></h1></body></html>";

/* ---- which service ----------------------------------------------------- */

static const struct {
	const char *prefix;
	enum api api;
} hosts[] = {
	{ "monitoring", API_CLOUDWATCH },
	{ "route53", API_ROUTE53 },
	{ "ssm", API_SSM },
	{ "sns", API_SNS },
	{ "elasticloadbalancing", API_ELB },
	{ "lambda", API_LAMBDA },
	{ "dynamodb", API_DYNAMODB },
	{ "s3", API_S3 },
	{ "sts", API_STS },
	{ "iam", API_IAM },
	{ "ec2", API_EC2 },
};

enum { HOSTS = sizeof(hosts) / sizeof(hosts[0]) };

static enum api
api_of(const char *host)
{
	size_t i, len;

	for (i = 0; i < HOSTS; i++) {
		len = strlen(hosts[i].prefix);
		if (strncmp(host, hosts[i].prefix, len) == 0 &&
		    host[len] == '.')
			return hosts[i].api;
	}
	return API_OTHER;
}

/* Global services live in us-east-1. */
static enum region
region_of(const char *host)
{
	return strstr(host, region_names[WEST]) != NULL ? WEST : EAST;
}

static const char *
header(const struct http_request *request, const char *name)
{
	size_t i;

	for (i = 0; i < request->header_count; i++)
		if (strcasecmp(request->headers[i].name, name) == 0)
			return request->headers[i].value;
	return NULL;
}

/* What comes after "Action=", the dot of a target, or the path. */
static void
name_operation(struct cloud_call *call)
{
	const char *target = header(call->request, "x-amz-target");
	const char *s;
	size_t len;

	if (target != NULL && (s = strchr(target, '.')) != NULL)
		s++;
	else if (strncmp(call->body, "Action=", 7) == 0)
		s = call->body + 7;
	else
		s = "";
	len = strcspn(s, "&");
	snprintf(call->operation, sizeof(call->operation), "%.*s", (int)len, s);
}

const char *
cloud_form(
    const struct cloud_call *call, const char *name, char *out, size_t size)
{
	char key[80];
	const char *s;
	size_t n = 0;
	unsigned byte;

	snprintf(key, sizeof(key), "&%s=", name);
	s = strstr(call->body, key);
	out[0] = '\0';
	if (s == NULL)
		return out;
	for (s += strlen(key); *s != '\0' && *s != '&' && n + 1 < size; s++) {
		if (*s == '%' && sscanf(s + 1, "%2x", &byte) == 1) {
			out[n++] = (char)byte;
			s += 2;
		} else {
			out[n++] = *s;
		}
	}
	out[n] = '\0';
	return out;
}

/* ---- errors ------------------------------------------------------------ */

static bool
speaks_json(enum api api)
{
	return api == API_SSM || api == API_CLOUDWATCH || api == API_DYNAMODB ||
	    api == API_LAMBDA || api == API_OTHER;
}

void
cloud_error(const struct cloud_call *call, int status, const char *code)
{
	struct cloud_answer *answer = call->answer;

	text_clear(&answer->body);
	answer->status = status;
	if (speaks_json(call->api))
		text_addf(&answer->body,
		    "{\"__type\":\"%s\",\"message\":\"as it is\"}", code);
	else
		text_addf(&answer->body,
		    "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code>"
		    "<Message>as it is</Message></Error></ErrorResponse>",
		    code);
}

static const char *
throttle_code(enum api api)
{
	return api == API_SSM || api == API_LAMBDA || api == API_CLOUDWATCH
	    ? "ThrottlingException"
	    : "Throttling";
}

/* AWS has refused, but it has answered: to a poll, and from the standby? */
static void
prove_contact(const struct cloud_call *call)
{
	if (call->api == API_CLOUDWATCH && call->region == WEST &&
	    strstr(call->body, "AlarmName") == NULL)
		call->answer->proves[EVIDENCE_STANDBY] = SAYS_OK;
}

/* True: the fault is the answer, and nothing has been done. */
static bool
is_refused(const struct cloud_call *call)
{
	struct cloud_answer *answer = call->answer;
	bool json = speaks_json(call->api);

	switch (answer->fault) {
	case FAULT_REFUSED:
		answer->outcome = HTTP_REFUSED;
		return true;
	case FAULT_UNRESOLVED:
		answer->outcome = HTTP_UNRESOLVED;
		return true;
	case FAULT_SILENT:
		answer->never = true;
		return true;
	case FAULT_TLS:
		answer->outcome = HTTP_TLS;
		return true;
	case FAULT_THROTTLED:
		cloud_error(call, 400, throttle_code(call->api));
		prove_contact(call);
		return true;
	case FAULT_DENIED:
		cloud_error(call, json ? 400 : 403,
		    json ? "AccessDeniedException" : "AccessDenied");
		return true;
	case FAULT_SERVER:
		cloud_error(call, 500,
		    json ? "InternalServiceError" : "InternalFailure");
		return true;
	case FAULT_STRANGE:
		cloud_error(call, 400, "SomethingNewException");
		prove_contact(call);
		return true;
	case FAULT_HTML:
	case FAULT_PROXY:
		answer->status = answer->fault == FAULT_HTML ? 200 : 503;
		answer->nameless = true;
		text_add(&answer->body, html);
		return true;
	case FAULT_EMPTY:
		answer->nameless = true;
		return true;
	case FAULT_NONE:
	case FAULT_BROKEN:
	case FAULT_CUT:
	case FAULT_LOST:
	case FAULT_COUNT:
		break;
	}
	return false;
}

/* It was carried out, and then. */
static void
spoil(struct cloud_answer *answer)
{
	if (answer->fault == FAULT_CUT)
		answer->body.len /= 2;
	else if (answer->fault == FAULT_BROKEN)
		answer->outcome = HTTP_BROKEN;
	else if (answer->fault == FAULT_LOST)
		answer->never = true;
	else
		return;
	memset(answer->proves, 0, sizeof(answer->proves));
}

/* Too far from AWS's clock: refused, with AWS's time. */
static bool
is_skewed(const struct cloud_call *call)
{
	const char *date = header(call->request, "x-amz-date");
	int y, mon, d, h, m, s;
	char text[32];
	int64_t ms, off;

	if (date == NULL || clock_wall_ms() == instant_wall_ms() ||
	    sscanf(date, "%4d%2d%2dT%2d%2d%2dZ", &y, &mon, &d, &h, &m, &s) != 6)
		return false;
	snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ",
	    y % 10000, mon % 100, d % 100, h % 100, m % 100, s % 100);
	if (clock_parse(text, &ms) == -1)
		return false;
	off = ms - instant_wall_ms();
	if (off < SKEW_MAX_MS && off > -SKEW_MAX_MS)
		return false;
	cloud_error(call, 403, "RequestTimeTooSkewed");
	return true;
}

/* ---- service ----------------------------------------------------------- */

static void
unmodelled(const struct cloud_call *call)
{
	fprintf(stderr, "sim: not modelled: %s: %s %s %s\n%s\n",
	    api_names[call->api], call->operation, call->request->method,
	    call->request->url, call->body);
	abort();
}

/* By its name: what AWS lets a reader do begins otherwise. */
static bool
writes(const struct cloud_call *call)
{
	static const char *const readers[] = { "Get", "List", "Describe" };
	size_t i;

	for (i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (strncmp(call->operation, readers[i], strlen(readers[i])) ==
		    0)
			return false;
	return strcmp(call->request->method, "GET") != 0;
}

static void
carry_out(const struct cloud_call *call)
{
	static bool (*const services[API_COUNT])(const struct cloud_call *) = {
		[API_ROUTE53] = cloud_route53,
		[API_CLOUDWATCH] = cloud_watch,
		[API_SSM] = cloud_ssm,
		[API_SNS] = cloud_sns,
		[API_ELB] = cloud_elb,
		[API_STS] = cloud_sts,
		[API_OTHER] = cloud_tagging,
	};

	if (services[call->api] == NULL || !services[call->api](call))
		unmodelled(call);
}

void
cloud_serve(const struct http_request *request, struct cloud_answer *answer)
{
	const char *host = strstr(request->url, "://");
	struct cloud_call call = { .request = request, .answer = answer };

	host = host != NULL ? host + 3 : request->url;
	call.path = strchr(host, '/');
	if (call.path == NULL)
		call.path = "/";
	call.api = api_of(host);
	call.region = region_of(host);
	call.body = mem_strndup(
	    request->body != NULL ? request->body : "", request->body_len);
	name_operation(&call);
	*answer = (struct cloud_answer){
		.region = call.region,
		.api = call.api,
		.outcome = HTTP_ANSWERED,
		.status = 200,
		.body = TEXT_INIT,
		.fault = world_fault(call.region, call.api, writes(&call)),
		.after_ms = LATENCY_MS +
		    chance_below(&world.chance, JITTER_MS) +
		    world.region[call.region].latency_ms,
	};
	world_advance();
	if (!is_refused(&call) && !is_skewed(&call)) {
		carry_out(&call);
		spoil(answer);
	}
	if (answer->operation[0] == '\0')
		memcpy(answer->operation, call.operation,
		    sizeof(answer->operation));
	free(call.body);
}
