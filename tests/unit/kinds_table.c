/* SPDX-License-Identifier: MIT
 *
 * The kinds of DynamoDB: the table, its replica, and what the replica keeps
 * for itself.
 */
#include "stack_wire.h"

#define ARN	   "arn:aws:dynamodb:us-east-1:123456789012:table/shop"
#define KEY	   "\"KeySchema\":[{\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}]"
#define DEFINITION "{\"AttributeName\":\"pk\",\"AttributeType\":\"S\"}"
#define ON_DEMAND                                            \
	"\"BillingModeSummary\":{\"BillingMode\":\"PAY_PER_" \
	"REQUEST\",\"LastUpdateToPayPerRequestDateTime\":1.5}"
#define STREAM(view)                                               \
	"\"StreamSpecification\":{\"StreamEnabled\":true,\"Stream" \
	"ViewType\":\"" view "\"}"
#define STREAMS	      STREAM("NEW_AND_OLD_IMAGES")
#define PROTECTED(is) "\"DeletionProtectionEnabled\":" is
#define TABLE_AS(status, definitions, rest)                      \
	"{\"Table\":{\"TableName\":\"shop\",\"TableArn\":\"" ARN \
	"\",\"TableStatus\":\"" status "\",\"ItemCount\":0," KEY \
	",\"AttributeDefinitions\":[" definitions "]," rest "}}"
#define TABLE(rest) TABLE_AS("ACTIVE", DEFINITION, rest)
#define LIKED	    ON_DEMAND "," STREAMS "," PROTECTED("true")

#define TAGS_REPLY(stack)                                               \
	"{\"Tags\":[{\"Key\":\"Name\",\"Value\":\"n\"},{\"Key\":\"drd:" \
	"stack\",\"Value\":\"" stack "\"},{\"Key\":\"drd:owner\",\"Val" \
	"ue\":\"drd\"}]}"
#define TAGS_SENT                                                       \
	"\"Tags\":[{\"Key\":\"Name\",\"Value\":\"n\"},{\"Key\":\"drd:"  \
	"stack\",\"Value\":\"shop\"},{\"Key\":\"drd:owner\",\"Value\":" \
	"\"drd\"}]"

#define WANT_TABLE                                                       \
	"{\"TableName\":\"shop\",\"AttributeDefinitions\":[" DEFINITION  \
	"]," KEY ",\"BillingModeSummary\":{\"BillingMode\":\"PAY_PER_RE" \
	"QUEST\"}," STREAMS "," PROTECTED("true") "," TAGS "}"

/* --- table -------------------------------------------------------------- */

static const struct {
	const char *look;
	const char *tags;
	enum node_state state;
	const char *what; /* of the node: why, or the error's code */
	const char *operation;
	const char *request;
} tables[] = {
	{ TABLE(LIKED), TAGS_REPLY("shop"), NODE_CLEAN, "as wanted", NULL,
	    NULL },
	/* Somebody's index, and the definition that it needs. */
	{ TABLE_AS("ACTIVE",
	      "{\"AttributeName\":\"when\",\"AttributeType\":\"N\"}"
	      "," DEFINITION,
	      LIKED),
	    TAGS_REPLY("shop"), NODE_CLEAN, "as wanted", NULL, NULL },
	/* Provisioned from birth: nothing is said about billing. */
	{ TABLE(STREAMS "," PROTECTED("true")), TAGS_REPLY("shop"),
	    NODE_DRIFTED, "BillingModeSummary", "UpdateTable",
	    "POST /\n{\"BillingMode\":\"PAY_PER_REQUEST\",\"TableName\":"
	    "\"shop\"}" },
	{ TABLE(ON_DEMAND "," PROTECTED("true")), TAGS_REPLY("shop"),
	    NODE_DRIFTED, "StreamSpecification", "UpdateTable",
	    "POST /\n{\"StreamSpecification\":{\"StreamEnabled\":true,"
	    "\"StreamViewType\":\"NEW_AND_OLD_IMAGES\"},\"TableName\":"
	    "\"shop\"}" },
	{ TABLE(ON_DEMAND "," STREAMS), TAGS_REPLY("shop"), NODE_DRIFTED,
	    "DeletionProtectionEnabled", "UpdateTable",
	    "POST /\n{\"DeletionProtectionEnabled\":true,\"TableName\":"
	    "\"shop\"}" },
	{ TABLE(LIKED),
	    "{\"Tags\":[{\"Key\":\"drd:stack\",\"Value\":\"shop\"},{\"Key\":"
	    "\"drd:owner\",\"Value\":\"drd\"}]}",
	    NODE_DRIFTED, "Tags", "TagResource",
	    "POST /\n{\"ResourceArn\":\"" ARN "\"," TAGS_SENT "}" },
	{ TABLE(LIKED), "{\"Tags\":[]}", NODE_FOREIGN, "Foreign", NULL, NULL },
	{ TABLE(LIKED), TAGS_REPLY("other"), NODE_FOREIGN, "Foreign", NULL,
	    NULL },
	{ TABLE_AS("ACTIVE",
	      "{\"AttributeName\":\"pk\",\"AttributeType\":\"N\"}", LIKED),
	    TAGS_REPLY("shop"), NODE_FAILED, "Unchangeable", NULL, NULL },
};

