/* SPDX-License-Identifier: MIT
 *
 * drd check.  See verb_check.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/creds.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/advice.h"
#include "daemon/config.h"
#include "daemon/online.h"
#include "daemon/verb_check.h"
#include "daemon/verbs.h"

/* Each line of `text`, which is cut up; returns how many. */
static unsigned
print_lines(FILE *out, const char *what, struct text *text)
{
	char *rest = text->s, *line;
	unsigned count = 0;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (*line == '\0')
			continue;
		fprintf(out, "%s: %s\n", what, line);
		count++;
	}
	text_release(text);
	return count;
}

int
verb_check(const struct config *config, const struct verb_options *verb)
{
	struct text advice = TEXT_INIT, hindrances = TEXT_INIT;
	struct text warnings = TEXT_INIT;
	int64_t now = clock_wall_ms();
	char *here = creds_region();
	int rc = EXIT_CLEAN;

	printf("%s: good: %zu stack%s\n", config->path, config->stack_count,
	    config->stack_count == 1 ? "" : "s");
	advise(config, here, now, &advice);
	advise_blindness(config, &advice);
	print_lines(stdout, "advice", &advice);
	fflush(stdout);
	text_add(&warnings, config->warnings);
	if (print_lines(stderr, "warning", &warnings) > 0 && verb->strict)
		rc = EXIT_FAULT;
	advise_hindrances(config, now, &hindrances);
	if (print_lines(stderr, "drd check", &hindrances) > 0)
		rc = EXIT_FAULT;
	free(here);
	if (verb->online) {
		/* What goes wrong is in the lines. */
		log_set_level(LOG_LEVEL_ERROR);
		if (online_check(config, stdout) != EXIT_CLEAN)
			rc = EXIT_FAULT;
	}
	return rc;
}
