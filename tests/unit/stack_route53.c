/* SPDX-License-Identifier: MIT
 *
 * The kinds of Route 53: objects without names, lists that only start at the
 * name, and records that cannot say whose they are.
 */
#include "stack_wire.h"

#define NS " xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\""
#define TAG_SET(tags)                                                        \
	"<ListTagsForResourceResponse" NS "><ResourceTagSet><ResourceType>x" \
	"</ResourceType><ResourceId>1</ResourceId><Tags>" tags               \
	"</Tags></ResourceTagSet></ListTagsForResourceResponse>"
#define TAG(key, value) "<Tag><Key>" key "</Key><Value>" value "</Value></Tag>"
#define OUR_TAGS \
	TAG_SET( \
	    TAG("Name", "n") TAG("drd:stack", "shop") TAG("drd:owner", "drd"))

/* --- hosted-zone -------------------------------------------------------- */

#define ZONE(id, name, reference, private)                                   \
	"<HostedZone><Id>/hostedzone/" id "</Id><Name>" name                 \
	"</Name><CallerReference>" reference                                 \
	"</CallerReference><Config><PrivateZone>" private "</PrivateZone></" \
							  "Config></"        \
							  "HostedZone>"
#define ZONES(zones)                                                      \
	"<ListHostedZonesByNameResponse" NS "><HostedZones>" zones        \
	"</HostedZones><DNSName>example.com.</DNSName><IsTruncated>false" \
	"</IsTruncated><MaxItems>100</MaxItems></"                        \
	"ListHostedZonesByNameResponse>"
#define SERVERS                                                       \
	"<GetHostedZoneResponse" NS                                   \
	"><HostedZone><Id>/hostedzone/Z1</Id></HostedZone>"           \
	"<DelegationSet><NameServers><NameServer>"                    \
	"ns-1.awsdns-1.org</NameServer><NameServer>ns-2.awsdns-2.com" \
	"</NameServer></NameServers></DelegationSet></GetHostedZoneResponse>"
#define WANT_ZONE                                                         \
	"{\"Name\":\"example.com.\",\"CallerReference\":\"drd:shop:zone:" \
	"\"," TAGS "}"

static const struct {
	const char *body;
	const char *tags;
	enum node_state state;
	const char *id;
} zones[] = {
	{ ZONES(""), NULL, NODE_ABSENT, NULL },
	/* The list starts at the name, but no zone of that name exists. */
	{ ZONES(ZONE("Z1", "example.net.", "r", "false")), NULL, NODE_ABSENT,
	    NULL },
	{ ZONES(ZONE("Z1", "example.com.", "drd:shop:zone:1", "false")
		  ZONE("Z2", "example.net.", "r", "false")),
	    OUR_TAGS, NODE_CLEAN, "Z1" },
	{ ZONES(ZONE("Z1", "example.com.", "r", "true")), NULL, NODE_ABSENT,
	    NULL },
	/* Ours by tags only: it was handed over. */
	{ ZONES(ZONE("Z1", "example.com.", "r", "false")), OUR_TAGS, NODE_CLEAN,
	    "Z1" },
	/* Made by us and not tagged yet. */
	{ ZONES(ZONE("Z1", "example.com.", "drd:shop:zone:1", "false")),
	    TAG_SET(""), NODE_DRIFTED, "Z1" },
	{ ZONES(ZONE("Z1", "example.com.", "r", "false")), TAG_SET(""),
	    NODE_FOREIGN, "Z1" },
	{ ZONES(ZONE("Z1", "example.com.", "drd:shop:zone:1", "false")),
	    TAG_SET(TAG("drd:owner", "somebody")), NODE_FOREIGN, "Z1" },
	/* Several of the name: ours is the one that says so, in any order. */
	{ ZONES(ZONE("Z1", "example.com.", "drd:shop:zone:1", "false")
		  ZONE("Z2", "example.com.", "r", "false")
		      ZONE("Z3", "example.com.", "s", "false")),
	    OUR_TAGS, NODE_CLEAN, "Z1" },
	{ ZONES(ZONE("Z3", "example.com.", "r", "false")
		  ZONE("Z4", "example.com.", "s", "false")
		      ZONE("Z1", "example.com.", "drd:shop:zone:1", "false")),
	    OUR_TAGS, NODE_CLEAN, "Z1" },
	{ ZONES(ZONE("Z1", "example.com.", "r", "false")
		  ZONE("Z2", "example.com.", "drd:shop:zone:1", "false")
		      ZONE("Z3", "example.com.", "s", "false")),
	    OUR_TAGS, NODE_CLEAN, "Z2" },
};

