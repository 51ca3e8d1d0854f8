/* SPDX-License-Identifier: MIT
 *
 * A certificate of ACM's for one domain, validated by DNS; and its issue.
 *
 * Certificates have no names, and an account may have any number of them for
 * one domain.  The listing has no tags: where it shows one for our domain, its
 * tags decide whether it is ours; where it shows two, drd never chooses.  One
 * that can never be used again does not count beside one that can.  A request
 * carries the token of the attempt: its retry makes no second certificate.
 *
 * Two kinds: the certificate has landed when ACM says which record proves the
 * domain, some seconds after the request; `kind_certificate_issued` is the
 * same object once more, read only, and lands when the proof was accepted.
 * The record stands between the two.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "stack/kind.h"
#include "stack/kinds/spell.h"

enum { CERTIFICATES_A_PAGE = 1000 };

static bool
is_alive(const char *status)
{
	return text_has_word("PENDING_VALIDATION ISSUED", status);
}

/* --- The listing: which one ------------------------------------------ */

static json_t *
all(const json_t *want, const json_t *have)
{
	return mem_must(json_pack("{s:i}", "MaxItems", CERTIFICATES_A_PAGE));
}

/* One that could stand where ours does: not imported, not private. */
static bool
is_candidate(const json_t *want, const json_t *item)
{
	const char *type = tree_str(item, "Type");

	return (type == NULL || strcmp(type, "AMAZON_ISSUED") == 0) &&
	    spell_dns_same(
		tree_str(item, "DomainName"), tree_str(want, "DomainName"));
}

/* Two of the same rank: nobody chooses. */
static int
ambiguous(const json_t *a, const json_t *b, struct error *e)
{
	return error_set(e, ERROR_BROKEN, "Ambiguous",
	    "two certificates for %s, %s and %s, and drd never chooses: "
	    "remove one, or say in the configuration which is to be used",
	    tree_str(a, "DomainName"), tree_str(a, "CertificateArn"),
	    tree_str(b, "CertificateArn"));
}

static int
find(const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const char *path = "CertificateSummaryList", *status;
	const json_t *found[2] = { NULL, NULL }; /* dead, alive */
	const json_t *item, *twins[2] = { NULL, NULL };
	bool alive;
	size_t i;

	if (!json_is_array(tree_at(reply, path)))
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "no list of certificates in the reply");
	for (i = 0; i < tree_count(reply, path); i++) {
		item = tree_item(reply, path, i);
		status = tree_str(item, "Status");
		if (tree_str(item, "CertificateArn") == NULL ||
		    tree_str(item, "DomainName") == NULL || status == NULL)
			return error_set(e, ERROR_BROKEN, "UnreadableReply",
			    "a certificate without ARN, domain or status");
		if (!is_candidate(want, item))
			continue;
		alive = is_alive(status);
		if (found[alive] == NULL)
			found[alive] = item;
		else
			twins[alive] = item;
	}
	alive = found[true] != NULL;
	item = found[alive];
	if (twins[alive] != NULL)
		return ambiguous(item, twins[alive], e);
	if (item != NULL)
		*have = spell_pick(item, "CertificateArn DomainName Status");
	return 0;
}

/* --- The certificate ------------------------------------------------- */

static json_t *
by_arn(const json_t *want, const json_t *have)
{
	return spell_pick(have != NULL ? have : want, "CertificateArn");
}

/* The record that proves the domain, names spelled as DNS compares. */
static json_t *
proof_of(const json_t *certificate)
{
	const json_t *option =
	    tree_item(certificate, "DomainValidationOptions", 0);
	const char *name = tree_str(option, "ResourceRecord.Name");
	const char *value = tree_str(option, "ResourceRecord.Value");

	if (name == NULL || value == NULL)
		return NULL;
	return mem_must(
	    json_pack("{s:o, s:s, s:o}", "Name", spell_dns(name, true), "Type",
		"CNAME", "Value", spell_dns(value, true)));
}

static int
describe(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	const json_t *certificate = tree_at(reply, "Certificate");
	json_t *proof;

	if (tree_str(certificate, "Status") == NULL ||
	    tree_str(certificate, "CertificateArn") == NULL)
		return error_set(e, ERROR_BROKEN, "UnreadableReply",
		    "a certificate without status or ARN");
	json_decref(*have);
	*have = spell_pick(certificate,
	    "CertificateArn DomainName Status FailureReason NotAfter");
	proof = proof_of(certificate);
	if (proof != NULL)
		spell_put(*have, "ResourceRecord", proof);
	return 0;
}

