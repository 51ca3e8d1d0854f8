/* SPDX-License-Identifier: MIT
 *
 * What AWS's codes mean: every code that the design names, by its class and
 * by whether the same request is sent again.
 */
#include <check.h>
#include <stdlib.h>

#include "../../src/aws/fault.c"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const struct {
	enum error_class class;
	enum fault_retry retry;
	const char *codes; /* sent with 400 */
} families[] = {
	{ ERROR_THROTTLED, FAULT_THROTTLE,
	    "Throttling ThrottlingException ThrottledException "
	    "RequestThrottledException TooManyRequestsException "
	    "ProvisionedThroughputExceededException "
	    "TransactionInProgressException LimitExceededException "
	    "RequestThrottled EC2ThrottledException RequestLimitExceeded "
	    "SlowDown BandwidthLimitExceeded Throttled "
	    "KMSThrottlingException" },
	{ ERROR_AGAIN, FAULT_THROTTLE,
	    "PriorRequestNotComplete TooManyUpdates" },
	{ ERROR_AGAIN, FAULT_TRANSIENT,
	    "RequestTimeout RequestTimeoutException InternalError "
	    "IDPCommunicationError ReplicatedWriteConflictException" },
	{ ERROR_AGAIN, FAULT_FINAL,
	    "EntityAlreadyExists ParameterAlreadyExists "
	    "BucketAlreadyOwnedByYou HostedZoneAlreadyExists "
	    "HealthCheckAlreadyExists RouteAlreadyExists "
	    "InvalidPermission.Duplicate InvalidGroup.Duplicate "
	    "Resource.AlreadyAssociated InvalidSubnet.Conflict "
	    "DuplicateLoadBalancerName DuplicateListener ResourceInUse "
	    "ResourceInUseException InvalidGroup.InUse HealthCheckInUse "
	    "ResourceConflictException ConditionalRequestConflict "
	    "DependencyViolation IncorrectState HealthCheckVersionMismatch "
	    "ConcurrentModification ConcurrentModificationException "
	    "ConcurrentAccess ConcurrentTagAccess OperationAborted "
	    "PreconditionFailed PreconditionFailedException DeleteConflict "
	    "BucketNotEmpty "
	    "ConditionalCheckFailedException Gateway.NotAttached "
	    "TransactionConflictException UnreadableReply" },
	{ ERROR_DENIED, FAULT_CLOCK,
	    "RequestTimeTooSkewed RequestExpired RequestInTheFuture "
	    "InvalidSignatureException SignatureDoesNotMatch AuthFailure" },
	{ ERROR_DENIED, FAULT_EXPIRED, "ExpiredToken ExpiredTokenException" },
	{ ERROR_DENIED, FAULT_FINAL,
	    "AccessDenied AccessDeniedException UnauthorizedOperation "
	    "InvalidClientTokenId UnrecognizedClientException "
	    "AuthorizationError OptInRequired "
	    "InvalidAccessKeyId MissingAuthenticationToken "
	    "KMSAccessDeniedException RegionDisabledException" },
	{ ERROR_ABSENT, FAULT_FINAL,
	    "NoSuchHostedZone NoSuchHealthCheck NoSuchChange NoSuchEntity "
	    "NoSuchBucket NoSuchKey NoSuchTagSet NoSuchBucketPolicy "
	    "ReplicationConfigurationNotFoundError "
	    "OwnershipControlsNotFoundError ParameterNotFound "
	    "ResourceNotFoundException ResourceNotFound NotFound "
	    "NotFoundException TableNotFoundException LoadBalancerNotFound "
	    "TargetGroupNotFound ListenerNotFound InvalidVpcID.NotFound "
	    "InvalidSubnetID.NotFound InvalidSubnetId.NotFound "
	    "InvalidGroup.NotFound InvalidRoute.NotFound "
	    "InvalidPermission.NotFound NoSuchResourceException" },
	{ ERROR_BROKEN, FAULT_FINAL,
	    "ValidationError ValidationException InvalidParameterValue "
	    "MalformedPolicyDocument InvalidInput InvalidChangeBatch "
	    "MissingParameter OperationNotPermitted TooManyHealthChecks "
	    "TooManyLoadBalancers VpcLimitExceeded LimitExceeded "
	    "PermanentRedirect BucketAlreadyExists KMSDisabled "
	    "KMSNotFoundException "
	    "UnknownOperationException "
	    /* not quite a word that has a row */
	    "NotFoundX XThrotX SlowDownX XSlowDown inuse" },
};

START_TEST(families_mean)
{
	char *words = strdup(families[_i].codes);
	char *rest = NULL;
	char *code;

	for (code = strtok_r(words, " ", &rest); code != NULL;
	     code = strtok_r(NULL, " ", &rest)) {
		struct fault fault = fault_of_code(SERVICE_S3, code, 400);

		ck_assert_msg(fault.class == families[_i].class &&
			fault.retry == families[_i].retry,
		    "%s: class %d, retry %d", code, (int)fault.class,
		    (int)fault.retry);
	}
	free(words);
}
END_TEST