START_TEST(test_table)
{
	struct node n;

	look_at(&n, &kind_table, WANT_TABLE, tables[_i].look, NULL,
	    tables[_i].tags);
	ck_state(&n, tables[_i].state);
	ck_assert_str_eq(
	    n.error.code[0] != '\0' ? n.error.code : n.why, tables[_i].what);
	if (tables[_i].operation != NULL)
		ck_step(&n, tables[_i].operation, tables[_i].request);
	ck_read(n.kind, &n.kind->look, &n, "POST /\n{\"TableName\":\"shop\"}");
	ck_read(
	    n.kind, &n.kind->tags, &n, "POST /\n{\"ResourceArn\":\"" ARN "\"}");
	node_reset(&n);
}
END_TEST

START_TEST(test_table_is_made)
{
	struct node n = { .kind = &kind_table };

	ck_assert_str_eq(kind_table.look.absent, "ResourceNotFoundException");
	n.wanted = json_of(WANT_TABLE);
	judge_node(&n);
	ck_state(&n, NODE_ABSENT);
	ck_step(&n, "CreateTable",
	    "POST /\n{\"AttributeDefinitions\":[{\"AttributeName\":\"pk\","
	    "\"AttributeType\":\"S\"}],\"BillingMode\":\"PAY_PER_REQUEST\","
	    "\"DeletionProtectionEnabled\":true,\"KeySchema\":[{"
	    "\"AttributeName\":\"pk\",\"KeyType\":\"HASH\"}],"
	    "\"StreamSpecification\":{\"StreamEnabled\":true,"
	    "\"StreamViewType\":\"NEW_AND_OLD_IMAGES\"},\"TableName\":"
	    "\"shop\"," TAGS_SENT "}");
	node_reset(&n);
}
END_TEST

/* The one step for a stream holds only where the stream is off. */
START_TEST(test_table_with_another_view)
{
	const struct kind_step *step = kind_table.steps;
	struct node n;

	look_at(&n, &kind_table, WANT_TABLE,
	    TABLE(ON_DEMAND "," STREAM("KEYS_ONLY") "," PROTECTED("true")),
	    NULL, TAGS_REPLY("shop"));
	for (; step->operation != NULL; step++)
		if (step->differs != NULL &&
		    strcmp(step->differs, "StreamSpecification") == 0)
			ck_assert(!step->when(n.wanted, n.have));
	ck_assert_ptr_nonnull(strstr(kind_table.advice, "stream"));
	node_reset(&n);
}
END_TEST

static const char *const unreadable[] = {
	"{}",
	"{\"Table\":[]}",
	"{\"Table\":{\"TableName\":\"shop\"}}",
	"{\"Table\":{\"TableName\":\"shop\",\"TableArn\":\"a\"}}",
	/* an answer to somebody else's question */
	"{\"Table\":{\"TableName\":\"other\",\"TableArn\":\"a\","
	"\"TableStatus\":\"ACTIVE\"," KEY "}}",
};

START_TEST(test_tables_that_cannot_be_read)
{
	static const struct kind *const kinds[] = { &kind_table,
		&kind_table_replica, &kind_table_tags, &kind_table_protection };
	json_t *want = json_of(WANT_TABLE), *have = NULL;
	struct error e = { 0 };
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		ck_assert_int_eq(take(kinds[i], &kinds[i]->look, want,
				     unreadable[_i], &have, &e),
		    -1);
		ck_assert_int_eq(e.class, ERROR_BROKEN);
		ck_assert_ptr_null(have);
	}
	json_decref(want);
}
END_TEST

START_TEST(test_table_without_a_key_cannot_be_read)
{
	json_t *want = json_of(WANT_TABLE), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(
	    take(&kind_table, &kind_table.look, want,
		"{\"Table\":{\"TableName\":\"shop\",\"TableArn\":\"a\","
		"\"TableStatus\":\"ACTIVE\"}}",
		&have, &e),
	    -1);
	ck_assert_ptr_null(have);
	json_decref(want);
}
END_TEST

