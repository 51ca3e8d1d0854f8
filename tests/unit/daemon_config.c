/* SPDX-License-Identifier: MIT
 *
 * The configuration file: every mistake with its line, all of them at once;
 * and the table of options, the sample file and the manual say the same.
 */
#include <check.h>

#include <sys/stat.h>
#include <unistd.h>

#include "../../src/daemon/config.c"
#include "daemon/config_form.h"
#include "daemon/config_option.h"
#include "daemon/watchlist.h"

/* The least that is good; what a case adds stands before it. */
#define REGIONS                                     \
	"region \"us-east-1\" { role = primary }\n" \
	"region \"us-west-2\" { role = standby }\n"
#define DNS "dns { zone = example.com record = shop.example.com }\n"
#define STACK(more) \
	"stack \"shop\" {\n" more "environment = prod\n" REGIONS DNS "}\n"
#define GOOD STACK("")
/* The regions on lines 3 and 4. */
#define TWO(primary, standby)                                   \
	"stack \"shop\" {\nenvironment = prod\n"                \
	"region \"us-east-1\" { role = primary " primary " }\n" \
	"region \"us-west-2\" { role = standby " standby " }\n" DNS "}\n"
#define CERTIFICATE(region) \
	"arn:aws:acm:" region ":123456789012:certificate/abc"

static char path[] = "/tmp/drd-test-config.XXXXXX";

static void
make_path(void)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void
remove_path(void)
{
	unlink(path);
}

static void
write_file(const char *s, size_t len)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(s, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

/* What is said about `s`, without the path: "3: ...\n"; "" if it is good. */
static char *
complaints_about(const char *s, size_t len)
{
	struct text raw = TEXT_INIT, out = TEXT_INIT;
	struct config *config;
	char *line, *rest;

	write_file(s, len);
	config = config_read_text(path, &raw);
	ck_assert_msg((config == NULL) == (raw.len > 0),
	    "a verdict and its reasons differ");
	config_free(config);
	rest = raw.s;
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		ck_assert_msg(text_starts(line, path), "no path: %s", line);
		text_addf(&out, "%s\n", line + strlen(path) + 1);
	}
	text_release(&raw);
	return text_take(&out);
}

