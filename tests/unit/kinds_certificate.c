/* SPDX-License-Identifier: MIT
 *
 * A certificate, the record that proves its domain, and its issue.
 */
#include "stack_wire.h"

#define N(table)  (sizeof(table) / sizeof((table)[0]))

#define ARN(id)	  "arn:aws:acm:us-east-1:123456789012:certificate/" id
#define DOMAIN	  "app.example.com"
#define ZONE_PATH "/2013-04-01/hostedzone/Z1/rrset"
#define XMLNS	  " xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\""

static void
ck_removal(const struct node *n, const char *request)
{
	const struct kind_step *step = n->kind->removal;
	char *s;

	s = request_of(n->kind, step->operation, step->template,
	    step->input(n->wanted, n->have, "0123456789abcdef"));
	ck_assert_str_eq(s, request);
	free(s);
}

static void
ck_unreadable(const struct kind *kind, const struct kind_read *read,
    const char *want, const char *body)
{
	json_t *wanted = json_of(want), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(take(kind, read, wanted, body, &have, &e), -1);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	ck_assert_ptr_null(have);
	json_decref(wanted);
}

/* --- certificate -------------------------------------------------------- */

#define LISTED_AS(id, domain, status, type)                            \
	"{\"CertificateArn\":\"" ARN(id) "\",\"DomainName\":\"" domain \
					 "\",\"Status\":\"" status     \
					 "\",\"Type\":\"" type "\"}"
#define LISTED(id, status) LISTED_AS(id, DOMAIN, status, "AMAZON_ISSUED")
#define LIST(items)	   "{\"CertificateSummaryList\":[" items "]}"
#define DETAIL(id, status, rest)                                        \
	"{\"Certificate\":{\"CertificateArn\":\"" ARN(                  \
	    id) "\",\"DomainName\":\"" DOMAIN "\",\"Status\":\"" status \
		"\"" rest "}}"
#define PROOF                                                             \
	",\"DomainValidationOptions\":[{\"DomainName\":\"" DOMAIN         \
	"\",\"ResourceRecord\":{\"Name\":\"_A1.App.example.com.\",\"Type" \
	"\":\"CNAME\",\"Value\":\"_B2.acm-validations.aws.\"}}]"
#define NO_PROOF \
	",\"DomainValidationOptions\":[{\"DomainName\":\"" DOMAIN "\"}]"
#define TAG(key, value)	  "{\"Key\":\"" key "\",\"Value\":\"" value "\"}"
#define TAGS_REPLY(items) "{\"Tags\":[" items "]}"
#define OUR_TAGS                                                          \
	TAGS_REPLY(TAG("Name", "n") "," TAG("drd:stack", "shop") "," TAG( \
	    "drd:owner", "drd"))
#define HALF_TAGS \
	TAGS_REPLY(TAG("drd:stack", "shop") "," TAG("drd:owner", "drd"))
#define TAGS_SENT                                                           \
	"\"Tags\":[" TAG("Name", "n") "," TAG("drd:stack", "shop") "," TAG( \
	    "drd:owner", "drd") "]"
#define WANT_CERTIFICATE "{\"DomainName\":\"" DOMAIN "\"," TAGS "}"