static const struct {
	const struct kind *kind;
	const char *have;
	enum error_class class; /* ERROR_NONE: it has landed */
	const char *text;
} landings[] = {
	{ &kind_table, "{\"TableStatus\":\"ACTIVE\"}", ERROR_NONE, NULL },
	{ &kind_table, "{\"TableStatus\":\"CREATING\"}", ERROR_AGAIN,
	    "the table is CREATING" },
	{ &kind_table, "{\"TableStatus\":\"UPDATING\"}", ERROR_AGAIN,
	    "the table is UPDATING" },
	{ &kind_table, "{\"TableStatus\":\"DELETING\"}", ERROR_AGAIN,
	    "the table is DELETING" },
	{ &kind_table,
	    "{\"TableStatus\":\"INACCESSIBLE_ENCRYPTION_CREDENTIALS\"}",
	    ERROR_BROKEN,
	    "the table is INACCESSIBLE_ENCRYPTION_CREDENTIALS, which does "
	    "not pass by itself: see what has become of the key that "
	    "encrypts it" },
	{ &kind_table_tags, "{\"TableStatus\":\"UPDATING\"}", ERROR_AGAIN,
	    "the table is UPDATING" },
	{ &kind_table_protection, "{\"TableStatus\":\"ACTIVE\"}", ERROR_NONE,
	    NULL },
	{ &kind_table_replica, "{\"ReplicaStatus\":\"ACTIVE\"}", ERROR_NONE,
	    NULL },
	{ &kind_table_replica, "{\"ReplicaStatus\":\"CREATING\"}", ERROR_AGAIN,
	    "the replica is CREATING" },
	{ &kind_table_replica,
	    "{\"ReplicaStatus\":\"CREATING\","
	    "\"ReplicaStatusPercentProgress\":\"42\"}",
	    ERROR_AGAIN, "the replica is CREATING, per cent done: 42" },
	{ &kind_table_replica, "{\"ReplicaStatus\":\"DELETING\"}", ERROR_AGAIN,
	    "the replica is DELETING" },
	{ &kind_table_replica, "{\"ReplicaStatus\":\"CREATION_FAILED\"}",
	    ERROR_BROKEN,
	    "the replica is CREATION_FAILED: remove it, then drd makes it "
	    "again" },
	{ &kind_table_replica, "{\"ReplicaStatus\":\"REGION_DISABLED\"}",
	    ERROR_BROKEN,
	    "the replica is REGION_DISABLED: enable the region for this "
	    "account" },
	{ &kind_table_replica, "{}", ERROR_BROKEN,
	    "the replica is in no known state: ask DynamoDB why" },
};

START_TEST(test_landing)
{
	json_t *have = json_of(landings[_i].have);
	struct error e = { 0 };
	int rc = landings[_i].kind->landed(NULL, have, &e);

	ck_assert_int_eq(rc, landings[_i].class == ERROR_NONE ? 0 : -1);
	if (rc == -1) {
		ck_assert_int_eq(e.class, landings[_i].class);
		ck_assert_str_eq(e.text, landings[_i].text);
	}
	json_decref(have);
}
END_TEST

/* The request of removal step `i` of what is there. */
static void
ck_removal(const struct node *n, size_t i, const char *expected)
{
	const struct kind_step *step = &n->kind->removal[i];
	char *s = request_of(n->kind, step->operation, step->template,
	    step->input(n->wanted, n->have, "token"));

	ck_assert_str_eq(s, expected);
	free(s);
}

START_TEST(test_table_is_removed)
{
	const struct kind_step *removal = kind_table.removal;
	struct node n;

	look_at(&n, &kind_table, WANT_TABLE, TABLE(LIKED), NULL,
	    TAGS_REPLY("shop"));
	ck_assert(removal[0].when(n.wanted, n.have));
	ck_removal(&n, 0,
	    "POST /\n{\"DeletionProtectionEnabled\":false,\"TableName\":"
	    "\"shop\"}");
	tree_put(n.have, "DeletionProtectionEnabled", json_false());
	ck_assert(!removal[0].when(n.wanted, n.have));
	ck_assert_str_eq(removal[1].operation, "DeleteTable");
	ck_removal(&n, 1, "POST /\n{\"TableName\":\"shop\"}");
	ck_assert_ptr_null(removal[2].operation);
	node_reset(&n);
}
END_TEST

