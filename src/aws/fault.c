/* SPDX-License-Identifier: MIT
 *
 * AWS's error codes in one table: the first row that fits decides.
 *
 * Some six hundred codes exist; families of them are spelled alike, so a row
 * is a pattern: "NoSuch*" begins so, "*NotFound" ends so, "*InUse*" has it
 * anywhere.  Sources: the error shapes of the service models, and the lists of
 * transient, throttling and clock errors of the SDKs' standard retry mode.
 */
#include <stdbool.h>
#include <string.h>

#include "aws/fault.h"
#include "base/text.h"

#define ANY SERVICE_COUNT

struct code_row {
	enum service service;
	const char *pattern;
	struct fault means;
};

#define THROTTLED                               \
	{                                       \
		ERROR_THROTTLED, FAULT_THROTTLE \
	}
#define TRANSIENT                            \
	{                                    \
		ERROR_AGAIN, FAULT_TRANSIENT \
	}
#define LATER                               \
	{                                   \
		ERROR_AGAIN, FAULT_THROTTLE \
	}
#define CONFLICT                         \
	{                                \
		ERROR_AGAIN, FAULT_FINAL \
	}
#define DENIED                            \
	{                                 \
		ERROR_DENIED, FAULT_FINAL \
	}
#define CLOCK                             \
	{                                 \
		ERROR_DENIED, FAULT_CLOCK \
	}
#define ABSENT                            \
	{                                 \
		ERROR_ABSENT, FAULT_FINAL \
	}
#define BROKEN                            \
	{                                 \
		ERROR_BROKEN, FAULT_FINAL \
	}

static const struct code_row codes[] = {
	/* Ours: the change may have happened, so look before repeating. */
	{ ANY, "UnreadableReply", { ERROR_AGAIN, FAULT_FINAL } },

	/* Somebody else's, for good; ours is BucketAlreadyOwnedByYou. */
	{ SERVICE_S3, "BucketAlreadyExists", BROKEN },

	/* Quotas that go by the name of a throttle. */
	{ SERVICE_IAM, "LimitExceeded*", BROKEN },
	{ SERVICE_DYNAMODB, "LimitExceededException", CONFLICT },
	{ SERVICE_ACM, "LimitExceededException", BROKEN },

	{ ANY, "*Throttl*", THROTTLED },
	{ ANY, "TooManyRequests*", THROTTLED },
	{ ANY, "ProvisionedThroughputExceeded*", THROTTLED },
	{ ANY, "TransactionInProgressException", THROTTLED },
	{ ANY, "LimitExceededException", THROTTLED },
	{ ANY, "RequestLimitExceeded*", THROTTLED },
	{ ANY, "SlowDown", THROTTLED },
	{ ANY, "BandwidthLimitExceeded", THROTTLED },
	/* Both say that another change of the same object is not done. */
	{ ANY, "PriorRequestNotComplete", LATER },
	{ ANY, "TooManyUpdates", LATER },

	{ ANY, "RequestTimeout", TRANSIENT },
	{ ANY, "RequestTimeoutException", TRANSIENT },
	{ ANY, "InternalError", TRANSIENT },
	{ ANY, "IDPCommunicationError", TRANSIENT },
	{ ANY, "ReplicatedWriteConflictException", TRANSIENT },

	/* Our clock or our key; the Date of the answer tells which. */
	{ ANY, "RequestTimeTooSkewed", CLOCK },
	{ ANY, "RequestExpired", CLOCK },
	{ ANY, "RequestInTheFuture", CLOCK },
	{ ANY, "InvalidSecurity.RequestHasExpired", CLOCK },
	{ ANY, "InvalidSignatureException", CLOCK },
	{ ANY, "SignatureDoesNotMatch", CLOCK },
	{ ANY, "AuthFailure", CLOCK },

	{ ANY, "ExpiredToken*", { ERROR_DENIED, FAULT_EXPIRED } },

	{ ANY, "*AccessDenied*", DENIED },
	{ ANY, "Unauthorized*", DENIED },
	{ ANY, "NotAuthorized*", DENIED },
	{ ANY, "AuthorizationError*", DENIED },
	{ ANY, "InvalidClientTokenId", DENIED },
	{ ANY, "UnrecognizedClientException", DENIED },
	{ ANY, "InvalidAccessKeyId", DENIED },
	{ ANY, "InvalidToken", DENIED },
	{ ANY, "TokenRefreshRequired", DENIED },
	{ ANY, "IncompleteSignature*", DENIED },
	{ ANY, "MissingAuthenticationToken*", DENIED },
	{ ANY, "InvalidIdentityToken*", DENIED },
	{ ANY, "IDPRejectedClaim*", DENIED },
	{ ANY, "OptInRequired", DENIED },
	{ ANY, "SubscriptionRequired*", DENIED },
	{ ANY, "AllAccessDisabled", DENIED },
	{ ANY, "AccountProblem", DENIED },
	{ ANY, "RegionDisabledException", DENIED },
	{ ANY, "InvalidSecurity*", DENIED },

	/* The key of the object is missing, not the object. */
	{ ANY, "KMS*", BROKEN },

	{ ANY, "NoSuch*", ABSENT },
	{ ANY, "NotFound", ABSENT },
	{ ANY, "*NotFound", ABSENT },
	{ ANY, "*NotFoundException", ABSENT },
	{ ANY, "*NotFoundError", ABSENT },
	{ ANY, "ResourceNotFound*", ABSENT },
	/* What its tag calls say of a parameter that is not there. */
	{ SERVICE_SSM, "InvalidResourceId", ABSENT },

	{ ANY, "*AlreadyExists*", CONFLICT },
	{ ANY, "*AlreadyOwned*", CONFLICT },
	{ ANY, "*AlreadyAssociated", CONFLICT },
	{ ANY, "*.Duplicate", CONFLICT },
	{ ANY, "Duplicate*", CONFLICT },
	{ ANY, "*InUse*", CONFLICT },
	/* Of somebody else's records: ours are gone by then. */
	{ SERVICE_ROUTE53, "HostedZoneNotEmpty", BROKEN },
	{ ANY, "*NotEmpty", CONFLICT },
	{ ANY, "*Conflict*", CONFLICT },
	{ ANY, "Concurrent*", CONFLICT },
	{ ANY, "*VersionMismatch", CONFLICT },
	{ ANY, "PreconditionFailed*", CONFLICT },
	{ ANY, "ConditionalCheckFailed*", CONFLICT },
	{ ANY, "TransactionCanceled*", CONFLICT },
	{ ANY, "OperationAborted", CONFLICT },
	{ ANY, "DependencyViolation", CONFLICT },
	{ ANY, "IncorrectState*", CONFLICT },
	/* A new table has no backups yet: botocore/data/dynamodb. */
	{ SERVICE_DYNAMODB, "ContinuousBackupsUnavailable*", CONFLICT },
	{ ANY, "Gateway.NotAttached", CONFLICT },
};