static const struct {
	const char *list;
	const char *arn; /* the one that is found; NULL: none */
} lists[] = {
	{ LIST(""), NULL },
	{ LIST(LISTED("1", "ISSUED")), ARN("1") },
	{ LIST(LISTED("1", "PENDING_VALIDATION")), ARN("1") },
	/* For another domain; not ACM's own. */
	{ LIST(LISTED_AS("1", "example.com", "ISSUED", "AMAZON_ISSUED")),
	    NULL },
	{ LIST(LISTED_AS("1", DOMAIN, "ISSUED", "IMPORTED")), NULL },
	{ LIST(LISTED_AS("1", DOMAIN, "ISSUED", "PRIVATE")), NULL },
	/* The dead do not count beside the living, ... */
	{ LIST(LISTED("1", "FAILED") "," LISTED("2", "ISSUED") "," LISTED_AS(
	      "3", "x.example.com", "ISSUED", "AMAZON_ISSUED")),
	    ARN("2") },
	{ LIST(LISTED("2", "PENDING_VALIDATION") "," LISTED("1", "EXPIRED")),
	    ARN("2") },
	{ LIST(LISTED("1", "EXPIRED") "," LISTED(
	      "3", "VALIDATION_TIMED_OUT") "," LISTED("2", "ISSUED")),
	    ARN("2") },
	{ LIST(LISTED("2", "ISSUED") "," LISTED("1", "EXPIRED") "," LISTED(
	      "3", "EXPIRED")),
	    ARN("2") },
	/* ... but one alone is not forgotten. */
	{ LIST(LISTED("1", "VALIDATION_TIMED_OUT")), ARN("1") },
};

START_TEST(test_listing)
{
	json_t *want = json_of(WANT_CERTIFICATE), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(take(&kind_certificate, &kind_certificate.look, want,
			     lists[_i].list, &have, &e),
	    0);
	if (lists[_i].arn == NULL)
		ck_assert_ptr_null(have);
	else
		ck_assert_str_eq(
		    tree_str(have, "CertificateArn"), lists[_i].arn);
	json_decref(have);
	json_decref(want);
}
END_TEST

static const char *const twins[] = {
	LIST(LISTED("1", "ISSUED") "," LISTED("2", "PENDING_VALIDATION")),
	LIST(LISTED("1", "EXPIRED") "," LISTED("2", "FAILED")),
	LIST(LISTED("3", "EXPIRED") "," LISTED("1", "ISSUED") "," LISTED(
	    "2", "ISSUED")),
};

START_TEST(test_listing_of_two)
{
	json_t *want = json_of(WANT_CERTIFICATE), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(take(&kind_certificate, &kind_certificate.look, want,
			     twins[_i], &have, &e),
	    -1);
	ck_assert_str_eq(e.code, "Ambiguous");
	ck_assert_ptr_nonnull(strstr(e.text, ARN("1")));
	ck_assert_ptr_nonnull(strstr(e.text, ARN("2")));
	json_decref(want);
}
END_TEST

static const struct {
	const char *detail;
	const char *tags;
	enum node_state state;
	const char *what; /* of the node: why, or the error's code */
	const char *operation;
	const char *request;
} certificates[] = {
	{ DETAIL("1", "ISSUED", PROOF), OUR_TAGS, NODE_CLEAN, "as wanted", NULL,
	    NULL },
	{ DETAIL("1", "ISSUED", PROOF), HALF_TAGS, NODE_DRIFTED, "Tags",
	    "AddTagsToCertificate",
	    "POST /\n{\"CertificateArn\":\"" ARN("1") "\"," TAGS_SENT "}" },
	{ DETAIL("1", "ISSUED", PROOF), TAGS_REPLY(""), NODE_FOREIGN, "Foreign",
	    NULL, NULL },
};

START_TEST(test_certificate)
{
	struct node n;

	look_at(&n, &kind_certificate, WANT_CERTIFICATE,
	    LIST(LISTED("1", "ISSUED")), certificates[_i].detail,
	    certificates[_i].tags);
	ck_state(&n, certificates[_i].state);
	ck_assert_str_eq(n.error.code[0] != '\0' ? n.error.code : n.why,
	    certificates[_i].what);
	if (certificates[_i].operation != NULL)
		ck_step(
		    &n, certificates[_i].operation, certificates[_i].request);
	ck_read(n.kind, &n.kind->look, &n, "POST /\n{\"MaxItems\":1000}");
	ck_read(n.kind, &n.kind->detail, &n,
	    "POST /\n{\"CertificateArn\":\"" ARN("1") "\"}");
	ck_read(n.kind, &n.kind->tags, &n,
	    "POST /\n{\"CertificateArn\":\"" ARN("1") "\"}");
	ck_removal(&n, "POST /\n{\"CertificateArn\":\"" ARN("1") "\"}");
	/* What the record is made of. */
	ck_assert_str_eq(
	    tree_str(n.have, "ResourceRecord.Name"), "_a1.app.example.com.");
	ck_assert_str_eq(tree_str(n.have, "ResourceRecord.Value"),
	    "_b2.acm-validations.aws.");
	node_reset(&n);
}
END_TEST

