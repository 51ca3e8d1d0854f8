/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a history that somebody left behind: it is judged, it is taken
 * up, and what is written behind it follows.
 */
#include <stdint.h>

#include "../../src/daemon/history_chain.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *s = (const char *)data;
	struct chain chain = { 0 }, judged = { 0 };
	struct text line = TEXT_INIT;
	json_t *entry = json_object();
	struct error e;

	(void)chain_follow(&judged, s, size, &e);
	chain_take_up(&chain, s, size);
	judged = chain;
	if (chain_write(&chain, entry, &line, &e) == -1)
		abort();
	if (chain_follow(&judged, line.s, line.len, &e) == -1 ||
	    strcmp(judged.hash, chain.hash) != 0)
		abort();
	json_decref(entry);
	text_release(&line);
	return 0;
}
