/* SPDX-License-Identifier: MIT
 *
 * A configuration for tests: read from a text as drd reads it, or the bare
 * stack, for a test that says itself what a layer is given.
 */
#ifndef DRD_TESTS_LIB_DECLARED_H
#define DRD_TESTS_LIB_DECLARED_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/config.h"

#define DECLARED_REGIONS                            \
	"region \"us-east-1\" { role = primary }\n" \
	"region \"us-west-2\" { role = standby }\n"

/*
 * The configuration of one stack, "shop", with `more` in it; `regions` NULL:
 * the usual two.  config_free it.
 */
static inline struct config *
declared(const char *more, const char *regions)
{
	char path[] = "/tmp/drd-test-declared.XXXXXX";
	struct text complaints = TEXT_INIT;
	struct config *config;
	int fd = mkstemp(path);
	FILE *file;

	ck_assert_int_ge(fd, 0);
	file = fdopen(fd, "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file,
	    "stack \"shop\" {\nenvironment = prod\n%s%s\n"
	    "dns { zone = example.com record = shop.example.com }\n}\n",
	    regions != NULL ? regions : DECLARED_REGIONS, more);
	ck_assert_int_eq(fclose(file), 0);
	config = config_read_text(path, &complaints);
	unlink(path);
	ck_assert_msg(config != NULL, "%s", complaints.s);
	text_release(&complaints);
	return config;
}

/* "shop" of "prod" in the usual two regions, and nothing else; not freed. */
static inline struct config_stack
declared_bare(void)
{
	/* The configuration owns its strings, so they are not const. */
	static char shop[] = "shop", prod[] = "prod", drd[] = "drd";
	static char east[] = "us-east-1", west[] = "us-west-2";

	return (struct config_stack){
		.name = shop,
		.service = shop,
		.environment = prod,
		.owner = drd,
		.primary = { .name = east },
		.standby = { .name = west },
	};
}

#endif