START_TEST(test_certificate_is_requested)
{
	struct node n;

	look_at(&n, &kind_certificate, WANT_CERTIFICATE, LIST(""), NULL, NULL);
	ck_state(&n, NODE_ABSENT);
	ck_step(&n, "RequestCertificate",
	    "POST /\n{\"DomainName\":\"" DOMAIN
	    "\",\"IdempotencyToken\":\"0123456789abcdef\"," TAGS_SENT
	    ",\"ValidationMethod\":\"DNS\"}");
	node_reset(&n);
}
END_TEST

static const struct {
	const struct kind *kind;
	const char *detail;
	enum error_class class;
	const char *text; /* a part of it */
} landings[] = {
	{ &kind_certificate, DETAIL("1", "PENDING_VALIDATION", ""), ERROR_AGAIN,
	    "not said yet which record" },
	{ &kind_certificate, DETAIL("1", "PENDING_VALIDATION", NO_PROOF),
	    ERROR_AGAIN, "not said yet which record" },
	{ &kind_certificate, DETAIL("1", "PENDING_VALIDATION", PROOF),
	    ERROR_NONE, "" },
	{ &kind_certificate, DETAIL("1", "ISSUED", PROOF), ERROR_NONE, "" },
	{ &kind_certificate, DETAIL("1", "ISSUED", NO_PROOF), ERROR_BROKEN,
	    "was not validated by DNS" },
	{ &kind_certificate,
	    DETAIL("1", "FAILED", PROOF ",\"FailureReason\":\"CAA_ERROR\""),
	    ERROR_BROKEN,
	    "certificate/1 is FAILED: CAA_ERROR, and that is "
	    "final" },
	{ &kind_certificate_issued, DETAIL("1", "PENDING_VALIDATION", PROOF),
	    ERROR_AGAIN, "it is PENDING_VALIDATION" },
	{ &kind_certificate_issued, DETAIL("1", "ISSUED", PROOF), ERROR_NONE,
	    "" },
	{ &kind_certificate_issued, DETAIL("1", "VALIDATION_TIMED_OUT", PROOF),
	    ERROR_BROKEN, "certificate/1 is VALIDATION_TIMED_OUT, and that" },
	{ &kind_certificate_issued, DETAIL("1", "REVOKED", PROOF), ERROR_BROKEN,
	    "is REVOKED" },
};

START_TEST(test_certificate_lands)
{
	const struct kind *kind = landings[_i].kind;
	json_t *want = json_of("{\"CertificateArn\":\"" ARN("1") "\"}");
	struct error e = { 0 };
	json_t *have = NULL;

	ck_assert_int_eq(
	    take(kind, kind == &kind_certificate ? &kind->detail : &kind->look,
		want, landings[_i].detail, &have, &e),
	    0);
	ck_assert_int_eq(kind->landed(want, have, &e),
	    landings[_i].class == ERROR_NONE ? 0 : -1);
	ck_assert_int_eq(e.class, landings[_i].class);
	ck_assert_msg(
	    strstr(e.text, landings[_i].text) != NULL, "said: %s", e.text);
	json_decref(have);
	json_decref(want);
}
END_TEST

