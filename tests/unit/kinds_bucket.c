/* SPDX-License-Identifier: MIT
 *
 * The kinds of S3: what they make of replies, and what they answer to a
 * difference.
 */
#include "stack/kinds/bucket_part.h"
#include "stack_wire.h"

#define S3(root, content)                                             \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" root          \
	" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" content \
	"</" root ">"
#define SENT(root, content)                                                    \
	"<" root " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" content \
	"</" root ">"
#define VERSIONS(status) S3("VersioningConfiguration", status)
#define ENABLED		 "<Status>Enabled</Status>"

/* The object is not there: what would be sent to make it. */
static void
ck_absent(const struct kind *kind, const char *want, const char *operation,
    const char *request)
{
	struct node n = { .kind = kind, .wanted = json_of(want) };

	judge_node(&n);
	ck_state(&n, NODE_ABSENT);
	ck_step(&n, operation, request);
	node_reset(&n);
}

/* A reply that says too little is a failed read, not an absence. */
static void
ck_unreadable(const struct kind *kind, const struct kind_read *read,
    const char *want, const char *body)
{
	json_t *w = json_of(want), *have = json_object();
	struct error e = { 0 };

	ck_assert_int_eq(take(kind, read, w, body, &have, &e), -1);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	json_decref(have);
	json_decref(w);
}

/* --- The bucket ------------------------------------------------------ */

#define WANT_EAST \
	"{\"Bucket\":\"shop-e\",\"BucketArn\":\"arn:aws:s3:::shop-e\"," TAGS "}"
#define WANT_WEST                                                       \
	"{\"Bucket\":\"shop-w\",\"BucketArn\":\"arn:aws:s3:::shop-w\"," \
	"\"LocationConstraint\":\"us-west-2\"," TAGS "}"
#define TAG(key, value) "<Tag><Key>" key "</Key><Value>" value "</Value></Tag>"
#define OUR_TAGS         \
	TAG("Name", "n") \
	TAG("drd:stack", "shop") TAG("drd:owner", "drd")
#define TAG_SET(tags) S3("Tagging", "<TagSet>" tags "</TagSet>")

START_TEST(test_bucket)
{
	struct node n;

	look_at(&n, &kind_bucket, WANT_EAST, VERSIONS(""), NULL,
	    TAG_SET(OUR_TAGS TAG("team", "x")));
	ck_state(&n, NODE_CLEAN);
	ck_assert_str_eq(tree_str(n.have, "Bucket"), "shop-e");
	ck_assert_str_eq(tree_str(n.have, n.kind->arn), "arn:aws:s3:::shop-e");
	ck_read(n.kind, &n.kind->look, &n, "GET /shop-e?versioning\n");
	ck_read(n.kind, &n.kind->tags, &n, "GET /shop-e?tagging\n");
	node_reset(&n);
}
END_TEST

/* Its look and that of its versioning are one call. */
START_TEST(test_bucket_shares_its_look)
{
	const struct kind_read *a = &kind_bucket.look;
	const struct kind_read *b = &kind_bucket_versioning.look;
	json_t *want = json_of(WANT_EAST);
	json_t *x = a->input(want, NULL), *y = b->input(want, NULL);

	ck_assert_str_eq(a->operation, b->operation);
	ck_assert_str_eq(a->template, b->template);
	ck_assert(json_equal(x, y));
	json_decref(x);
	json_decref(y);
	json_decref(want);
}
END_TEST

/* --- Whose bucket ---------------------------------------------------- */

#define OWNER "123456789012"

static void
ck_owner(const char *operation, json_t *input)
{
	const char *owner = tree_str(input, "ExpectedBucketOwner");

	if (strcmp(operation, "CreateBucket") == 0)
		ck_assert_ptr_null(owner);
	else
		ck_assert_msg(owner != NULL && strcmp(owner, OWNER) == 0, "%s",
		    operation);
	json_decref(input);
}

static void
ck_owner_of_read(const struct kind_read *read, const json_t *want)
{
	if (read->operation != NULL)
		ck_owner(read->operation, read->input(want, NULL));
}

