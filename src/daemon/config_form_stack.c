/* SPDX-License-Identifier: MIT
 *
 * What texts about the stack's own objects have to look like.
 *
 * As in config_form.c, the limits are those of the services; what AWS would
 * refuse in the middle of an apply is refused here, with its line.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "daemon/config_form.h"

static bool
is_file(const char *s)
{
	const char *c;

	for (c = s; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	}
	return s[0] != '\0' && strlen(s) < 1024;
}

/*
 * EC2: a VPC has /16 to /28.  Three subnets of the size that a load balancer
 * wants (/27, eight free addresses) need at least a /24.
 */
static bool
is_cidr(const char *s)
{
	const char *slash = strchr(s, '/');
	char address[INET_ADDRSTRLEN];
	struct in_addr in;
	uint32_t host;
	long bits;

	if (slash == NULL || (size_t)(slash - s) >= sizeof(address) ||
	    !text_made_of(slash + 1, DIGIT, 2, 2))
		return false;
	memcpy(address, s, (size_t)(slash - s));
	address[slash - s] = '\0';
	bits = strtol(slash + 1, NULL, 10);
	if (bits < 16 || bits > 24 || inet_pton(AF_INET, address, &in) != 1)
		return false;
	host = ntohl(in.s_addr);
	return (host & (UINT32_MAX >> bits)) == 0 && host >> 24 != 0 &&
	    host >> 24 < 224;
}

static bool
is_region_zone(const char *s)
{
	return text_made_of(s, LOWER DIGIT "-", 6, 40) && s[0] >= 'a' &&
	    strchr(s, '-') != NULL;
}

/* "arn:aws:acm:REGION:ACCOUNT:certificate/ID" */
static bool
is_certificate(const char *s)
{
	const char *acm = strstr(s, ":acm:"), *tail;

	if (!text_starts(s, "arn:aws") || acm == NULL ||
	    !text_made_of(s, LOWER DIGIT "-:/", 1, 256))
		return false;
	tail = strstr(acm, ":certificate/");
	return tail != NULL && tail[strlen(":certificate/")] != '\0';
}

/*
 * S3: "Bucket naming rules".  It also takes dots, but a name with dots does
 * not match the certificate of its own host.
 */
static bool
is_bucket(const char *s)
{
	static const char *const begins[] = { "xn--", "sthree-",
		"amzn-s3-demo-" };
	static const char *const ends[] = { "-s3alias", "--ol-s3", "--x-s3",
		"--table-s3" };
	size_t len = strlen(s), i;

	if (!text_made_of(s, LOWER DIGIT "-", 3, 63) || s[0] == '-' ||
	    s[len - 1] == '-')
		return false;
	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (text_starts(s, begins[i]))
			return false;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (text_ends(s, ends[i]))
			return false;
	return true;
}

static bool
is_runtime(const char *s)
{
	return text_made_of(s, LOWER DIGIT ".", 2, 64);
}

/* Lambda: CreateFunction, Handler: [^\s]+, at most 128. */
static bool
is_handler(const char *s)
{
	return text_made_of(s, LOWER UPPER DIGIT "_-./:$", 1, 128) &&
	    strchr(s, '.') != NULL;
}

static bool
is_tls_policy(const char *s)
{
	return text_made_of(s, LOWER UPPER DIGIT "-", 1, 100);
}

/* DynamoDB: "Naming rules": 3 to 255 of these. */
static bool
is_table(const char *s)
{
	return text_made_of(s, LOWER UPPER DIGIT "_.-", 3, 255);
}

static bool
is_table_key(const char *s)
{
	return text_made_of(s, LOWER UPPER DIGIT "_.-", 1, 255);
}

/* KMS: a key's id, its ARN, "alias/..." or the alias's ARN. */
static bool
is_key(const char *s)
{
	return text_made_of(s, LOWER UPPER DIGIT "_-:/", 1, 256);
}

static bool
is_email(const char *s)
{
	const char *at = strchr(s, '@');

	return at != NULL && at != s && strchr(at + 1, '@') == NULL &&
	    form_domain.good(at + 1) &&
	    text_made_of(s, LOWER UPPER DIGIT "!#$%&'*+/=?^_`{|}~.@-", 3, 254);
}

static bool
is_subscription(const char *s)
{
	if (text_starts(s, "email:"))
		return is_email(s + strlen("email:"));
	if (text_starts(s, "https://"))
		return form_url.good(s);
	return text_starts(s, "arn:aws") && strstr(s, ":sqs:") != NULL &&
	    text_made_of(s, LOWER UPPER DIGIT "_-:.", 1, 256);
}

/* S3: "Object key names": those of the safe characters that need no escape. */
static bool
is_object(const char *s)
{
	return text_made_of(s, LOWER UPPER DIGIT "_-./", 1, 200) &&
	    s[0] != '/' && strstr(s, "..") == NULL && strstr(s, "//") == NULL;
}

/* "arn:aws:route53-recovery-control::ACCOUNT:controlpanel/X/routingcontrol/Y" */
static bool
is_control(const char *s)
{
	return text_starts(s, "arn:aws") &&
	    strstr(s, ":route53-recovery-control::") != NULL &&
	    strstr(s, "/routingcontrol/") != NULL &&
	    text_made_of(s, LOWER UPPER DIGIT "-:/", 1, 200);
}

static bool
is_cluster_endpoint(const char *s)
{
	const char *equals = strchr(s, '=');
	char region[32];

	if (equals == NULL || (size_t)(equals - s) >= sizeof(region))
		return false;
	memcpy(region, s, (size_t)(equals - s));
	region[equals - s] = '\0';
	return form_region.good(region) && form_url.good(equals + 1);
}

const struct config_form form_file = { is_file, "a path" };
const struct config_form form_cidr = { is_cidr,
	"a network like 10.0.0.0/16, of /16 to /24" };
const struct config_form form_region_zone = { is_region_zone,
	"an availability zone like us-east-1a" };
const struct config_form form_certificate = { is_certificate,
	"the ARN of an ACM certificate" };
const struct config_form form_bucket = { is_bucket,
	"a bucket name that S3 takes (3 to 63 lower-case letters, digits and "
	"inner hyphens, none of its reserved beginnings and ends)" };
const struct config_form form_runtime = { is_runtime,
	"a runtime like nodejs24.x" };
const struct config_form form_handler = { is_handler,
	"a file and a function like index.handler" };
const struct config_form form_tls_policy = { is_tls_policy,
	"the name of a security policy" };
const struct config_form form_table = { is_table,
	"3 to 255 letters, digits, dots, hyphens and underscores" };
const struct config_form form_table_key = { is_table_key,
	"1 to 255 letters, digits, dots, hyphens and underscores" };
const struct config_form form_key = { is_key,
	"a key id, an alias (alias/...) or an ARN of KMS" };
const struct config_form form_subscription = { is_subscription,
	"email:someone@example.com, an https:// URL or the ARN of an SQS "
	"queue" };
const struct config_form form_object = { is_object,
	"a key of letters, digits, dots, hyphens, underscores and slashes" };
const struct config_form form_control = { is_control,
	"the ARN of a routing control" };
const struct config_form form_cluster = { is_cluster_endpoint,
	"a region and a URL like us-east-1=https://host/v1" };