static int
add_tags(
    const json_t *want, const json_t *reply, json_t **have, struct error *e)
{
	spell_put(*have, "Tags", spell_tags(reply, "Tags"));
	return 0;
}

/* It will never be issued, or never again. */
static int
dead(const json_t *have, struct error *e)
{
	const char *reason = tree_str(have, "FailureReason");

	return error_set(e, ERROR_BROKEN, "CertificateUnusable",
	    "%s is %s%s%s, and that is final: delete it, then drd requests "
	    "another",
	    tree_str(have, "CertificateArn"), tree_str(have, "Status"),
	    reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

static int
landed(const json_t *want, const json_t *have, struct error *e)
{
	const char *status = tree_str(have, "Status");

	if (!is_alive(status))
		return dead(have, e);
	if (json_object_get(have, "ResourceRecord") != NULL)
		return 0;
	if (strcmp(status, "ISSUED") == 0)
		return error_set(e, ERROR_BROKEN, "NotByDNS",
		    "%s was not validated by DNS, so drd cannot keep its "
		    "proof: delete it, or name it in the configuration",
		    tree_str(have, "CertificateArn"));
	return error_set(e, ERROR_AGAIN, "Pending",
	    "ACM has not said yet which record proves the domain");
}

static json_t *
request(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = spell_pick(want, "DomainName");

	spell_put(input, "ValidationMethod", spell_string("DNS"));
	spell_put(input, "IdempotencyToken", spell_string(token));
	spell_put(input, "Tags", spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

static json_t *
retag(const json_t *want, const json_t *have, const char *token)
{
	json_t *input = by_arn(want, have);

	spell_put(input, "Tags", spell_tag_list(json_object_get(want, "Tags")));
	return input;
}

static json_t *delete (
    const json_t *want, const json_t *have, const char *token)
{
	return by_arn(want, have);
}

/* A listener that has just gone may hold it for minutes. */
static bool
listener_lingers(const struct error *e)
{
	return strcmp(e->code, "ResourceInUseException") == 0;
}

static const struct kind_page pages[] = {
	{ "NextToken", "NextToken" },
	{ NULL, NULL },
};

static const struct kind_step steps[] = {
	{ "RequestCertificate", .absent = true, .input = request,
	    .why = "not there yet" },
	{ "AddTagsToCertificate", .differs = "Tags", .input = retag,
	    .why = "other tags" },
	{ .operation = NULL },
};

static const struct kind_step removal[] = {
	{ "DeleteCertificate", .input = delete, .early = listener_lingers,
	    .why = "no longer wanted" },
	{ .operation = NULL },
};

const struct kind kind_certificate = {
	.name = "certificate",
	.service = SERVICE_ACM,
	.nameless = true,
	.look = { "ListCertificates", .pages = pages,
	    .items = "CertificateSummaryList", .input = all, .have = find },
	.detail = { "DescribeCertificate", .input = by_arn, .have = describe },
	.tags = { "ListTagsForCertificate", .input = by_arn, .have = add_tags },
	.landed = landed,
	.steps = steps,
	.removal = removal,
	.arn = "CertificateArn",
	.ignores = "DomainName",
};

/* --- Its issue ------------------------------------------------------- */

static int
issued(const json_t *want, const json_t *have, struct error *e)
{
	const char *status = tree_str(have, "Status");

	if (strcmp(status, "ISSUED") == 0)
		return 0;
	if (!is_alive(status))
		return dead(have, e);
	return error_set(e, ERROR_AGAIN, "Pending",
	    "it is %s: ACM has yet to find the record in the public DNS, to "
	    "which the zone must be delegated",
	    status);
}

const struct kind kind_certificate_issued = {
	.name = "certificate-issued",
	.service = SERVICE_ACM,
	.look = { "DescribeCertificate", .absent = "ResourceNotFoundException",
	    .input = by_arn, .have = describe },
	.owned = spell_is_part,
	.landed = issued,
	.ignores = "CertificateArn After",
};
