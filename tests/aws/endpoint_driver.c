/* SPDX-License-Identifier: MIT
 *
 * endpoint_driver REGION...: where drd reaches each service, seen from each
 * region: one line for each, service, region, URL and signing region, or
 * service, region and "-".  The variant is the environment's.
 */
#include <stdio.h>

#include "aws/endpoint.h"

int
main(int argc, char **argv)
{
	for (int r = 1; r < argc; r++) {
		for (int s = 0; s < SERVICE_COUNT; s++) {
			const char *name = service_facts((enum service)s)->name;
			struct endpoint out;
			struct error e;

			if (endpoint_resolve(
				(enum service)s, argv[r], NULL, &out, &e) != 0)
				printf("%s %s -\n", name, argv[r]);
			else
				printf("%s %s %s %s\n", name, argv[r], out.url,
				    out.region);
		}
	}
	return 0;
}
