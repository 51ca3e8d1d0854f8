/* SPDX-License-Identifier: MIT
 *
 * The kinds of IAM and Lambda: roles and their policies, the function, its
 * concurrency and its permission.
 */
#include "stack_wire.h"

/* A table row per reply: what becomes of it, and what is sent. */
struct row {
	const char *look;
	enum node_state state;
	const char *what; /* of the node: why, or the error's code */
	const char *operation;
	const char *request;
};

#define N(table) (sizeof(table) / sizeof((table)[0]))

static void
ck_row(const struct kind *kind, const char *want, const struct row *row)
{
	struct node n;

	look_at(&n, kind, want, row->look, NULL, NULL);
	ck_state(&n, row->state);
	ck_assert_str_eq(
	    n.error.class != ERROR_NONE ? n.error.code : n.why, row->what);
	if (row->operation != NULL)
		ck_step(&n, row->operation, row->request);
	node_reset(&n);
}

/* A reply from which nothing may be concluded. */
static void
ck_unreadable(const struct kind *kind, const char *want, const char *body,
    const char *code)
{
	json_t *wanted = json_of(want), *have = NULL;
	struct error e = { 0 };

	ck_assert_int_eq(take(kind, &kind->look, wanted, body, &have, &e), -1);
	ck_assert_str_eq(e.code, code);
	ck_assert_ptr_null(have);
	json_decref(wanted);
}

/* The request of a step for an object that is not there. */
static void
ck_create(const struct kind *kind, const char *want, const char *request)
{
	struct node n = { .kind = kind, .wanted = json_of(want) };

	judge_node(&n);
	ck_state(&n, NODE_ABSENT);
	ck_step(&n, kind->steps[0].operation, request);
	node_reset(&n);
}

static void
ck_removal(const struct kind *kind, const char *want, const char *look,
    const char *operation, const char *request)
{
	struct node n;
	char *s;

	look_at(&n, kind, want, look, NULL, NULL);
	ck_assert_str_eq(kind->removal[0].operation, operation);
	ck_assert_ptr_null(kind->removal[1].operation);
	s = request_of(kind, operation, kind->removal[0].template,
	    kind->removal[0].input(n.wanted, n.have, "t"));
	ck_assert_str_eq(s, request);
	free(s);
	node_reset(&n);
}

static struct error
refusal(const char *code, const char *text)
{
	struct error e = { 0 };

	error_set(&e, ERROR_BROKEN, code, "%s", text);
	return e;
}

/* --- iam-role ---------------------------------------------------------- */

#define TRUST_OF(service)                                                \
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow" \
	"\",\"Action\":\"sts:AssumeRole\",\"Principal\":{\"Service\":"   \
	"\"" service "\"}}]}"
/* As IAM has it: escaped, and one action for a list of one. */
#define TRUST_READ(service)                                              \
	"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B" \
	"%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%2" \
	"2%3A%22" service "%22%7D%2C%22Action%22%3A%5b%22sts%3AAssumeRo" \
	"le%22%5d%7D%5D%7D"
#define ROLE_TAG(key, value) \
	"<member><Key>" key "</Key><Value>" value "</Value></member>"
#define ROLE_TAGS                                                    \
	"<Tags>" ROLE_TAG("Name", "n") ROLE_TAG("drd:stack", "shop") \
	    ROLE_TAG("drd:owner", "drd") "</Tags>"
#define ROLE_AS(rest)                                                       \
	"<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08" \
	"/\"><GetRoleResult><Role><Path>/</Path>" rest                      \
	"<RoleName>shop-role</RoleName><RoleId>AROA1</RoleId></Role>"       \
	"</GetRoleResult></GetRoleResponse>"
#define ROLE_ARN "<Arn>arn:aws:iam::123456789012:role/shop-role</Arn>"
#define ROLE(trust, tags)                                   \
	ROLE_AS(ROLE_ARN "<AssumeRolePolicyDocument>" trust \
			 "</AssumeRolePolicyDocument>" tags)