/* It has told nothing, not even that there are no name servers. */
START_TEST(test_zone_that_is_not_told)
{
	json_t *reply = mem_must(json_object()),
	       *have = mem_must(json_object());
	struct error e = { 0 };

	ck_assert_int_eq(
	    kind_hosted_zone.detail.have(NULL, reply, &have, &e), -1);
	ck_assert_str_eq(e.code, "UnreadableReply");
	json_decref(reply);
	json_decref(have);
}
END_TEST

START_TEST(test_zone)
{
	struct node n;

	look_at(&n, &kind_hosted_zone, WANT_ZONE, zones[_i].body, SERVERS,
	    zones[_i].tags);
	ck_state(&n, zones[_i].state);
	if (zones[_i].id != NULL) {
		ck_assert_str_eq(tree_str(n.have, "Id"), zones[_i].id);
		ck_assert_uint_eq(tree_count(n.have, "NameServers"), 2);
		ck_read(n.kind, &n.kind->detail, &n,
		    strcmp(zones[_i].id, "Z1") == 0
			? "GET /2013-04-01/hostedzone/Z1\n"
			: "GET /2013-04-01/hostedzone/Z2\n");
	}
	ck_read(n.kind, &n.kind->look, &n,
	    "GET /2013-04-01/hostedzonesbyname?dnsname=example.com.\n");
	if (n.state == NODE_ABSENT)
		ck_step(&n, "CreateHostedZone",
		    "POST /2013-04-01/hostedzone\n<CreateHostedZoneRequest" NS
		    "><Name>example.com.</Name><CallerReference>"
		    "drd:shop:zone:0123456789abcdef</CallerReference>"
		    "</CreateHostedZoneRequest>");
	if (n.state == NODE_DRIFTED)
		ck_step(&n, "ChangeTagsForResource",
		    "POST /2013-04-01/tags/hostedzone/Z1\n"
		    "<ChangeTagsForResourceRequest" NS "><AddTags><Tag><Key>"
		    "Name</Key><Value>n</Value></Tag><Tag><Key>drd:stack</Key>"
		    "<Value>shop</Value></Tag><Tag><Key>drd:owner</Key><Value>"
		    "drd</Value></Tag></AddTags>"
		    "</ChangeTagsForResourceRequest>");
	node_reset(&n);
}
END_TEST

/* Records may go into a zone that somebody else keeps. */
START_TEST(test_zone_that_is_observed)
{
	struct node n;

	look_at(&n, &kind_hosted_zone, "{\"Name\":\"example.com.\"}",
	    ZONES(ZONE("Z1", "example.com.", "r", "false")), SERVERS, NULL);
	n.policy = POLICY_OBSERVE;
	judge_node(&n);
	ck_state(&n, NODE_CLEAN);
	node_reset(&n);
}
END_TEST

START_TEST(test_two_zones_that_could_be_it)
{
	json_t *want = json_of(WANT_ZONE), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(take(&kind_hosted_zone, &kind_hosted_zone.look, want,
			     ZONES(ZONE("Z1", "example.com.", "r", "false")
				     ZONE("Z2", "example.com.", "s", "false")),
			     &have, &e),
	    -1);
	ck_assert_str_eq(e.code, "Ambiguous");
	ck_assert_ptr_null(have);
	ck_assert_int_eq(
	    take(&kind_hosted_zone, &kind_hosted_zone.look, want,
		ZONES(ZONE("Z1", "example.com.", "drd:shop:zone:1", "false")
			ZONE("Z2", "example.com.", "drd:shop:zone:2", "false")),
		&have, &e),
	    -1);
	json_decref(want);
}
END_TEST

START_TEST(test_zone_pages)
{
	json_t *input = json_of("{\"DNSName\":\"Example.com\"}");
	json_t *same = json_of("{\"NextDNSName\":\"example.com.\"}");
	json_t *past = json_of("{\"NextDNSName\":\"example.net.\"}");

	ck_assert(!kind_hosted_zone.look.enough(input, same));
	ck_assert(kind_hosted_zone.look.enough(input, past));
	json_decref(input);
	json_decref(same);
	json_decref(past);
}
END_TEST

/* --- health-check ------------------------------------------------------- */