/* "In use" and "no backups yet" pass; everything else is an answer. */
START_TEST(test_what_is_only_early)
{
	static const struct kind *const kinds[] = { &kind_table,
		&kind_table_replica, &kind_table_protection };
	struct error in_use = { .code = "ResourceInUseException" };
	struct error no_backups = {
		.code = "ContinuousBackupsUnavailableException"
	};
	size_t i, j = 0;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (j = 0; kinds[i]->steps[j].operation != NULL; j++) {
			const struct kind_step *step = &kinds[i]->steps[j];

			if (strcmp(step->operation, "UpdateTable") != 0)
				continue;
			ck_assert(step->early(&in_use));
			ck_assert(!step->early(&no_backups));
		}
	}
	ck_assert(kind_table_backups.steps[0].early(&no_backups));
	ck_assert(!kind_table_backups.steps[0].early(&in_use));
}
END_TEST

/* --- table-replica -------------------------------------------------------- */

#define WANT_REPLICA	"{\"TableName\":\"shop\",\"RegionName\":\"us-west-2\"}"
#define REPLICAS(items) TABLE(LIKED ",\"Replicas\":[" items "]")
#define REPLICA(region, status) \
	"{\"RegionName\":\"" region "\",\"ReplicaStatus\":\"" status "\"}"

static const struct {
	const char *look;
	enum node_state state;
} replicas[] = {
	{ TABLE(LIKED), NODE_ABSENT },
	{ REPLICAS(""), NODE_ABSENT },
	{ REPLICAS(REPLICA("eu-west-1", "ACTIVE")), NODE_ABSENT },
	{ REPLICAS(REPLICA("us-west-2", "ACTIVE")), NODE_CLEAN },
	{ REPLICAS(REPLICA("eu-west-1", "CREATING") "," REPLICA(
	      "us-west-2", "ACTIVE")),
	    NODE_CLEAN },
};

START_TEST(test_replica)
{
	struct node n;

	look_at(&n, &kind_table_replica, WANT_REPLICA, replicas[_i].look, NULL,
	    NULL);
	ck_state(&n, replicas[_i].state);
	if (n.state == NODE_ABSENT)
		ck_step(&n, "UpdateTable",
		    "POST /\n{\"ReplicaUpdates\":[{\"Create\":{"
		    "\"RegionName\":\"us-west-2\"}}],\"TableName\":\"shop\"}");
	else
		ck_removal(&n, 0,
		    "POST /\n{\"ReplicaUpdates\":[{\"Delete\":{"
		    "\"RegionName\":\"us-west-2\"}}],\"TableName\":\"shop\"}");
	/* The call that the table makes, too: sent once. */
	ck_read(n.kind, &n.kind->look, &n, "POST /\n{\"TableName\":\"shop\"}");
	node_reset(&n);
}
END_TEST

START_TEST(test_replica_that_cannot_be_read)
{
	json_t *want = json_of(WANT_REPLICA), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(
	    take(&kind_table_replica, &kind_table_replica.look, want,
		REPLICAS("{\"ReplicaStatus\":\"ACTIVE\"}"), &have, &e),
	    -1);
	ck_assert_str_eq(e.code, "UnreadableReply");
	json_decref(want);
}
END_TEST

/* --- table-tags and table-protection -------------------------------------- */

#define WANT_TAGS	"{\"TableName\":\"shop\"," TAGS "}"
#define WANT_PROTECTION "{\"TableName\":\"shop\"," PROTECTED("true") "}"

static const struct {
	const char *tags;
	enum node_state state;
} tags[] = {
	{ TAGS_REPLY("shop"), NODE_CLEAN },
	{ "{\"Tags\":[]}", NODE_DRIFTED }, /* new, so nobody's */
	{ "{\"Tags\":[{\"Key\":\"drd:stack\",\"Value\":\"shop\"}]}",
	    NODE_DRIFTED },
	{ TAGS_REPLY("other"), NODE_FOREIGN },
};

START_TEST(test_tags_of_a_replica)
{
	struct node n;

	look_at(
	    &n, &kind_table_tags, WANT_TAGS, TABLE(LIKED), NULL, tags[_i].tags);
	ck_state(&n, tags[_i].state);
	if (n.state == NODE_DRIFTED)
		ck_step(&n, "TagResource",
		    "POST /\n{\"ResourceArn\":\"" ARN "\"," TAGS_SENT "}");
	ck_assert_str_eq(tree_str(n.have, kind_table_tags.arn), ARN);
	node_reset(&n);
}
END_TEST