#define WANT_ROLE                                                             \
	"{\"RoleName\":\"shop-role\",\"AssumeRolePolicyDocument\":" TRUST_OF( \
	    "lambda.amazonaws.com") "," TAGS "}"
#define IAM	    "POST /\nAction="
#define IAM_VERSION "&Version=2010-05-08&RoleName=shop-role"
#define TRUST_SENT                                                        \
	"%7B%22Statement%22%3A%5B%7B%22Action%22%3A%22sts%3AAssumeRole%2" \
	"2%2C%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Servic" \
	"e%22%3A%22lambda.amazonaws.com%22%7D%7D%5D%2C%22Version%22%3A%2" \
	"22012-10-17%22%7D"
#define TAGS_SENT                                                         \
	"&Tags.member.1.Key=Name&Tags.member.1.Value=n&Tags.member.2.Key" \
	"=drd%3Astack&Tags.member.2.Value=shop&Tags.member.3.Key=drd%3Ao" \
	"wner&Tags.member.3.Value=drd"
#define LAMBDA "lambda.amazonaws.com"

static const struct row roles[] = {
	{ ROLE(TRUST_READ(LAMBDA), ROLE_TAGS), NODE_CLEAN, "as wanted", NULL,
	    NULL },
	{ ROLE(TRUST_READ("ec2.amazonaws.com"), ROLE_TAGS), NODE_DRIFTED,
	    "AssumeRolePolicyDocument", "UpdateAssumeRolePolicy",
	    IAM "UpdateAssumeRolePolicy" IAM_VERSION
		"&PolicyDocument=" TRUST_SENT },
	{ ROLE(TRUST_READ(LAMBDA),
	      "<Tags>" ROLE_TAG("drd:stack", "shop")
		  ROLE_TAG("drd:owner", "drd") "</Tags>"),
	    NODE_DRIFTED, "Tags", "TagRole",
	    IAM "TagRole" IAM_VERSION TAGS_SENT },
	{ ROLE(TRUST_READ(LAMBDA), ""), NODE_FOREIGN, "Foreign", NULL, NULL },
	{ ROLE(TRUST_READ(LAMBDA),
	      "<Tags>" ROLE_TAG("drd:stack", "other")
		  ROLE_TAG("drd:owner", "drd") "</Tags>"),
	    NODE_FOREIGN, "Foreign", NULL, NULL },
};

START_TEST(test_role)
{
	ck_row(&kind_role, WANT_ROLE, &roles[_i]);
}
END_TEST

/* A second principal in the same statement is a door left open. */
START_TEST(test_role_that_trusts_one_more)
{
	static const struct row row = {
		ROLE("%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22"
		     "%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22"
		     "%3A%7B%22Service%22%3A%22" LAMBDA "%22%2C%22AWS%22%3A"
		     "%22arn%3Aaws%3Aiam%3A%3A999999999999%3Aroot%22%7D%2C%"
		     "22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D",
		    ROLE_TAGS),
		NODE_DRIFTED, "AssumeRolePolicyDocument",
		"UpdateAssumeRolePolicy",
		IAM "UpdateAssumeRolePolicy" IAM_VERSION
		    "&PolicyDocument=" TRUST_SENT
	};

	ck_row(&kind_role, WANT_ROLE, &row);
}
END_TEST

START_TEST(test_role_that_is_not_there)
{
	ck_create(&kind_role, WANT_ROLE,
	    IAM "CreateRole" IAM_VERSION
		"&AssumeRolePolicyDocument=" TRUST_SENT TAGS_SENT);
	ck_assert_str_eq(kind_role.look.absent, "NoSuchEntity");
}
END_TEST

START_TEST(test_role_that_cannot_be_read)
{
	static const char *const bodies[] = {
		ROLE_AS(""),
		ROLE_AS(ROLE_ARN),
		ROLE("not%2", ""),
		ROLE("%7", ""),
		ROLE("%5B%5D", ""),
		ROLE("%7B%22a%22%3A", ""),
	};
	size_t i;

	for (i = 0; i < N(bodies); i++)
		ck_unreadable(
		    &kind_role, WANT_ROLE, bodies[i], "UnreadableReply");
}
END_TEST