static void
ck_owner_of_steps(const struct kind_step *step, const json_t *want)
{
	json_t *have = json_of("{\"Objects\":[{\"Key\":\"k\",\"VersionId\":"
			       "\"v\"}],\"Tags\":{}}");

	for (; step != NULL && step->operation != NULL; step++)
		ck_owner(step->operation, step->input(want, have, ""));
	json_decref(have);
}

/* It may have our name, our tags, and a policy that lets us in. */
START_TEST(test_no_call_to_a_bucket_of_another_account)
{
	static const struct kind *const kinds[] = { &kind_bucket,
		&kind_bucket_versioning, &kind_bucket_encryption,
		&kind_bucket_public_access, &kind_bucket_ownership,
		&kind_bucket_policy, &kind_bucket_lifecycle,
		&kind_bucket_replication };
	json_t *want = json_of("{\"Bucket\":\"shop-e\",\"ExpectedBucketOwner"
			       "\":\"" OWNER "\",\"Policy\":{}," TAGS "}");
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		ck_owner_of_read(&kinds[i]->look, want);
		ck_owner_of_read(&kinds[i]->tags, want);
		ck_owner_of_read(&kinds[i]->remains, want);
		ck_owner_of_steps(kinds[i]->steps, want);
		ck_owner_of_steps(kinds[i]->removal, want);
		/* It says where to look, not what there should be. */
		ck_assert(
		    judge_names(kinds[i]->ignores, "ExpectedBucketOwner"));
	}
	json_decref(want);
}
END_TEST

/* One request: a run that dies after it has not lost the bucket. */
START_TEST(test_bucket_is_made_with_its_tags)
{
	ck_absent(&kind_bucket, WANT_EAST, "CreateBucket",
	    "PUT /shop-e\n" SENT(
		"CreateBucketConfiguration", "<Tags>" OUR_TAGS "</Tags>"));
	ck_absent(&kind_bucket, WANT_WEST, "CreateBucket",
	    "PUT /shop-w\n" SENT("CreateBucketConfiguration",
		"<LocationConstraint>us-west-2</LocationConstraint>"
		"<Tags>" OUR_TAGS "</Tags>"));
}
END_TEST

/* Only NoSuchBucket proves; a 403 may hide somebody else's bucket. */
START_TEST(test_bucket_absence)
{
	ck_assert_str_eq(kind_bucket.look.absent, "NoSuchBucket");
	ck_assert_str_eq(kind_bucket.tags.absent, "NoSuchTagSet");
}
END_TEST

/* The operator is told what to do about a name that is not to be had. */
START_TEST(test_bucket_that_cannot_be_ours)
{
	static const char *const codes[] = { "AccessDenied",
		"BucketAlreadyExists", "PermanentRedirect",
		"AuthorizationHeaderMalformed" };
	struct node n = { .kind = &kind_bucket };
	struct error e = { 0 };

	error_set(&e, ERROR_DENIED, codes[_i], "GetBucketVersioning: no");
	node_fail(&n, NODE_FAILED, &e);
	ck_assert(text_starts(n.error.text, "GetBucketVersioning: no: "));
	ck_assert_ptr_nonnull(strstr(n.error.text, "give another"));
	ck_assert(strlen(n.error.text) < 300);
}
END_TEST

START_TEST(test_bucket_without_tags_is_foreign)
{
	struct node n;
	struct error e = { 0 };

	look_at(&n, &kind_bucket, WANT_EAST, VERSIONS(ENABLED), NULL, NULL);
	ck_assert_int_eq(kind_bucket.tags.have(n.wanted, NULL, &n.have, &e), 0);
	judge_node(&n);
	ck_state(&n, NODE_FOREIGN);
	node_reset(&n);
}
END_TEST

START_TEST(test_bucket_of_somebody_else_is_foreign)
{
	struct node n;

	look_at(&n, &kind_bucket, WANT_EAST, VERSIONS(ENABLED), NULL,
	    TAG_SET(TAG("drd:stack", "shop") TAG("drd:owner", "pulumi")));
	ck_state(&n, NODE_FOREIGN);
	node_reset(&n);
}
END_TEST

