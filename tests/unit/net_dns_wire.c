/* SPDX-License-Identifier: MIT
 *
 * DNS messages: what is asked, what is understood, and what a hostile or
 * broken server cannot do.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../src/net/dns_wire.c"
#include "base/backoff.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))

enum { ID = 0x1234, OK = 0x8400, POINTER = 0xc000 };

/* An answer that is being built; `www` is at 12, right past the header. */
static uint8_t message[4096];
static size_t at;
static struct dns_name asked;
static struct dns_answer answer;

static void
name(const char *text)
{
	struct dns_name n;

	ck_assert_int_eq(dns_name_of(&n, text), 0);
	memcpy(message + at, n.bytes, n.len);
	at += n.len;
}

static void
begin(unsigned flags, unsigned answers, unsigned authorities)
{
	at = 0;
	put_u16(message, &at, ID);
	put_u16(message, &at, flags);
	put_u16(message, &at, 1);
	put_u16(message, &at, answers);
	put_u16(message, &at, authorities);
	put_u16(message, &at, 0);
	name("WWW.example.com");
	put_u16(message, &at, TYPE_A);
	put_u16(message, &at, CLASS_IN);
}

/* Type, class, time to live and the length of the data. */
static void
facts(unsigned type, unsigned ttl, unsigned len)
{
	put_u16(message, &at, type);
	put_u16(message, &at, CLASS_IN);
	put_u16(message, &at, ttl >> 16);
	put_u16(message, &at, ttl & 0xffff);
	put_u16(message, &at, len);
}

static void
address(unsigned last, unsigned ttl)
{
	put_u16(message, &at, POINTER | 12);
	facts(TYPE_A, ttl, 4);
	put_u16(message, &at, 10 << 8);
	put_u16(message, &at, last);
}

static void
cname(const char *owner, const char *target)
{
	name(owner);
	facts(TYPE_CNAME, 60, (unsigned)strlen(target) + 2);
	name(target);
}

static enum dns_reading
read_it(void)
{
	/* On the heap and of the exact length, for the address sanitizer. */
	uint8_t *copy = malloc(at > 0 ? at : 1);
	enum dns_reading reading;

	memcpy(copy, message, at);
	reading = dns_wire_read(copy, at, ID, &asked, &answer);
	free(copy);
	return reading;
}

static void
expect(enum dns_outcome outcome)
{
	ck_assert_int_eq(read_it(), DNS_READ);
	ck_assert_int_eq(answer.outcome, outcome);
	ck_assert_int_eq(answer.count > 0, outcome == DNS_ANSWERED);
}

static void
setup(void)
{
	ck_assert_int_eq(dns_name_of(&asked, "www.Example.com."), 0);
	memset(&answer, 0xff, sizeof(answer));
}

START_TEST(names)
{
	struct dns_name n;
	char label[65] = "", text[300] = "";
	int i;

	ck_assert_int_eq(dns_name_of(&n, "."), 0);
	ck_assert_uint_eq(n.len, 1);
	ck_assert_int_eq(dns_name_of(&n, "aB.c"), 0);
	ck_assert_mem_eq(n.bytes, "\2ab\1c\0", 6);
	ck_assert_uint_eq(n.len, 6);
	ck_assert_int_eq(dns_name_of(&n, ""), -1);
	ck_assert_int_eq(dns_name_of(&n, "a..b"), -1);
	ck_assert_int_eq(dns_name_of(&n, ".a"), -1);
	memset(label, 'x', 63);
	ck_assert_int_eq(dns_name_of(&n, label), 0);
	label[63] = 'x';
	ck_assert_int_eq(dns_name_of(&n, label), -1);
	for (i = 0; i < 127; i++)
		strcat(text, "a.");
	ck_assert_int_eq(dns_name_of(&n, text), 0);
	ck_assert_uint_eq(n.len, 255);
	strcat(text, "a");
	ck_assert_int_eq(dns_name_of(&n, text), -1);
}
END_TEST

START_TEST(questions)
{
	static const uint8_t wanted[] = "\xab\xcd\0\0\0\1\0\0\0\0\0\0"
					"\3www\7example\3com\0\0\1\0\1";
	uint8_t out[DNS_QUESTION_MAX];

	ck_assert_uint_eq(
	    dns_wire_ask(out, 0xabcd, &asked, false), sizeof(wanted) - 1);
	ck_assert_mem_eq(out, wanted, sizeof(wanted) - 1);
	dns_wire_ask(out, 0xabcd, &asked, true);
	ck_assert_int_eq(out[2], 1);
}
END_TEST

START_TEST(addresses_are_sorted_once_each_with_the_least_ttl)
{
	begin(OK, 4, 0);
	address(9, 60);
	address(2, 30);
	address(9, 90);
	address(1, 60);
	expect(DNS_ANSWERED);
	ck_assert_uint_eq(answer.count, 3);
	ck_assert_str_eq(answer.addresses[0], "10.0.0.1");
	ck_assert_str_eq(answer.addresses[1], "10.0.0.2");
	ck_assert_str_eq(answer.addresses[2], "10.0.0.9");
	ck_assert_uint_eq(answer.ttl, 30);
}
END_TEST

