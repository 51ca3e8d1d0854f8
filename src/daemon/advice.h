/* SPDX-License-Identifier: MIT
 *
 * What is allowed and yet unwise.
 */
#ifndef DRD_DAEMON_ADVICE_H
#define DRD_DAEMON_ADVICE_H

#include <stdint.h>

#include "base/text.h"

struct config;

/*
 * One sentence a line, or nothing.  `here` is the region that drd runs in, as
 * the environment tells it; NULL: not known.  `now_ms` is wall time.
 */
void advise(const struct config *config, const char *here, int64_t now_ms,
    struct text *out);

/*
 * One sentence a line: how it is decided when a region takes the triggers with it: good to know,
 * and nothing to be warned of.
 */
void advise_blindness(const struct config *config, struct text *out);

/*
 * The same as advise, but what would keep apply from its work although the file is
 * good.  It is no mistake of the file: a daemon that could not start any more
 * because some date has come would fail nobody over.
 */
void advise_hindrances(
    const struct config *config, int64_t now_ms, struct text *out);

#endif