#define CHECK_OF(reference, more, threshold)                               \
	"<HealthCheck><Id>11111111-2222</Id><CallerReference>" reference   \
	"</CallerReference><HealthCheckConfig><Port>80</Port><Type>HTTP</" \
	"Type>"                                                            \
	"<ResourcePath>/health</ResourcePath><FullyQualifiedDomainName>"   \
	"alb.example</FullyQualifiedDomainName><RequestInterval>30"        \
	"</RequestInterval><FailureThreshold>" threshold                   \
	"</FailureThreshold><MeasureLatency>false</MeasureLatency>" more   \
	"</HealthCheckConfig><HealthCheckVersion>7</HealthCheckVersion>"   \
	"</HealthCheck>"
#define CHECKS(items)                                                      \
	"<ListHealthChecksResponse" NS "><HealthChecks>" items             \
	"</HealthChecks><Marker></Marker><IsTruncated>false</IsTruncated>" \
	"<MaxItems>100</MaxItems></ListHealthChecksResponse>"
#define WANT_CONFIG                                                            \
	"\"Type\":\"HTTP\",\"Port\":80,\"ResourcePath\":\"/health\","          \
	"\"FullyQualifiedDomainName\":\"alb.example\",\"RequestInterval\":30," \
	"\"FailureThreshold\":3,\"MeasureLatency\":false,\"Inverted\":false,"  \
	"\"Disabled\":false,\"EnableSNI\":false"
#define WANT_CHECK \
	"{\"CallerReference\":\"drd:shop:primary:\"," WANT_CONFIG "," TAGS "}"
#define OURS_REF "drd:shop:primary:1"

static const struct {
	const char *body;
	enum node_state state;
	const char *why;
} checks[] = {
	{ CHECKS(""), NODE_ABSENT, "not there" },
	{ CHECKS(CHECK_OF("drd:shop:standby:1", "", "3")
		  CHECK_OF("drd:shop2:primary:1", "", "3")),
	    NODE_ABSENT, "not there" },
	{ CHECKS(CHECK_OF("x", "", "3") CHECK_OF(OURS_REF, "", "3")),
	    NODE_CLEAN, "as wanted" },
	{ CHECKS(CHECK_OF(OURS_REF,
	      "<Inverted>false</Inverted><Disabled>true</Disabled>", "3")),
	    NODE_DRIFTED, "Disabled" },
	{ CHECKS(CHECK_OF(OURS_REF, "", "5")), NODE_DRIFTED,
	    "FailureThreshold" },
};

START_TEST(test_check)
{
	struct node n;

	look_at(&n, &kind_health_check, WANT_CHECK, checks[_i].body, NULL,
	    OUR_TAGS);
	ck_state(&n, checks[_i].state);
	ck_assert_str_eq(n.why, checks[_i].why);
	ck_read(n.kind, &n.kind->look, &n, "GET /2013-04-01/healthcheck\n");
	if (n.state == NODE_ABSENT)
		ck_step(&n, "CreateHealthCheck",
		    "POST /2013-04-01/healthcheck\n<CreateHealthCheckRequest" NS
		    "><CallerReference>drd:shop:primary:0123456789abcdef"
		    "</CallerReference><HealthCheckConfig><Port>80</Port><Type>"
		    "HTTP</Type><ResourcePath>/health</ResourcePath>"
		    "<FullyQualifiedDomainName>alb.example"
		    "</FullyQualifiedDomainName><RequestInterval>30"
		    "</RequestInterval><FailureThreshold>3</FailureThreshold>"
		    "<MeasureLatency>false</MeasureLatency><Inverted>false"
		    "</Inverted><Disabled>false</Disabled><EnableSNI>false"
		    "</EnableSNI></HealthCheckConfig>"
		    "</CreateHealthCheckRequest>");
	/* With the version that was read, or it could undo a change. */
	if (n.state == NODE_DRIFTED)
		ck_step(&n, "UpdateHealthCheck",
		    "POST /2013-04-01/healthcheck/11111111-2222\n"
		    "<UpdateHealthCheckRequest" NS "><HealthCheckVersion>7"
		    "</HealthCheckVersion><Port>80</Port><ResourcePath>/health"
		    "</ResourcePath><FullyQualifiedDomainName>alb.example"
		    "</FullyQualifiedDomainName><FailureThreshold>3"
		    "</FailureThreshold><Inverted>false</Inverted><Disabled>"
		    "false</Disabled><EnableSNI>false</EnableSNI>"
		    "</UpdateHealthCheckRequest>");
	node_reset(&n);
}
END_TEST