static const struct {
	const char *text;
	const char *complaints;
} cases[] = {
	{ GOOD, "" },
	{ "\xef\xbb\xbf" GOOD, "" }, /* a byte order mark */
	{ "# comment\n// comment\n/* a\n comment */" GOOD, "" },
	{ "poll_interval = '1m' # why\n" GOOD, "" },
	{ STACK("trigger = { \"route53\", # why\n\"alarm:elb-5xx\" }\n"), "" },
	{ STACK("trigger = route53\n"), "" },
	{ "state_dir = \"/a # no comment\"\n" GOOD, "" },
	{ "endpoint us-east-1 { url = 'http://[::1]:80/x' }\n" GOOD, "" },
	{ "endpoint us-east-1 { url = http://127.0.0.1:80 }\n" GOOD, "" },

	/* Unknown keys, and what may have been meant. */
	{ "colour = red\n" GOOD, "1: unknown option \"colour\"\n" },
	{ "\n# x\n\nlog_levle = info\n" GOOD,
	    "4: unknown option \"log_levle\" (did you mean \"log_level\"?)\n" },
	{ STACK("fal = 3\n"),
	    "2: unknown option \"fal\" in stack (did you mean \"fall\"?)\n" },
	{ STACK("threshold = 3\n"),
	    "2: unknown option \"threshold\" in stack (it belongs in "
	    "health_check)\n" },
	{ STACK("poll_interval = 3s\n"),
	    "2: unknown option \"poll_interval\" in stack (it belongs in the "
	    "top of the file)\n" },
	{ STACK("helth_check { path = \"/\"\nport = 1 }\n"),
	    "2: unknown option \"helth_check\" in stack (did you mean "
	    "\"health_check\"?)\n" },
	{ "foo \"bar\" {\n a { b = { c, \"}\" } }\n}\nx = { y,\nz }\n" GOOD,
	    "1: unknown option \"foo\"\n4: unknown option \"x\"\n" },

	/* Missing ones, at the line where their block begins. */
	{ "", " no stack is declared\n" },
	{ "# nothing\n", " no stack is declared\n" },
	{ "\nstack \"a\" {\n" REGIONS DNS "\n}\n",
	    "2: stack: environment is missing: Third part of the names, and "
	    "the tag Environment.\n" },
	{ "stack \"a\" {\nenvironment = b\ndns\n{\n}\n" REGIONS "}\n",
	    "4: dns: zone is missing: Domain of the hosted zone.\n"
	    "4: dns: record is missing: The failover name, which the users' "
	    "traffic follows.\n" },
	{ "endpoint us-east-1 {\n\n}\n" GOOD,
	    "1: endpoint: url is missing: Where the services of this region "
	    "are reached.\n" },
	{ "stack a {\nenvironment = b\n" DNS
	  "region us-east-1 {\n}\nregion us-west-2 { role = standby }\n}\n",
	    "1: stack \"a\": no region is the primary\n"
	    "4: region: role is missing: One region is the primary, the other "
	    "one the standby.\n" },

	/* Values. */
	{ "poll_interval = 30\n" GOOD,
	    "1: poll_interval: \"30\" is not a duration (a whole number and "
	    "ms, s, m, h or d)\n" },
	{ "poll_interval = 49ms\n" GOOD,
	    "1: poll_interval: \"49ms\" is not a duration from 50ms to 1h\n" },
	{ "socket_mode = 0888\n" GOOD,
	    "1: socket_mode: \"0888\" is not an octal mode up to 0777\n" },
	{ "log_level = loud\n" GOOD,
	    "1: log_level: \"loud\" is not one of error warning info debug\n" },
	{ "state_dir = relative\n" GOOD,
	    "1: state_dir: \"relative\" is not an absolute path without "
	    "\"..\"\n" },
	{ "endpoint us-east-1 { url = \"ftp://x\" }\n" GOOD,
	    "1: url: \"ftp://x\" is not a URL like https://host:port/path\n" },
	{ "endpoint us-east-1 { url = \"http://u@x\" }\n" GOOD,
	    "1: url: \"http://u@x\" is not a URL like "
	    "https://host:port/path\n" },
	{ "endpoint us-east-1 { url = \"http://x:70000\" }\n" GOOD,
	    "1: url: \"http://x:70000\" is not a URL like "
	    "https://host:port/path\n" },
	{ "endpoint mars { url = \"http://x\" }\n" GOOD,
	    "1: endpoint \"mars\" is not a region like us-east-1\n" },
	{ STACK("mode = manual\n"),
	    "2: mode: \"manual\" is not one of automatic advisory\n" },
	{ STACK("max_per_day = 25\n"),
	    "2: max_per_day: \"25\" is not a number from 0 to 24\n" },
	{ STACK("windows = { \"sat 02:00-04:00\", \"sun\" }\n"),
	    "2: windows: \"sun\" is not a window in UTC like \"sat "
	    "02:00-04:00\", \"mon-fri 22:00-06:00\" or \"daily "
	    "03:30-04:00\"\n" },
	{ STACK("fall = 0\nquorum = x\n"),
	    "2: fall: \"0\" is not a number from 1 to 100\n"
	    "3: quorum: \"x\" is not a number from 1 to 16\n" },
	{ STACK("health_check { interval = 20s }\n"),
	    "2: interval: Route 53 checks every 10s or 30s, not every 20s\n" },
	{ STACK("health_check { interval = 10500ms }\n"),
	    "2: interval: \"10500ms\" is not a number of whole seconds\n" },
	{ STACK("service = Shop\n"),
	    "2: service: \"Shop\" is not 1 to 32 lower-case letters, digits "
	    "and inner hyphens\n" },
	{ STACK("trigger = { route53, foo }\n"),
	    "2: trigger: \"foo\" is not a signal (route53, "
	    "probe, dns, alarm:health-check, alarm:elb-5xx, "
	    "alarm:elb-unhealthy, "
	    "alarm:lambda-errors, alarm:lambda-duration)\n" },
	{ "stack s {\nenvironment = e\n" REGIONS
	  "dns { zone = \"a..b\"\nrecord = \"-a.b\" }\n}\n",
	    "5: zone: \"a..b\" is not a domain name\n"
	    "6: record: \"-a.b\" is not a domain name\n" },
	{ "stack s {\nenvironment = e\n" DNS
	  "region us-east-1 { role = primary\n"
	  "load_balancer = internal-a }\nregion us-west-2 { role = standby\n"
	  "load_balancer = 'a234567890b234567890c234567890d23' }\n}\n",
	    "5: load_balancer: \"internal-a\" is not the name of a load "
	    "balancer (1 to 32 letters, digits and inner hyphens)\n"
	    "7: load_balancer: \"a234567890b234567890c234567890d23\" is not "
	    "the name of a load balancer (1 to 32 letters, digits and inner "
	    "hyphens)\n" },

	/* What does not fit together. */
	{ "poll_interval = 5s\npoll_deadline = 5s\n" GOOD,
	    "2: poll_deadline must be shorter than poll_interval: a poll ends "
	    "before the next one begins\n" },
	{ "\npoll_interval = 5s\n" GOOD,
	    "2: poll_deadline must be shorter than poll_interval: a poll ends "
	    "before the next one begins\n" },
	{ "connect_timeout = 11s\n" GOOD,
	    "1: connect_timeout must not be longer than request_timeout, "
	    "which it is a part of\n" },
	{ STACK("quorum = 3\n"),
	    "2: quorum: 3 cannot be reached by 2 triggers\n" },
	{ STACK("trigger = {}\n"),
	    "1: trigger: with no trigger there is never a failover\n" },
	{ STACK("trigger = { route53, route53 }\n"),
	    "2: trigger: \"route53\" stands there twice\n" },
	{ "stack s {\nenvironment = e\n" DNS
	  "region us-east-1 { role = primary }\n"
	  "region us-west-2 { role = primary }\n}\n",
	    "1: stack \"s\": no region is the standby\n"
	    "5: two regions are the primary: us-east-1 and us-west-2\n" },
	{ "stack s {\nenvironment = e\n" DNS
	  "region us-east-1 { role = primary }\n}\n",
	    "1: stack \"s\": no region is the standby\n" },
	{ "stack s {\nenvironment = e\n" DNS REGIONS
	  "region us-east-1 { role = standby }\n}\n",
	    "6: \"us-east-1\" is declared a second time\n" },
	{ "stack s {\nenvironment = e\n" REGIONS
	  "dns { zone = example.com\nrecord = shop.other-example.com }\n}\n",
	    "6: record: shop.other-example.com is not in the zone "
	    "example.com\n" },
	{ STACK("manage { zone = ignore\ntopics = ignore }\n"),
	    "2: zone: cannot be ignored while drd manages certificate, which "
	    "refers to it: observe it instead\n"
	    "2: zone: cannot be ignored while drd manages records, which "
	    "refers to it: observe it instead\n"
	    "3: topics: cannot be ignored while drd manages alarms, which "
	    "refers to it: observe it instead\n" },
	{ STACK("manage { network = ignore entry = observe }\n"), "" },
	{ STACK("manage { zone = ignore records = observe\n"
		"certificate = observe }\n"),
	    "2: zone: cannot be ignored while its records are observed\n" },
	{ STACK("trigger = alarm:elb-5xx\nmanage { entry = ignore\n"
		"health_checks = ignore records = observe\n"
		"alarms = observe parameters = observe\n"
		"function = observe }\n"),
	    "" },
	{ STACK("readiness { interval = 5m }\n"),
	    "2: max_age: must be longer than interval\n" },
	{ STACK("manage { entry = ignore alarms = observe\n"
		"health_checks = observe records = observe\n"
		"parameters = observe function = observe }\n"),
	    "2: entry: cannot be ignored while its health checks are "
	    "observed, which are found by the entry's name\n" },

	/* A failover that would need the region that fails. */
	{ STACK("parameter_key = alias/shop\n"), "" },
	{ STACK("parameter_key = mrk-0123\n"), "" },
	{ STACK("parameter_key = 'arn:aws:kms:us-east-1:1:key/2'\n"),
	    "2: parameter_key: arn:aws:kms:us-east-1:1:key/2 is of one region, "
	    "and the parameters of the other one could not be written with "
	    "it: name an alias that both regions have (alias/...) or a "
	    "multi-Region key (mrk-...)\n" },
	{ "endpoint us-west-2 { url = 'https://us-east-1.example' }\n" STACK(
	      ""),
	    "1: url: https://us-east-1.example leads into us-east-1, so "
	    "us-west-2 could not be reached without it\n" },
	{ "endpoint us-west-2 { url = 'https://x.us-east-11.example' }\n" STACK(
	      ""),
	    "" },

	/* Objects that AWS would refuse. */
	{ TWO("cidr = '10.0.0.0/8'", ""),
	    "3: cidr: \"10.0.0.0/8\" is not a network like 10.0.0.0/16, of "
	    "/16 to /24\n" },
	{ TWO("cidr = '10.0.0.1/16'", ""),
	    "3: cidr: \"10.0.0.1/16\" is not a network like 10.0.0.0/16, of "
	    "/16 to /24\n" },
	{ TWO("", "cidr = '10.0.128.0/17'"),
	    "4: cidr: the networks of us-east-1 and us-west-2 overlap, "
	    "10.0.0.0/16 and 10.0.128.0/17\n" },
	{ TWO("cidr = '10.1.0.0/16'", "cidr = '10.0.0.0/16'"), "" },
	{ TWO("zones = { us-east-1a }", ""),
	    "3: zones: give 3, one for each subnet, or none\n" },
	{ TWO("zones = { us-east-1a, us-east-1a, us-west-2a }", ""),
	    "3: zones: us-east-1a stands there twice\n"
	    "3: zones: us-west-2a is not in us-east-1\n" },
	{ TWO("bucket = Shop", ""),
	    "3: bucket: \"Shop\" is not a bucket name that S3 takes (3 to 63 "
	    "lower-case letters, digits and inner hyphens, none of its "
	    "reserved beginnings and ends)\n" },
	{ TWO("bucket = xn--shop", "bucket = shop-s3alias"),
	    "3: bucket: \"xn--shop\" is not a bucket name that S3 takes (3 to "
	    "63 lower-case letters, digits and inner hyphens, none of its "
	    "reserved beginnings and ends)\n"
	    "4: bucket: \"shop-s3alias\" is not a bucket name that S3 takes "
	    "(3 to 63 lower-case letters, digits and inner hyphens, none of "
	    "its reserved beginnings and ends)\n" },
	{ TWO("bucket = shop", "bucket = shop"),
	    "4: bucket: both regions have shop, but a bucket name is one in "
	    "all regions\n" },
	{ TWO("certificate = '" CERTIFICATE("us-east-1") "'", ""),
	    "4: certificate: us-east-1 has one and us-west-2 has none, so "
	    "users could not follow a failover\n" },
	{ TWO("certificate = '" CERTIFICATE("us-east-1") "'",
	      "certificate = '" CERTIFICATE("us-east-1") "'"),
	    "4: certificate: that of us-west-2 must be in us-west-2\n" },
	{ STACK("entry { domain = other.example.org }\n"),
	    "2: domain: other.example.org is not in the zone example.com, "
	    "where its certificate is validated\n" },
	{ STACK("entry { domain = 'not a domain' }\n"),
	    "2: domain: \"not a domain\" is not a domain name\n" },
	{ STACK("health_check { protocol = https }\n"),
	    "2: protocol: without a certificate there is no HTTPS listener, "
	    "so an https check could never pass: give a certificate or an "
	    "entry domain\n" },
	{ STACK("health_check { protocol = https }\n"
		"manage { entry = observe }\n"),
	    "" },
	{ STACK("service = sg\n"),
	    "2: service: EC2 takes no security group whose name begins with "
	    "\"sg-\"\n" },
	{ STACK("service = xn--shop\n"),
	    "2: service: it makes the bucket \"xn--shop-us-east-1-prod-data\", "
	    "which is not a bucket name that S3 takes (3 to 63 lower-case "
	    "letters, digits and inner hyphens, none of its reserved "
	    "beginnings and ends)\n"
	    "2: service: it makes the bucket \"xn--shop-us-west-2-prod-data\", "
	    "which is not a bucket name that S3 takes (3 to 63 lower-case "
	    "letters, digits and inner hyphens, none of its reserved "
	    "beginnings and ends)\n" },
	{ STACK("service = internal\n"),
	    "2: service: it makes the load balancer "
	    "\"internal-us-east-1-prod-alb\", which is not the name of a load "
	    "balancer (1 to 32 letters, digits and inner hyphens)\n"
	    "2: service: it makes the load balancer "
	    "\"internal-us-west-2-prod-alb\", which is not the name of a load "
	    "balancer (1 to 32 letters, digits and inner hyphens)\n" },
	{ STACK("suffix = \"a/b\"\n"),
	    "2: suffix: \"a/b\" is not 1 to 100 letters, digits, dots, "
	    "hyphens and underscores\n" },
	{ STACK("subscriptions = { 'http://a', 'email:x' }\n"),
	    "2: subscriptions: \"http://a\" is not "
	    "email:someone@example.com, an https:// URL or the ARN of an SQS "
	    "queue\n" },
	{ STACK("function { runtime = 'Node 18' handler = nothing }\n"),
	    "2: runtime: \"Node 18\" is not a runtime like nodejs24.x\n"
	    "2: handler: \"nothing\" is not a file and a function like "
	    "index.handler\n" },
	{ STACK("table { name = 'a b' }\n"),
	    "2: name: \"a b\" is not 3 to 255 letters, digits, dots, hyphens "
	    "and underscores\n" },

	{ GOOD GOOD, "7: \"shop\" is declared a second time\n" },
	{ GOOD "stack blog { service = shop\nenvironment = prod\n" REGIONS
	       "dns { zone = example.com record = blog.example.com } }\n",
	    "7: stacks \"shop\" and \"blog\" have the same parameters, "
	    "/dr/shop-prod\n"
	    "8: stacks \"shop\" and \"blog\" have the same service and "
	    "environment, so their objects have the same names\n" },
	{ "endpoint us-east-1 { url = 'http://a' }\n"
	  "endpoint us-east-1 { url = 'http://b' }\n" GOOD,
	    "2: \"us-east-1\" is declared a second time\n" },
	{ "log_level = info\nlog_level = debug\n" GOOD,
	    "2: log_level is set a second time (first on line 1)\n" },
	{ STACK("alarms { }\nalarms { }\n"),
	    "3: alarms is set a second time (first on line 2)\n" },

	/* Syntax: told with what came before it, and no guesses after. */
	{ "colour = red\npoll_interval 3\nother = x\n",
	    "1: unknown option \"colour\"\n"
	    "2: missing equal sign after option 'poll_interval' (nothing "
	    "below this line was read)\n" },
	{ "''\n" GOOD,
	    "1: cannot be understood (nothing below this line was read)\n" },
	{ "'' = 3\n" GOOD,
	    "1: cannot be understood (nothing below this line was read)\n" },
	{ GOOD "stack=shop|fall = 3\n",
	    "7: missing title for section 'stack' "
	    "(nothing below this line was read)\n" },
	{ "stack s {\nenvironment = e\n" REGIONS DNS "dns|zone = com\n}\n",
	    "6: zone is set outside its block\n" },
	{ "stack { }\n",
	    "1: missing title for section 'stack' (nothing below "
	    "this line was read)\n" },
	{ "log_level = loud\nstack \"a\" {\n fall = 3\n",
	    "1: log_level: \"loud\" is not one of error warning info debug\n"
	    "2: this block is never closed\n" },
	{ "\nstate_dir = \"/a\n" GOOD "\n\n",
	    "6: this quote is never closed, or one before it\n" },
	{ "\n/* x\n" GOOD, "2: this comment is never closed\n" },
	{ "state_dir = \"${HOME}\"\n" GOOD,
	    "1: \"${\": values do not come from the environment (in single "
	    "quotes it is plain text)\n" },
};

