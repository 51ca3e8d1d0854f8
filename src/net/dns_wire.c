/* SPDX-License-Identifier: MIT
 *
 * DNS messages: one question out, one answer in.
 *
 * All reading goes through a cursor that cannot leave the message: once a
 * read would, the cursor is broken, every later read gives zero, and the
 * answer is garbled.  Names are expanded before they are compared; a
 * compression pointer must point before the place it is found in, and so
 * before all pointers followed earlier: it cannot loop.
 */
#include <arpa/inet.h>
#include <string.h>

#include "net/dns_wire.h"

enum {
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	CLASS_IN = 1,

	FLAG_RESPONSE = 0x8000,
	FLAG_OPCODE = 0x7800,
	FLAG_AUTHORITY = 0x0400,
	FLAG_CUT = 0x0200,
	FLAG_RECURSE = 0x0100,

	RCODE_NO_NAME = 3,

	CNAME_HOPS_MAX = 16,
};

struct cursor {
	const uint8_t *message;
	size_t len;
	size_t at;
	bool broken;
};

struct header {
	uint16_t id, flags, questions, answers, authorities;
};

struct record {
	struct dns_name owner;
	uint16_t type, class;
	uint32_t ttl;
	size_t data; /* where it is in the message */
	size_t data_len;
};

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool
names_equal(const struct dns_name *a, const struct dns_name *b)
{
	return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* Add a label; the last one of a name is empty. */
static bool
add_label(struct dns_name *name, const uint8_t *label, size_t len)
{
	size_t i;

	if (len > 63 || name->len + 1 + len > DNS_NAME_MAX)
		return false;
	name->bytes[name->len++] = (uint8_t)len;
	for (i = 0; i < len; i++)
		name->bytes[name->len++] = lower(label[i]);
	return true;
}

int
dns_name_of(struct dns_name *name, const char *text)
{
	size_t len;

	name->len = 0;
	if (strcmp(text, ".") == 0)
		text = "";
	else if (*text == '\0')
		return -1;
	while (*text != '\0') {
		len = strcspn(text, ".");
		if (len == 0 || !add_label(name, (const uint8_t *)text, len))
			return -1;
		text += len;
		if (*text == '.')
			text++;
	}
	return add_label(name, NULL, 0) ? 0 : -1;
}

static void
put_u16(uint8_t *message, size_t *at, unsigned value)
{
	message[(*at)++] = (uint8_t)(value >> 8);
	message[(*at)++] = (uint8_t)value;
}

size_t
dns_wire_ask(uint8_t message[DNS_QUESTION_MAX], uint16_t id,
    const struct dns_name *name, bool recurse)
{
	size_t at = 0;

	put_u16(message, &at, id);
	put_u16(message, &at, recurse ? FLAG_RECURSE : 0);
	put_u16(message, &at, 1); /* questions */
	put_u16(message, &at, 0);
	put_u16(message, &at, 0);
	put_u16(message, &at, 0);
	memcpy(message + at, name->bytes, name->len);
	at += name->len;
	put_u16(message, &at, TYPE_A);
	put_u16(message, &at, CLASS_IN);
	return at;
}

/* Is there room for `n` bytes?  Breaks the cursor if not. */
static bool
has(struct cursor *c, size_t n)
{
	if (c->broken || n > c->len - c->at)
		c->broken = true;
	return !c->broken;
}

static uint8_t
get_u8(struct cursor *c)
{
	return has(c, 1) ? c->message[c->at++] : 0;
}

static uint16_t
get_u16(struct cursor *c)
{
	unsigned high = get_u8(c);

	return (uint16_t)(high << 8 | get_u8(c));
}

static uint32_t
get_u32(struct cursor *c)
{
	uint32_t high = get_u16(c);

	return high << 16 | get_u16(c);
}

static void
get_name(struct cursor *c, struct dns_name *name)
{
	struct cursor at = *c;
	size_t limit = c->at; /* a pointer must point before this */
	bool jumped = false;
	uint8_t len;

	name->len = 0;
	do {
		len = get_u8(&at);
		if ((len & 0xc0) == 0xc0) {
			size_t target = (size_t)(len & 0x3f) << 8 | get_u8(&at);

			if (!jumped)
				c->at = at.at;
			jumped = true;
			if (target >= limit)
				at.broken = true;
			else
				at.at = limit = target;
		} else if (!has(&at, len) ||
		    !add_label(name, at.message + at.at, len)) {
			at.broken = true; /* 0x40 and 0x80 are over 63 too */
		} else {
			at.at += len;
		}
	} while (len != 0 && !at.broken);
	if (!jumped)
		c->at = at.at;
	c->broken = at.broken;
}

static void
get_record(struct cursor *c, struct record *r)
{
	get_name(c, &r->owner);
	r->type = get_u16(c);
	r->class = get_u16(c);
	r->ttl = get_u32(c);
	if (r->ttl > INT32_MAX)
		r->ttl = 0; /* RFC 2181, 8 */
	r->data_len = get_u16(c);
	r->data = c->at;
	if (has(c, r->data_len))
		c->at += r->data_len;
}

/* Keep the addresses sorted, once each, and the lowest if too many. */
static void
add_address(uint32_t list[DNS_ADDRESSES_MAX], size_t *count, uint32_t address)
{
	size_t i = 0;

	while (i < *count && list[i] < address)
		i++;
	if (i == DNS_ADDRESSES_MAX || (i < *count && list[i] == address))
		return;
	if (*count < DNS_ADDRESSES_MAX)
		(*count)++;
	memmove(list + i + 1, list + i, (*count - 1 - i) * sizeof(*list));
	list[i] = address;
}

static void
write_addresses(struct dns_answer *answer, const uint32_t *list)
{
	size_t i;

	for (i = 0; i < answer->count; i++) {
		struct in_addr address = { htonl(list[i]) };

		/* Cannot fail: the buffers have room for IPv6. */
		if (inet_ntop(AF_INET, &address, answer->addresses[i],
			sizeof(answer->addresses[i])) == NULL)
			answer->addresses[i][0] = '\0';
	}
}

/*
 * One walk over the answers for `name`.  Collects its addresses; true if
 * there is none but a CNAME, which `name` becomes.
 */
static bool
walk_answers(struct cursor c, size_t records, struct dns_name *name,
    struct dns_answer *answer, bool *broken)
{
	uint32_t list[DNS_ADDRESSES_MAX];
	struct dns_name target = { .len = 0 };
	struct record r;

	answer->count = 0;
	answer->ttl = UINT32_MAX;
	for (; records > 0 && !c.broken; records--) {
		get_record(&c, &r);
		if (c.broken || r.class != CLASS_IN ||
		    !names_equal(&r.owner, name))
			continue;
		if (r.type == TYPE_CNAME) {
			struct cursor at = { c.message, r.data + r.data_len,
				r.data, false };

			get_name(&at, &target);
			c.broken = at.broken;
		} else if (r.type == TYPE_A) {
			struct cursor at = { c.message, c.len, r.data, false };

			c.broken = r.data_len != 4;
			add_address(list, &answer->count, get_u32(&at));
			if (r.ttl < answer->ttl)
				answer->ttl = r.ttl;
		}
	}
	*broken = c.broken;
	if (answer->count == 0)
		answer->ttl = 0;
	write_addresses(answer, list);
	if (c.broken || answer->count > 0 || target.len == 0)
		return false;
	*name = target;
	return true;
}

/*
 * A server that is not responsible refers to others: no answer, no SOA, the
 * servers of some zone above.  That says nothing about the name.
 */
static bool
is_referral(struct cursor c, const struct header *h)
{
	bool refers = false;
	struct record r;
	size_t i;

	if (h->flags & FLAG_AUTHORITY)
		return false;
	for (i = 0; i < (size_t)h->answers + h->authorities; i++) {
		get_record(&c, &r);
		if (c.broken || i < h->answers || r.type == TYPE_SOA)
			return false;
		if (r.type == TYPE_NS)
			refers = true;
	}
	return refers;
}

static enum dns_outcome
read_answers(const struct cursor *c, const struct header *h,
    struct dns_name name, struct dns_answer *answer)
{
	bool broken, on = true;
	int hops;

	for (hops = 0; on && hops < CNAME_HOPS_MAX; hops++)
		on = walk_answers(*c, h->answers, &name, answer, &broken);
	if (broken || on)
		return DNS_GARBLED;
	if (answer->count > 0)
		return DNS_ANSWERED;
	return is_referral(*c, h) ? DNS_REFUSED : DNS_EMPTY;
}

static struct header
get_header(struct cursor *c)
{
	struct header h;

	h.id = get_u16(c);
	h.flags = get_u16(c);
	h.questions = get_u16(c);
	h.answers = get_u16(c);
	h.authorities = get_u16(c);
	get_u16(c); /* additional records: never looked at */
	return h;
}

/* The question comes back with the answer. */
static bool
question_is(struct cursor *c, const struct dns_name *name)
{
	struct dns_name asked;
	uint16_t type, class;

	get_name(c, &asked);
	type = get_u16(c);
	class = get_u16(c);
	return !c->broken && type == TYPE_A && class == CLASS_IN &&
	    names_equal(&asked, name);
}

enum dns_reading
dns_wire_read(const uint8_t *message, size_t len, uint16_t id,
    const struct dns_name *name, struct dns_answer *answer)
{
	struct cursor c = { message, len, 0, false };
	struct header h = get_header(&c);
	unsigned rcode = h.flags & 15;

	answer->count = 0;
	answer->ttl = 0;
	if (c.broken || h.id != id || !(h.flags & FLAG_RESPONSE) ||
	    (h.flags & FLAG_OPCODE))
		return DNS_FOREIGN;
	/* Who could not read the question may leave it out. */
	if (h.questions == 0 && rcode != 0 && rcode != RCODE_NO_NAME) {
		answer->outcome = DNS_REFUSED;
		return DNS_READ;
	}
	if (h.questions != 1 || !question_is(&c, name))
		return DNS_FOREIGN;
	if (h.flags & FLAG_CUT)
		return DNS_CUT;
	if (rcode == 0)
		answer->outcome = read_answers(&c, &h, *name, answer);
	else
		answer->outcome =
		    rcode == RCODE_NO_NAME ? DNS_NO_NAME : DNS_REFUSED;
	if (answer->outcome != DNS_ANSWERED)
		answer->count = answer->ttl = 0;
	return DNS_READ;
}