START_TEST(test_role_removed)
{
	struct error e = refusal("DeleteConflict", "must detach");

	ck_removal(&kind_role, WANT_ROLE, ROLE(TRUST_READ(LAMBDA), ROLE_TAGS),
	    "DeleteRole", IAM "DeleteRole" IAM_VERSION);
	ck_assert(kind_role.removal[0].early(&e));
	e = refusal("NoSuchEntity", "gone");
	ck_assert(!kind_role.removal[0].early(&e));
}
END_TEST

/* --- iam-role-policy --------------------------------------------------- */

#define POLICY_OF(actions)                                                 \
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"T\",\"Effe" \
	"ct\":\"Allow\",\"Action\":[" actions "],\"Resource\":\"arn:x\"}]}"
#define POLICY_READ(actions)                                                  \
	"<GetRolePolicyResponse><GetRolePolicyResult><RoleName>shop-role"     \
	"</RoleName><PolicyName>access</PolicyName><PolicyDocument>%7B%2"     \
	"2Statement%22%3A%5B%7B%22Sid%22%3A%22T%22%2C%22Effect%22%3A%22"      \
	"Allow%22%2C%22Resource%22%3A%22arn%3Ax%22%2C%22Action%22%3A%"        \
	"5B" actions "%5D%7D%5D%2C%22Version%22%3A%222012-10-17%22%7D</Polic" \
	"yDocument></GetRolePolicyResult></GetRolePolicyResponse>"
#define WANT_POLICY                                              \
	"{\"RoleName\":\"shop-role\",\"PolicyName\":\"access\"," \
	"\"PolicyDocument\":" POLICY_OF("\"a:Get\",\"a:Put\"") "}"
#define POLICY_NAMED "&PolicyName=access"
#define POLICY_SENT                                                       \
	"&PolicyDocument=%7B%22Statement%22%3A%5B%7B%22Action%22%3A%5B%2" \
	"2a%3AGet%22%2C%22a%3APut%22%5D%2C%22Effect%22%3A%22Allow%22%2C%" \
	"22Resource%22%3A%22arn%3Ax%22%2C%22Sid%22%3A%22T%22%7D%5D%2C%22" \
	"Version%22%3A%222012-10-17%22%7D"
#define PUT_POLICY IAM "PutRolePolicy" IAM_VERSION POLICY_NAMED POLICY_SENT

static const struct row policies[] = {
	{ POLICY_READ("%22a%3AGet%22%2C%22a%3APut%22"), NODE_CLEAN, "as wanted",
	    NULL, NULL },
	{ POLICY_READ("%22a%3APut%22%2C%22a%3AGet%22"), NODE_CLEAN, "as wanted",
	    NULL, NULL },
	{ POLICY_READ("%22a%3APut%22"), NODE_DRIFTED, "PolicyDocument",
	    "PutRolePolicy", PUT_POLICY },
	{ POLICY_READ("%22a%3AGet%22%2C%22a%3APut%22%2C%22a%3A*%22"),
	    NODE_DRIFTED, "PolicyDocument", "PutRolePolicy", PUT_POLICY },
};

START_TEST(test_role_policy)
{
	ck_row(&kind_role_policy, WANT_POLICY, &policies[_i]);
}
END_TEST

START_TEST(test_role_policy_that_is_not_there)
{
	struct error e = refusal("NoSuchEntity", "no such role");

	ck_create(&kind_role_policy, WANT_POLICY, PUT_POLICY);
	ck_assert_str_eq(kind_role_policy.look.absent, "NoSuchEntity");
	ck_assert(kind_role_policy.steps[0].early(&e));
	e = refusal("MalformedPolicyDocument", "no");
	ck_assert(!kind_role_policy.steps[0].early(&e));
	ck_unreadable(&kind_role_policy, WANT_POLICY,
	    "<GetRolePolicyResponse><GetRolePolicyResult><RoleName>r"
	    "</RoleName></GetRolePolicyResult></GetRolePolicyResponse>",
	    "UnreadableReply");
	ck_removal(&kind_role_policy, WANT_POLICY, POLICY_READ("%22a%3APut%22"),
	    "DeleteRolePolicy",
	    IAM "DeleteRolePolicy" IAM_VERSION POLICY_NAMED);
}
END_TEST