/* Of a parameter it means "not there"; of others nobody says it. */
START_TEST(an_invalid_id_is_absent_in_ssm_only)
{
	struct fault fault;

	fault = fault_of_code(SERVICE_SSM, "InvalidResourceId", 400);
	ck_assert_int_eq(fault.class, ERROR_ABSENT);
	fault = fault_of_code(SERVICE_EC2, "InvalidResourceId", 400);
	ck_assert_int_eq(fault.class, ERROR_BROKEN);
}
END_TEST

START_TEST(quotas_are_not_throttles)
{
	struct fault fault;

	fault = fault_of_code(SERVICE_IAM, "LimitExceeded", 409);
	ck_assert_int_eq(fault.retry, FAULT_FINAL);
	fault = fault_of_code(SERVICE_IAM, "LimitExceededException", 409);
	ck_assert_int_eq(fault.retry, FAULT_FINAL);
	fault = fault_of_code(SERVICE_DYNAMODB, "LimitExceededException", 400);
	ck_assert_int_eq(fault.retry, FAULT_FINAL);
	ck_assert_int_eq(fault.class, ERROR_AGAIN);
	fault = fault_of_code(
	    SERVICE_DYNAMODB, "ContinuousBackupsUnavailableException", 400);
	ck_assert_int_eq(fault.class, ERROR_AGAIN);
	fault = fault_of_code(SERVICE_ACM, "LimitExceededException", 400);
	ck_assert_int_eq(fault.class, ERROR_BROKEN);
}
END_TEST

/* drd empties its bucket; what is left in a zone is somebody else's. */
START_TEST(a_zone_is_not_emptied_by_waiting)
{
	struct fault fault;

	fault = fault_of_code(SERVICE_ROUTE53, "HostedZoneNotEmpty", 400);
	ck_assert_int_eq(fault.class, ERROR_BROKEN);
	ck_assert_int_eq(fault.retry, FAULT_FINAL);
	fault = fault_of_code(SERVICE_S3, "BucketNotEmpty", 409);
	ck_assert_int_eq(fault.class, ERROR_AGAIN);
}
END_TEST

static const struct {
	int status;
	const char *code;
	enum error_class class;
	enum fault_retry retry;
} statuses[] = {
	{ 500, "", ERROR_AGAIN, FAULT_TRANSIENT },
	{ 500, "ServiceException", ERROR_AGAIN, FAULT_TRANSIENT },
	{ 502, "", ERROR_AGAIN, FAULT_TRANSIENT },
	{ 503, "ServiceUnavailable", ERROR_AGAIN, FAULT_TRANSIENT },
	{ 504, "", ERROR_AGAIN, FAULT_TRANSIENT },
	{ 501, "NotImplemented", ERROR_AGAIN, FAULT_FINAL },
	{ 408, "", ERROR_AGAIN, FAULT_TRANSIENT },
	/* the code beats the status */
	{ 503, "RequestLimitExceeded", ERROR_THROTTLED, FAULT_THROTTLE },
	{ 500, "AccessDenied", ERROR_DENIED, FAULT_FINAL },
	{ 401, "", ERROR_DENIED, FAULT_FINAL },
	{ 403, "Surprise", ERROR_DENIED, FAULT_FINAL },
	{ 404, "", ERROR_BROKEN, FAULT_FINAL },
	{ 409, "Surprise", ERROR_AGAIN, FAULT_FINAL },
	{ 412, "", ERROR_AGAIN, FAULT_FINAL },
	{ 429, "", ERROR_THROTTLED, FAULT_THROTTLE },
	{ 400, "Surprise", ERROR_BROKEN, FAULT_FINAL },
	{ 301, "", ERROR_BROKEN, FAULT_FINAL },
};

START_TEST(statuses_mean)
{
	struct fault fault =
	    fault_of_code(SERVICE_SSM, statuses[_i].code, statuses[_i].status);

	ck_assert_int_eq(fault.class, statuses[_i].class);
	ck_assert_int_eq(fault.retry, statuses[_i].retry);
}
END_TEST

/* Each outcome but "answered" has a row. */
START_TEST(outcomes_mean)
{
	const char *code;

	for (int i = HTTP_ANSWERED + 1; i <= HTTP_UNUSABLE; i++) {
		ck_assert_int_eq((int)outcomes[i - 1].outcome, i);
		fault_of_outcome((enum http_outcome)i, &code);
		ck_assert_str_eq(code, outcomes[i - 1].code);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/fault");
	TCase *tests = tcase_create("fault");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, families_mean, 0, COUNT(families));
	tcase_add_test(tests, an_invalid_id_is_absent_in_ssm_only);
	tcase_add_test(tests, quotas_are_not_throttles);
	tcase_add_test(tests, a_zone_is_not_emptied_by_waiting);
	tcase_add_loop_test(tests, statuses_mean, 0, COUNT(statuses));
	tcase_add_test(tests, outcomes_mean);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