START_TEST(every_mistake_is_told_with_its_line)
{
	char *complaints =
	    complaints_about(cases[_i].text, strlen(cases[_i].text));

	ck_assert_msg(strcmp(complaints, cases[_i].complaints) == 0,
	    "case %d:\n%s---- expected:\n%s---- got:\n%s", _i, cases[_i].text,
	    cases[_i].complaints, complaints);
	free(complaints);
}
END_TEST

START_TEST(a_good_file_is_understood)
{
	static const char text[] =
	    "state_dir = /s\nsocket = /k\nsocket_mode = 0600\n"
	    "log_level = debug\npoll_interval = 2m\npoll_deadline = 250ms\n"
	    "reconcile_interval = 1h\nconnect_timeout = 1s\n"
	    "request_timeout = 2s\napi_share = 25\n"
	    "endpoint eu-west-1 { url = \"https://h:1/p\" }\n"
	    "stack one { service = svc environment = test suffix = x.y\n"
	    "owner = \"me & co\" }";
	static const char good[] =
	    "stack one { service = svc environment = test suffix = x.y\n"
	    "owner = 'team/a@b' fall = 5 quorum = 2 max_changes = 7\n"
	    "mode = advisory min_between = 2h max_per_day = 1\n"
	    "windows = { 'sat 02:00-04:00', 'daily 23:00-01:00' }\n"
	    "trigger = { alarm:elb-5xx, route53 }\n"
	    "region eu-west-1 { role = standby load_balancer = Lb-1 }\n"
	    "region eu-central-1 { role = primary }\n"
	    "dns { zone = Example.org. record = example.ORG\n"
	    "name_servers = { 'ns1:5353', 192.0.2.1 } resolver = '[::1]:53' }\n"
	    "health_check { protocol = http path = '/up?x=1' interval = 10s\n"
	    "threshold = 1 }\n"
	    "alarms { elb_5xx = 1 lambda_errors = 2 lambda_duration = 3s\n"
	    "periods = 4 }\n"
	    "manage { zone = observe parameters = ignore } }\n";
	struct text complaints = TEXT_INIT, all = TEXT_INIT;
	const struct config_stack *s;
	struct config *c;

	text_add_bytes(&all, text, (size_t)(strstr(text, "stack") - text));
	text_add(&all, good);
	write_file(all.s, all.len);
	c = config_read_text(path, &complaints);
	ck_assert_msg(c != NULL, "%s", complaints.s);
	ck_assert_str_eq(c->path, path);
	ck_assert_str_eq(c->state_dir, "/s");
	ck_assert_str_eq(c->socket, "/k");
	ck_assert_uint_eq(c->socket_mode, 0600);
	ck_assert_int_eq(c->log_level, LOG_LEVEL_DEBUG);
	ck_assert_uint_eq(c->poll_interval, 120000);
	ck_assert_uint_eq(c->poll_deadline, 250);
	ck_assert_uint_eq(c->reconcile_interval, 3600000);
	ck_assert_uint_eq(c->connect_timeout, 1000);
	ck_assert_uint_eq(c->request_timeout, 2000);
	ck_assert_uint_eq(c->api_share, 25);
	ck_assert_uint_eq(c->endpoint_count, 1);
	ck_assert_str_eq(c->endpoints[0].region, "eu-west-1");
	ck_assert_str_eq(c->endpoints[0].url, "https://h:1/p");
	ck_assert_ptr_null(config_find_stack(c, "two"));
	s = config_find_stack(c, "one");
	ck_assert_ptr_nonnull(s);
	ck_assert_str_eq(s->service, "svc");
	ck_assert_str_eq(s->environment, "test");
	ck_assert_str_eq(s->suffix, "x.y");
	ck_assert_str_eq(s->owner, "team/a@b");
	ck_assert(s->advisory);
	ck_assert_uint_eq(s->min_between, 7200000);
	ck_assert_uint_eq(s->max_per_day, 1);
	ck_assert_uint_eq(s->window_count, 2);
	ck_assert_str_eq(s->windows[1], "daily 23:00-01:00");
	ck_assert_uint_eq(s->fall, 5);
	ck_assert_uint_eq(s->quorum, 2);
	ck_assert_uint_eq(s->max_changes, 7);
	ck_assert_uint_eq(s->trigger_count, 2);
	ck_assert_str_eq(s->triggers[0], "alarm:elb-5xx");
	ck_assert_str_eq(s->triggers[1], "route53");
	ck_assert_str_eq(s->primary.name, "eu-central-1");
	ck_assert_str_eq(s->primary.load_balancer, "svc-eu-central-1-test-alb");
	ck_assert_str_eq(s->standby.name, "eu-west-1");
	ck_assert_str_eq(s->standby.load_balancer, "Lb-1");
	ck_assert_str_eq(s->zone, "Example.org");
	ck_assert_str_eq(s->record, "example.ORG");
	ck_assert_uint_eq(s->name_server_count, 2);
	ck_assert_str_eq(s->name_servers[0], "ns1:5353");
	ck_assert_str_eq(s->resolver, "[::1]:53");
	ck_assert(!s->check_https);
	ck_assert_uint_eq(s->check_port, 80);
	ck_assert_str_eq(s->check_path, "/up?x=1");
	ck_assert_uint_eq(s->check_interval_s, 10);
	ck_assert_uint_eq(s->check_threshold, 1);
	ck_assert_uint_eq(s->alarm_elb_5xx, 1);
	ck_assert_uint_eq(s->alarm_lambda_errors, 2);
	ck_assert_uint_eq(s->alarm_lambda_ms, 3000);
	ck_assert_uint_eq(s->alarm_periods, 4);
	ck_assert_int_eq(s->manage_zone, POLICY_OBSERVE);
	ck_assert_int_eq(s->manage_parameters, POLICY_IGNORE);
	ck_assert_int_eq(s->manage_records, POLICY_MANAGE);
	config_free(c);
	text_release(&all);
	text_release(&complaints);
}
END_TEST