START_TEST(test_check_that_cannot_be_changed)
{
	struct node n;

	look_at(&n, &kind_health_check,
	    "{\"CallerReference\":\"drd:shop:primary:\",\"Type\":"
	    "\"HTTPS\"," TAGS "}",
	    CHECKS(CHECK_OF(OURS_REF, "", "3")), NULL, OUR_TAGS);
	ck_state(&n, NODE_FAILED);
	ck_assert_str_eq(n.error.code, "Unchangeable");
	ck_assert_ptr_nonnull(strstr(n.error.text, "Type differs"));
	node_reset(&n);
}
END_TEST

static const struct {
	const char *tags;
	enum node_state state;
} claims[] = {
	{ TAG_SET(""), NODE_DRIFTED },
	{ TAG_SET(TAG("drd:stack", "other")), NODE_FOREIGN },
	{ TAG_SET(TAG("drd:stack", "shop") TAG("drd:owner", "sandbox")),
	    NODE_FOREIGN },
};

START_TEST(test_check_and_its_tags)
{
	struct node n;

	look_at(&n, &kind_health_check, WANT_CHECK,
	    CHECKS(CHECK_OF(OURS_REF, "", "3")), NULL, claims[_i].tags);
	ck_state(&n, claims[_i].state);
	ck_read(n.kind, &n.kind->tags, &n,
	    "GET /2013-04-01/tags/healthcheck/11111111-2222\n");
	node_reset(&n);
}
END_TEST

START_TEST(test_two_checks_that_claim_to_be_it)
{
	json_t *want = json_of(WANT_CHECK), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(take(&kind_health_check, &kind_health_check.look, want,
			     CHECKS(CHECK_OF(OURS_REF, "", "3")
				     CHECK_OF("drd:shop:primary:2", "", "3")),
			     &have, &e),
	    -1);
	ck_assert_str_eq(e.code, "Ambiguous");
	json_decref(have);
	json_decref(want);
}
END_TEST

/* --- one stack's environments ------------------------------------------ */

#define PROD	"3e3174-" /* a hash of "prod" */
#define STAGING "d76926-"
#define PROD_TAGS                                                          \
	"\"Tags\":{\"Name\":\"n\",\"Environment\":\"prod\",\"drd:stack\":" \
	"\"shop\",\"drd:owner\":\"drd\"}"
#define SHOP TAG("drd:stack", "shop") TAG("drd:owner", "drd")
#define REF  "drd:shop:primary:"
#define OLD  REF "0123456789abcdef"

static const struct {
	const char *body;
	const char *tags;
	enum node_state state;
} environments[] = {
	/* Made by us and not tagged yet. */
	{ CHECKS(CHECK_OF(REF PROD "0123456789abcdef", "", "3")), TAG_SET(""),
	    NODE_DRIFTED },
	/* Another's is none, and ours may be made beside it. */
	{ CHECKS(CHECK_OF(REF STAGING "012345678", "", "3")), NULL,
	    NODE_ABSENT },
	/* An old reference tells the stack alone, and the tags the rest. */
	{ CHECKS(CHECK_OF(OLD, "", "3")),
	    TAG_SET(SHOP TAG("Environment", "prod") TAG("Name", "n")),
	    NODE_CLEAN },
	{ CHECKS(CHECK_OF(OLD, "", "3")), TAG_SET(TAG("Environment", "prod")),
	    NODE_DRIFTED },
	{ CHECKS(CHECK_OF(OLD, "", "3")), TAG_SET(SHOP), NODE_DRIFTED },
	{ CHECKS(CHECK_OF(OLD, "", "3")), TAG_SET(""), NODE_FOREIGN },
	{ CHECKS(CHECK_OF(OLD, "", "3")),
	    TAG_SET(SHOP TAG("Environment", "staging")), NODE_FOREIGN },
	{ CHECKS(CHECK_OF(OLD, "", "3")), TAG_SET(SHOP TAG("Name", "other")),
	    NODE_FOREIGN },
	/* Ours for sure goes before what only may be. */
	{ CHECKS(CHECK_OF(OLD, "", "5") CHECK_OF(REF PROD "012345678", "", "3")
		  CHECK_OF(OLD, "", "5")),
	    TAG_SET(SHOP TAG("Environment", "prod") TAG("Name", "n")),
	    NODE_CLEAN },
};