/* S3 replaces the whole set: nothing that others put there gets lost. */
START_TEST(test_bucket_keeps_other_tags)
{
	struct node n;

	look_at(&n, &kind_bucket, WANT_EAST, VERSIONS(ENABLED), NULL,
	    TAG_SET(TAG("team", "x") TAG("aws:cloudformation:stack-name", "y")
		    TAG("Name", "old") TAG("drd:stack", "shop")
			TAG("drd:owner", "drd")));
	ck_state(&n, NODE_DRIFTED);
	ck_assert_str_eq(n.why, "Tags");
	ck_step(&n, "PutBucketTagging",
	    "PUT /shop-e?tagging\n" SENT("Tagging",
		"<TagSet>" TAG("team", "x") TAG("aws:cloudformation:stack-name",
		    "y") OUR_TAGS "</TagSet>"));
	node_reset(&n);
}
END_TEST

/* --- Its removal ----------------------------------------------------- */

#define VERSION(key, id)                                           \
	"<Version><Key>" key "</Key><VersionId>" id "</VersionId>" \
	"<IsLatest>true</IsLatest></Version>"
#define MARKER(key, id)                                                 \
	"<DeleteMarker><Key>" key "</Key><VersionId>" id "</VersionId>" \
	"</DeleteMarker>"
#define LISTED(items)                              \
	S3("ListVersionsResult",                   \
	    "<Name>shop-e</Name><Prefix></Prefix>" \
	    "<EncodingType>url</EncodingType>" items)

/* The first step of the removal that applies, as it would be sent. */
static void
ck_removal(const struct kind *kind, const json_t *want, const json_t *have,
    const char *operation, const char *request)
{
	const struct kind_step *step = kind->removal;
	char *s;

	while (step->operation != NULL && step->when != NULL &&
	    !step->when(want, have))
		step++;
	ck_assert_ptr_nonnull(step->operation);
	ck_assert_str_eq(step->operation, operation);
	ck_assert(step->deletes);
	s = request_of(kind, step->operation, step->template,
	    step->input(want, have, "0123456789abcdef"));
	ck_assert_str_eq(s, request);
	free(s);
}

static void
ck_bucket_removal(
    const char *listed, const char *operation, const char *request)
{
	json_t *want = json_of(WANT_EAST);
	json_t *have = json_of("{\"Bucket\":\"shop-e\"}");
	struct error e = { 0 };

	ck_assert_msg(take(&kind_bucket, &kind_bucket.remains, want, listed,
			  &have, &e) == 0,
	    "%s", e.text);
	ck_removal(&kind_bucket, want, have, operation, request);
	json_decref(have);
	json_decref(want);
}

START_TEST(test_bucket_is_emptied_first)
{
	ck_bucket_removal(LISTED(VERSION("a%2Fb+c%25", "v1") VERSION(
			      "%C3%A9%0D", "null") MARKER("gone", "v3")),
	    "DeleteObjects",
	    "POST /shop-e?delete\n" SENT("Delete",
		"<Object><Key>a/b c%</Key><VersionId>v1</VersionId></Object>"
		"<Object><Key>\xc3\xa9&#13;</Key><VersionId>null</VersionId>"
		"</Object>"
		"<Object><Key>gone</Key><VersionId>v3</VersionId></Object>"
		"<Quiet>true</Quiet>"));
	ck_bucket_removal(LISTED(""), "DeleteBucket", "DELETE /shop-e\n");
}
END_TEST

/* XML has no way to say it, so it goes alone; those it can name go first. */
START_TEST(test_key_that_xml_cannot_carry)
{
	ck_bucket_removal(LISTED(VERSION("%01", "v1") VERSION("a", "v2")),
	    "DeleteObjects",
	    "POST /shop-e?delete\n" SENT("Delete",
		"<Object><Key>a</Key><VersionId>v2</VersionId></Object>"
		"<Quiet>true</Quiet>"));
	ck_bucket_removal(LISTED(VERSION("%01/x", "v1")), "DeleteObject",
	    "DELETE /shop-e/%01/x?versionId=v1\n");
}
END_TEST

static const char *const unreadable_lists[] = {
	S3("ListVersionsResult", ""),
	S3("ListVersionsResult", "<Name>other</Name>"),
	LISTED("<Version><Key>a</Key></Version>"),
	LISTED("<DeleteMarker><VersionId>1</VersionId></DeleteMarker>"),
	LISTED("<Version>a</Version>"),
	LISTED(VERSION("%ff", "v1")),
};

