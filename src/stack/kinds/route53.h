/* SPDX-License-Identifier: MIT
 *
 * What the Route 53 kinds share: tags, whose a caller reference is, and how
 * the record sets of one name are listed.
 *
 * Zones and health checks are made without tags and tagged by a second call.
 * In between only the caller reference tells that an object is ours, so it
 * begins with "drd:{stack}:{purpose}:" and ends in the token of the attempt:
 * the retry of a request makes no second object, and a later attempt is not
 * refused because an object of the same reference was deleted.  In between is
 * a hash of the environment, which has no room in full.  References were
 * made without it once; of those the tags must tell the environment.
 */
#ifndef DRD_STACK_KINDS_ROUTE53_H
#define DRD_STACK_KINDS_ROUTE53_H

#include "stack/kind.h"

/* Whose have's CallerReference says that it is, from least to most sure. */
enum route53_claim {
	ROUTE53_OTHERS,
	ROUTE53_UNMARKED, /* of our stack, whatever its environment */
	ROUTE53_OURS,
};
enum route53_claim route53_claim(const json_t *want, const json_t *have);

/* By tags; or by reference, as long as the tags do not contradict it. */
bool route53_owned(const json_t *want, const json_t *have);

/* want's CallerReference and the token, as a new string. */
json_t *route53_reference(const json_t *want, const char *token);

#define ROUTE53_TAGS "/2013-04-01/tags/{ResourceType}/{ResourceId}"

/* Of a resource of type "healthcheck" or "hostedzone"; `have` has its Id. */
json_t *route53_tags_input(const char *type, const json_t *have);
int route53_tags_have(
    const json_t *want, const json_t *reply, json_t **have, struct error *e);
json_t *
route53_tag_input(const char *type, const json_t *want, const json_t *have);

#define ROUTE53_RECORDS "/2013-04-01/hostedzone/{HostedZoneId}/rrset/"

/* The record sets of want's HostedZoneId, Name and Type. */
#define ROUTE53_RECORDS_OF_NAME                                   \
	"/2013-04-01/hostedzone/{HostedZoneId}/rrset?name={Name}" \
	"&type={Type}&identifier={Identifier}"
extern const struct kind_page route53_record_pages[];
json_t *route53_by_name(const json_t *want, const json_t *have);
bool route53_past_the_name(const json_t *input, const json_t *page);

#endif