START_TEST(test_check_of_an_environment)
{
	struct node n;

	look_at(&n, &kind_health_check,
	    "{\"CallerReference\":\"" REF "\"," WANT_CONFIG "," PROD_TAGS "}",
	    environments[_i].body, NULL, environments[_i].tags);
	ck_state(&n, environments[_i].state);
	if (n.state == NODE_FOREIGN && strstr(n.error.text, "staging") != NULL)
		ck_assert_str_eq(n.error.text,
		    "not ours: tag drd:stack is shop, drd:owner is drd, "
		    "Environment is staging; left alone: give one of the two "
		    "stacks another name or owner, or let drd only observe it");
	judge_removal(&n);
	ck_assert_int_eq(n.state,
	    environments[_i].state == NODE_FOREIGN	? NODE_FOREIGN
		: environments[_i].state == NODE_ABSENT ? NODE_GONE
							: NODE_DOOMED);
	node_reset(&n);
}
END_TEST

/* As long as one without: Route 53 takes 64 characters. */
START_TEST(test_reference_of_an_environment)
{
	json_t *want =
	    json_of("{\"CallerReference\":\"" REF "\"," PROD_TAGS "}");
	json_t *input =
	    kind_health_check.steps->input(want, NULL, "0123456789abcdef");

	ck_assert_str_eq(
	    tree_str(input, "CallerReference"), REF PROD "012345678");
	json_decref(input);
	json_decref(want);
}
END_TEST

/* Somebody else's zone is in the way: there are not two of a name. */
START_TEST(test_zone_of_another_environment)
{
	static const char *const references[] = { "drd:shop:zone:1",
		"drd:shop:zone:" STAGING "1" };
	struct node n;
	char *body;

	body = mem_printf(
	    ZONES(ZONE("Z1", "example.com.", "%s", "false")), references[_i]);
	look_at(&n, &kind_hosted_zone,
	    "{\"Name\":\"example.com.\",\"CallerReference\":\"drd:shop:zone:"
	    "\"," PROD_TAGS "}",
	    body, SERVERS, TAG_SET(SHOP TAG("Environment", "staging")));
	free(body);
	n.adopt = true;
	judge_node(&n);
	ck_state(&n, NODE_FOREIGN);
	ck_assert_ptr_nonnull(strstr(n.error.text, "Environment is staging"));
	node_reset(&n);
}
END_TEST

/* Somebody else's check is known by what it checks. */
START_TEST(test_check_that_is_observed)
{
	struct node n;

	look_at(&n, &kind_health_check, "{" WANT_CONFIG "}",
	    CHECKS(CHECK_OF("theirs", "", "2")), NULL, NULL);
	n.policy = POLICY_OBSERVE;
	judge_node(&n);
	ck_state(&n, NODE_DRIFTED);
	ck_assert_str_eq(n.why, "FailureThreshold");
	node_reset(&n);
}
END_TEST

static const struct {
	const struct kind *kind;
	const char *input;
	const char *request;
} next_pages[] = {
	{ &kind_health_check, "{\"Marker\":\"m/1\"}",
	    "GET /2013-04-01/healthcheck?marker=m%2F1\n" },
	{ &kind_hosted_zone,
	    "{\"DNSName\":\"b.example.\",\"HostedZoneId\":\"Z2\"}",
	    "GET /2013-04-01/hostedzonesbyname?dnsname=b.example."
	    "&hostedzoneid=Z2\n" },
	{ &kind_record,
	    "{\"HostedZoneId\":\"Z1\",\"Name\":\"b.\",\"Type\":\"A\","
	    "\"Identifier\":\"i\"}",
	    "GET /2013-04-01/hostedzone/Z1/rrset?name=b.&type=A"
	    "&identifier=i\n" },
};

/* What kind_page.to names is where the template puts it. */
START_TEST(test_next_page)
{
	const struct kind_read *look = &next_pages[_i].kind->look;
	json_t *input = json_of(next_pages[_i].input);
	const struct kind_page *page;
	char *s;

	for (page = look->pages; page->from != NULL; page++)
		ck_assert_ptr_nonnull(json_object_get(input, page->to));
	s = request_of(
	    next_pages[_i].kind, look->operation, look->template, input);
	ck_assert_str_eq(s, next_pages[_i].request);
	free(s);
}
END_TEST

/* --- record ------------------------------------------------------------- */

#define RECORD_OF(name, type, set, failover, target)                    \
	"<ResourceRecordSet><Name>" name "</Name><Type>" type           \
	"</Type>" set failover                                          \
	"<AliasTarget><HostedZoneId>Z35</HostedZoneId><DNSName>" target \
	"</DNSName><EvaluateTargetHealth>true</EvaluateTargetHealth>"   \
	"</AliasTarget><HealthCheckId>h1</HealthCheckId></ResourceRecordSet>"