START_TEST(too_many_addresses_are_cut)
{
	unsigned i;

	begin(OK, 40, 0);
	for (i = 40; i > 0; i--)
		address(i, 60);
	expect(DNS_ANSWERED);
	ck_assert_uint_eq(answer.count, DNS_ADDRESSES_MAX);
	ck_assert_str_eq(answer.addresses[0], "10.0.0.1");
	ck_assert_str_eq(answer.addresses[15], "10.0.0.16");
}
END_TEST

START_TEST(a_ttl_with_the_top_bit_is_none)
{
	begin(OK, 1, 0);
	address(1, 0x80000001);
	expect(DNS_ANSWERED);
	ck_assert_uint_eq(answer.ttl, 0);
}
END_TEST

START_TEST(cnames_are_followed_in_any_order)
{
	begin(OK, 4, 0);
	name("c.test");
	facts(TYPE_A, 5, 4);
	put_u16(message, &at, 0x0a00);
	put_u16(message, &at, 7);
	cname("B.test", "c.test");
	address(99, 5);
	/* The address of www itself would win: make it another's. */
	message[at - 14 + 1] = 13;
	cname("www.example.com", "b.TEST");
	expect(DNS_ANSWERED);
	ck_assert_uint_eq(answer.count, 1);
	ck_assert_str_eq(answer.addresses[0], "10.0.0.7");
}
END_TEST

START_TEST(a_cname_that_leads_out_is_empty)
{
	begin(OK, 1, 0);
	cname("www.example.com", "elsewhere.test");
	expect(DNS_EMPTY);
}
END_TEST

START_TEST(a_cname_loop_is_garbled)
{
	begin(OK, 2, 0);
	cname("www.example.com", "b.test");
	cname("b.test", "www.example.com");
	expect(DNS_GARBLED);
	begin(OK, 1, 0);
	cname("www.example.com", "www.example.com");
	expect(DNS_GARBLED);
}
END_TEST

START_TEST(codes_have_their_outcomes)
{
	begin(OK, 0, 0);
	expect(DNS_EMPTY);
	begin(OK | 3, 0, 0);
	expect(DNS_NO_NAME);
	begin(OK | 2, 0, 0);
	expect(DNS_REFUSED);
	begin(OK | 5, 0, 0);
	expect(DNS_REFUSED);
	begin(OK | 3, 1, 0); /* NXDOMAIN wins over what else is said */
	address(1, 60);
	expect(DNS_NO_NAME);
}
END_TEST

static void
authority(unsigned type)
{
	name("com");
	facts(type, 60, 3);
	memcpy(message + at, "\1x", 3);
	at += 3;
}

START_TEST(a_referral_says_nothing_about_the_name)
{
	begin(0x8000, 0, 1);
	authority(TYPE_NS);
	expect(DNS_REFUSED);
	begin(0x8000, 0, 2);
	authority(TYPE_NS);
	authority(TYPE_SOA);
	expect(DNS_EMPTY);
	begin(OK, 0, 1);
	authority(TYPE_NS);
	expect(DNS_EMPTY);
	begin(0x8000, 0, 9); /* cut short: not readable as a referral */
	authority(TYPE_NS);
	expect(DNS_EMPTY);
}
END_TEST

START_TEST(an_error_may_leave_the_question_out)
{
	begin(OK | 1, 0, 0);
	at = 12;
	message[5] = 0;
	expect(DNS_REFUSED);
	message[3] = 3; /* NXDOMAIN of what? */
	ck_assert_int_eq(read_it(), DNS_FOREIGN);
	message[3] = 0;
	ck_assert_int_eq(read_it(), DNS_FOREIGN);
}
END_TEST

START_TEST(cut_answers_are_told)
{
	begin(OK | FLAG_CUT, 0, 0);
	ck_assert_int_eq(read_it(), DNS_CUT);
}
END_TEST

/* Byte by byte: what makes an answer somebody else's. */
static const struct {
	size_t at;
	uint8_t value;
} foreign[] = {
	{ 0, 0x13 },  /* id */
	{ 2, 0x04 },  /* a question */
	{ 2, 0x94 },  /* opcode */
	{ 5, 2 },     /* two questions */
	{ 13, 'v' },  /* name */
	{ 30, 28 },   /* type */
	{ 32, 3 },    /* class */
	{ 12, 0xc0 }, /* the name points at nothing before it */
};

START_TEST(what_was_not_asked_is_foreign)
{
	begin(OK, 1, 0);
	address(1, 60);
	expect(DNS_ANSWERED);
	message[foreign[_i].at] = foreign[_i].value;
	ck_assert_int_eq(read_it(), DNS_FOREIGN);
	ck_assert_uint_eq(answer.count, 0);
}
END_TEST