struct outcome_row {
	enum http_outcome outcome;
	const char *code;
	struct fault means;
};

static const struct outcome_row outcomes[] = {
	{ HTTP_UNRESOLVED, "Unresolved", TRANSIENT },
	{ HTTP_REFUSED, "Refused", TRANSIENT },
	{ HTTP_CONNECT_TIMEOUT, "ConnectTimeout", TRANSIENT },
	{ HTTP_TLS, "TLS", TRANSIENT },
	{ HTTP_TIMEOUT, "Timeout", TRANSIENT },
	{ HTTP_BROKEN, "ConnectionBroken", TRANSIENT },
	{ HTTP_TOO_BIG, "TooBig", BROKEN },
	{ HTTP_UNUSABLE, "Unusable", BROKEN },
};

/* A star may stand at the begin and at the end of a pattern. */
static bool
fits(const char *pattern, const char *code)
{
	bool head = *pattern == '*';
	const char *word = pattern + head;
	size_t len = strlen(word);
	bool tail = len > 0 && word[len - 1] == '*';
	const char *at;

	len -= tail;
	if (!head)
		return strncmp(code, word, len) == 0 &&
		    (tail || code[len] == '\0');
	if (!tail)
		return text_ends(code, word);
	at = code;
	while (*at != '\0' && strncmp(at, word, len) != 0)
		at++;
	return *at != '\0';
}

/* A code that no row knows, or none at all. */
static struct fault
fault_of_status(int status)
{
	switch (status) {
	case 401:
	case 403:
		return (struct fault)DENIED;
	case 408:
	case 500:
	case 502:
	case 503:
	case 504:
		return (struct fault)TRANSIENT;
	case 409:
	case 412:
		return (struct fault)CONFLICT;
	case 429:
		return (struct fault)THROTTLED;
	default:
		break;
	}
	if (status >= 500)
		return (struct fault)CONFLICT;
	return (struct fault)BROKEN;
}

struct fault
fault_of_code(enum service service, const char *code, int status)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if ((codes[i].service == ANY || codes[i].service == service) &&
		    fits(codes[i].pattern, code))
			return codes[i].means;
	}
	return fault_of_status(status);
}

struct fault
fault_of_outcome(enum http_outcome outcome, const char **code)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		if (outcomes[i].outcome == outcome) {
			*code = outcomes[i].code;
			return outcomes[i].means;
		}
	}
	*code = "Unusable";
	return (struct fault)BROKEN;
}
