/* SPDX-License-Identifier: MIT
 *
 * The function's package.  See package.h.
 *
 * A zip file is read from its end: the end record says where the directory
 * is, the directory where each entry is (PKWARE, APPNOTE.TXT, 4.3).  Nothing
 * is unpacked.  Every offset comes from the file, so none is believed before
 * it was compared with the length.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/package.h"

/* "Lambda quotas": 50 MB zipped in a request, 250 MB unzipped. */
enum {
	SIZE_MAX_ZIPPED = 50 * 1024 * 1024,
	SIZE_MAX_UNZIPPED = 250 * 1024 * 1024,
};

/* Lengths of the fixed parts, and offsets of the fields that matter. */
enum {
	END_LEN = 22,
	END_DISK = 4,
	END_COUNT = 10,
	END_SIZE = 12,
	END_OFFSET = 16,
	END_COMMENT = 20,
	COMMENT_MAX = 0xffff,

	ENTRY_LEN = 46,
	ENTRY_FLAGS = 8,
	ENTRY_METHOD = 10,
	ENTRY_PACKED = 20,
	ENTRY_UNPACKED = 24,
	ENTRY_NAME = 28,
	ENTRY_EXTRA = 30,
	ENTRY_COMMENT = 32,
	ENTRY_OFFSET = 42,

	LOCAL_LEN = 30,
	LOCAL_NAME = 26,
	LOCAL_EXTRA = 28,

	FLAG_ENCRYPTED = 1,
	STORED = 0,
	DEFLATED = 8,
	ZIP64 = 0xffff, /* of a count: it stands elsewhere */
};

struct zip {
	const unsigned char *p;
	size_t len; /* up to the end record */
	size_t directory;
	unsigned count;
};

/* Of the directory; offsets and lengths are compared already. */
struct entry {
	const char *name; /* not terminated */
	size_t name_len;
	size_t unpacked;
};

static unsigned
u16(const unsigned char *p)
{
	return (unsigned)p[0] | (unsigned)p[1] << 8;
}

static size_t
u32(const unsigned char *p)
{
	return (size_t)u16(p) | (size_t)u16(p + 2) << 16;
}

static bool
is_record(const unsigned char *p, unsigned char a, unsigned char b)
{
	return p[0] == 'P' && p[1] == 'K' && p[2] == a && p[3] == b;
}

static int
damaged(struct error *e, const char *how)
{
	error_set(e, ERROR_BROKEN, "BadPackage",
	    "not a zip file that Lambda can unpack: %s: pack it again", how);
	return -1; /* said here, for the compiler that looks into this file */
}

/* --- The end record --------------------------------------------------- */

/* Its comment reaches to the end of the file, or it is not the record. */
static bool
is_end(const unsigned char *p, size_t len, size_t at)
{
	return is_record(p + at, 5, 6) &&
	    at + END_LEN + u16(p + at + END_COMMENT) == len;
}

static int
find_end(const char *bytes, size_t len, size_t *at, struct error *e)
{
	const unsigned char *p = (const unsigned char *)bytes;
	size_t i;

	if (len < END_LEN)
		return damaged(e, "too short");
	for (i = 0; i <= COMMENT_MAX && i <= len - END_LEN; i++) {
		*at = len - END_LEN - i;
		if (is_end(p, len, *at))
			return 0;
	}
	return damaged(e, "it has no end record, perhaps it was cut short");
}

static int
open_zip(struct zip *zip, const char *bytes, size_t len, struct error *e)
{
	const unsigned char *end;
	size_t at, size;

	if (find_end(bytes, len, &at, e) == -1)
		return -1;
	zip->p = (const unsigned char *)bytes;
	zip->len = at;
	end = zip->p + at;
	zip->count = u16(end + END_COUNT);
	zip->directory = u32(end + END_OFFSET);
	size = u32(end + END_SIZE);
	if (u32(end + END_DISK) != 0)
		return damaged(e, "it is one of several parts");
	if (zip->count == ZIP64)
		return damaged(e, "65,535 files or more");
	if (zip->count == 0)
		return damaged(e, "it holds no files");
	if (zip->directory > at || size > at - zip->directory)
		return damaged(e, "its directory is not where it says");
	return 0;
}

/* --- Entries ---------------------------------------------------------- */

/* The entry's own header, and room for its data after it. */
static bool
is_there(const struct zip *zip, size_t at, size_t packed)
{
	const unsigned char *local = zip->p + at;
	size_t head;

	if (at > zip->directory || zip->directory - at < LOCAL_LEN ||
	    !is_record(local, 3, 4))
		return false;
	head = LOCAL_LEN + u16(local + LOCAL_NAME) + u16(local + LOCAL_EXTRA);
	return head <= zip->directory - at &&
	    packed <= zip->directory - at - head;
}