START_TEST(every_cut_is_noticed)
{
	size_t whole;

	begin(OK, 2, 0);
	cname("www.example.com", "b.test");
	address(1, 60);
	whole = at;
	expect(DNS_ANSWERED);
	for (at = 0; at < 33; at++)
		ck_assert_int_eq(read_it(), DNS_FOREIGN);
	for (; at < whole; at++)
		expect(DNS_GARBLED);
}
END_TEST

START_TEST(an_address_is_four_bytes)
{
	begin(OK, 1, 0);
	put_u16(message, &at, POINTER | 12);
	facts(TYPE_A, 60, 3);
	message[at++] = 1;
	message[at++] = 2;
	message[at++] = 3;
	expect(DNS_GARBLED);
}
END_TEST

/* The owner of the first answer is at 33. */
static const unsigned bad_pointers[] = { 33, 34, 35, 4000, 0x3fff };

START_TEST(a_pointer_points_back)
{
	begin(OK, 1, 0);
	put_u16(message, &at, POINTER | bad_pointers[_i]);
	facts(TYPE_A, 60, 4);
	put_u16(message, &at, 0x0a00);
	put_u16(message, &at, 1);
	expect(DNS_GARBLED);
}
END_TEST

START_TEST(a_pointer_cannot_loop)
{
	begin(OK, 2, 0);
	/* The first owner: "a" and a pointer to itself, through the second. */
	cname("www.example.com", "b.test");
	message[at - 8] = 1;
	message[at - 7] = 'a';
	message[at - 6] = 0xc0;
	message[at - 5] = (uint8_t)(at - 8);
	expect(DNS_GARBLED);
}
END_TEST

START_TEST(a_label_type_of_the_future_is_garbled)
{
	begin(OK, 1, 0);
	message[at++] = 0x41;
	memset(message + at, 0, 100);
	at += 100;
	expect(DNS_GARBLED);
}
END_TEST

START_TEST(a_name_of_pointers_is_bounded)
{
	unsigned i;

	/* 100 names of 10 bytes, each ending in a pointer to the one before:
	   over 255 bytes when expanded. */
	begin(OK, 100, 0);
	for (i = 0; i < 100; i++) {
		memcpy(message + at, "\11xxxxxxxxx", 10);
		at += 10;
		put_u16(message, &at,
		    POINTER | (i == 0 ? 12 : (unsigned)(at - 42)));
		facts(TYPE_A, 60, 10);
		memset(message + at, 0, 10);
		at += 10;
	}
	expect(DNS_GARBLED);
}
END_TEST

START_TEST(noise_does_no_harm)
{
	size_t whole, n;
	int i, j;

	backoff_seed(1);
	for (i = 0; i < 50000; i++) {
		begin(OK, 4, 0);
		cname("www.example.com", "b.test");
		cname("b.test", "c.test");
		address(1, 60);
		cname("c.test", "d.test");
		whole = at;
		for (j = (int)(backoff_random() % 8); j >= 0; j--) {
			n = 4 + backoff_random() % (whole - 4);
			message[n] = (uint8_t)backoff_random();
		}
		at = whole -
		    (backoff_random() % 4 == 0 ? backoff_random() % whole : 0);
		if (read_it() == DNS_READ)
			ck_assert_uint_le(answer.count, DNS_ADDRESSES_MAX);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("net_dns_wire");
	TCase *tc = tcase_create("net_dns_wire");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, names);
	tcase_add_test(tc, questions);
	tcase_add_test(tc, addresses_are_sorted_once_each_with_the_least_ttl);
	tcase_add_test(tc, too_many_addresses_are_cut);
	tcase_add_test(tc, a_ttl_with_the_top_bit_is_none);
	tcase_add_test(tc, cnames_are_followed_in_any_order);
	tcase_add_test(tc, a_cname_that_leads_out_is_empty);
	tcase_add_test(tc, a_cname_loop_is_garbled);
	tcase_add_test(tc, codes_have_their_outcomes);
	tcase_add_test(tc, a_referral_says_nothing_about_the_name);
	tcase_add_test(tc, an_error_may_leave_the_question_out);
	tcase_add_test(tc, cut_answers_are_told);
	tcase_add_loop_test(
	    tc, what_was_not_asked_is_foreign, 0, COUNT(foreign));
	tcase_add_test(tc, every_cut_is_noticed);
	tcase_add_test(tc, an_address_is_four_bytes);
	tcase_add_loop_test(tc, a_pointer_points_back, 0, COUNT(bad_pointers));
	tcase_add_test(tc, a_pointer_cannot_loop);
	tcase_add_test(tc, a_label_type_of_the_future_is_garbled);
	tcase_add_test(tc, a_name_of_pointers_is_bounded);
	tcase_add_test(tc, noise_does_no_harm);
	tcase_add_checked_fixture(tc, setup, NULL);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
