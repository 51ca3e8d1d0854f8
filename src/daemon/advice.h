/* SPDX-License-Identifier: MIT
 *
 * What is allowed and yet unwise.
 */
#ifndef DRD_DAEMON_ADVICE_H
#define DRD_DAEMON_ADVICE_H

#include "base/text.h"

struct config;

/*
 * One sentence a line, or nothing.  `here` is the region that drd runs in, as
 * the environment tells it; NULL: not known.
 */
void advise(const struct config *config, const char *here, struct text *out);

#endif