START_TEST(test_list_that_cannot_be_read)
{
	ck_unreadable(&kind_bucket, &kind_bucket.remains, WANT_EAST,
	    unreadable_lists[_i]);
}
END_TEST

START_TEST(test_list_asks_for_spelled_keys)
{
	struct node n;

	look_at(&n, &kind_bucket, WANT_EAST, VERSIONS(""), NULL, NULL);
	ck_read(n.kind, &n.kind->remains, &n,
	    "GET /shop-e?versions&encoding-type=url\n");
	node_reset(&n);
}
END_TEST

/* --- Its documents --------------------------------------------------- */

#define PART(document) "{\"Bucket\":\"b\",\"After\":[\"x\"]," document "}"

#define RULE(more)                                                 \
	"{\"ID\":\"drd\",\"Filter\":{\"Prefix\":\"\"},\"Status\":" \
	"\"Enabled\"," more "}"
#define WANT_LIFECYCLE                                                     \
	PART("\"LifecycleConfiguration\":{\"Rule\":[" RULE(                \
	    "\"NoncurrentVersionExpiration\":{\"NoncurrentDays\":30},"     \
	    "\"AbortIncompleteMultipartUpload\":{\"DaysAfterInitiation\":" \
	    "7}") "]}")
#define LIFECYCLE_RULE(filter, days)                             \
	"<Rule><ID>drd</ID>" filter "<Status>Enabled</Status>"   \
	"<NoncurrentVersionExpiration><NoncurrentDays>" days     \
	"</NoncurrentDays></NoncurrentVersionExpiration>"        \
	"<AbortIncompleteMultipartUpload><DaysAfterInitiation>7" \
	"</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>"
#define EMPTY_PREFIX "<Filter><Prefix></Prefix></Filter>"

#define WANT_REPLICATION                                                  \
	PART("\"ReplicationConfiguration\":{\"Role\":\"arn:r\",\"Rule\":" \
	     "[{\"ID\":\"drd\",\"Priority\":1,\"Filter\":{\"Prefix\":"    \
	     "\"\"},\"Status\":\"Enabled\",\"Destination\":{\"Bucket\":"  \
	     "\"arn:d\",\"ReplicationTime\":{\"Status\":\"Enabled\","     \
	     "\"Time\":{\"Minutes\":15}},\"Metrics\":{\"Status\":"        \
	     "\"Enabled\",\"EventThreshold\":{\"Minutes\":15}}},"         \
	     "\"DeleteMarkerReplication\":{\"Status\":\"Enabled\"}}]}")
#define REPLICATION(filter, markers, more)                                  \
	"<Role>arn:r</Role><Rule><ID>drd</ID><Priority>1</Priority>" filter \
	"<Status>Enabled</Status><Destination><Bucket>arn:d</Bucket>"       \
	"<ReplicationTime><Status>Enabled</Status><Time><Minutes>15"        \
	"</Minutes></Time></ReplicationTime><Metrics><Status>Enabled"       \
	"</Status><EventThreshold><Minutes>15</Minutes></EventThreshold>"   \
	"</Metrics></Destination><DeleteMarkerReplication><Status>" markers \
	"</Status></DeleteMarkerReplication></Rule>" more

#define ENCRYPTION(algorithm)                                                \
	"<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>" algorithm \
	"</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
#define BLOCKS(policy)                                                  \
	"<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true" \
	"</IgnorePublicAcls><BlockPublicPolicy>" policy                 \
	"</BlockPublicPolicy><RestrictPublicBuckets>true"               \
	"</RestrictPublicBuckets>"
#define OWNERSHIP(who) "<Rule><ObjectOwnership>" who "</ObjectOwnership></Rule>"

#define POLICY(actions, condition)                                         \
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"OnlyTLS\"," \
	"\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"" actions    \
	"\",\"Resource\":[\"arn:b\",\"arn:b/*\"]" condition "}]}"