/* --- lambda-function --------------------------------------------------- */

#define FUNCTION_ARN "arn:aws:lambda:us-east-1:123456789012:function:shop"
#define ROLE_OF_IT   "\"Role\":\"arn:aws:iam::123456789012:role/shop\""
#define VARIABLES(more) \
	"\"Environment\":{\"Variables\":{\"STACK\":\"shop\"" more "}}"
#define SETTINGS_OF(memory, environment)                                \
	ROLE_OF_IT ",\"Runtime\":\"nodejs24.x\",\"Handler\":\"index.ha" \
		   "ndler\",\"MemorySize\":" memory                     \
		   ",\"Timeout\":10," environment
#define SETTINGS SETTINGS_OF("512", VARIABLES(""))
#define DONE	 ",\"State\":\"Active\",\"LastUpdateStatus\":\"Successful\""
#define FUNCTION_AS(hash, settings, state, rest)                               \
	"{\"Configuration\":{\"FunctionName\":\"shop\",\"FunctionArn\":"       \
	"\"" FUNCTION_ARN "\",\"CodeSha256\":\"" hash "\",\"RevisionId\":\"r1" \
	"\"," settings state "},\"Code\":{\"Location\":\"https://x\"}" rest    \
	"}"
#define FUNCTION(hash, settings) FUNCTION_AS(hash, settings, DONE, "," TAGS)
#define WANT_FUNCTION                                                    \
	"{\"FunctionName\":\"shop\",\"Package\":\"/h.zip\",\"CodeSha256" \
	"\":\"one\"," SETTINGS "," TAGS "}"
#define FILE_SENT "{\"Path\":\"/h.zip\",\"Sha256\":\"one\"}"
#define PATH	  "/2015-03-31/functions/shop"
#define SETTINGS_SENT_BEGIN                                            \
	"{\"Environment\":{\"Variables\":{\"STACK\":\"shop\"}},\"Hand" \
	"ler\":\"index.handler\",\"MemorySize\":512,"
#define SETTINGS_SENT_END ROLE_OF_IT ",\"Runtime\":\"nodejs24.x\","
#define CONFIGURED                                         \
	"PUT " PATH "/configuration\n" SETTINGS_SENT_BEGIN \
	"\"RevisionId\":\"r1\"," SETTINGS_SENT_END "\"Timeout\":10}"

static const struct row functions[] = {
	{ FUNCTION("one", SETTINGS), NODE_CLEAN, "as wanted", NULL, NULL },
	{ FUNCTION("two", SETTINGS), NODE_DRIFTED, "CodeSha256",
	    "UpdateFunctionCode",
	    "PUT " PATH "/code\n{\"RevisionId\":\"r1\",\"ZipFile\":" FILE_SENT
	    "}" },
	{ FUNCTION("one", SETTINGS_OF("128", VARIABLES(""))), NODE_DRIFTED,
	    "MemorySize", "UpdateFunctionConfiguration", CONFIGURED },
	/* A variable that nobody declared goes, as an update would lose it. */
	{ FUNCTION("one", SETTINGS_OF("512", VARIABLES(",\"X\":\"1\""))),
	    NODE_DRIFTED, "Environment", "UpdateFunctionConfiguration",
	    CONFIGURED },
	{ FUNCTION("two", SETTINGS_OF("128", VARIABLES(""))), NODE_DRIFTED,
	    "CodeSha256, MemorySize", "UpdateFunctionCode",
	    "PUT " PATH "/code\n{\"RevisionId\":\"r1\",\"ZipFile\":" FILE_SENT
	    "}" },
	{ FUNCTION_AS("one", SETTINGS, DONE,
	      ",\"Tags\":{\"drd:stack\":\"shop\",\"drd:owner\":\"drd\"}"),
	    NODE_DRIFTED, "Tags", "TagResource",
	    "POST /2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A12345678"
	    "9012%3Afunction%3Ashop\n{\"Tags\":{\"Name\":\"n\",\"drd:owner\""
	    ":\"drd\",\"drd:stack\":\"shop\"}}" },
	{ FUNCTION_AS("one", SETTINGS, DONE, ""), NODE_FOREIGN, "Foreign", NULL,
	    NULL },
};