START_TEST(defaults_are_those_of_the_table)
{
	struct text complaints = TEXT_INIT;
	const struct config_stack *s;
	struct config *c;

	write_file(GOOD, strlen(GOOD));
	c = config_read_text(path, &complaints);
	ck_assert_msg(c != NULL, "%s", complaints.s);
	ck_assert_str_eq(c->state_dir, "/var/lib/drd");
	ck_assert_str_eq(c->socket, "/run/drd/drd.sock");
	ck_assert_uint_eq(c->socket_mode, 0660);
	ck_assert_int_eq(c->log_level, LOG_LEVEL_INFO);
	ck_assert_uint_eq(c->poll_interval, 30000);
	ck_assert_uint_eq(c->poll_deadline, 10000);
	ck_assert_uint_eq(c->api_share, 50);
	ck_assert_uint_eq(c->endpoint_count, 0);
	s = &c->stacks[0];
	ck_assert_str_eq(s->service, "shop");
	ck_assert_str_eq(s->suffix, "shop-prod");
	ck_assert_str_eq(s->owner, "drd");
	ck_assert(!s->advisory);
	ck_assert_uint_eq(s->min_between, 3600000);
	ck_assert_uint_eq(s->max_per_day, 3);
	ck_assert_uint_eq(s->window_count, 0);
	ck_assert_uint_eq(s->fall, 3);
	ck_assert_uint_eq(s->quorum, 1);
	ck_assert_uint_eq(s->trigger_count, 2);
	ck_assert_str_eq(s->triggers[0], "route53");
	ck_assert_str_eq(s->triggers[1], "alarm:health-check");
	ck_assert_uint_eq(s->name_server_count, 0);
	ck_assert_ptr_null(s->resolver);
	ck_assert(!s->check_https);
	ck_assert(!s->entry_https);
	ck_assert_str_eq(s->primary.cidr, "10.0.0.0/16");
	ck_assert_str_eq(s->standby.cidr, "10.1.0.0/16");
	ck_assert_str_eq(s->primary.bucket, "shop-us-east-1-prod-data");
	ck_assert_str_eq(s->standby.certificate, "");
	ck_assert_uint_eq(s->primary.zone_count, 0);
	ck_assert_str_eq(s->function_package, DRD_DATADIR "/handler.zip");
	ck_assert_str_eq(s->function_runtime, "nodejs24.x");
	ck_assert_uint_eq(s->function_concurrency, 100);
	ck_assert_str_eq(s->table_name, "shop-global-prod-table");
	ck_assert(s->table_protected);
	ck_assert_uint_eq(s->entry_keepalive_s, 300);
	ck_assert_uint_eq(s->max_change_percent, 25);
	ck_assert_uint_eq(s->max_deletions, 0);
	ck_assert_uint_eq(s->check_port, 80);
	ck_assert_str_eq(s->check_path, "/health");
	ck_assert_uint_eq(s->check_interval_s, 30);
	ck_assert_int_eq(s->manage_topics, POLICY_MANAGE);
	config_free(c);
	text_release(&complaints);
}
END_TEST

