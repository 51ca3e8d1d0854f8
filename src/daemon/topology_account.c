/* SPDX-License-Identifier: MIT
 *
 * The account of the topology: what ARNs are made with before there is
 * anything to read them from.
 */
#include "base/mem.h"
#include "daemon/maker.h"

void
maker_add_account(const struct maker *m, const char *region)
{
	maker_add(m, &kind_account, region, "account", "caller", POLICY_OBSERVE,
	    mem_must(json_object()));
}
