/* SPDX-License-Identifier: MIT
 *
 * The certificates of a domain: one in each region, one record for both.
 *
 * A load balancer uses certificates of its own region only.  ACM asks for the
 * same record for a domain wherever it is asked, so the proof is published
 * once, as the primary's certificate says, and both wait for it.
 */
#include "base/mem.h"
#include "daemon/maker.h"

enum { RECORD_TTL_S = 300 };

static void
add_certificate(const struct maker *m, const char *region)
{
	enum policy policy = m->stack->manage_certificate;
	char name[NAME_MAX_LEN + 1];
	json_t *want =
	    mem_must(json_pack("{s:s}", "DomainName", m->stack->entry_domain));

	maker_name(m, name, NAME_MAX_LEN, region, "certificate");
	maker_claim(m, want, policy, name, maker_role(m, region));
	maker_add(m, &kind_certificate, region, "certificate",
	    m->stack->entry_domain, policy, want);

	want = mem_must(json_pack("{s:o, s:s}", "CertificateArn",
	    maker_reference(region, "certificate", "CertificateArn"), "After",
	    "${certificate-record:Name}"));
	maker_add(m, &kind_certificate_issued, region, "certificate-issued",
	    m->stack->entry_domain, policy, want);
}

static json_t *
proof(const struct maker *m, const char *path)
{
	return maker_reference(m->stack->primary.name, "certificate", path);
}

static void
add_record(const struct maker *m)
{
	enum policy policy = m->stack->manage_certificate;
	json_t *want = mem_must(
	    json_pack("{s:s, s:o, s:s, s:i, s:{s:[{s:o}]}}", "HostedZoneId",
		"${zone:Id}", "Name", proof(m, "ResourceRecord.Name"), "Type",
		"CNAME", "TTL", RECORD_TTL_S, "ResourceRecords",
		"ResourceRecord", "Value", proof(m, "ResourceRecord.Value")));

	if (policy == POLICY_MANAGE) {
		tree_put(want, "SetIdentifier",
		    maker_taken(mem_printf("drd:%s:%s:certificate",
			m->stack->name, m->stack->environment)));
		tree_put(want, "Weight", mem_must(json_integer(1)));
	}
	graph_add(m->graph, &kind_validation_record, ROUTE53_REGION,
	    "certificate-record", m->stack->entry_domain, policy, want);
}

void
maker_add_certificates(const struct maker *m)
{
	if (m->stack->entry_domain[0] == '\0')
		return;
	add_certificate(m, m->stack->primary.name);
	add_certificate(m, m->stack->standby.name);
	add_record(m);
}