START_TEST(a_default_is_a_good_value)
{
	const struct config_option *option = &config_options[_i];
	union { /* large enough for each section, aligned for each member */
		struct config config;
		struct config_stack stack;
		struct config_endpoint endpoint;
		struct config_region_draft region;
	} base = { 0 };
	char why[320], **list;

	if (option->fallback == NULL || option->fallback[0] == '\0')
		return;
	if (option->type == TYPE_LIST) {
		ck_assert_ptr_nonnull(strstr(option->fallback, "route53"));
		return;
	}
	ck_assert_msg(config_option_set(option, option->fallback, &base, why,
			  sizeof(why)) == 0,
	    "%s: %s", option->name, why);
	if (option->type == TYPE_TEXT) {
		list = (void *)((char *)&base + option->offset);
		free(*list);
	}
}
END_TEST

START_TEST(files_that_are_none)
{
	struct text out = TEXT_INIT;
	char *big;

	remove_path();
	ck_assert_ptr_null(config_read_text(path, &out));
	ck_assert_ptr_nonnull(strstr(out.s, "No such file"));
	text_clear(&out);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_ptr_null(config_read_text(path, &out));
	ck_assert_ptr_nonnull(strstr(out.s, "not a regular file"));
	text_clear(&out);
	remove_path();
	ck_assert_ptr_null(config_read_text("/tmp", &out));
	ck_assert_ptr_nonnull(strstr(out.s, "not a regular file"));
	text_release(&out);

	big = mem_alloc(CONFIG_SIZE_MAX + 2);
	memset(big, '\n', CONFIG_SIZE_MAX + 1);
	memcpy(big, GOOD, strlen(GOOD));
	free(complaints_about(big, CONFIG_SIZE_MAX));
	write_file(big, CONFIG_SIZE_MAX + 1);
	ck_assert_ptr_null(config_read_text(path, &out));
	ck_assert_ptr_nonnull(strstr(out.s, "larger than"));
	text_release(&out);
	free(big);
	big = complaints_about(GOOD "\0", sizeof(GOOD));
	ck_assert_str_eq(big, " not a text file: it has a NUL byte\n");
	free(big);
}
END_TEST