START_TEST(test_certificate_that_cannot_be_read)
{
	const struct kind *kind = &kind_certificate;

	ck_unreadable(kind, &kind->look, WANT_CERTIFICATE, "{}");
	ck_unreadable(kind, &kind->look, WANT_CERTIFICATE, LIST("{}"));
	ck_unreadable(kind, &kind->look, WANT_CERTIFICATE,
	    LIST("{\"CertificateArn\":\"a\",\"DomainName\":\"b\"}"));
	ck_unreadable(kind, &kind->detail, WANT_CERTIFICATE, "{}");
	ck_unreadable(kind, &kind->detail, WANT_CERTIFICATE,
	    "{\"Certificate\":{\"CertificateArn\":\"a\"}}");
}
END_TEST

START_TEST(test_a_listener_lingers)
{
	struct error e = { 0 };

	error_set(&e, ERROR_AGAIN, "ResourceInUseException", "in use");
	ck_assert(kind_certificate.removal->early(&e));
	error_set(&e, ERROR_DENIED, "AccessDeniedException", "no");
	ck_assert(!kind_certificate.removal->early(&e));
}
END_TEST

/* --- certificate-issued ------------------------------------------------- */

START_TEST(test_issue)
{
	struct node n;

	look_at(&n, &kind_certificate_issued,
	    "{\"CertificateArn\":\"" ARN("1") "\",\"After\":\"_a1.\"}",
	    DETAIL("1", "ISSUED", PROOF), NULL, NULL);
	ck_state(&n, NODE_CLEAN);
	ck_assert_str_eq(tree_str(n.have, "CertificateArn"), ARN("1"));
	/* Equal to the certificate's own: one call for both. */
	ck_read(n.kind, &n.kind->look, &n,
	    "POST /\n{\"CertificateArn\":\"" ARN("1") "\"}");
	ck_assert_str_eq(n.kind->look.absent, "ResourceNotFoundException");
	ck_assert_ptr_null(n.kind->steps);
	node_reset(&n);
}
END_TEST

/* --- validation-record -------------------------------------------------- */

#define OURS	  "drd:shop:certificate"
#define VALUE(is) "<ResourceRecord><Value>" is "</Value></ResourceRecord>"
#define SET(id)	  "<SetIdentifier>" id "</SetIdentifier><Weight>1</Weight>"
#define RECORD_AS(name, type, set, values)                                  \
	"<ResourceRecordSet><Name>" name "</Name><Type>" type "</Type>" set \
	"<TTL>300</TTL><ResourceRecords>" values                            \
	"</ResourceRecords></ResourceRecordSet>"
#define RECORD(set, value) \
	RECORD_AS("_a1.app.example.com.", "CNAME", set, VALUE(value))
#define GOOD "_b2.acm-validations.aws."
#define RECORDS(items)                                                        \
	"<ListResourceRecordSetsResponse" XMLNS "><ResourceRecordSets>" items \
	"</ResourceRecordSets><IsTruncated>false</IsTruncated><M"             \
	"axItems>300</MaxItems></ListResourceRecordSetsResponse>"
#define WANT_RECORD                                                          \
	"{\"HostedZoneId\":\"Z1\",\"Name\":\"_a1.app.example.com.\",\"Typ"   \
	"e\":\"CNAME\",\"SetIdentifier\":\"" OURS "\",\"Weight\":1,\"TTL"    \
	"\":300,\"ResourceRecords\":{\"ResourceRecord\":[{\"Value\":\"" GOOD \
	"\"}]}}"
#define CHANGE(action, value)                                               \
	"POST " ZONE_PATH "/\n<ChangeResourceRecordSetsRequest" XMLNS       \
	"><ChangeBatch><Changes><Change><Action>" action                    \
	"</Action><ResourceRecordSet><Name>_a1.app.example.com.</Name><Typ" \
	"e>CNAME</Type>" SET(OURS) "<TTL>300</TTL><ResourceRecords>" VALUE( \
	    value) "</ResourceRecords></ResourceRecordSet></Change></Chang" \
		   "es></ChangeBatch></ChangeResourceRecordSetsRequest>"