/* The entry at *at, which moves on to the next. */
static int
read_entry(
    const struct zip *zip, size_t *at, struct entry *entry, struct error *e)
{
	const unsigned char *p = zip->p + *at;
	size_t rest = zip->len - *at, len;
	unsigned method;

	if (rest < ENTRY_LEN || !is_record(p, 1, 2))
		return damaged(e, "its directory is broken");
	entry->name_len = u16(p + ENTRY_NAME);
	len = ENTRY_LEN + entry->name_len + u16(p + ENTRY_EXTRA) +
	    u16(p + ENTRY_COMMENT);
	if (rest < len)
		return damaged(e, "its directory is broken");
	entry->name = (const char *)p + ENTRY_LEN;
	entry->unpacked = u32(p + ENTRY_UNPACKED);
	if (u16(p + ENTRY_FLAGS) & FLAG_ENCRYPTED)
		return damaged(e, "it is encrypted");
	method = u16(p + ENTRY_METHOD);
	if (method != STORED && method != DEFLATED)
		return damaged(e, "it is compressed in an unusual way");
	if (!is_there(zip, u32(p + ENTRY_OFFSET), u32(p + ENTRY_PACKED)))
		return damaged(e, "a file in it is not where it says");
	*at += len;
	return 0;
}

/* --- The handler's file ----------------------------------------------- */

/*
 * "src/index.handler" is in "src/index.js", ".mjs" or whatever the runtime
 * reads; Python also says "src.index.handler".  A runtime of one's own has a
 * "bootstrap".
 */
static bool
is_file_of(const struct entry *entry, const char *module, size_t len)
{
	size_t i;
	char c;

	if (entry->name_len == strlen("bootstrap") &&
	    memcmp(entry->name, "bootstrap", entry->name_len) == 0)
		return true;
	if (entry->name_len <= len + 1 || entry->name[len] != '.' ||
	    memchr(entry->name + len, '/', entry->name_len - len) != NULL)
		return false;
	for (i = 0; i < len; i++) {
		c = entry->name[i];
		if (c != module[i] && (c != '/' || module[i] != '.'))
			return false;
	}
	return true;
}

/* Java and .NET name a class, of which the file's name says nothing. */
static bool
names_a_class(const char *handler)
{
	return strstr(handler, "::") != NULL || strchr(handler, '.') == NULL;
}

static int
lacks_handler(struct error *e, const char *handler, size_t len)
{
	return error_set(e, ERROR_BROKEN, "NoHandler",
	    "nothing in it can be the file of the handler \"%s\": %.*s.js, "
	    ".mjs, .py or the like must be at its top, not in the folder that "
	    "was packed",
	    handler, (int)len, handler);
}

int
package_check(
    const char *bytes, size_t len, const char *handler, struct error *e)
{
	const char *dot = strrchr(handler, '.');
	size_t module = dot != NULL ? (size_t)(dot - handler) : 0;
	bool found = names_a_class(handler);
	struct entry entry;
	struct zip zip;
	size_t at, total = 0;
	unsigned i;

	if (open_zip(&zip, bytes, len, e) == -1)
		return -1;
	at = zip.directory;
	for (i = 0; i < zip.count; i++) {
		if (read_entry(&zip, &at, &entry, e) == -1)
			return -1;
		total += entry.unpacked;
		if (total > SIZE_MAX_UNZIPPED)
			return error_set(e, ERROR_BROKEN, "BadPackage",
			    "unpacked it is larger than %d bytes, more than "
			    "Lambda takes: leave out what is not needed",
			    SIZE_MAX_UNZIPPED);
		found |= is_file_of(&entry, handler, module);
	}
	return found ? 0 : lacks_handler(e, handler, module);
}

int
package_read(
    const char *path, const char *handler, struct package *out, struct error *e)
{
	char *bytes;
	int rc;

	if (file_read(path, SIZE_MAX_ZIPPED, &bytes, &out->size, e) == -1) {
		e->class = ERROR_BROKEN; /* absent is what AWS says */
		return -1;
	}
	if (out->size == 0)
		rc = error_set(e, ERROR_BROKEN, "BadPackage", "it is empty");
	else
		rc = package_check(bytes, out->size, handler, e);
	if (rc == -1)
		error_prefix(e, "%s", path);
	else
		rc = hash_sha256(bytes, out->size, out->sha256, e);
	free(bytes);
	return rc;
}