#define TLS ",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}"
#define SORTED_POLICY                                                    \
	"{\"Statement\":[{\"Action\":\"s3:*\",\"Condition\":{\"Bool\":{" \
	"\"aws:SecureTransport\":\"false\"}},\"Effect\":\"Deny\","       \
	"\"Principal\":\"*\",\"Resource\":[\"arn:b\",\"arn:b/*\"],"      \
	"\"Sid\":\"OnlyTLS\"}],\"Version\":\"2012-10-17\"}"

/* What is wanted, as S3 answers when it is so, when it is not, and the
   request that mends it, with the code that proves that there is none. */
static const struct document {
	const struct kind *kind;
	const char *want;
	const char *read;
	const char *as_wanted;
	const char *drifted;
	const char *operation;
	const char *request;
	const char *none;
} documents[] = {
	{ &kind_bucket_versioning,
	    PART("\"VersioningConfiguration\":{\"Status\":\"Enabled\"}"),
	    "GET /b?versioning\n", VERSIONS(ENABLED),
	    VERSIONS("<Status>Suspended</Status>"), "PutBucketVersioning",
	    "PUT /b?versioning\n" SENT("VersioningConfiguration", ENABLED),
	    "NoSuchBucket" },
	/* Never enabled. */
	{ &kind_bucket_versioning,
	    PART("\"VersioningConfiguration\":{\"Status\":\"Enabled\"}"),
	    "GET /b?versioning\n", VERSIONS(ENABLED), VERSIONS(""),
	    "PutBucketVersioning",
	    "PUT /b?versioning\n" SENT("VersioningConfiguration", ENABLED),
	    "NoSuchBucket" },
	/* The bucket key is S3's to choose. */
	{ &kind_bucket_encryption,
	    PART("\"ServerSideEncryptionConfiguration\":{\"Rule\":[{"
		 "\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":"
		 "\"AES256\"}}]}"),
	    "GET /b?encryption\n",
	    S3("ServerSideEncryptionConfiguration",
		ENCRYPTION("AES256") "<BucketKeyEnabled>false"
				     "</BucketKeyEnabled></Rule>"),
	    S3("ServerSideEncryptionConfiguration",
		ENCRYPTION("aws:kms") "</Rule>"),
	    "PutBucketEncryption",
	    "PUT /b?encryption\n" SENT("ServerSideEncryptionConfiguration",
		ENCRYPTION("AES256") "</Rule>"),
	    "ServerSideEncryptionConfigurationNotFoundError" },
	{ &kind_bucket_public_access,
	    PART("\"PublicAccessBlockConfiguration\":{\"BlockPublicAcls\":"
		 "true,\"IgnorePublicAcls\":true,\"BlockPublicPolicy\":true,"
		 "\"RestrictPublicBuckets\":true}"),
	    "GET /b?publicAccessBlock\n",
	    S3("PublicAccessBlockConfiguration", BLOCKS("true")),
	    S3("PublicAccessBlockConfiguration", BLOCKS("false")),
	    "PutPublicAccessBlock",
	    "PUT /b?publicAccessBlock\n" SENT(
		"PublicAccessBlockConfiguration", BLOCKS("true")),
	    "NoSuchPublicAccessBlockConfiguration" },
	{ &kind_bucket_ownership,
	    PART("\"OwnershipControls\":{\"Rule\":[{\"ObjectOwnership\":"
		 "\"BucketOwnerEnforced\"}]}"),
	    "GET /b?ownershipControls\n",
	    S3("OwnershipControls", OWNERSHIP("BucketOwnerEnforced")),
	    S3("OwnershipControls", OWNERSHIP("ObjectWriter")),
	    "PutBucketOwnershipControls",
	    "PUT /b?ownershipControls\n" SENT(
		"OwnershipControls", OWNERSHIP("BucketOwnerEnforced")),
	    "OwnershipControlsNotFoundError" },
	{ &kind_bucket_lifecycle, WANT_LIFECYCLE, "GET /b?lifecycle\n",
	    S3("LifecycleConfiguration", LIFECYCLE_RULE("<Filter/>", "30")),
	    S3("LifecycleConfiguration", LIFECYCLE_RULE(EMPTY_PREFIX, "3")),
	    "PutBucketLifecycleConfiguration",
	    "PUT /b?lifecycle\n" SENT(
		"LifecycleConfiguration", LIFECYCLE_RULE(EMPTY_PREFIX, "30")),
	    "NoSuchLifecycleConfiguration" },
	/* A rule that nobody declared drops what is to be kept. */
	{ &kind_bucket_lifecycle, WANT_LIFECYCLE, "GET /b?lifecycle\n",
	    S3("LifecycleConfiguration", LIFECYCLE_RULE(EMPTY_PREFIX, "30")),
	    S3("LifecycleConfiguration",
		LIFECYCLE_RULE(EMPTY_PREFIX, "30")
		    LIFECYCLE_RULE(EMPTY_PREFIX, "1")),
	    "PutBucketLifecycleConfiguration",
	    "PUT /b?lifecycle\n" SENT(
		"LifecycleConfiguration", LIFECYCLE_RULE(EMPTY_PREFIX, "30")),
	    "NoSuchLifecycleConfiguration" },
	{ &kind_bucket_replication, WANT_REPLICATION, "GET /b?replication\n",
	    S3("ReplicationConfiguration",
		REPLICATION("<Filter/>", "Enabled", "")),
	    S3("ReplicationConfiguration",
		REPLICATION(EMPTY_PREFIX, "Disabled", "")),
	    "PutBucketReplication",
	    "PUT /b?replication\n" SENT("ReplicationConfiguration",
		REPLICATION(EMPTY_PREFIX, "Enabled", "")),
	    "ReplicationConfigurationNotFoundError" },
	/* A filter lets only some objects through. */
	{ &kind_bucket_replication, WANT_REPLICATION, "GET /b?replication\n",
	    S3("ReplicationConfiguration",
		REPLICATION(EMPTY_PREFIX, "Enabled", "")),
	    S3("ReplicationConfiguration",
		REPLICATION(
		    "<Filter><Prefix>a</Prefix></Filter>", "Enabled", "")),
	    "PutBucketReplication",
	    "PUT /b?replication\n" SENT("ReplicationConfiguration",
		REPLICATION(EMPTY_PREFIX, "Enabled", "")),
	    "ReplicationConfigurationNotFoundError" },
	{ &kind_bucket_policy, PART("\"Policy\":" POLICY("s3:*", TLS)),
	    "GET /b?policy\n", POLICY("s3:*", TLS), POLICY("s3:GetObject", TLS),
	    "PutBucketPolicy", "PUT /b?policy\n" SORTED_POLICY,
	    "NoSuchBucketPolicy" },
	/* Without its condition it keeps everybody out. */
	{ &kind_bucket_policy, PART("\"Policy\":" POLICY("s3:*", TLS)),
	    "GET /b?policy\n", POLICY("s3:*", TLS), POLICY("s3:*", ""),
	    "PutBucketPolicy", "PUT /b?policy\n" SORTED_POLICY,
	    "NoSuchBucketPolicy" },
};

