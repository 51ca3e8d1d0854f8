/* SPDX-License-Identifier: MIT
 *
 * What systemd hears, at a socket of our own; and the catalogue, which has to
 * explain every event there is.
 */
#include <check.h>

#include <sys/socket.h>
#include <sys/un.h>

#include "../../src/daemon/notify.c"
#include "base/event.h"
#include "base/mem.h"
#include "base/text.h"

static int manager;

static void
setup(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(address);

	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(manager, 0);
	/* Only the family: the kernel finds an abstract name. */
	ck_assert_int_eq(bind(manager, (struct sockaddr *)&address,
			     sizeof(address.sun_family)),
	    0);
	ck_assert_int_eq(
	    getsockname(manager, (struct sockaddr *)&address, &len), 0);
	address.sun_path[0] = '@';
	address.sun_path[len - sizeof(address.sun_family)] = '\0';
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static void
teardown(void)
{
	close(manager);
}

static void
heard(char *buf, size_t size)
{
	ssize_t n = recv(manager, buf, size - 1, MSG_DONTWAIT);

	ck_assert_msg(n >= 0, "nothing was said");
	buf[n] = '\0';
}

START_TEST(the_manager_hears_the_state)
{
	char buf[1024], *usec;
	struct timespec now;

	notify_ready();
	heard(buf, sizeof(buf));
	ck_assert_str_eq(buf, "READY=1");
	notify_stopping();
	heard(buf, sizeof(buf));
	ck_assert_str_eq(buf, "STOPPING=1");
	notify_watchdog();
	heard(buf, sizeof(buf));
	ck_assert_str_eq(buf, "WATCHDOG=1");
	notify_reloading();
	heard(buf, sizeof(buf));
	ck_assert(text_starts(buf, "RELOADING=1\n"));
	usec = strstr(buf, "MONOTONIC_USEC=");
	ck_assert_ptr_nonnull(usec);
	clock_gettime(CLOCK_MONOTONIC, &now);
	ck_assert_int_le(
	    llabs(strtoll(usec + 15, NULL, 10) / 1000000 - now.tv_sec), 5);
}
END_TEST

START_TEST(a_status_is_one_line)
{
	char buf[1024], longer[2000];

	notify_status("shop: steady\nREADY=1");
	heard(buf, sizeof(buf));
	ck_assert_str_eq(buf, "STATUS=shop: steady READY=1");
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	notify_status(longer);
	heard(buf, sizeof(buf));
	ck_assert_uint_eq(strlen(buf), STATUS_SIZE - 1);
}
END_TEST

START_TEST(the_watchdog_is_fed_twice_a_period)
{
	char pid[16];

	ck_assert_uint_eq(notify_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "60000000", 1);
	ck_assert_uint_eq(notify_watchdog_ms(), 30000);
	setenv("WATCHDOG_USEC", "1", 1);
	ck_assert_uint_eq(notify_watchdog_ms(), 1);
	setenv("WATCHDOG_USEC", "60000000", 1);
	snprintf(pid, sizeof(pid), "%d", (int)getpid() + 1);
	setenv("WATCHDOG_PID", pid, 1);
	ck_assert_uint_eq(notify_watchdog_ms(), 0);
}
END_TEST

START_TEST(nobody_listens)
{
	unsetenv("NOTIFY_SOCKET");
	notify_ready();
	notify_reloading();
	notify_status("x");
	notify_watchdog();
	notify_stopping();
	setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
	notify_ready();
}
END_TEST

START_TEST(stderr_is_the_journal_or_not)
{
	char own[64];
	struct stat st;

	unsetenv("JOURNAL_STREAM");
	ck_assert(!stderr_is_the_journal());
	setenv("JOURNAL_STREAM", "1:2", 1);
	ck_assert(!stderr_is_the_journal());
	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", own, 1);
	ck_assert(stderr_is_the_journal());
}
END_TEST

/* ---- the catalogue ------------------------------------------------------ */

static char *
catalogue(void)
{
	const char *here = __FILE__, *tests = strstr(here, "tests/unit/");
	struct text out = TEXT_INIT;
	char *path, buf[4096];
	FILE *file;
	size_t n;

	ck_assert_ptr_nonnull(tests);
	path = mem_printf("%.*ssystemd/drd.catalog", (int)(tests - here), here);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s cannot be read", path);
	while ((n = fread(buf, 1, sizeof(buf), file)) > 0)
		text_add_bytes(&out, buf, n);
	fclose(file);
	free(path);
	return text_take(&out);
}

static const char *const events[] = { EVENT_STARTED, EVENT_STOPPING,
	EVENT_RELOADED, EVENT_RELOAD_REFUSED, EVENT_ROLE_CHANGED, EVENT_DECIDED,
	EVENT_EFFECT, EVENT_REPAIRED, EVENT_FOREIGN, EVENT_CLOCK_JUMP,
	EVENT_ISOLATED, EVENT_BRAKED, EVENT_APART, EVENT_READINESS,
	EVENT_OVERLOAD, EVENT_WITHHELD, EVENT_ORDERED, EVENT_DENIED };

enum { EVENTS = sizeof(events) / sizeof(events[0]) };

START_TEST(every_event_is_explained)
{
	char *text = catalogue(), *entry, *start;

	ck_assert_uint_eq(strlen(events[_i]), 32);
	start = mem_printf("\n-- %s\nSubject: ", events[_i]);
	entry = strstr(text, start);
	ck_assert_msg(entry != NULL, "%s is not explained", events[_i]);
	ck_assert_ptr_null(strstr(entry + 1, start));
	free(start);
	free(text);
}
END_TEST

START_TEST(nothing_else_is_explained)
{
	char *text = catalogue(), *at = text;
	size_t count = 0;

	while ((at = strstr(at, "\n-- ")) != NULL) {
		at++;
		count++;
	}
	ck_assert_uint_eq(count, EVENTS);
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("daemon_notify");
	TCase *tc = tcase_create("daemon_notify");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_manager_hears_the_state);
	tcase_add_test(tc, a_status_is_one_line);
	tcase_add_test(tc, the_watchdog_is_fed_twice_a_period);
	tcase_add_test(tc, nobody_listens);
	tcase_add_test(tc, stderr_is_the_journal_or_not);
	tcase_add_loop_test(tc, every_event_is_explained, 0, EVENTS);
	tcase_add_test(tc, nothing_else_is_explained);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