START_TEST(test_function)
{
	ck_row(&kind_function, WANT_FUNCTION, &functions[_i]);
}
END_TEST

START_TEST(test_function_that_is_not_there)
{
	ck_create(&kind_function, WANT_FUNCTION,
	    "POST /2015-03-31/functions\n{\"Code\":{\"ZipFile\":" FILE_SENT
	    "},\"Environment\":{\"Variables\":{\"STACK\":\"shop\"}},\"Funct"
	    "ionName\":\"shop\",\"Handler\":\"index.handler\",\"MemorySize\""
	    ":512," ROLE_OF_IT ",\"Runtime\":\"nodejs24.x\",\"Tags\":{\"Nam"
	    "e\":\"n\",\"drd:owner\":\"drd\",\"drd:stack\":\"shop\"},\"Timeo"
	    "ut\":10}");
	ck_assert_str_eq(
	    kind_function.look.absent, "ResourceNotFoundException");
	ck_assert_str_eq(kind_function.steps[0].file, "Code.ZipFile");
	ck_assert_str_eq(kind_function.steps[1].file, "ZipFile");
}
END_TEST

/* What is withheld is not absent, but only missed where it is wanted. */
START_TEST(test_function_that_cannot_be_read)
{
	struct node n;

	ck_unreadable(
	    &kind_function, WANT_FUNCTION, "{\"Code\":{}}", "UnreadableReply");
	ck_unreadable(&kind_function, WANT_FUNCTION,
	    FUNCTION_AS("one", SETTINGS, DONE,
		",\"TagsError\":{\"ErrorCode\":\"AccessDeniedException\","
		"\"Message\":\"no ListTags\"}"),
	    "AccessDeniedException");
	ck_unreadable(&kind_function, WANT_FUNCTION,
	    FUNCTION("one",
		SETTINGS_OF("512",
		    "\"Environment\":{\"Error\":{\"ErrorCode\":\"Acce"
		    "ssDeniedException\",\"Message\":\"no key\"}}")),
	    "AccessDeniedException");
	memset(&n, 0, sizeof(n));
	look_at(&n, &kind_function,
	    "{\"FunctionName\":\"shop\",\"Timeout\":10}",
	    FUNCTION_AS("one", SETTINGS, DONE,
		",\"TagsError\":{\"ErrorCode\":\"AccessDeniedException\"}"),
	    NULL, NULL);
	ck_assert_ptr_nonnull(n.have);
	node_reset(&n);
}
END_TEST

static const struct {
	const char *hash;
	const char *state;
	enum error_class class;
	const char *code;
	const char *text; /* a part of it */
} landings[] = {
	{ "one", DONE, ERROR_NONE, "", "" },
	{ "one", "", ERROR_NONE, "", "" },
	{ "one", ",\"State\":\"Inactive\"", ERROR_NONE, "", "" },
	{ "one", ",\"State\":\"Pending\",\"StateReason\":\"being created\"",
	    ERROR_AGAIN, "NotLanded", "State is Pending: being created" },
	{ "one", ",\"State\":\"Deleting\"", ERROR_AGAIN, "NotLanded",
	    "State is Deleting" },
	{ "one", ",\"State\":\"Active\",\"LastUpdateStatus\":\"InProgress\"",
	    ERROR_AGAIN, "NotLanded", "LastUpdateStatus is InProgress" },
	{ "one",
	    ",\"State\":\"Failed\",\"StateReasonCode\":\"InvalidZip\","
	    "\"StateReason\":\"no zip\"",
	    ERROR_BROKEN, "FunctionFailed",
	    "State is Failed: InvalidZip: no zip" },
	{ "one",
	    ",\"State\":\"Active\",\"LastUpdateStatus\":\"Failed\","
	    "\"LastUpdateStatusReasonCode\":\"InvalidRuntime\"",
	    ERROR_BROKEN, "UpdateFailed", "InvalidRuntime" },
	/* Something else is wanted by now: to be tried. */
	{ "two", ",\"State\":\"Active\",\"LastUpdateStatus\":\"Failed\"",
	    ERROR_NONE, "", "" },
};

