/* SPDX-License-Identifier: MIT
 *
 * What texts of the configuration have to look like.
 *
 * Limits are those of the services the text ends up in; each has its source.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/text.h"
#include "daemon/config_form.h"
#include "daemon/watchlist.h"
#include "failover/window.h"

static bool
printable(const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
			return false;
	}
	return true;
}

static bool
is_path(const char *s)
{
	const char *c;

	for (c = s; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	}
	return s[0] == '/' && strlen(s) < 200 && strstr(s, "..") == NULL;
}

/* unix(7): sun_path holds 108 bytes with the NUL. */
static bool
is_socket(const char *s)
{
	return is_path(s) &&
	    strlen(s) < sizeof(((struct sockaddr_un *)NULL)->sun_path);
}

/* RFC 1035 and 1123: labels of 63, letters, digits and inner hyphens. */
static bool
is_domain(const char *s)
{
	size_t len = strlen(s), label;

	if (len == 0 || len > 253)
		return false;
	for (;; s += label + 1) {
		label = strcspn(s, ".");
		if (label == 0 || label > 63 || s[0] == '-' ||
		    s[label - 1] == '-' ||
		    strspn(s, LOWER UPPER DIGIT "-_") < label)
			return false;
		if (s[label] == '\0' || s[label + 1] == '\0')
			return true; /* a final dot may stand there */
	}
}

static bool
is_port(const char *s)
{
	long port;

	if (!text_made_of(s, DIGIT, 1, 5))
		return false;
	port = strtol(s, NULL, 10);
	return port >= 1 && port <= 65535;
}

/* host, host:port, [v6] or [v6]:port; `len` bytes of `s`. */
static bool
is_host_port(const char *s, size_t len)
{
	char host[256], *end;

	if (len == 0 || len >= sizeof(host))
		return false;
	memcpy(host, s, len);
	host[len] = '\0';
	if (host[0] == '[') {
		end = strchr(host, ']');
		if (end == NULL)
			return false;
		*end++ = '\0';
		if (!text_made_of(host + 1, DIGIT "abcdefABCDEF:.", 2, 45))
			return false;
		return *end == '\0' || (*end == ':' && is_port(end + 1));
	}
	end = strchr(host, ':');
	if (end != NULL)
		*end++ = '\0';
	return is_domain(host) && (end == NULL || is_port(end));
}

static bool
is_server(const char *s)
{
	return is_host_port(s, strlen(s));
}

/* No user, query or fragment: it is a place to send requests to. */
static bool
is_url(const char *s)
{
	size_t host;

	if (!printable(s) || strlen(s) > 200 || strpbrk(s, "?#@") != NULL)
		return false;
	if (strncmp(s, "http://", 7) == 0)
		s += 7;
	else if (strncmp(s, "https://", 8) == 0)
		s += 8;
	else
		return false;
	host = strcspn(s, "/");
	return is_host_port(s, host);
}

/* "us-east-1", "us-gov-west-1", "ap-southeast-2". */
static bool
is_region(const char *s)
{
	size_t len = strlen(s);

	return text_made_of(s, LOWER DIGIT "-", 5, 31) && s[0] >= 'a' &&
	    strchr(DIGIT, s[len - 1]) != NULL && strchr(s, '-') != NULL &&
	    strstr(s, "--") == NULL;
}

/*
 * What every service takes that such a name becomes a part of; the load
 * balancer's is the strictest (letters, digits, inner hyphens).  It is also
 * the name of a file of the state directory.
 */
static bool
is_name(const char *s)
{
	size_t len = strlen(s);

	return text_made_of(s, LOWER DIGIT "-", 1, 32) && s[0] != '-' &&
	    s[len - 1] != '-';
}

/* useradd(8): what may be in the name of a group; Linux: 32 characters. */
static bool
is_group(const char *s)
{
	return text_made_of(s, LOWER UPPER DIGIT "_.-", 0, 32) && s[0] != '-';
}

/* AWS Systems Manager: a-zA-Z0-9_.- in each level of a parameter's name. */
static bool
is_suffix(const char *s)
{
	return text_made_of(s, LOWER UPPER DIGIT "_.-", 1, 100);
}

/* Tagging of most services: 256 characters out of these. */
static bool
is_tag(const char *s)
{
	return text_made_of(s, LOWER UPPER DIGIT " _.:/=+-@", 1, 256);
}

/* Elastic Load Balancing: CreateLoadBalancer, Name. */
static bool
is_balancer(const char *s)
{
	size_t len = strlen(s);

	return text_made_of(s, LOWER UPPER DIGIT "-", 1, 32) && s[0] != '-' &&
	    s[len - 1] != '-' && strncmp(s, "internal-", 9) != 0;
}

/* Route 53: HealthCheckConfig, ResourcePath: at most 255 characters. */
static bool
is_url_path(const char *s)
{
	return s[0] == '/' && strlen(s) <= 255 && printable(s) &&
	    strchr(s, '#') == NULL;
}

static bool
is_window(const char *s)
{
	struct window window;

	return window_read(s, &window) == 0;
}

/* It is looked for in one buffer, and quoted in logs. */
static bool
is_body(const char *s)
{
	size_t i, len = strlen(s);

	for (i = 0; i < len; i++)
		if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			return false;
	return len >= 1 && len <= 255;
}

const struct config_form form_path = { is_path,
	"an absolute path without \"..\"" };
const struct config_form form_socket = { is_socket,
	"an absolute path of at most 107 bytes" };
const struct config_form form_url = { is_url,
	"a URL like https://host:port/path" };
const struct config_form form_server = { is_server, "a host or host:port" };
const struct config_form form_domain = { is_domain, "a domain name" };
const struct config_form form_region = { is_region, "a region like us-east-1" };
const struct config_form form_name = { is_name,
	"1 to 32 lower-case letters, digits and inner hyphens" };
const struct config_form form_group = { is_group,
	"the name of a group (1 to 32 letters, digits, dots, hyphens and "
	"underscores), or \"\" for none" };
const struct config_form form_suffix = { is_suffix,
	"1 to 100 letters, digits, dots, hyphens and underscores" };
const struct config_form form_tag = { is_tag,
	"1 to 256 characters that AWS takes in a tag" };
const struct config_form form_balancer = { is_balancer,
	"the name of a load balancer (1 to 32 letters, digits and inner "
	"hyphens)" };
const struct config_form form_url_path = { is_url_path, "a path like /health" };
const struct config_form form_window = { is_window,
	"a window in UTC like \"sat 02:00-04:00\", \"mon-fri 22:00-06:00\" or "
	"\"daily 03:30-04:00\"" };
const struct config_form form_trigger = { watchlist_knows,
	"a signal (route53, probe, dns, alarm:health-check, alarm:elb-5xx, "
	"alarm:elb-unhealthy, alarm:lambda-errors, alarm:lambda-duration)" };
const struct config_form form_body = { is_body,
	"1 to 255 characters of one line" };
