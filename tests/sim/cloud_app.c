/* SPDX-License-Identifier: MIT
 *
 * What users of the stack meet: GET /health of a balancer, or of the failover
 * name.
 */
#include <string.h>

#include "cloud.h"
#include "names.h"

enum { ANSWER_MS = 25, CRAWL_MS = 60000 };

static bool
whose(const struct http_request *request, enum region *region)
{
	const char *url = request->url;

	if (request->address != NULL) /* the name is of no matter then */
		*region = strcmp(request->address, names_address[WEST]) == 0
		    ? WEST
		    : EAST;
	else if (strstr(url, ".elb.amazonaws.com") != NULL)
		*region = strstr(url, region_names[WEST]) != NULL ? WEST : EAST;
	else if (strstr(url, "://" NAMES_RECORD) != NULL)
		*region = world_dns();
	else
		return false;
	return true;
}

static void
serve(enum app app, struct cloud_answer *answer)
{
	switch (app) {
	case APP_REFUSED:
		answer->outcome = HTTP_REFUSED;
		answer->fault = FAULT_REFUSED;
		break;
	case APP_SILENT:
		answer->never = true;
		answer->fault = FAULT_SILENT;
		break;
	case APP_500:
		answer->status = 500;
		break;
	case APP_SLOW:
		answer->after_ms = CRAWL_MS;
		break;
	case APP_OK:
	case APP_COUNT:
		text_add(&answer->body, "{\"status\":\"ok\"}");
		break;
	}
}

bool
cloud_app(const struct http_request *request, struct cloud_answer *answer)
{
	enum region region;
	enum app app;
	bool answered;

	if (!whose(request, &region))
		return false;
	app = world.region[region].app;
	*answer = (struct cloud_answer){
		.region = region,
		.api = API_OTHER,
		.operation = "GET /health",
		.outcome = HTTP_ANSWERED,
		.status = 200,
		.body = TEXT_INIT,
		.nameless = true,
		.after_ms = ANSWER_MS,
	};
	if (world.region[region].uplink.fault != FAULT_NONE)
		app = APP_SILENT;
	serve(app, answer);
	answered = app == APP_OK || app == APP_500;
	if (region == WEST) {
		answer->proves[EVIDENCE_OTHER] =
		    answered ? SAYS_OK : SAYS_NOTHING;
		return true;
	}
	answer->asks[EVIDENCE_PROBE] = true;
	answer->proves[EVIDENCE_PROBE] = app == APP_OK ? SAYS_OK : SAYS_FAIL;
	answer->proves[EVIDENCE_HTTP] = answered ? SAYS_OK : SAYS_NOTHING;
	return true;
}