START_TEST(test_function_landing)
{
	struct error e = { 0 };
	struct node n;
	char *body;
	int rc;

	body = mem_printf("{\"Configuration\":{\"FunctionName\":\"shop\","
			  "\"FunctionArn\":\"" FUNCTION_ARN
			  "\",\"CodeSha256\":\"%s\"," SETTINGS "%s}," TAGS "}",
	    landings[_i].hash, landings[_i].state);
	look_at(&n, &kind_function, WANT_FUNCTION, body, NULL, NULL);
	rc = kind_function.landed(n.wanted, n.have, &e);
	ck_assert_int_eq(rc, landings[_i].class == ERROR_NONE ? 0 : -1);
	ck_assert_int_eq(e.class, landings[_i].class);
	ck_assert_str_eq(e.code, landings[_i].code);
	ck_assert_msg(strstr(e.text, landings[_i].text) != NULL, "%s", e.text);
	node_reset(&n);
	free(body);
}
END_TEST

/* Not yet, and not ever. */
START_TEST(test_function_that_comes_early)
{
	static const struct {
		const char *code;
		const char *text;
		bool create;
		bool update;
	} rows[] = {
		{ "InvalidParameterValueException",
		    "The role defined for the function cannot be assumed by "
		    "Lambda.",
		    true, true },
		{ "InvalidParameterValueException",
		    "Lambda was unable to configure access to your environment "
		    "variables because the KMS key is invalid for CreateGrant.",
		    true, true },
		{ "InvalidParameterValueException",
		    "Could not unzip uploaded file.", false, false },
		/* Of a create: it exists, so look again. */
		{ "ResourceConflictException", "An update is in progress",
		    false, true },
		{ "AccessDeniedException",
		    "The role defined for the function cannot be assumed by "
		    "Lambda.",
		    false, false },
	};
	struct error e;
	size_t i;

	for (i = 0; i < N(rows); i++) {
		e = refusal(rows[i].code, rows[i].text);
		ck_assert(kind_function.steps[0].early(&e) == rows[i].create);
		ck_assert(kind_function.steps[1].early(&e) == rows[i].update);
		ck_assert(kind_function.steps[2].early(&e) == rows[i].update);
	}
	ck_removal(&kind_function, WANT_FUNCTION, FUNCTION("one", SETTINGS),
	    "DeleteFunction", "DELETE " PATH "\n");
}
END_TEST

/* --- lambda-concurrency ------------------------------------------------ */

#define WANT_RESERVED \
	"{\"FunctionName\":\"shop\",\"ReservedConcurrentExecutions\":100}"
#define RESERVED(n)                        \
	FUNCTION_AS("one", SETTINGS, DONE, \
	    ",\"Concurrency\":{\"ReservedConcurrentExecutions\":" n "}")
#define RESERVE                                                             \
	"PUT /2017-10-31/functions/shop/concurrency\n{\"ReservedConcurrent" \
	"Executions\":100}"

static const struct row reservations[] = {
	{ RESERVED("100"), NODE_CLEAN, "as wanted", NULL, NULL },
	{ RESERVED("0"), NODE_DRIFTED, "ReservedConcurrentExecutions",
	    "PutFunctionConcurrency", RESERVE },
	{ FUNCTION("one", SETTINGS), NODE_ABSENT, "not there",
	    "PutFunctionConcurrency", RESERVE },
};

START_TEST(test_concurrency)
{
	ck_row(&kind_function_concurrency, WANT_RESERVED, &reservations[_i]);
}
END_TEST