START_TEST(test_document_as_wanted)
{
	const struct document *d = &documents[_i];
	struct node n;

	look_at(&n, d->kind, d->want, d->as_wanted, NULL, NULL);
	ck_state(&n, NODE_CLEAN);
	ck_read(n.kind, &n.kind->look, &n, d->read);
	ck_assert_str_eq(tree_str(n.have, "Bucket"), "b");
	node_reset(&n);
}
END_TEST

START_TEST(test_document_that_differs)
{
	const struct document *d = &documents[_i];
	struct node n;

	look_at(&n, d->kind, d->want, d->drifted, NULL, NULL);
	ck_state(&n, NODE_DRIFTED);
	ck_step(&n, d->operation, d->request);
	node_reset(&n);
}
END_TEST

START_TEST(test_document_that_is_not_there)
{
	const struct document *d = &documents[_i];

	ck_assert(text_has_word(d->kind->look.absent, d->none));
	ck_assert(text_has_word(d->kind->look.absent, "NoSuchBucket"));
	ck_absent(d->kind, d->want, d->operation, d->request);
}
END_TEST

static const struct {
	const struct kind *kind;
	const char *want;
	const char *body;
} unreadable[] = {
	{ &kind_bucket_encryption, PART("\"x\":1"),
	    S3("ServerSideEncryptionConfiguration", "") },
	{ &kind_bucket_public_access, PART("\"x\":1"),
	    S3("PublicAccessBlockConfiguration", "") },
	{ &kind_bucket_ownership, PART("\"x\":1"),
	    S3("OwnershipControls", "") },
	{ &kind_bucket_lifecycle, PART("\"x\":1"),
	    S3("LifecycleConfiguration", "") },
	{ &kind_bucket_replication, PART("\"x\":1"),
	    S3("ReplicationConfiguration", "<Role>r</Role>") },
};

