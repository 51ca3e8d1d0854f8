/* SPDX-License-Identifier: MIT
 *
 * Runs of simulations: one, some files, many seeds.
 */
#ifndef DRD_SIM_RUN_H
#define DRD_SIM_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct run_options {
	uint64_t from; /* the first seed */
	uint64_t seeds;
	unsigned jobs;
	bool print; /* all that happens */
	bool first; /* no more after the first that breaks a law */
	FILE *tap;  /* or NULL: what passed and what failed, for tests/run.py */
};

/* Each is 0 if no law was broken; what was is told on standard output. */
int run_seed(uint64_t seed, const struct run_options *options);
int run_seeds(const struct run_options *options);
/* In this process, until the first that breaks a law. */
int run_until_broken(const struct run_options *options);
int run_file(const char *path, const struct run_options *options);

#endif
