/* SPDX-License-Identifier: MIT
 *
 * The machine: lives of a process, one after the other.  See machine.h.
 */
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "chance.h"
#include "daemon/config.h"
#include "daemon/daemon.h"
#include "instant.h"
#include "laws.h"
#include "machine.h"
#include "net.h"
#include "trace.h"

enum {
	RESTART_MS = 5000,   /* what a service manager waits */
	REFUSED_MS = 120000, /* and when it does not start */
	FAREWELL_MS = 10000, /* to stop in good order */
};

static struct {
	char dir[64];
	int home;
	struct chance chance;
	uint64_t end_ms;
	uint64_t up_since_ms;
	uint64_t restart_ms;
	bool up;
	bool dead;
	bool power;
	bool stopping;
	unsigned crashes;
	unsigned lives;
	struct {
		unsigned n;
		bool power;
		uint64_t down_ms;
	} at[POINT_COUNT];
} machine;

/* ---- the directory ----------------------------------------------------- */

void
machine_open(void)
{
	char path[96];

	/* Memory, if there is a file system of it: nothing here is to last. */
	snprintf(machine.dir, sizeof(machine.dir), "%s/drd-sim-XXXXXX",
	    access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(machine.dir) == NULL) {
		perror(machine.dir);
		exit(1);
	}
	snprintf(path, sizeof(path), "%s/state", machine.dir);
	if (mkdir(path, 0700) == -1) {
		perror(path);
		exit(1);
	}
	machine.home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (machine.home == -1 || chdir(machine.dir) == -1) {
		perror(machine.dir);
		exit(1);
	}
}

static void
empty(const char *dir)
{
	struct dirent *entry;
	char path[512];
	DIR *d = opendir(dir);

	while (d != NULL && (entry = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		unlink(path);
	}
	if (d != NULL)
		closedir(d);
}

void
machine_close(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/state", machine.dir);
	empty(path);
	rmdir(path);
	empty(machine.dir);
	rmdir(machine.dir);
	if (fchdir(machine.home) == -1)
		perror("home");
	close(machine.home);
}

int
machine_home(void)
{
	return machine.home;
}

void
machine_configure(const char *config)
{
	FILE *f = fopen("drd.conf", "we");

	if (f == NULL) {
		perror("drd.conf");
		exit(1);
	}
	fputs(config, f);
	fclose(f);
}

void
machine_reset(uint64_t seed, const char *config)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/state", machine.dir);
	empty(path);
	chance_init(&machine.chance, seed, 2);
	machine.up = machine.dead = machine.stopping = false;
	machine.crashes = machine.lives = 0;
	memset(machine.at, 0, sizeof(machine.at));
	disk_reset(seed, path);
	machine_configure(config);
}

/* ---- crashes ----------------------------------------------------------- */

void
machine_crash(bool power, uint64_t down_ms)
{
	if (!machine.up || machine.dead)
		return;
	trace_line("machine", power ? "the power fails" : "drd is killed");
	machine.dead = true;
	machine.power = power;
	machine.crashes++;
	machine.restart_ms = instant_ms() + down_ms;
}

void
machine_crash_at(enum point point, unsigned n, bool power, uint64_t down_ms)
{
	machine.at[point].n = n;
	machine.at[point].power = power;
	machine.at[point].down_ms = down_ms;
}

void
machine_at(enum point point)
{
	if (!machine.up || machine.dead || machine.at[point].n == 0 ||
	    --machine.at[point].n > 0)
		return;
	machine_crash(machine.at[point].power, machine.at[point].down_ms);
}

void
machine_set_disk(enum disk disk)
{
	disk_set(disk);
}

bool
machine_is_up(void)
{
	return machine.up && !machine.dead;
}

bool
machine_is_dead(void)
{
	return machine.dead;
}

unsigned
machine_crashes(void)
{
	return machine.crashes;
}

unsigned
machine_lives(void)
{
	return machine.lives;
}

uint64_t
machine_up_since(void)
{
	return machine.up_since_ms;
}

/* The same in every run: it gets into files. */
pid_t __wrap_getpid(void);

pid_t
__wrap_getpid(void)
{
	return 4242;
}

/* Nobody but root: whom the system knows is no matter of drd's. */
struct group *__wrap_getgrnam(const char *name);

struct group *
__wrap_getgrnam(const char *name)
{
	return NULL;
}

/* ---- lives ------------------------------------------------------------- */

bool
machine_goes_on(void)
{
	if (machine.dead) {
		laws_look();
		return false;
	}
	if (!machine.stopping && !instant_step(machine.end_ms)) {
		machine.stopping = true;
		machine_signal(SIGTERM);
		if (instant_timers() == 0)
			machine.dead = true;
	} else if (machine.stopping) {
		instant_step(machine.end_ms + FAREWELL_MS);
		if (instant_ms() >= machine.end_ms + FAREWELL_MS) {
			laws_broken("stops", "drd was told to stop and runs");
			machine.dead = true;
		}
	}
	laws_look();
	return !machine.dead;
}

static void
live(void)
{
	struct text complaints = TEXT_INIT;
	struct config *config;

	machine.up_since_ms = instant_ms();
	machine.restart_ms = 0;
	machine.dead = machine.power = false;
	machine.lives++;
	laws_begin_life();
	machine.up = true;
	disk_enter();
	config = config_read(MACHINE_DIR "/drd.conf", &complaints);
	if (config != NULL) {
		daemon_run(config);
	} else {
		trace_line("machine", "drd does not start: bad file");
		machine.restart_ms = instant_ms() + REFUSED_MS;
	}
	text_release(&complaints);
	disk_leave();
	machine.up = false;
	if (machine.power)
		disk_lose_power();
	laws_end_life();
	if (machine.restart_ms == 0)
		machine.restart_ms = instant_ms() + RESTART_MS;
}

void
machine_run(uint64_t end_ms)
{
	machine.end_ms = end_ms;
	while (instant_ms() < end_ms && !laws_are_broken()) {
		live();
		if (machine.restart_ms > end_ms)
			machine.restart_ms = end_ms;
		while (instant_step(machine.restart_ms))
			laws_look();
	}
}

char *
machine_journal(void)
{
	char path[128], *s;
	ssize_t n;
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/state/shop.journal", machine.dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1 || fstat(fd, &st) == -1) {
		if (fd != -1)
			close(fd);
		return mem_strdup("");
	}
	s = mem_alloc((size_t)st.st_size + 1);
	n = read(fd, s, (size_t)st.st_size);
	s[n > 0 ? n : 0] = '\0';
	close(fd);
	return s;
}