/* It is the function's own look: the same request. */
START_TEST(test_concurrency_shares_its_look)
{
	static const struct kind *const kinds[] = { &kind_function,
		&kind_function_concurrency };
	struct node n;
	size_t i;

	for (i = 0; i < N(kinds); i++) {
		look_at(
		    &n, kinds[i], WANT_RESERVED, RESERVED("100"), NULL, NULL);
		ck_read(kinds[i], &kinds[i]->look, &n, "GET " PATH "\n");
		node_reset(&n);
	}
	ck_unreadable(&kind_function_concurrency, WANT_RESERVED,
	    "{\"Concurrency\":{}}", "UnreadableReply");
}
END_TEST

/* --- lambda-permission ------------------------------------------------- */

#define GROUP "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/a/1"
#define STATEMENT_AS(sid, effect, principal, conditions)                  \
	"{\\\"Sid\\\":\\\"" sid "\\\",\\\"Effect\\\":\\\"" effect         \
	"\\\",\\\"Principal\\\":" principal ",\\\"Action\\\":\\\"lambda:" \
	"InvokeFunction\\\",\\\"Resource\\\":\\\"" FUNCTION_ARN           \
	"\\\",\\\"Condition\\\":{" conditions "}}"
#define ELB "{\\\"Service\\\":\\\"elasticloadbalancing.amazonaws.com\\\"}"
#define SOURCE(group)                                                      \
	"\\\"StringEquals\\\":{\\\"AWS:SourceAccount\\\":\\\"1\\\"},\\\"A" \
	"rnLike\\\":{\\\"AWS:SourceArn\\\":\\\"" group "\\\"}"
#define OURS STATEMENT_AS("load-balancer", "Allow", ELB, SOURCE(GROUP))
#define LAMBDA_POLICY(statements)                                         \
	"{\"Policy\":\"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement" \
	"\\\":[" statements "]}\",\"RevisionId\":\"r1\"}"
#define WANT_PERMISSION                                                     \
	"{\"FunctionName\":\"shop\",\"StatementId\":\"load-balancer\",\"Ac" \
	"tion\":\"lambda:InvokeFunction\",\"Principal\":\"elasticloadbalan" \
	"cing.amazonaws.com\",\"SourceArn\":\"" GROUP                       \
	"\",\"SourceAccount\":\"1\",\"Rest\":{\"Effect\":\"Allow\"}}"
#define PERMIT_AS(id)                                                       \
	"POST " PATH "/policy\n{\"Action\":\"lambda:InvokeFunction\",\"Pri" \
	"ncipal\":\"elasticloadbalancing.amazonaws.com\",\"SourceAccount\"" \
	":\"1\",\"SourceArn\":\"" GROUP "\",\"StatementId\":\"" id "\"}"
#define PERMIT	      PERMIT_AS("load-balancer")
#define BESIDE	      PERMIT_AS("load-balancer-2")
#define TAKE_AWAY(id) "DELETE " PATH "/policy/" id "\n"
#define OTHER(id)     STATEMENT_AS(id, "Allow", ELB, SOURCE("arn:other"))