START_TEST(test_document_that_cannot_be_read)
{
	ck_unreadable(unreadable[_i].kind, &unreadable[_i].kind->look,
	    unreadable[_i].want, unreadable[_i].body);
}
END_TEST

/* A statement that somebody added is a door that somebody opened. */
START_TEST(test_policy_is_exact)
{
	struct node n;

	look_at(&n, &kind_bucket_policy,
	    PART("\"Policy\":" POLICY("s3:*", TLS)),
	    POLICY("s3:*", TLS ",\"NotPrincipal\":\"x\""), NULL, NULL);
	ck_state(&n, NODE_DRIFTED);
	node_reset(&n);
}
END_TEST

START_TEST(test_replication_goes_before_the_buckets)
{
	json_t *want = json_of(WANT_REPLICATION);

	ck_removal(&kind_bucket_replication, want, want,
	    "DeleteBucketReplication", "DELETE /b?replication\n");
	json_decref(want);
}
END_TEST

/* --- Refusals that mean "not yet" ------------------------------------ */

static const struct {
	const char *code, *text;
	bool by_any, by_replication;
} refusals[] = {
	{ "OperationAborted", "A conflicting conditional operation is", true,
	    true },
	{ "InvalidRequest", "Versioning must be 'Enabled' on the bucket", false,
	    true },
	{ "InvalidRequest", "Destination bucket must have versioning enabled.",
	    false, true },
	{ "InvalidRequest", "Destination bucket must exist.", false, true },
	{ "InvalidRequest", "Priority must be unique", false, false },
	{ "MalformedXML", "Versioning", false, false },
	{ "AccessDenied", "Access Denied", false, false },
};

START_TEST(test_early)
{
	struct error e = { 0 };

	error_set(&e, ERROR_BROKEN, refusals[_i].code, "%s", refusals[_i].text);
	ck_assert(bucket_part_busy(&e) == refusals[_i].by_any);
	ck_assert(kind_bucket_replication.steps->early(&e) ==
	    refusals[_i].by_replication);
}
END_TEST

#define N(table) (sizeof(table) / sizeof((table)[0]))

int
main(void)
{
	Suite *suite = suite_create("kinds_bucket");
	TCase *t = tcase_create("kinds_bucket");
	SRunner *runner;
	int failed;

	tcase_add_test(t, test_bucket);
	tcase_add_test(t, test_bucket_shares_its_look);
	tcase_add_test(t, test_no_call_to_a_bucket_of_another_account);
	tcase_add_test(t, test_bucket_is_made_with_its_tags);
	tcase_add_test(t, test_bucket_absence);
	tcase_add_loop_test(t, test_bucket_that_cannot_be_ours, 0, 4);
	tcase_add_test(t, test_bucket_without_tags_is_foreign);
	tcase_add_test(t, test_bucket_of_somebody_else_is_foreign);
	tcase_add_test(t, test_bucket_keeps_other_tags);
	tcase_add_test(t, test_bucket_is_emptied_first);
	tcase_add_test(t, test_key_that_xml_cannot_carry);
	tcase_add_loop_test(
	    t, test_list_that_cannot_be_read, 0, N(unreadable_lists));
	tcase_add_test(t, test_list_asks_for_spelled_keys);
	tcase_add_loop_test(t, test_document_as_wanted, 0, N(documents));
	tcase_add_loop_test(t, test_document_that_differs, 0, N(documents));
	tcase_add_loop_test(
	    t, test_document_that_is_not_there, 0, N(documents));
	tcase_add_loop_test(
	    t, test_document_that_cannot_be_read, 0, N(unreadable));
	tcase_add_test(t, test_policy_is_exact);
	tcase_add_test(t, test_replication_goes_before_the_buckets);
	tcase_add_loop_test(t, test_early, 0, N(refusals));
	suite_add_tcase(suite, t);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