#define SET(id)	     "<SetIdentifier>" id "</SetIdentifier>"
#define FAILOVER(is) "<Failover>" is "</Failover>"
#define RECORDS(items)                                                       \
	"<ListResourceRecordSetsResponse" NS "><ResourceRecordSets>" items   \
	"</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>300" \
	"</MaxItems></ListResourceRecordSetsResponse>"
#define OUR_RECORD(target)                                          \
	RECORD_OF("app.example.com.", "A", SET("drd:shop:primary"), \
	    FAILOVER("PRIMARY"), target)
#define SIBLING                                                     \
	RECORD_OF("app.example.com.", "A", SET("drd:shop:standby"), \
	    FAILOVER("SECONDARY"), "alb2.example.")
#define WANT_TARGET                                                           \
	"\"HostedZoneId\":\"Z1\",\"Name\":\"app.example.com.\",\"Type\":"     \
	"\"A\",\"Failover\":\"PRIMARY\",\"AliasTarget\":{\"HostedZoneId\":"   \
	"\"Z35\",\"DNSName\":\"alb.example\",\"EvaluateTargetHealth\":true}," \
	"\"HealthCheckId\":\"h1\""
#define WANT_RECORD "{" WANT_TARGET ",\"SetIdentifier\":\"drd:shop:primary\"}"

static const struct {
	const char *body;
	enum node_state state;
} records[] = {
	{ RECORDS(""), NODE_ABSENT },
	{ RECORDS(SIBLING), NODE_ABSENT },
	{ RECORDS(RECORD_OF("app.example.com.", "AAAA", "", "", "x.")),
	    NODE_ABSENT },
	{ RECORDS(RECORD_OF("apq.example.com.", "A", "", "", "x.")),
	    NODE_ABSENT },
	{ RECORDS(SIBLING OUR_RECORD("alb.example.")), NODE_CLEAN },
	{ RECORDS(OUR_RECORD("ALB.Example")), NODE_CLEAN },
	{ RECORDS(OUR_RECORD("evil.example.")), NODE_DRIFTED },
	/* A simple record, a stranger's failover record, another stack's. */
	{ RECORDS(RECORD_OF("APP.example.com.", "A", "", "", "x.")),
	    NODE_FOREIGN },
	{ RECORDS(RECORD_OF(
	      "app.example.com.", "A", SET("blue"), FAILOVER("PRIMARY"), "x.")),
	    NODE_FOREIGN },
	{ RECORDS(RECORD_OF("app.example.com.", "A", SET("drd:shop2:primary"),
	      FAILOVER("PRIMARY"), "alb.example.")),
	    NODE_FOREIGN },
};

#define CHANGE(action)                                                         \
	"POST /2013-04-01/hostedzone/Z1/rrset/\n"                              \
	"<ChangeResourceRecordSetsRequest" NS                                  \
	"><ChangeBatch><Changes><Change>"                                      \
	"<Action>" action "</Action><ResourceRecordSet><Name>app.example.com." \
	"</Name><Type>A</Type><SetIdentifier>drd:shop:primary</SetIdentifier>" \
	"<Failover>PRIMARY</Failover><AliasTarget><HostedZoneId>Z35"           \
	"</HostedZoneId><DNSName>alb.example</DNSName><EvaluateTargetHealth>"  \
	"true</EvaluateTargetHealth></AliasTarget><HealthCheckId>h1"           \
	"</HealthCheckId></ResourceRecordSet></Change></Changes></"            \
	"ChangeBatch>"                                                         \
	"</ChangeResourceRecordSetsRequest>"

START_TEST(test_record)
{
	struct node n;

	look_at(&n, &kind_record, WANT_RECORD, records[_i].body, NULL, NULL);
	ck_state(&n, records[_i].state);
	ck_read(n.kind, &n.kind->look, &n,
	    "GET /2013-04-01/hostedzone/Z1/rrset?name=app.example.com."
	    "&type=A\n");
	if (n.state == NODE_ABSENT)
		ck_step(&n, "ChangeResourceRecordSets", CHANGE("CREATE"));
	if (n.state == NODE_DRIFTED)
		ck_step(&n, "ChangeResourceRecordSets", CHANGE("UPSERT"));
	node_reset(&n);
}
END_TEST

