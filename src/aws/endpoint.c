/* SPDX-License-Identifier: MIT
 *
 * A URL from the configuration, the environment or the table of services.
 *
 * What is configured is taken apart and put together again in one spelling
 * (lower-case host, no default port), because the Host header is signed: the
 * host here and the host that libcurl sends must be the same bytes.
 */
#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/endpoint.h"
#include "aws/partition.h"

#define GLOBAL_REGION "us-east-1"
#define HOST_CHARS    "abcdefghijklmnopqrstuvwxyz0123456789-._"
#define REGION_CHARS  "abcdefghijklmnopqrstuvwxyz0123456789-"
/* What RFC 3986 lets stand in a path, percent signs included. */
#define PATH_CHARS                                             \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789-._~%!$&'()*+,;=:@/"

struct url_parts {
	const char *scheme;
	char host[ENDPOINT_URL_MAX]; /* brackets included */
	const char *port;	     /* digits, inside the URL; "" if default */
	size_t port_len;
	const char *path;
	size_t path_len;
};

static const char *
take_scheme(const char *s, struct url_parts *parts)
{
	static const char *const schemes[] = { "https", "http" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t len = strlen(schemes[i]);

		if (strncmp(s, schemes[i], len) == 0 &&
		    strncmp(s + len, "://", 3) == 0) {
			parts->scheme = schemes[i];
			return s + len + 3;
		}
	}
	return NULL;
}

/* A name, an IPv4 address, or an IPv6 address in brackets. */
static const char *
take_host(const char *s, struct url_parts *parts)
{
	size_t len = strcspn(s, *s == '[' ? "]" : ":/");

	if (*s == '[' && s[len] == ']')
		len++;
	if (len == 0 || len >= sizeof(parts->host))
		return NULL;
	for (size_t i = 0; i < len; i++)
		parts->host[i] = (char)tolower((unsigned char)s[i]);
	parts->host[len] = '\0';
	if (*s == '[') {
		if (len < 4 || parts->host[len - 1] != ']' ||
		    strspn(parts->host + 1, "0123456789abcdef:.") != len - 2)
			return NULL;
	} else if (strspn(parts->host, HOST_CHARS) != len) {
		return NULL;
	}
	return s + len;
}

static const char *
take_port(const char *s, struct url_parts *parts)
{
	const char *usual = strcmp(parts->scheme, "https") == 0 ? "443" : "80";
	unsigned long number;

	parts->port = "";
	parts->port_len = 0;
	if (*s != ':')
		return s;
	s++;
	while (*s == '0' && isdigit((unsigned char)s[1]))
		s++;
	parts->port = s;
	parts->port_len = strspn(s, "0123456789");
	if (parts->port_len == 0 || parts->port_len > 5)
		return NULL;
	number = strtoul(s, NULL, 10);
	if (number == 0 || number > 65535)
		return NULL;
	s += parts->port_len;
	if (parts->port_len == strlen(usual) &&
	    strncmp(parts->port, usual, parts->port_len) == 0)
		parts->port_len = 0;
	return s;
}

/* The rest: a path without its final slashes; no query, no fragment. */
static int
take_path(const char *s, struct url_parts *parts)
{
	size_t len = strlen(s);

	if (len > 0 && (*s != '/' || strspn(s, PATH_CHARS) != len))
		return -1;
	while (len > 0 && s[len - 1] == '/')
		len--;
	parts->path = s;
	parts->path_len = len;
	return 0;
}

static int
take_apart(const char *url, struct url_parts *parts)
{
	const char *s = take_scheme(url, parts);

	if (s != NULL)
		s = take_host(s, parts);
	if (s != NULL)
		s = take_port(s, parts);
	return s == NULL ? -1 : take_path(s, parts);
}

static int
put_together(const struct url_parts *parts, struct endpoint *out)
{
	int n;

	n = snprintf(out->host, sizeof(out->host), "%s%s%.*s", parts->host,
	    parts->port_len > 0 ? ":" : "", (int)parts->port_len, parts->port);
	if (n < 0 || (size_t)n >= sizeof(out->host))
		return -1;
	n = snprintf(out->path, sizeof(out->path), "%.*s", (int)parts->path_len,
	    parts->path);
	if (n < 0 || (size_t)n >= sizeof(out->path))
		return -1;
	n = snprintf(out->url, sizeof(out->url), "%s://%s%s", parts->scheme,
	    out->host, out->path);
	return n < 0 || (size_t)n >= sizeof(out->url) ? -1 : 0;
}