static const struct {
	const char *look;
	enum node_state state;
	enum node_state removal; /* the state, where all is to go */
	const char *request;
} records[] = {
	{ RECORDS(RECORD(SET(OURS), GOOD)), NODE_CLEAN, NODE_DOOMED, NULL },
	{ RECORDS(RECORD(SET(OURS), "_B2.ACM-validations.aws")), NODE_CLEAN,
	    NODE_DOOMED, NULL },
	{ RECORDS(""), NODE_ABSENT, NODE_GONE, CHANGE("CREATE", GOOD) },
	{ RECORDS(RECORD(SET(OURS), "_old.acm-validations.aws.")), NODE_DRIFTED,
	    NODE_DOOMED, CHANGE("UPSERT", GOOD) },
	/* Made by others for certificates of theirs: as good as ours. */
	{ RECORDS(RECORD("", GOOD)), NODE_CLEAN, NODE_CLEAN, NULL },
	{ RECORDS(RECORD(SET("tf"), "_x.acm-validations.aws.")
		  RECORD(SET("else"), GOOD)),
	    NODE_CLEAN, NODE_CLEAN, NULL },
	{ RECORDS(RECORD(SET("else"), GOOD) RECORD(SET(OURS), GOOD)),
	    NODE_CLEAN, NODE_DOOMED, NULL },
	/* In the way. */
	{ RECORDS(RECORD("", "elsewhere.example.org.")), NODE_FOREIGN,
	    NODE_FOREIGN, NULL },
	/* What the listing has beside. */
	{ RECORDS(RECORD_AS("_a1.app.example.com.", "TXT", "", VALUE("x"))
		  RECORD_AS("zz.example.com.", "CNAME", "", VALUE(GOOD))),
	    NODE_ABSENT, NODE_GONE, CHANGE("CREATE", GOOD) },
};

START_TEST(test_record)
{
	const struct kind *kind = &kind_validation_record;
	struct node n;

	look_at(&n, kind, WANT_RECORD, records[_i].look, NULL, NULL);
	ck_state(&n, records[_i].state);
	ck_read(kind, &kind->look, &n,
	    "GET " ZONE_PATH "?name=_a1.app.example.com.&type=CNAME\n");
	if (records[_i].request != NULL)
		ck_step(&n, "ChangeResourceRecordSets", records[_i].request);
	judge_removal(&n);
	ck_state(&n, records[_i].removal);
	node_reset(&n);
}
END_TEST

/* Removed as it is there, letter by letter: Route 53 wants that. */
START_TEST(test_record_is_removed)
{
	struct node n;

	look_at(&n, &kind_validation_record, WANT_RECORD,
	    RECORDS(RECORD(SET(OURS), "_B2.ACM-validations.aws")), NULL, NULL);
	ck_removal(&n, CHANGE("DELETE", "_B2.ACM-validations.aws"));
	node_reset(&n);
}
END_TEST

START_TEST(test_record_that_cannot_be_read)
{
	const struct kind *kind = &kind_validation_record;

	ck_unreadable(kind, &kind->look, WANT_RECORD,
	    "<ListResourceRecordSetsResponse/>");
	ck_unreadable(kind, &kind->look, WANT_RECORD,
	    RECORDS("<ResourceRecordSet><Type>A</Type></ResourceRecordSet>"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("kinds_certificate");
	TCase *t = tcase_create("certificate");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(t, test_listing, 0, N(lists));
	tcase_add_loop_test(t, test_listing_of_two, 0, N(twins));
	tcase_add_loop_test(t, test_certificate, 0, N(certificates));
	tcase_add_test(t, test_certificate_is_requested);
	tcase_add_loop_test(t, test_certificate_lands, 0, N(landings));
	tcase_add_test(t, test_certificate_that_cannot_be_read);
	tcase_add_test(t, test_a_listener_lingers);
	tcase_add_test(t, test_issue);
	tcase_add_loop_test(t, test_record, 0, N(records));
	tcase_add_test(t, test_record_is_removed);
	tcase_add_test(t, test_record_that_cannot_be_read);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
