/* SPDX-License-Identifier: MIT
 *
 * A record of the journal as a line, and back.
 *
 * An interrupted write leaves some bytes of one record and nothing behind
 * it.  That, and only that, is a torn line; whatever else is wrong is damage,
 * and who reads the file decides what to do about either.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "failover/record.h"

enum { CRC_DIGITS = 8 };

/* CRC-32 as in IEEE 802.3 and zlib, four bits at a time. */
static uint32_t
crc32_of(const char *s, size_t len)
{
	static const uint32_t table[16] = {
		0x00000000,
		0x1db71064,
		0x3b6e20c8,
		0x26d930ac,
		0x76dc4190,
		0x6b6b51f4,
		0x4db26158,
		0x5005713c,
		0xedb88320,
		0xf00f9344,
		0xd6d6a3e8,
		0xcb61b38c,
		0x9b64c2b0,
		0x86d3d2d4,
		0xa00ae278,
		0xbdbdf21c,
	};
	uint32_t crc = 0xffffffff;
	size_t i;

	for (i = 0; i < len; i++) {
		crc ^= (unsigned char)s[i];
		crc = (crc >> 4) ^ table[crc & 15];
		crc = (crc >> 4) ^ table[crc & 15];
	}
	return ~crc;
}

/* Lower case only. */
static const char *
read_hex(const char *s, const char *end, uint32_t *out)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;
	int i;

	*out = 0;
	for (i = 0; i < CRC_DIGITS; i++, s++) {
		if (s == end || *s == '\0' ||
		    (digit = strchr(digits, *s)) == NULL)
			return NULL;
		*out = *out << 4 | (uint32_t)(digit - digits);
	}
	return s;
}

static const char *
read_length(const char *s, const char *end, size_t *out)
{
	const char *start = s;

	*out = 0;
	for (; s < end && *s >= '0' && *s <= '9'; s++) {
		*out = *out * 10 + (size_t)(*s - '0');
		if (*out > RECORD_MAX)
			return NULL;
	}
	return s == start || *start == '0' ? NULL : s;
}

static const char *
skip_space(const char *s, const char *end)
{
	return s != NULL && s < end && *s == ' ' ? s + 1 : NULL;
}

/* A line as far as it makes sense. */
struct parts {
	const char *json;
	size_t json_len;
	size_t len; /* of the whole line */
	bool whole; /* all of it is there and the checksum agrees */
};

/* What is wrong with the line at `s`, or NULL. */
static const char *
take_apart(const char *s, size_t len, struct parts *parts)
{
	const char *end = s + len, *sum_of, *p;
	uint32_t crc;

	p = sum_of = skip_space(read_hex(s, end, &crc), end);
	if (p != NULL)
		p = skip_space(read_length(p, end, &parts->json_len), end);
	if (p == NULL || parts->json_len > (size_t)(end - p))
		return "it is no whole record";
	parts->json = p;
	p += parts->json_len;
	if (crc32_of(sum_of, (size_t)(p - sum_of)) != crc)
		return "its checksum does not match";
	if (p == end)
		return "its end is missing";
	parts->whole = true;
	if (*p != '\n')
		return "it does not end where it should";
	parts->len = (size_t)(p + 1 - s);
	return NULL;
}

static json_t *
parse(const char *json, size_t len)
{
	json_t *record = tree_parse(json, len);

	if (json_is_object(record) && tree_str(record, "type") != NULL)
		return record;
	json_decref(record);
	return NULL;
}

struct record_line
record_read(const char *s, size_t len, size_t left)
{
	struct record_line line = { 0 };
	struct parts parts = { 0 };
	const char *newline;

	line.wrong = take_apart(s, len, &parts);
	if (line.wrong != NULL) {
		newline = memchr(s, '\n', len);
		line.torn = !parts.whole && left <= RECORD_LINE_MAX &&
		    (newline == NULL || newline == s + len - 1);
		return line;
	}
	line.record = parse(parts.json, parts.json_len);
	if (line.record != NULL)
		line.len = parts.len;
	else
		line.wrong = "it holds no record of drd";
	return line;
}

int
record_write(struct text *out, const json_t *record, struct error *e)
{
	struct text body = TEXT_INIT;
	json_t *again;
	char *json;
	size_t len;
	int rc = 0;

	json = tree_dump(record);
	len = strlen(json);
	again = len <= RECORD_MAX ? parse(json, len) : NULL;
	if (again != NULL) {
		text_addf(&body, "%zu %s", len, json);
		text_addf(out, "%08x %s\n", crc32_of(body.s, body.len), body.s);
		text_release(&body);
	} else {
		rc = error_set(e, ERROR_BUG, "Journal",
		    "a record of %zu bytes is too long or has no type", len);
	}
	json_decref(again);
	free(json);
	return rc;
}
