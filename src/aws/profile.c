/* SPDX-License-Identifier: MIT
 *
 * Reading one profile of a shared AWS file, and leaving no trace of it.
 *
 * The file is read whole, cut into lines in place and wiped before it is given
 * back.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/profile.h"
#include "aws/small_file.h"
#include "base/mem.h"
#include "base/text.h"

#define BLANKS "\t "

enum { FILE_MAX = 1024 * 1024 };

/* Where a key goes. */
static const struct {
	const char *key;
	size_t member;
} members[] = {
	{ "aws_access_key_id", offsetof(struct profile, key) },
	{ "aws_secret_access_key", offsetof(struct profile, secret) },
	{ "aws_session_token", offsetof(struct profile, token) },
	{ "region", offsetof(struct profile, region) },
	{ "role_arn", offsetof(struct profile, role_arn) },
	{ "source_profile", offsetof(struct profile, source_profile) },
	{ "credential_source", offsetof(struct profile, credential_source) },
	{ "external_id", offsetof(struct profile, external_id) },
	{ "duration_seconds", offsetof(struct profile, duration) },
	{ "role_session_name", offsetof(struct profile, session) },
	{ "mfa_serial", offsetof(struct profile, mfa_serial) },
	{ "web_identity_token_file", offsetof(struct profile, token_file) },
	{ "credential_process", offsetof(struct profile, process) },
};

/* What wants a person at a browser. */
static const char *const other_sources[] = { "sso_session", "sso_start_url",
	"login_session" };

enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

struct reader {
	const char *path;
	const char *name;
	enum profile_file kind;
	struct profile *profile;
	unsigned line;
	bool ours;    /* inside the section that we look for */
	char **value; /* of the key above, if it is one of ours */
};

static int
bad_line(const struct reader *r, struct error *e, const char *what)
{
	return error_set(e, ERROR_BROKEN, "UnreadableFile", "%s:%u: %s",
	    r->path, r->line, what);
}

static char *
trim(char *s)
{
	char *end = s + strlen(s);

	while (end > s && strchr(BLANKS, end[-1]) != NULL)
		end--;
	*end = '\0';
	return s + strspn(s, BLANKS);
}

/* "[default]", "[name]", "[profile name]", as the file has it. */
static int
read_section(struct reader *r, char *line, struct error *e)
{
	char *end = strchr(line, ']');
	char *name;

	if (end == NULL || end[1 + strspn(end + 1, BLANKS)] != '\0')
		return bad_line(r, e, "a section that does not end in ]");
	*end = '\0';
	name = trim(line + 1);
	r->value = NULL;
	if (r->kind == PROFILE_IN_CONFIG && strncmp(name, "profile", 7) == 0 &&
	    (name[7] == ' ' || name[7] == '\t'))
		name = trim(name + 7);
	else if (r->kind == PROFILE_IN_CONFIG && strcmp(name, "default") != 0)
		name = NULL; /* sso-session, services: not a profile */
	r->ours = name != NULL && strcmp(name, r->name) == 0;
	if (r->ours)
		r->profile->line = r->line;
	return 0;
}

static char **
member_of(struct profile *profile, size_t i)
{
	return (char **)(void *)((char *)profile + members[i].member);
}

static char **
place_of(struct profile *profile, const char *key)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		if (strcasecmp(key, members[i].key) == 0)
			return member_of(profile, i);
	}
	return NULL;
}

static void
note_other_source(struct reader *r, const char *key)
{
	for (size_t i = 0; i < sizeof(other_sources) / sizeof(other_sources[0]);
	     i++) {
		if (strcasecmp(key, other_sources[i]) == 0)
			r->profile->other = other_sources[i];
	}
}

