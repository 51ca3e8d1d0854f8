/* SPDX-License-Identifier: MIT
 *
 * From the text of the configuration to its facts.
 */
#ifndef DRD_DAEMON_CONFIG_PARSE_H
#define DRD_DAEMON_CONFIG_PARSE_H

#include <stdbool.h>

#include "daemon/config.h"
#include "daemon/config_source.h"
#include "daemon/config_text.h"

/*
 * Read every option of its own into the zeroed `config`, and note where each
 * fact stands.  Strings of what is absent or wrong stay NULL.  false: not
 * the whole file could be read, and what is missing says nothing.
 */
bool config_parse(struct config_text *text, struct config_source *source,
    struct config *config);

#endif