#define IN_BATCH(action, set, failover, target)                         \
	"<Change><Action>" action "</Action><ResourceRecordSet><Name>"  \
	"app.example.com.</Name><Type>A</Type>" SET("drd:shop:" set)    \
	    FAILOVER(failover) "<AliasTarget><HostedZoneId>Z35</"       \
			       "HostedZoneId><DNSName>" target          \
			       "</DNSName><EvaluateTargetHealth>true</" \
			       "EvaluateTargetHealth>"                  \
			       "</AliasTarget><HealthCheckId>h1</"      \
			       "HealthCheckId></ResourceRecordSet>"     \
			       "</Change>"

/* Neither can go back alone: there would be two of a side. */
START_TEST(test_records_that_have_changed_sides)
{
	struct node n;

	look_at(&n, &kind_record, WANT_RECORD,
	    RECORDS(RECORD_OF("app.example.com.", "A", SET("drd:shop:primary"),
		FAILOVER("SECONDARY"), "alb.example.")
		    RECORD_OF("app.example.com.", "A", SET("drd:shop:standby"),
			FAILOVER("PRIMARY"), "alb2.example.")),
	    NULL, NULL);
	ck_state(&n, NODE_DRIFTED);
	ck_step(&n, "ChangeResourceRecordSets",
	    "POST /2013-04-01/hostedzone/Z1/rrset/\n"
	    "<ChangeResourceRecordSetsRequest" NS
	    "><ChangeBatch><Changes>" IN_BATCH("DELETE", "standby", "PRIMARY",
		"alb2.example") IN_BATCH("UPSERT", "primary", "PRIMARY",
		"alb.example") IN_BATCH("CREATE", "standby", "SECONDARY",
		"alb2.example") "</Changes></ChangeBatch></"
				"ChangeResourceRecordSetsRequest>");
	node_reset(&n);
}
END_TEST

/* A create would make a second PRIMARY, which Route 53 refuses. */
START_TEST(test_record_whose_side_is_taken)
{
	struct node n;

	look_at(&n, &kind_record, WANT_RECORD,
	    RECORDS(RECORD_OF("app.example.com.", "A", SET("drd:shop:standby"),
		FAILOVER("PRIMARY"), "alb2.example.")),
	    NULL, NULL);
	ck_state(&n, NODE_DRIFTED);
	ck_step(&n, "ChangeResourceRecordSets",
	    "POST /2013-04-01/hostedzone/Z1/rrset/\n"
	    "<ChangeResourceRecordSetsRequest" NS
	    "><ChangeBatch><Changes>" IN_BATCH("DELETE", "standby", "PRIMARY",
		"alb2.example") IN_BATCH("UPSERT", "primary", "PRIMARY",
		"alb.example") IN_BATCH("CREATE", "standby", "SECONDARY",
		"alb2.example") "</Changes></ChangeBatch></"
				"ChangeResourceRecordSetsRequest>");
	/* Before a removal it waits until the sibling is gone. */
	judge_removal(&n);
	ck_assert_int_eq(n.state, NODE_DOOMED);
	ck_assert_ptr_null(judge_removal_step(&n));
	node_reset(&n);
}
END_TEST

/* --- one stack's environments, again ------------------------------------ */

#define PROD_RECORD                                                  \
	"{" WANT_TARGET ",\"SetIdentifier\":\"drd:shop:prod:primary" \
	"\",\"OldSetIdentifier\":\"drd:shop:primary\"}"
#define SET_OF(id, failover, target) \
	RECORD_OF("app.example.com.", "A", SET(id), FAILOVER(failover), target)
#define FOLLOWING(check, id, failover, target)                                \
	"<ResourceRecordSet><Name>app.example.com.</Name><Type>A</Type>" SET( \
	    id) FAILOVER(failover) "<AliasTarget><HostedZoneId>Z35</"         \
				   "HostedZoneId><DNSName>" target            \
				   "</DNSName><EvaluateTargetHealth>true</"   \
				   "EvaluateTargetHealth></AliasTarget>"      \
				   "<HealthCheckId>" check                    \
				   "</HealthCheckId></ResourceRecordSet>"