/* Lines of STACK are at the second line of the file. */
static const struct {
	const char *text;
	const char *warning; /* its beginning after the path; "": none */
} warnings[] = {
	{ STACK(""), "" },
	{ STACK("when_blind = hold\n"),
	    "2: trigger: when us-east-1 is gone none of them is left, and "
	    "when_blind = hold" },
	{ STACK("manage { records = observe\n}\n"),
	    "2: trigger: when us-east-1 is gone no trigger that AWS is asked "
	    "for is left, and when_blind = probe waits for DNS to move" },
	{ STACK("manage { records = observe\n}\n"
		"trigger = { route53, probe }\n"),
	    "" },
	{ STACK("when_blind = hold\ntrigger = { route53, probe }\n"), "" },
	{ STACK("quorum = 2\nwhen_blind = hold\n"
		"trigger = { route53, probe }\n"),
	    "4: trigger: when us-east-1 is gone 1 is left, too few for a "
	    "quorum of 2" },
	{ STACK("quorum = 2\ntrigger = { route53, probe }\n"), "" },
	{ "poll_interval = 1s\npoll_deadline = 500ms\n" STACK(""),
	    "1: poll_interval: 1 stacks ask for the status" },
	{ "poll_interval = 1s\npoll_deadline = 500ms\n" STACK(
	      "route53_source = metric\n"),
	    "" },
};