START_TEST(test_protection_of_a_replica)
{
	struct node n;

	look_at(&n, &kind_table_protection, WANT_PROTECTION, TABLE(LIKED), NULL,
	    NULL);
	ck_state(&n, NODE_CLEAN);
	node_reset(&n);
	look_at(&n, &kind_table_protection, WANT_PROTECTION,
	    TABLE(ON_DEMAND "," PROTECTED("false")), NULL, NULL);
	ck_state(&n, NODE_DRIFTED);
	ck_step(&n, "UpdateTable",
	    "POST /\n{\"DeletionProtectionEnabled\":true,\"TableName\":"
	    "\"shop\"}");
	node_reset(&n);
}
END_TEST

/* What is removed is the protection: once it is off, nothing is left. */
START_TEST(test_protection_of_a_replica_is_removed)
{
	const struct kind *kind = &kind_table_protection;
	struct error e = { 0 };
	struct node n;

	look_at(&n, kind, WANT_PROTECTION, TABLE(LIKED), NULL, NULL);
	ck_assert_int_eq(
	    take(kind, &kind->remains, n.wanted, TABLE(LIKED), &n.have, &e), 0);
	ck_assert_ptr_nonnull(n.have);
	ck_removal(&n, 0,
	    "POST /\n{\"DeletionProtectionEnabled\":false,\"TableName\":"
	    "\"shop\"}");
	ck_assert_int_eq(
	    take(kind, &kind->remains, n.wanted, "{}", &n.have, &e), -1);
	ck_assert_ptr_nonnull(n.have);
	ck_assert_int_eq(
	    take(kind, &kind->remains, n.wanted,
		TABLE(ON_DEMAND "," PROTECTED("false")), &n.have, &e),
	    0);
	ck_assert_ptr_null(n.have);
	node_reset(&n);
}
END_TEST

/* --- table-backups -------------------------------------------------------- */

#define WANT_BACKUPS                                                       \
	"{\"TableName\":\"shop\",\"PointInTimeRecoveryDescription\":{\"Po" \
	"intInTimeRecoveryStatus\":\"ENABLED\"}}"
#define BACKUPS(recovery)                                                 \
	"{\"ContinuousBackupsDescription\":{\"ContinuousBackupsStatus\":" \
	"\"ENABLED\"" recovery "}}"
#define RECOVERY(status)                                                 \
	",\"PointInTimeRecoveryDescription\":{\"PointInTimeRecoveryStat" \
	"us\":\"" status "\",\"RecoveryPeriodInDays\":35}"

static const struct {
	const char *look;
	enum node_state state;
} backups[] = {
	{ BACKUPS(RECOVERY("ENABLED")), NODE_CLEAN },
	{ BACKUPS(RECOVERY("DISABLED")), NODE_DRIFTED },
	{ BACKUPS(""), NODE_DRIFTED },
};

START_TEST(test_backups)
{
	struct node n;

	look_at(&n, &kind_table_backups, WANT_BACKUPS, backups[_i].look, NULL,
	    NULL);
	ck_state(&n, backups[_i].state);
	if (n.state == NODE_DRIFTED)
		ck_step(&n, "UpdateContinuousBackups",
		    "POST /\n{\"PointInTimeRecoverySpecification\":{"
		    "\"PointInTimeRecoveryEnabled\":true},\"TableName\":"
		    "\"shop\"}");
	ck_read(n.kind, &n.kind->look, &n, "POST /\n{\"TableName\":\"shop\"}");
	node_reset(&n);
}
END_TEST

START_TEST(test_backups_that_cannot_be_read)
{
	json_t *want = json_of(WANT_BACKUPS), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(take(&kind_table_backups, &kind_table_backups.look,
			     want, "{}", &have, &e),
	    -1);
	ck_assert_ptr_null(have);
	json_decref(want);
}
END_TEST

#define N(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *s = suite_create("kinds_table");
	TCase *t = tcase_create("kinds");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(t, test_table, 0, N(tables));
	tcase_add_test(t, test_table_is_made);
	tcase_add_test(t, test_table_with_another_view);
	tcase_add_loop_test(
	    t, test_tables_that_cannot_be_read, 0, N(unreadable));
	tcase_add_test(t, test_table_without_a_key_cannot_be_read);
	tcase_add_loop_test(t, test_landing, 0, N(landings));
	tcase_add_test(t, test_table_is_removed);
	tcase_add_test(t, test_what_is_only_early);
	tcase_add_loop_test(t, test_replica, 0, N(replicas));
	tcase_add_test(t, test_replica_that_cannot_be_read);
	tcase_add_loop_test(t, test_tags_of_a_replica, 0, N(tags));
	tcase_add_test(t, test_protection_of_a_replica);
	tcase_add_test(t, test_protection_of_a_replica_is_removed);
	tcase_add_loop_test(t, test_backups, 0, N(backups));
	tcase_add_test(t, test_backups_that_cannot_be_read);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
