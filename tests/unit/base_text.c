/* SPDX-License-Identifier: MIT
 *
 * Growing text and the codings of the protocols.
 */
#include <check.h>

#include "../../src/base/text.c"

START_TEST(empty_text_is_a_string)
{
	struct text t = TEXT_INIT;
	char *s;

	ck_assert_str_eq(t.s, "");
	text_clear(&t);
	text_add(&t, "");
	text_add_bytes(&t, NULL, 0);
	text_addf(&t, "%s", "");
	ck_assert_str_eq(t.s, "");
	s = text_take(&t);
	ck_assert_str_eq(s, "");
	free(s);
	text_release(&t);
}
END_TEST

START_TEST(grows_and_is_always_terminated)
{
	struct text t = TEXT_INIT;
	size_t i;

	for (i = 0; i < 5000; i++) {
		text_addf(&t, "%zu,", i % 10);
		ck_assert_uint_eq(strlen(t.s), t.len);
	}
	ck_assert_uint_eq(t.len, 10000);
	ck_assert_str_eq(t.s + 9996, "8,9,");
	text_clear(&t);
	ck_assert_str_eq(t.s, "");
	text_add_bytes(&t, "a\0b", 3);
	ck_assert_uint_eq(t.len, 3);
	ck_assert_mem_eq(t.s, "a\0b", 4);
	text_release_secret(&t);
	ck_assert_str_eq(t.s, "");
}
END_TEST

START_TEST(take_hands_over)
{
	struct text t = TEXT_INIT;
	char *s;

	text_add(&t, "mine");
	s = text_take(&t);
	ck_assert_str_eq(s, "mine");
	ck_assert_str_eq(t.s, "");
	free(s);
}
END_TEST

static const struct {
	const char *in, *keep, *out;
} uris[] = {
	{ "AZaz09-._~", "", "AZaz09-._~" },
	{ "a b+c/d", "", "a%20b%2Bc%2Fd" },
	{ "a/b", "/", "a/b" },
	{ "100%", "/", "100%25" },
	{ "\xc3\xa9", "", "%C3%A9" },
	{ "", "", "" },
};

START_TEST(uri)
{
	struct text t = TEXT_INIT;

	text_add_uri(&t, uris[_i].in, strlen(uris[_i].in), uris[_i].keep);
	ck_assert_str_eq(t.s, uris[_i].out);
	text_release(&t);
}
END_TEST

START_TEST(uri_escapes_nul)
{
	struct text t = TEXT_INIT;

	text_add_uri(&t, "a\0b", 3, "/");
	ck_assert_str_eq(t.s, "a%00b");
	text_release(&t);
}
END_TEST

/* The vectors of RFC 4648, section 10. */
static const char *const base64[][2] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xff\xef\xfe", "/+/+" },
};

START_TEST(base64_vectors)
{
	struct text t = TEXT_INIT;

	text_add_base64(&t, base64[_i][0], strlen(base64[_i][0]));
	ck_assert_str_eq(t.s, base64[_i][1]);
	text_release(&t);
}
END_TEST

START_TEST(hex)
{
	struct text t = TEXT_INIT;

	text_add(&t, "0x");
	text_add_hex(&t, "\x00\x7f\xff", 3);
	ck_assert_str_eq(t.s, "0x007fff");
	text_release(&t);
}
END_TEST

START_TEST(starts_and_ends)
{
	ck_assert(text_starts("region", "reg"));
	ck_assert(text_starts("region", ""));
	ck_assert(!text_starts("re", "reg"));
	ck_assert(text_ends("us-east-1a", "1a"));
	ck_assert(text_ends("x", ""));
	ck_assert(!text_ends("a", "1a"));
}
END_TEST

START_TEST(words)
{
	ck_assert(text_has_word("one two  three", "two"));
	ck_assert(text_has_word("one two  three ", "three"));
	ck_assert(text_has_word("one", "one"));
	ck_assert(!text_has_word("one two", "on"));
	ck_assert(!text_has_word("one two", "twoo"));
	ck_assert(!text_has_word("one two", ""));
	ck_assert(!text_has_word("", "one"));
	ck_assert(!text_has_word("", ""));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_text");
	TCase *tc = tcase_create("base_text");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, empty_text_is_a_string);
	tcase_add_test(tc, grows_and_is_always_terminated);
	tcase_add_test(tc, take_hands_over);
	tcase_add_loop_test(tc, uri, 0, sizeof(uris) / sizeof(*uris));
	tcase_add_test(tc, uri_escapes_nul);
	tcase_add_loop_test(
	    tc, base64_vectors, 0, sizeof(base64) / sizeof(*base64));
	tcase_add_test(tc, hex);
	tcase_add_test(tc, starts_and_ends);
	tcase_add_test(tc, words);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}
