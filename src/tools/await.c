/* SPDX-License-Identifier: MIT
 *
 * Wait for what an order comes to.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "tools/await.h"
#include "tools/layout.h"
#include "tools/screen.h"

/* "+0.123s  us-west-2/parameter-active verified: version 4" */
static void
tell_effect(const json_t *effect, struct text *news)
{
	char after[LAYOUT_AGE_SIZE];
	const char *note = tree_str(effect, "note");

	text_addf(news, "%9s  %s %s",
	    layout_after(effect, "verified_after_ms", after),
	    layout_text(effect, "key"), layout_text(effect, "state"));
	if (note != NULL && note[0] != '\0')
		text_addf(news, ": %s", note);
	text_add(news, "\n");
}

static void
tell_effects(struct await *await, const json_t *change, struct text *news)
{
	size_t i, count = tree_count(change, "effects");
	const json_t *effect;
	const char *state;

	for (i = 0; i < count && i < AWAIT_EFFECTS; i++) {
		effect = tree_item(change, "effects", i);
		state = layout_text(effect, "state");
		if (await->told[i] == state[0] || strcmp(state, "planned") == 0)
			continue;
		await->told[i] = state[0];
		tell_effect(effect, news);
	}
}

/* Is there an effect of this kind that drd has given up? */
static bool
has_given_up(const json_t *change, const char *kind)
{
	const json_t *effect;
	size_t i;

	for (i = 0; i < tree_count(change, "effects"); i++) {
		effect = tree_item(change, "effects", i);
		if (strcmp(layout_text(effect, "kind"), kind) == 0 &&
		    strcmp(layout_text(effect, "state"), "given-up") == 0)
			return true;
	}
	return false;
}

/*
 * A parameter is given up only when another change has overtaken this one.
 * Users are there when the daemon knows for how long they have waited: what
 * they depend on is verified, DNS with it, if there is DNS that it can follow.
 */
static enum await_state
judge_change(struct await *await, const json_t *change, struct text *news)
{
	int64_t pending = layout_number(change, "pending"), waited_ms;

	if (has_given_up(change, "parameter")) {
		text_add(news,
		    "FAILED: somebody else's later change came in between\n");
		return AWAIT_FAILED;
	}
	await->in_force = tree_true(change, "leads_done");
	if (!await->in_force ||
	    tree_int(change, "recovery.users_ms", &waited_ms) < 0)
		return AWAIT_ON;
	text_addf(news, "DONE: %s is active, epoch %" PRId64,
	    layout_text(change, "to"), layout_number(change, "epoch"));
	if (has_given_up(change, "dns"))
		text_add(news, "; whether DNS leads there is not known");
	if (pending > 0)
		text_addf(news,
		    "; %" PRId64 " effect%s pending and retried until done",
		    pending, pending == 1 ? " is" : "s are");
	text_add(news, "\n");
	return AWAIT_DONE;
}

enum await_state
await_judge(struct await *await, const json_t *document, struct text *news)
{
	const json_t *stack = screen_find_stack(document, await->stack);
	const json_t *change = tree_at(stack, "change");

	if (strcmp(layout_text(change, "audit"), await->audit) == 0) {
		await->seen = true;
		tell_effects(await, change, news);
		return judge_change(await, change, news);
	}
	if (!await->seen && stack != NULL)
		return AWAIT_ON;
	text_addf(news, "FAILED: %s\n",
	    stack == NULL ? "the stack is not kept any more"
			  : "another change has taken its place");
	return AWAIT_FAILED;
}
