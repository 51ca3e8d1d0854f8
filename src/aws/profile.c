/* SPDX-License-Identifier: MIT
 *
 * Reading one profile of a shared AWS file, and leaving no trace of it.
 *
 * The file is read whole, cut into lines in place and wiped before it is given
 * back.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/profile.h"
#include "aws/small_file.h"
#include "base/mem.h"

#define BLANKS "\t "

enum { FILE_MAX = 1024 * 1024 };

/* Keys that say "get the credentials elsewhere". */
static const char *const other_sources[] = { "role_arn", "credential_process",
	"sso_session", "sso_start_url", "web_identity_token_file",
	"credential_source", "login_session" };

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
place_of(struct profile *profile, const char *key)
{
	if (strcasecmp(key, "aws_access_key_id") == 0)
		return &profile->key;
	if (strcasecmp(key, "aws_secret_access_key") == 0)
		return &profile->secret;
	if (strcasecmp(key, "aws_session_token") == 0)
		return &profile->token;
	if (strcasecmp(key, "region") == 0)
		return &profile->region;
	return NULL;
}

static void
note_other_source(struct reader *r, const char *key)
{
	for (size_t i = 0; i < sizeof(other_sources) / sizeof(other_sources[0]);
	     i++) {
		if (strcasecmp(key, other_sources[i]) == 0) {
			r->profile->other = other_sources[i];
			r->profile->other_line = r->line;
		}
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

int
profile_read(const char *path, enum profile_file kind, const char *name,
    struct profile *out, struct error *e)
{
	struct reader r = {
		.path = path, .name = name, .kind = kind, .profile = out
	};
	char *file;
	size_t len = 0;
	int rc;

	*out = (struct profile){ 0 };
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

void
profile_release(struct profile *profile)
{
	free(profile->key);
	mem_free_secret(profile->secret);
	mem_free_secret(profile->token);
	free(profile->region);
	*profile = (struct profile){ 0 };
}
