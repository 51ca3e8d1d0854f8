/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a configuration: a good one with all it needs, or complaints,
 * each on a line of its own with the file's name.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../src/daemon/config.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool claim)
{
	if (!claim)
		abort();
}

static void
check_complaints(const char *path, char *text)
{
	char *line, *rest = text;

	must(text[0] != '\0' && text_ends(text, "\n"));
	while ((line = strsep(&rest, "\n")) != NULL && rest != NULL)
		must(text_starts(line, path));
}

static void
check_stack(const struct config_stack *stack)
{
	must(stack->service != NULL && stack->environment != NULL);
	must(stack->suffix != NULL && stack->owner != NULL);
	must(stack->primary.name != NULL && stack->standby.name != NULL);
	must(strcmp(stack->primary.name, stack->standby.name) != 0);
	must(stack->primary.load_balancer != NULL);
	must(stack->zone != NULL && stack->record != NULL);
	must(stack->trigger_count >= stack->quorum && stack->quorum > 0);
	must(stack->check_port > 0 && stack->check_path != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text complaints = TEXT_INIT;
	struct config *config;
	char path[32];
	size_t i;
	int fd;

	fd = memfd_create("config", MFD_CLOEXEC);
	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	config = config_read_text(path, &complaints);
	if (config == NULL) {
		check_complaints(path, complaints.s);
	} else {
		must(complaints.len == 0 && config->stack_count > 0);
		must(config->poll_deadline < config->poll_interval);
		for (i = 0; i < config->stack_count; i++)
			check_stack(&config->stacks[i]);
	}
	config_free(config);
	text_release(&complaints);
	close(fd);
	return 0;
}
