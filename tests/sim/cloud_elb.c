/* SPDX-License-Identifier: MIT
 *
 * The load balancers, which somebody else has built.
 */
#include <string.h>

#include "cloud.h"
#include "names.h"

#define ARN "arn:aws:elasticloadbalancing:%s:" NAMES_ACCOUNT

static void
describe_balancers(const struct cloud_call *call)
{
	const char *region = region_names[call->region];

	text_addf(&call->answer->body,
	    "<DescribeLoadBalancersResponse><DescribeLoadBalancersResult>"
	    "<LoadBalancers><member><LoadBalancerArn>" ARN
	    ":loadbalancer/app/shop-%s-prod-alb/1</LoadBalancerArn>"
	    "<LoadBalancerName>shop-%s-prod-alb</LoadBalancerName>"
	    "<DNSName>%s</DNSName><CanonicalHostedZoneId>Z%d"
	    "</CanonicalHostedZoneId><Scheme>internet-facing</Scheme>"
	    "<VpcId>vpc-1</VpcId><Type>application</Type><State><Code>active"
	    "</Code></State></member></LoadBalancers>"
	    "</DescribeLoadBalancersResult></DescribeLoadBalancersResponse>",
	    region, region, region, names_balancer[call->region],
	    (int)call->region);
}

bool
cloud_elb(const struct cloud_call *call)
{
	struct text *out = &call->answer->body;
	const char *region = region_names[call->region];

	if (strcmp(call->operation, "DescribeLoadBalancers") == 0)
		describe_balancers(call);
	else if (strcmp(call->operation, "DescribeTags") == 0)
		text_add(out,
		    "<DescribeTagsResponse><DescribeTagsResult>"
		    "<TagDescriptions/></DescribeTagsResult>"
		    "</DescribeTagsResponse>");
	else if (strcmp(call->operation, "DescribeLoadBalancerAttributes") == 0)
		text_add(out,
		    "<DescribeLoadBalancerAttributesResponse>"
		    "<DescribeLoadBalancerAttributesResult><Attributes>"
		    "<member><Key>client_keep_alive.seconds</Key><Value>300"
		    "</Value></member></Attributes>"
		    "</DescribeLoadBalancerAttributesResult>"
		    "</DescribeLoadBalancerAttributesResponse>");
	else if (strcmp(call->operation, "DescribeTargetGroups") == 0)
		text_addf(out,
		    "<DescribeTargetGroupsResponse>"
		    "<DescribeTargetGroupsResult><TargetGroups><member>"
		    "<TargetGroupArn>" ARN ":targetgroup/shop/1"
		    "</TargetGroupArn><TargetGroupName>shop</TargetGroupName>"
		    "</member></TargetGroups></DescribeTargetGroupsResult>"
		    "</DescribeTargetGroupsResponse>",
		    region);
	else if (strcmp(call->operation, "DescribeTargetHealth") == 0)
		text_addf(out,
		    "<DescribeTargetHealthResponse>"
		    "<DescribeTargetHealthResult><TargetHealthDescriptions>"
		    "<member><Target><Id>f</Id></Target><TargetHealth><State>"
		    "%s</State></TargetHealth></member>"
		    "</TargetHealthDescriptions></DescribeTargetHealthResult>"
		    "</DescribeTargetHealthResponse>",
		    world_serves(call->region) ? "healthy" : "unhealthy");
	else if (strcmp(call->operation, "DescribeListeners") == 0)
		text_add(out,
		    "<DescribeListenersResponse><DescribeListenersResult>"
		    "<Listeners/></DescribeListenersResult>"
		    "</DescribeListenersResponse>");
	else
		return false;
	return true;
}
