/* SPDX-License-Identifier: MIT
 *
 * How long Lambda still takes a runtime.  See runtimes.h.
 *
 * Dates are spelled so that they compare as text.  The table is the guide's of
 * August 2026; where AWS has moved a date back since, it warns too early.  So
 * nothing goes by it but what is said, and the exit status of a check.
 */
#include <string.h>

#include "base/clock.h"
#include "daemon/runtimes.h"

enum { DATE_SIZE = sizeof("2026-11-23") };

#define AHEAD_MS (INT64_C(180) * 24 * 60 * 60 * 1000)

struct runtime {
	const char *name;
	const char *deprecated;
	const char *no_create;
	const char *no_update;
	const char *next; /* what to move to */
};

/* clang-format off */
static const struct runtime runtimes[] = {
	{ "nodejs24.x", "2028-04-30", "2028-06-01", "2028-07-01", NULL },
	{ "nodejs22.x", "2027-04-30", "2027-06-01", "2027-07-01",
	    "nodejs24.x" },
	{ "nodejs20.x", "2026-04-30", "2027-02-01", "2027-03-03",
	    "nodejs24.x" },
	{ "nodejs18.x", "2025-09-01", "2027-02-01", "2027-03-03",
	    "nodejs24.x" },
	{ "nodejs16.x", "2024-06-12", "2027-02-01", "2027-03-03",
	    "nodejs24.x" },
	{ "nodejs14.x", "2023-12-04", "2024-01-09", "2027-03-03",
	    "nodejs24.x" },
	{ "nodejs12.x", "2023-03-31", "2023-03-31", "2023-04-30",
	    "nodejs24.x" },
	{ "nodejs10.x", "2021-07-30", "2021-07-30", "2022-02-14",
	    "nodejs24.x" },

	{ "python3.14", "2029-06-30", "2029-07-31", "2029-08-31", NULL },
	{ "python3.13", "2029-06-30", "2029-07-31", "2029-08-31",
	    "python3.14" },
	{ "python3.12", "2028-10-31", "2028-11-30", "2029-01-10",
	    "python3.14" },
	{ "python3.11", "2027-06-30", "2027-07-31", "2027-08-31",
	    "python3.14" },
	{ "python3.10", "2026-10-31", "2027-02-01", "2027-03-03",
	    "python3.14" },
	{ "python3.9", "2025-12-15", "2027-02-01", "2027-03-03",
	    "python3.14" },
	{ "python3.8", "2024-10-14", "2027-02-01", "2027-03-03",
	    "python3.14" },
	{ "python3.7", "2023-12-04", "2024-01-09", "2027-03-03",
	    "python3.14" },
	{ "python3.6", "2022-07-18", "2022-07-18", "2022-08-29",
	    "python3.14" },

	{ "java25", "2029-06-30", "2029-07-31", "2029-08-31", NULL },
	{ "java21", "2029-06-30", "2029-07-31", "2029-08-31", "java25" },
	{ "java17", "2027-06-30", "2027-07-31", "2027-08-31", "java25" },
	{ "java11", "2027-06-30", "2027-07-31", "2027-08-31", "java25" },
	{ "java8.al2", "2027-06-30", "2027-07-31", "2027-08-31", "java25" },
	{ "java8", "2024-01-08", "2024-02-08", "2027-03-03", "java25" },

	{ "dotnet10", "2028-11-14", "2028-12-14", "2029-01-15", NULL },
	{ "dotnet8", "2026-11-10", "2027-02-01", "2027-03-03", "dotnet10" },
	{ "dotnet6", "2024-12-20", "2027-02-01", "2027-03-03", "dotnet10" },
	{ "dotnetcore3.1", "2023-04-03", "2023-04-03", "2023-05-03",
	    "dotnet10" },

	{ "ruby3.4", "2028-03-31", "2028-04-30", "2028-05-31", NULL },
	{ "ruby3.3", "2027-03-31", "2027-04-30", "2027-05-31", "ruby3.4" },
	{ "ruby3.2", "2026-03-31", "2027-02-01", "2027-03-03", "ruby3.4" },
	{ "ruby2.7", "2023-12-07", "2024-01-09", "2027-03-03", "ruby3.4" },

	{ "provided.al2023", "2029-06-30", "2029-07-31", "2029-08-31", NULL },
	{ "provided.al2", "2026-07-31", "2027-02-01", "2027-03-03",
	    "provided.al2023" },
	{ "provided", "2024-01-08", "2024-02-08", "2027-03-03",
	    "provided.al2023" },
	{ "go1.x", "2024-01-08", "2024-02-08", "2027-03-03",
	    "provided.al2023" },
};
/* clang-format on */

static const struct runtime *
find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]); i++)
		if (strcmp(runtimes[i].name, name) == 0)
			return &runtimes[i];
	return NULL;
}

static void
date_of(int64_t wall_ms, char out[DATE_SIZE])
{
	char stamp[CLOCK_RFC3339_SIZE];

	clock_rfc3339(wall_ms, stamp);
	memcpy(out, stamp, DATE_SIZE - 1);
	out[DATE_SIZE - 1] = '\0';
}

static bool
is_over(const char *date, const char *today)
{
	return strcmp(date, today) <= 0;
}

static void
add_advice(const struct runtime *runtime, struct text *out)
{
	if (runtime->next != NULL)
		text_addf(out, ": move to %s", runtime->next);
	else
		text_add(out,
		    ": move to the one that follows it, which this drd does "
		    "not know yet");
}

enum runtime_state
runtime_judge(const char *name, int64_t now_ms, struct text *out)
{
	const struct runtime *runtime = find(name);
	char today[DATE_SIZE], soon[DATE_SIZE];
	bool closed;

	date_of(now_ms, today);
	date_of(now_ms + AHEAD_MS, soon);
	if (runtime == NULL) {
		text_addf(out,
		    "runtime %s is not one that this drd knows: see that "
		    "Lambda takes it",
		    name);
		return RUNTIME_UNKNOWN;
	}
	if (!is_over(runtime->deprecated, soon))
		return RUNTIME_FINE;
	closed = is_over(runtime->no_create, today);
	text_addf(out,
	    "runtime %s: no patches from %s on, no new functions from %s, no "
	    "changes from %s",
	    name, runtime->deprecated, runtime->no_create, runtime->no_update);
	add_advice(runtime, out);
	return closed ? RUNTIME_CLOSED : RUNTIME_AGING;
}
