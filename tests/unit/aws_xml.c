/* SPDX-License-Identifier: MIT
 *
 * XML to tree and back, and what is refused.
 */
#include <check.h>

#include "../../src/aws/xml.c"
#include "lib/json.h"

static const struct {
	const char *xml;
	const char *tree;
} readable[] = {
	{ "<a/>", "{'a': ''}" },
	{ "<a></a>", "{'a': ''}" },
	{ "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>x</a>\n",
	    "{'a': 'x'}" },
	{ "<a><b>1</b></a>", "{'a': {'b': '1'}}" },
	{ "<a>\n  <b>1</b>\n  <c/>\n</a>", "{'a': {'b': '1', 'c': ''}}" },
	/* one is a member, two are a list, and so are three */
	{ "<s><i>x</i></s>", "{'s': {'i': 'x'}}" },
	{ "<s><i>x</i><i>y</i></s>", "{'s': {'i': ['x', 'y']}}" },
	{ "<s><i>x</i><o/><i/><i><k>z</k></i></s>",
	    "{'s': {'i': ['x', '', {'k': 'z'}], 'o': ''}}" },
	/* an empty list on two lines */
	{ "<r><vpcSet>\n    </vpcSet></r>", "{'r': {'vpcSet': ''}}" },
	/* blanks that belong to a text stay */
	{ "<a> x  y </a>", "{'a': ' x  y '}" },
	/* name spaces and attributes go */
	{ "<a xmlns=\"urn:x\" xmlns:p=\"urn:y\"><p:b p:c=\"d\">1</p:b></a>",
	    "{'a': {'b': '1'}}" },
	/* the five entities of XML, character references, CDATA, comments */
	{ "<a>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;</a>",
	    "{'a': '<&>\\\"\\u0027AB'}" },
	{ "<a><![CDATA[<b>]]></a>", "{'a': '<b>'}" },
	{ "<a>x<!-- y -->z</a>", "{'a': 'xz'}" },
	{ "<a>\xc3\xa9\xe2\x82\xac</a>", "{'a': '\xc3\xa9\xe2\x82\xac'}" },
};

START_TEST(reads)
{
	struct error e = { 0 };
	json_t *tree;

	tree = xml_parse(readable[_i].xml, strlen(readable[_i].xml), &e);
	ck_assert_msg(tree != NULL, "%s: %s", readable[_i].xml, e.text);
	json_is(tree, readable[_i].tree);
	json_decref(tree);
}
END_TEST

static const char *const unreadable[] = {
	"",
	" ",
	"no xml",
	"<a>",
	"<a><b></a></b>",
	"<a/><b/>",
	"<a>&unknown;</a>",
	"<a>\xff</a>",
	"<a>\xed\xa0\x80</a>",
	"<a>&#0;</a>",
	"<!DOCTYPE a><a/>",
	"<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
	"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
	"{\"a\": 1}",
};

START_TEST(refuses)
{
	struct error e = { 0 };

	ck_assert_ptr_null(
	    xml_parse(unreadable[_i], strlen(unreadable[_i]), &e));
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	ck_assert_str_eq(e.code, "UnreadableXml");
	ck_assert_uint_gt(strlen(e.text), 0);
	ck_assert_ptr_null(
	    xml_parse(unreadable[_i], strlen(unreadable[_i]), NULL));
}
END_TEST

/* Every prefix of a document is an error and nothing worse. */
START_TEST(truncated)
{
	static const char xml[] = "<?xml version=\"1.0\"?><R xmlns=\"u\"><s>"
				  "<i>a&amp;b</i><i>\xc3\xa9</i></s></R>";
	struct error e;

	for (size_t len = 0; len < strlen(xml); len++)
		ck_assert_ptr_null(xml_parse(xml, len, &e));
}
END_TEST

START_TEST(limits)
{
	struct text text = TEXT_INIT;
	struct error e = { 0 };
	json_t *tree;

	for (int i = 0; i < DEPTH_MAX; i++)
		text_add(&text, "<a>");
	for (int i = 0; i < DEPTH_MAX; i++)
		text_add(&text, "</a>");
	tree = xml_parse(text.s, text.len, &e);
	ck_assert_ptr_nonnull(tree);
	json_decref(tree);

	text_clear(&text);
	for (int i = 0; i < 100000; i++)
		text_add(&text, "<a>");
	ck_assert_ptr_null(xml_parse(text.s, text.len, &e));
	ck_assert_ptr_nonnull(strstr(e.text, "too deeply"));

	text_clear(&text);
	text_add(&text, "<a>");
	for (int i = 0; i < NODES_MAX; i++)
		text_add(&text, "<b/>");
	text_add(&text, "</a>");
	ck_assert_ptr_null(xml_parse(text.s, text.len, &e));
	ck_assert_ptr_nonnull(strstr(e.text, "too many"));
	ck_assert_ptr_null(xml_parse(text.s, SIZE_MAX_BYTES + 1, &e));
	ck_assert_ptr_nonnull(strstr(e.text, "limit"));
	text_release(&text);
}
END_TEST

static const struct {
	const char *tree;
	const char *xml;
} writable[] = {
	{ "'x'", "<N>x</N>" },
	{ "''", "<N></N>" },
	{ "{}", "<N></N>" },
	{ "null", "" },
	{ "[]", "" },
	{ "true", "<N>true</N>" },
	{ "30", "<N>30</N>" },
	{ "'<a & \\\"b\\\">\\r\\n\\u0001'",
	    "<N>&lt;a &amp; \"b\"&gt;&#13;\n?</N>" },
	{ "['x', 'y']", "<N>x</N><N>y</N>" },
	/* in the order of the tree */
	{ "{'z': 1, 'a': {'Item': [{'k': null}, 2]}}",
	    "<N><z>1</z><a><Item></Item><Item>2</Item></a></N>" },
};

START_TEST(writes)
{
	struct text out = TEXT_INIT;
	char *spec = mem_printf("{'N': %s}", writable[_i].tree);
	json_t *wrapped = json(spec);

	xml_write(&out, "N", json_object_get(wrapped, "N"));
	ck_assert_str_eq(out.s, writable[_i].xml);
	text_release(&out);
	json_decref(wrapped);
	free(spec);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("aws/xml");
	TCase *tests = tcase_create("xml");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tests, reads, 0, sizeof(readable) / sizeof(readable[0]));
	tcase_add_loop_test(
	    tests, refuses, 0, sizeof(unreadable) / sizeof(unreadable[0]));
	tcase_add_test(tests, truncated);
	tcase_add_test(tests, limits);
	tcase_add_loop_test(
	    tests, writes, 0, sizeof(writable) / sizeof(writable[0]));
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