static const struct {
	const char *body;
	enum node_state state;
} sets[] = {
	{ RECORDS(SET_OF("drd:shop:prod:primary", "PRIMARY", "alb.example.")
		  SET_OF("drd:shop:prod:standby", "SECONDARY", "x.")),
	    NODE_CLEAN },
	{ RECORDS(SET_OF("drd:shop:staging:primary", "PRIMARY", "x.")),
	    NODE_FOREIGN },
	{ RECORDS(SET_OF("drd:shop:staging:standby", "SECONDARY", "x.")),
	    NODE_FOREIGN },
	/* An old identifier: by what it follows, or where it leads. */
	{ RECORDS(
	      SET_OF("drd:shop:primary", "PRIMARY", "alb.example.") SIBLING),
	    NODE_CLEAN },
	{ RECORDS(SET_OF("drd:shop:primary", "PRIMARY", "evil.example.")),
	    NODE_DRIFTED },
	{ RECORDS(
	      FOLLOWING("h9", "drd:shop:primary", "PRIMARY", "alb.example.")),
	    NODE_DRIFTED },
	{ RECORDS(FOLLOWING("h9", "drd:shop:primary", "PRIMARY", "x.") SIBLING),
	    NODE_FOREIGN },
	/* Ours is gone; the sibling may be another's only if it has moved. */
	{ RECORDS(SIBLING), NODE_ABSENT },
	{ RECORDS(FOLLOWING("h9", "drd:shop:standby", "PRIMARY", "x.")),
	    NODE_FOREIGN },
};

START_TEST(test_record_of_an_environment)
{
	struct node n;

	look_at(&n, &kind_record, PROD_RECORD, sets[_i].body, NULL, NULL);
	ck_state(&n, sets[_i].state);
	/* An identifier cannot be changed. */
	if (n.state == NODE_DRIFTED)
		ck_step(&n, "ChangeResourceRecordSets", CHANGE("UPSERT"));
	node_reset(&n);
}
END_TEST

START_TEST(test_record_that_is_observed)
{
	struct node n;

	look_at(&n, &kind_record, "{" WANT_TARGET "}",
	    RECORDS(RECORD_OF("app.example.com.", "A", SET("tf-2"),
		FAILOVER("SECONDARY"), "alb2.example.")
		    RECORD_OF("app.example.com.", "A", SET("tf-1"),
			FAILOVER("PRIMARY"), "alb.example.")),
	    NULL, NULL);
	n.policy = POLICY_OBSERVE;
	judge_node(&n);
	ck_state(&n, NODE_CLEAN);
	ck_assert_str_eq(tree_str(n.have, "SetIdentifier"), "tf-1");
	node_reset(&n);
}
END_TEST

START_TEST(test_record_pages)
{
	json_t *input = json_of("{\"Name\":\"a.example.\",\"Type\":\"A\"}");
	json_t *same = json_of("{\"NextRecordName\":\"a.example.\","
			       "\"NextRecordType\":\"A\"}");
	json_t *type = json_of("{\"NextRecordName\":\"a.example.\","
			       "\"NextRecordType\":\"AAAA\"}");
	json_t *name = json_of("{\"NextRecordName\":\"b.example.\","
			       "\"NextRecordType\":\"A\"}");

	ck_assert(!kind_record.look.enough(input, same));
	ck_assert(kind_record.look.enough(input, type));
	ck_assert(kind_record.look.enough(input, name));
	json_decref(input);
	json_decref(same);
	json_decref(type);
	json_decref(name);
}
END_TEST

#define N(table) (int)(sizeof(table) / sizeof((table)[0]))

int
main(void)
{
	Suite *suite = suite_create("stack_route53");
	TCase *t = tcase_create("route53");
	SRunner *runner;
	int failed;

	tcase_add_test(t, test_zone_that_is_not_told);
	tcase_add_loop_test(t, test_zone, 0, N(zones));
	tcase_add_test(t, test_zone_that_is_observed);
	tcase_add_test(t, test_two_zones_that_could_be_it);
	tcase_add_test(t, test_zone_pages);
	tcase_add_loop_test(t, test_check, 0, N(checks));
	tcase_add_test(t, test_check_that_cannot_be_changed);
	tcase_add_loop_test(t, test_check_and_its_tags, 0, N(claims));
	tcase_add_test(t, test_two_checks_that_claim_to_be_it);
	tcase_add_loop_test(
	    t, test_check_of_an_environment, 0, N(environments));
	tcase_add_test(t, test_reference_of_an_environment);
	tcase_add_loop_test(t, test_zone_of_another_environment, 0, 2);
	tcase_add_test(t, test_check_that_is_observed);
	tcase_add_loop_test(t, test_record, 0, N(records));
	tcase_add_test(t, test_records_that_have_changed_sides);
	tcase_add_test(t, test_record_whose_side_is_taken);
	tcase_add_loop_test(t, test_record_of_an_environment, 0, N(sets));
	tcase_add_test(t, test_record_that_is_observed);
	tcase_add_test(t, test_record_pages);
	tcase_add_loop_test(t, test_next_page, 0, N(next_pages));
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
