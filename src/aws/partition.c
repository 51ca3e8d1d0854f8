/* SPDX-License-Identifier: MIT
 *
 * The partitions as rows.  See partition.h.
 */
#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include "aws/partition.h"
#include "base/text.h"

/* The four labels: plain, dual-stack, FIPS, both. */
#define LABELS(plain, dual, fips, both) .label = { plain, dual, fips, both }

/* The standard partition is the last, since its prefix fits every name. */
static const struct partition partitions[] = {
	{
	    .id = "aws-cn",
	    .prefix = "cn-",
	    .suffix = "amazonaws.com.cn",
	    .dual_suffix = "api.amazonwebservices.com.cn",
	    .iam = { LABELS("cn-north-1.", "global.", "", ""),
		.region = "cn-north-1", .fips_region = "cn-northwest-1" },
	    .route53 = { LABELS("", "global.", "", ""),
		.region = "cn-northwest-1" },
	},
	{
	    .id = "aws-us-gov",
	    .prefix = "us-gov-",
	    .suffix = "amazonaws.com",
	    .dual_suffix = "api.aws",
	    .plain_is_fips = true,
	    .s3_has_fips = true,
	    .iam = { LABELS("us-gov.", "us-gov.", "us-gov.", "us-gov."),
		.region = "us-gov-west-1" },
	    .route53 = { LABELS("us-gov.", "us-gov.", "us-gov.", "us-gov."),
		.region = "us-gov-west-1" },
	},
	{
	    .id = "aws-iso",
	    .prefix = "us-iso-",
	    .suffix = "c2s.ic.gov",
	    .dual_suffix = "api.aws.ic.gov",
	    .s3_has_fips = true,
	    .iam = { LABELS("us-iso-east-1.", "", "us-iso-east-1.", ""),
		.region = "us-iso-east-1" },
	    .route53 = { LABELS("", "", "", ""), .region = "us-iso-east-1" },
	},
	{
	    .id = "aws-iso-b",
	    .prefix = "us-isob-",
	    .suffix = "sc2s.sgov.gov",
	    .dual_suffix = "api.aws.scloud",
	    .s3_has_fips = true,
	    .iam = { LABELS("us-isob-east-1.", "", "us-isob-east-1.", ""),
		.region = "us-isob-east-1" },
	    .route53 = { LABELS("", "", "", ""), .region = "us-isob-east-1" },
	},
	{
	    .id = "aws-iso-e",
	    .prefix = "eu-isoe-",
	    .suffix = "cloud.adc-e.uk",
	    .dual_suffix = "api.cloud-aws.adc-e.uk",
	    .s3_has_fips = true,
	    .iam = { LABELS("eu-isoe-west-1.", "", "", ""),
		.region = "eu-isoe-west-1" },
	    .route53 = { LABELS("", "", "", ""), .region = "eu-isoe-west-1" },
	},
	{
	    .id = "aws-iso-f",
	    .prefix = "us-isof-",
	    .suffix = "csp.hci.ic.gov",
	    .dual_suffix = "api.aws.hci.ic.gov",
	    .s3_has_fips = true,
	    .iam = { LABELS("us-isof-south-1.", "", "", ""),
		.region = "us-isof-south-1" },
	    .route53 = { LABELS("", "", "", ""), .region = "us-isof-south-1" },
	},
	{
	    .id = "aws-eusc",
	    .prefix = "eusc-",
	    .suffix = "amazonaws.eu",
	    .dual_suffix = "api.amazonwebservices.eu",
	    .s3_has_fips = true,
	    .iam = { LABELS("eusc-de-east-1.", "", "", ""),
		.region = "eusc-de-east-1" },
	    .route53 = { LABELS("", "global.", "", ""),
		.region = "eusc-de-east-1" },
	},
	{
	    .id = "aws",
	    .prefix = "",
	    .suffix = "amazonaws.com",
	    .dual_suffix = "api.aws",
	    .s3_has_fips = true,
	    .iam = { LABELS("", "global.", "", "global."),
		.region = "us-east-1" },
	    .route53 = { LABELS("", "global.", "", "global."),
		.region = "us-east-1" },
	},
};

const struct partition *
partition_of(const char *region)
{
	const struct partition *p = partitions;

	while (!text_starts(region, p->prefix))
		p++;
	return p;
}

const struct global_place *
partition_global(const struct partition *partition, enum service service)
{
	assert(service_facts(service)->global);
	return service == SERVICE_IAM ? &partition->iam : &partition->route53;
}

static bool
is_on(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && strcasecmp(value, "true") == 0;
}

unsigned
partition_variant(void)
{
	return (is_on("AWS_USE_DUALSTACK_ENDPOINT") ? VARIANT_DUAL : 0u) |
	    (is_on("AWS_USE_FIPS_ENDPOINT") ? VARIANT_FIPS : 0u);
}

const char *
partition_home(enum service service, const char *near)
{
	const struct global_place *place =
	    partition_global(partition_of(near), service);

	if ((partition_variant() & VARIANT_FIPS) != 0 &&
	    place->fips_region != NULL)
		return place->fips_region;
	return place->region;
}
