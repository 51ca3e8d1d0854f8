/* SPDX-License-Identifier: MIT
 *
 * The AWS services drd speaks to, as facts in one table.
 *
 * Source: AWS service models (botocore data), see each row of service.c.
 */
#ifndef DRD_AWS_SERVICE_H
#define DRD_AWS_SERVICE_H

#include <stdbool.h>

enum service {
	SERVICE_EC2,
	SERVICE_ELB,
	SERVICE_LAMBDA,
	SERVICE_IAM,
	SERVICE_STS,
	SERVICE_DYNAMODB,
	SERVICE_S3,
	SERVICE_ROUTE53,
	SERVICE_CLOUDWATCH,
	SERVICE_SSM,
	SERVICE_SNS,
	SERVICE_ACM,
	SERVICE_KMS,
	SERVICE_TAGGING,
	SERVICE_QUOTAS,
	SERVICE_ARC, /* routing controls: a cluster of endpoints */
	SERVICE_COUNT
};

enum protocol {
	PROTOCOL_QUERY,
	PROTOCOL_EC2,
	PROTOCOL_JSON, /* 1.0 and 1.1: json_version tells */
	PROTOCOL_REST_JSON,
	PROTOCOL_REST_XML,
};

struct service_facts {
	const char *name;    /* ours, in logs: "route53" */
	const char *prefix;  /* of the host */
	const char *signing; /* name in the credential scope */
	const char *env;     /* of AWS_ENDPOINT_URL_<env>: "ROUTE_53" */
	enum protocol protocol;
	const char *version;	  /* of the API */
	const char *json_version; /* "1.0", "1.1" */
	const char *target;	  /* prefix of X-Amz-Target */
	const char *xmlns;	  /* of rest-xml request bodies */
	bool global;		  /* one endpoint for a whole partition */
	bool plain_is_fips; /* its usual host in GovCloud is the FIPS one */
};

const struct service_facts *service_facts(enum service service);

#endif