/* A URL with a user in it is not repeated: it may hold a password. */
int
endpoint_parse(
    const char *url, const char *where, struct endpoint *out, struct error *e)
{
	struct url_parts parts;

	if (strlen(url) < ENDPOINT_URL_MAX && take_apart(url, &parts) == 0 &&
	    put_together(&parts, out) == 0)
		return 0;
	return error_set(e, ERROR_BROKEN, "BadEndpoint",
	    "%s: \"%.100s\" is not a URL of the form "
	    "http[s]://host[:port][/path]",
	    where, strchr(url, '@') == NULL ? url : "(with a user)");
}

/* What the environment says; an empty variable says nothing. */
static const char *
from_environment(const struct service_facts *facts, char *name, size_t size)
{
	const char *ignore = getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
	const char *url;
	int n;

	if (ignore != NULL && strcasecmp(ignore, "true") == 0)
		return NULL;
	n = snprintf(name, size, "AWS_ENDPOINT_URL_%s", facts->env);
	assert(n > 0 && (size_t)n < size);
	url = getenv(name);
	if (url != NULL && *url != '\0')
		return url;
	name[sizeof("AWS_ENDPOINT_URL") - 1] = '\0';
	url = getenv(name);
	return url != NULL && *url != '\0' ? url : NULL;
}

/*
 * The host of a service that has one in each region.  In GovCloud the usual
 * host of most services is the one that is certified; CloudWatch's dual-stack
 * host is too.
 */
static int
regional_host(enum service service, const char *region, unsigned variant,
    char url[ENDPOINT_URL_MAX])
{
	const struct service_facts *facts = service_facts(service);
	const struct partition *partition = partition_of(region);
	bool dual = (variant & VARIANT_DUAL) != 0;
	bool fips = (variant & VARIANT_FIPS) != 0;

	if (partition->plain_is_fips && facts->plain_is_fips &&
	    (!dual || service == SERVICE_CLOUDWATCH))
		fips = false;
	if (service == SERVICE_S3)
		return snprintf(url, ENDPOINT_URL_MAX, "https://%s%s%s.%s.%s",
		    facts->prefix, fips ? "-fips" : "",
		    dual ? ".dualstack" : "", region, partition->suffix);
	return snprintf(url, ENDPOINT_URL_MAX, "https://%s%s.%s.%s",
	    facts->prefix, fips ? "-fips" : "", region,
	    dual ? partition->dual_suffix : partition->suffix);
}

static int
global_host(enum service service, const char *region, unsigned variant,
    char url[ENDPOINT_URL_MAX])
{
	const struct partition *partition = partition_of(region);
	const struct global_place *place = partition_global(partition, service);
	bool fips = (variant & VARIANT_FIPS) != 0 && !partition->plain_is_fips;

	return snprintf(url, ENDPOINT_URL_MAX, "https://%s%s.%s%s",
	    service_facts(service)->prefix, fips ? "-fips" : "",
	    place->label[variant],
	    (variant & VARIANT_DUAL) != 0 ? partition->dual_suffix
					  : partition->suffix);
}

static int
use_public_host(enum service service, const char *region, struct endpoint *out,
    struct error *e)
{
	const struct service_facts *facts = service_facts(service);
	unsigned variant = partition_variant();
	char url[ENDPOINT_URL_MAX];
	int n;

	if (service == SERVICE_S3 && (variant & VARIANT_FIPS) != 0 &&
	    !partition_of(region)->s3_has_fips)
		return error_set(e, ERROR_BROKEN, "BadEndpoint",
		    "S3 has no FIPS endpoint in %s: AWS_USE_FIPS_ENDPOINT "
		    "cannot be obeyed there",
		    region);
	n = facts->global ? global_host(service, region, variant, url)
			  : regional_host(service, region, variant, url);
	assert(n > 0 && n < ENDPOINT_URL_MAX);
	return endpoint_parse(url, facts->name, out, e);
}

/* A region becomes part of a host name and of every signature. */
static bool
is_region(const char *region)
{
	size_t len = region == NULL ? 0 : strlen(region);

	return len > 0 && len <= 32 && strspn(region, REGION_CHARS) == len;
}

int
endpoint_resolve(enum service service, const char *region,
    const char *configured, struct endpoint *out, struct error *e)
{
	const struct service_facts *facts = service_facts(service);
	const char *url;
	char name[64];

	memset(out, 0, sizeof(*out));
	if (region == NULL && facts->global)
		region = GLOBAL_REGION;
	if (!is_region(region))
		return error_set(e, ERROR_BROKEN, "BadRegion",
		    "\"%.40s\" cannot be the name of a region",
		    region == NULL ? "" : region);
	out->region = facts->global ? partition_home(service, region) : region;
	if (configured != NULL)
		return endpoint_parse(
		    configured, "configured endpoint", out, e);
	url = from_environment(facts, name, sizeof(name));
	if (url != NULL)
		return endpoint_parse(url, name, out, e);
	return use_public_host(service, region, out, e);
}