static int
read_key(struct reader *r, char *line, struct error *e)
{
	char *equals = strchr(line, '=');
	char *value;
	char *key;

	if (equals == NULL || equals == line)
		return bad_line(r, e, "neither a section nor key = value");
	*equals = '\0';
	key = trim(line);
	value = trim(equals + 1);
	r->value = NULL;
	if (!r->ours)
		return 0;
	if (*value != '\0')
		note_other_source(r, key);
	r->value = place_of(r->profile, key);
	if (r->value != NULL) {
		mem_free_secret(*r->value);
		*r->value = *value == '\0' ? NULL : mem_strdup(value);
	}
	return 0;
}

static int
read_line(struct reader *r, char *line, struct error *e)
{
	size_t indent = strspn(line, BLANKS);

	r->line++;
	if (line[indent] == '\0' || line[0] == '#' || line[0] == ';')
		return 0;
	if (line[indent] == '#' || line[indent] == ';')
		return 0;
	if (indent > 0) {
		if (r->value != NULL)
			return bad_line(r, e,
			    "the value above must be one "
			    "line");
		return 0;
	}
	if (line[0] == '[')
		return read_section(r, line, e);
	return read_key(r, line, e);
}

static int
read_lines(struct reader *r, char *file, struct error *e)
{
	char *line = file;

	while (line != NULL) {
		char *next = strchr(line, '\n');
		size_t size;

		if (next != NULL)
			*next++ = '\0';
		size = strlen(line);
		if (size > 0 && line[size - 1] == '\r')
			line[size - 1] = '\0';
		if (read_line(r, line, e) != 0)
			return -1;
		line = next;
	}
	return 0;
}

/* Adds to what is there. */
static int
read_into(struct profile *out, const char *path, enum profile_file kind,
    const char *name, struct error *e)
{
	struct reader r = {
		.path = path, .name = name, .kind = kind, .profile = out
	};
	char *file;
	size_t len = 0;
	int rc;

	if (small_file_read(path, FILE_MAX, &file, &len, e) != 0)
		return -1;
	if (file == NULL)
		return 0;
	rc = read_lines(&r, file, e);
	mem_wipe(file, len);
	free(file);
	if (rc != 0)
		profile_release(out);
	return rc;
}

int
profile_read(const char *path, enum profile_file kind, const char *name,
    struct profile *out, struct error *e)
{
	*out = (struct profile){ 0 };
	return read_into(out, path, kind, name, e);
}

int
profile_merged(const char *name, struct profile *out, struct error *e)
{
	static const enum profile_file order[] = { PROFILE_IN_CONFIG,
		PROFILE_IN_CREDENTIALS };
	int rc = 0;

	*out = (struct profile){ 0 };
	for (size_t i = 0; i < 2 && rc == 0; i++) {
		char *path = profile_path(order[i]);

		if (path != NULL)
			rc = read_into(out, path, order[i], name, e);
		free(path);
	}
	if (rc != 0)
		profile_release(out);
	return rc;
}

void
profile_release(struct profile *profile)
{
	for (size_t i = 0; i < MEMBERS; i++)
		mem_free_secret(*member_of(profile, i));
	*profile = (struct profile){ 0 };
}

const char *
profile_variable(const char *name)
{
	const char *value = getenv(name);

	return value == NULL || *value == '\0' ? NULL : value;
}

const char *
profile_chosen(void)
{
	const char *name = profile_variable("AWS_PROFILE");

	return name == NULL ? "default" : name;
}

char *
profile_path(enum profile_file kind)
{
	const char *home = profile_variable("HOME");
	const char *path = profile_variable(kind == PROFILE_IN_CREDENTIALS
		? "AWS_SHARED_CREDENTIALS_FILE"
		: "AWS_CONFIG_FILE");

	if (path == NULL && home != NULL)
		return mem_printf("%s/.aws/%s", home,
		    kind == PROFILE_IN_CREDENTIALS ? "credentials" : "config");
	if (path != NULL && text_starts(path, "~/") && home != NULL)
		return mem_printf("%s%s", home, path + 1);
	return path == NULL ? NULL : mem_strdup(path);
}