START_TEST(what_is_allowed_and_unwise)
{
	struct text out = TEXT_INIT;
	struct config *config;
	const char *want = warnings[_i].warning;

	write_file(warnings[_i].text, strlen(warnings[_i].text));
	config = config_read_text(path, &out);
	ck_assert_msg(config != NULL, "%s", out.s);
	if (want[0] == '\0')
		ck_assert_str_eq(config->warnings, "");
	else
		ck_assert_msg(text_starts(config->warnings, path) &&
			text_starts(config->warnings + strlen(path) + 1, want),
		    "%s", config->warnings);
	config_free(config);
	text_release(&out);
}
END_TEST

START_TEST(a_hundred_mistakes_are_enough)
{
	struct text in = TEXT_INIT;
	char *out, *line, *rest;
	size_t lines;

	for (lines = 0; lines < 300; lines++)
		text_addf(&in, "x%zu = y\n", lines);
	rest = out = complaints_about(in.s, in.len);
	ck_assert_ptr_nonnull(strstr(out, "too many mistakes"));
	for (lines = 0; (line = strsep(&rest, "\n")) != NULL; lines++)
		continue;
	ck_assert_uint_eq(lines, CONFIG_MISTAKES_MAX + 2);
	free(out);
	text_release(&in);
}
END_TEST

/* Whatever stands in the file, there is a verdict and no crash. */
START_TEST(damaged_files_are_refused_or_read)
{
	static const char bytes[] = "{}\"'=#/*$\\ \n,+()\0a\xff";
	static const char text[] =
	    "poll_interval = 1m # x\n/* c */"
	    "endpoint us-east-1 { url = 'http://a' }\n" STACK(
		"trigger = { route53, \"alarm:elb-5xx\" }\n"
		"manage { zone = observe }\n");
	char damaged[sizeof(text)];
	size_t i, j, len = strlen(text);

	for (i = 0; i < len; i++)
		free(complaints_about(text, i));
	for (i = 0; i < len; i += 3) {
		for (j = 0; j < sizeof(bytes) - 1; j++) {
			memcpy(damaged, text, sizeof(text));
			damaged[i] = bytes[j];
			free(complaints_about(damaged, len));
		}
	}
}
END_TEST

START_TEST(a_file_keeps_its_digest)
{
	char one[] = "a", two[] = "b";
	struct config_text a = { .s = one, .len = 1 };
	struct config_text b = { .s = two, .len = 1 };
	char x[CONFIG_DIGEST_SIZE], y[CONFIG_DIGEST_SIZE];

	digest(&a, x);
	digest(&b, y);
	/* The published vector of FNV-1a 64 for "a". */
	ck_assert_str_eq(x, "af63dc4c8601ec8c");
	ck_assert_str_ne(x, y);
}
END_TEST

/* ---- the table, the sample and the manual ------------------------------- */

/* A file of the source tree, found from where this one is. */
static char *
source_file(const char *name)
{
	const char *here = __FILE__, *tests = strstr(here, "tests/unit/");
	struct text out = TEXT_INIT;
	char *file, buf[4096];
	FILE *in;
	size_t n;

	ck_assert_ptr_nonnull(tests);
	file = mem_printf("%.*s%s", (int)(tests - here), here, name);
	in = fopen(file, "r");
	ck_assert_msg(in != NULL, "%s cannot be read", file);
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		text_add_bytes(&out, buf, n);
	fclose(in);
	free(file);
	return text_take(&out);
}

/* The sample's block of a section, from its name to the next one. */
static char *
sample_block(const char *sample, enum config_section section)
{
	static const char *const starts[] = { [SECTION_TOP] = "\n",
		[SECTION_ENDPOINT] = "\n#endpoint",
		[SECTION_STACK] = "\nstack",
		[SECTION_REGION] = "\tregion",
		[SECTION_FUNCTION] = "\tfunction",
		[SECTION_ENTRY] = "\tentry",
		[SECTION_TABLE] = "\ttable",
		[SECTION_BUCKET] = "\tbucket {",
		[SECTION_DNS] = "\tdns",
		[SECTION_HEALTH_CHECK] = "\thealth_check",
		[SECTION_LATCH] = "\tlatch {",
		[SECTION_PROBE] = "\tprobe",
		[SECTION_ALARMS] = "\talarms",
		[SECTION_READINESS] = "\treadiness {",
		[SECTION_MANAGE] = "\tmanage" };
	const char *start = strstr(sample, starts[section]), *end, *next;
	int i;

	ck_assert_ptr_nonnull(start);
	end = start + strlen(start);
	for (i = 0; i < SECTION_COUNT; i++) {
		next = strstr(start + 2, starts[i]);
		if (i != SECTION_TOP && next != NULL && next < end)
			end = next;
	}
	return mem_strndup(start, (size_t)(end - start));
}

START_TEST(the_sample_shows_every_option)
{
	const struct config_option *option = &config_options[_i];
	char *sample = source_file("etc/drd.conf"), *block, *key, *at;
	const char *value = option->fallback;

	block = sample_block(sample, option->section);
	ck_assert_msg(strstr(block, option->help) != NULL,
	    "etc/drd.conf: %s is not explained as \"%s\"", option->name,
	    option->help);
	key = mem_printf("%s = ", option->name);
	at = strstr(block, key);
	ck_assert_msg(at != NULL, "etc/drd.conf: no %s", option->name);
	if (value != NULL && value[0] != '\0') {
		ck_assert_msg(
		    at[-1] == '#', "%s: not commented out", option->name);
		at += strlen(key);
		if (option->type == TYPE_LIST)
			value = "{ \"route53\", \"alarm:health-check\" }";
		ck_assert_msg(
		    strncmp(at + (*at == '"'), value, strlen(value)) == 0,
		    "etc/drd.conf: %s: not the default, %s", option->name,
		    value);
	}
	free(key);
	free(block);
	free(sample);
}
END_TEST