static const struct row permissions[] = {
	{ LAMBDA_POLICY(OURS), NODE_CLEAN, "as wanted", NULL, NULL },
	{ LAMBDA_POLICY(STATEMENT_AS("x", "Allow", "\\\"*\\\"", "") "," OURS),
	    NODE_CLEAN, "as wanted", NULL, NULL },
	{ LAMBDA_POLICY(STATEMENT_AS("x", "Allow", ELB, SOURCE(GROUP))),
	    NODE_ABSENT, "not there", "AddPermission", PERMIT },
	{ LAMBDA_POLICY(""), NODE_ABSENT, "not there", "AddPermission",
	    PERMIT },
	/* The balancer is let in at all times: add, then take away. */
	{ LAMBDA_POLICY(OTHER("load-balancer")), NODE_DRIFTED, "SourceArn",
	    "AddPermission", BESIDE },
	{ LAMBDA_POLICY(OTHER("load-balancer") "," STATEMENT_AS(
	      "load-balancer-2", "Allow", ELB, SOURCE(GROUP))),
	    NODE_DRIFTED, "Rest", "RemovePermission",
	    TAKE_AWAY("load-balancer") },
	{ LAMBDA_POLICY(
	      STATEMENT_AS("load-balancer-2", "Allow", ELB, SOURCE(GROUP))),
	    NODE_CLEAN, "as wanted", NULL, NULL },
	{ LAMBDA_POLICY(OTHER("load-balancer-2")), NODE_DRIFTED, "SourceArn",
	    "AddPermission", PERMIT },
	{ LAMBDA_POLICY(OTHER("load-balancer-2") "," OURS), NODE_DRIFTED,
	    "Rest", "RemovePermission", TAKE_AWAY("load-balancer-2") },
	{ LAMBDA_POLICY(OTHER("load-balancer-2") "," OTHER("load-balancer")),
	    NODE_DRIFTED, "SourceArn, Rest", "RemovePermission",
	    TAKE_AWAY("load-balancer-2") },
	{ LAMBDA_POLICY(STATEMENT_AS("load-balancer", "Allow", ELB, "")),
	    NODE_DRIFTED, "SourceArn, SourceAccount", "AddPermission", BESIDE },
	{ LAMBDA_POLICY(STATEMENT_AS("load-balancer", "Allow",
	      "{\\\"AWS\\\":\\\"1\\\"}", SOURCE(GROUP))),
	    NODE_DRIFTED, "Principal", "AddPermission", BESIDE },
	{ LAMBDA_POLICY(
	      STATEMENT_AS("load-balancer", "Deny", ELB, SOURCE(GROUP))),
	    NODE_DRIFTED, "Rest", "AddPermission", BESIDE },
	{ LAMBDA_POLICY(STATEMENT_AS("load-balancer", "Allow", ELB,
	      SOURCE(GROUP) ",\\\"Bool\\\":{\\\"aws:x\\\":\\\"y\\\"}")),
	    NODE_DRIFTED, "Rest", "AddPermission", BESIDE },
};

START_TEST(test_permission)
{
	ck_row(&kind_function_permission, WANT_PERMISSION, &permissions[_i]);
}
END_TEST

START_TEST(test_permission_that_cannot_be_read)
{
	ck_unreadable(&kind_function_permission, WANT_PERMISSION, "{}",
	    "UnreadableReply");
	ck_unreadable(&kind_function_permission, WANT_PERMISSION,
	    "{\"Policy\":\"{\"}", "UnreadableReply");
	ck_unreadable(&kind_function_permission, WANT_PERMISSION,
	    "{\"Policy\":\"{}\"}", "UnreadableReply");
	ck_assert_ptr_null(kind_function_permission.removal);
	ck_assert_ptr_null(kind_function_concurrency.removal);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("kinds_compute");
	TCase *iam = tcase_create("iam"), *lambda = tcase_create("lambda");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(iam, test_role, 0, N(roles));
	tcase_add_test(iam, test_role_that_trusts_one_more);
	tcase_add_test(iam, test_role_that_is_not_there);
	tcase_add_test(iam, test_role_that_cannot_be_read);
	tcase_add_test(iam, test_role_removed);
	tcase_add_loop_test(iam, test_role_policy, 0, N(policies));
	tcase_add_test(iam, test_role_policy_that_is_not_there);
	suite_add_tcase(s, iam);
	tcase_add_loop_test(lambda, test_function, 0, N(functions));
	tcase_add_test(lambda, test_function_that_is_not_there);
	tcase_add_test(lambda, test_function_that_cannot_be_read);
	tcase_add_loop_test(lambda, test_function_landing, 0, N(landings));
	tcase_add_test(lambda, test_function_that_comes_early);
	tcase_add_loop_test(lambda, test_concurrency, 0, N(reservations));
	tcase_add_test(lambda, test_concurrency_shares_its_look);
	tcase_add_loop_test(lambda, test_permission, 0, N(permissions));
	tcase_add_test(lambda, test_permission_that_cannot_be_read);
	suite_add_tcase(s, lambda);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