START_TEST(the_manual_describes_every_option)
{
	const struct config_option *option = &config_options[_i];
	char *manual = source_file("man/drd.conf.5"), *key, *at, *end;
	const char *value = option->fallback;

	key = mem_printf("\n.It Cm %s No =", option->name);
	at = strstr(
	    manual, option->section == SECTION_TOP ? "\n.Ss Global" : "\n.Ss ");
	if (option->section != SECTION_TOP) {
		end = mem_printf(
		    "\n.Ss %s", config_sections[option->section].name);
		at = strstr(manual, end);
		free(end);
	}
	ck_assert_ptr_nonnull(at);
	at = strstr(at, key);
	ck_assert_msg(at != NULL, "man/drd.conf.5: no %s", option->name);
	end = strstr(at + 1, "\n.It Cm");
	if (end != NULL)
		*end = '\0';
	if (value == NULL)
		ck_assert_msg(strstr(at, "Must be given.") != NULL,
		    "man/drd.conf.5: %s must be given", option->name);
	else if (value[0] != '\0' && option->type != TYPE_LIST &&
	    option->section != SECTION_MANAGE)
		ck_assert_msg(strstr(at, value) != NULL,
		    "man/drd.conf.5: %s: no default, %s", option->name, value);
	free(key);
	free(manual);
}
END_TEST

/* Every "key =" of the sample with the comment marks taken off is good. */
START_TEST(the_sample_is_good_with_everything_in_it)
{
	char *sample = source_file("etc/drd.conf"), *line, *rest, *out;
	struct text bare = TEXT_INIT;
	size_t indent;

	out = complaints_about(sample, strlen(sample));
	ck_assert_str_eq(out, "");
	free(out);
	rest = sample;
	while ((line = strsep(&rest, "\n")) != NULL) {
		indent = strspn(line, "\t");
		if (line[indent] == '#' && line[indent + 1] != ' ')
			line[indent] = ' ';
		text_addf(&bare, "%s\n", line);
	}
	out = complaints_about(bare.s, bare.len);
	ck_assert_str_eq(out, "");
	free(out);
	text_release(&bare);
	free(sample);
	out = source_file("etc/drd-sandbox.conf");
	sample = complaints_about(out, strlen(out));
	ck_assert_str_eq(sample, "");
	free(sample);
	free(out);
}
END_TEST

START_TEST(the_manual_describes_nothing_else)
{
	char *manual = source_file("man/drd.conf.5"), *at = manual, *name;
	const struct config_option *option;
	size_t count = 0, known = 0;

	for (option = config_options; option->name != NULL; option++)
		known++;
	while ((at = strstr(at, "\n.It Cm ")) != NULL) {
		at += strlen("\n.It Cm ");
		name = mem_strndup(at, strcspn(at, " \n"));
		for (option = config_options; option->name != NULL; option++) {
			if (strcmp(option->name, name) == 0)
				break;
		}
		ck_assert_msg(option->name != NULL, "no option %s", name);
		count++;
		free(name);
	}
	ck_assert_uint_eq(count, known);
	free(manual);
}
END_TEST

/* The signals that the message lists are those that exist. */
START_TEST(signals_are_spelled_the_same_everywhere)
{
	char *sample = source_file("etc/drd.conf"), *word, *rest;
	char *manual = source_file("man/drd.conf.5"), *what;
	int count = 0;

	rest = what = mem_strdup(strchr(form_trigger.what, '(') + 1);
	while ((word = strsep(&rest, ", )")) != NULL) {
		if (*word == '\0')
			continue;
		ck_assert_msg(watchlist_knows(word), "no signal %s", word);
		ck_assert_ptr_nonnull(strstr(sample, word));
		ck_assert_ptr_nonnull(strstr(manual, word));
		count++;
	}
	ck_assert_int_gt(count, 4);
	free(what);
	free(manual);
	free(sample);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_config");
	TCase *tc = tcase_create("daemon_config");
	SRunner *runner = srunner_create(suite);
	int failed, options = 0;

	while (config_options[options].name != NULL)
		options++;
	tcase_add_checked_fixture(tc, make_path, remove_path);
	tcase_add_loop_test(tc, every_mistake_is_told_with_its_line, 0,
	    sizeof(cases) / sizeof(*cases));
	tcase_add_test(tc, a_good_file_is_understood);
	tcase_add_test(tc, defaults_are_those_of_the_table);
	tcase_add_loop_test(tc, a_default_is_a_good_value, 0, options);
	tcase_add_test(tc, files_that_are_none);
	tcase_add_loop_test(tc, what_is_allowed_and_unwise, 0,
	    sizeof(warnings) / sizeof(*warnings));
	tcase_add_test(tc, a_hundred_mistakes_are_enough);
	tcase_add_test(tc, damaged_files_are_refused_or_read);
	tcase_add_test(tc, a_file_keeps_its_digest);
	tcase_add_loop_test(tc, the_sample_shows_every_option, 0, options);
	tcase_add_loop_test(tc, the_manual_describes_every_option, 0, options);
	tcase_add_test(tc, the_sample_is_good_with_everything_in_it);
	tcase_add_test(tc, the_manual_describes_nothing_else);
	tcase_add_test(tc, signals_are_spelled_the_same_everywhere);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
