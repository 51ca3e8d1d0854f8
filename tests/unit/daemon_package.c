/* SPDX-License-Identifier: MIT
 *
 * Packages: whole ones, and all the ways in which one can be damaged.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/package.c"

/* One entry of a zip file in the making. */
struct file {
	const char *name;
	const char *content;
	unsigned method;
	unsigned flags;
	size_t unpacked; /* as claimed; 0: the truth */
};

static void
put(struct text *t, size_t value, size_t bytes)
{
	unsigned char c;

	for (; bytes > 0; bytes--, value >>= 8) {
		c = (unsigned char)(value & 0xff);
		text_add_bytes(t, &c, 1);
	}
}

/* What a local header and the directory share: flags to lengths. */
static void
put_common(struct text *t, const struct file *file)
{
	size_t len = strlen(file->content);

	put(t, file->flags, 2);
	put(t, file->method, 2);
	put(t, 0, 4); /* time and date */
	put(t, 0, 4); /* CRC: of no matter here */
	put(t, len, 4);
	put(t, file->unpacked != 0 ? file->unpacked : len, 4);
	put(t, strlen(file->name), 2);
	put(t, 0, 2);
}

static void
put_end(struct text *t, size_t count, size_t size, size_t offset)
{
	text_add_bytes(t, "PK\5\6", 4);
	put(t, 0, 4);
	put(t, count, 2);
	put(t, count, 2);
	put(t, size, 4);
	put(t, offset, 4);
	put(t, 0, 2);
}

static struct text
zip_of(const struct file *files, size_t count)
{
	struct text t = TEXT_INIT, directory = TEXT_INIT;
	size_t i, at;

	for (i = 0; i < count; i++) {
		at = t.len;
		text_add_bytes(&t, "PK\3\4", 4);
		put(&t, 20, 2);
		put_common(&t, &files[i]);
		text_add(&t, files[i].name);
		text_add(&t, files[i].content);
		text_add_bytes(&directory, "PK\1\2", 4);
		put(&directory, 20, 2);
		put(&directory, 20, 2);
		put_common(&directory, &files[i]);
		put(&directory, 0, 10); /* comment, disk, attributes */
		put(&directory, at, 4);
		text_add(&directory, files[i].name);
	}
	at = t.len;
	text_add_bytes(&t, directory.s, directory.len);
	put_end(&t, count, directory.len, at);
	text_release(&directory);
	return t;
}

static const struct file two[] = {
	{ .name = "lib/x.js", .content = "x" },
	{ .name = "index.mjs", .content = "handler", .method = DEFLATED },
};

/* -1, and `code`; NULL: it is good. */
static void
ck_package(const struct text *zip, const char *handler, const char *code,
    const char *says)
{
	struct error e = { 0 };
	int rc = package_check(zip->s, zip->len, handler, &e);

	if (code == NULL) {
		ck_assert_msg(rc == 0, "%s", e.text);
		return;
	}
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	ck_assert_str_eq(e.code, code);
	ck_assert_msg(strstr(e.text, says) != NULL, "%s", e.text);
}

static void
ck_files(const struct file *files, size_t count, const char *handler,
    const char *code, const char *says)
{
	struct text zip = zip_of(files, count);

	ck_package(&zip, handler, code, says);
	text_release(&zip);
}

START_TEST(test_whole)
{
	ck_files(two, 2, "index.handler", NULL, NULL);
}
END_TEST

static const struct {
	const char *name;
	const char *handler;
	bool found;
} handlers[] = {
	{ "index.js", "index.handler", true },
	{ "index.mjs", "index.handler", true },
	{ "src/app.py", "src/app.main", true },
	{ "src/app.py", "src.app.main", true },
	{ "bootstrap", "index.handler", true },
	{ "x.class", "com.example.Handler::handle", true },
	{ "x.dll", "Assembly::Type::Method", true },
	{ "handler/index.js", "index.handler", false },
	{ "index", "index.handler", false },
	{ "index.", "index.handler", false },
	{ "indexes.js", "index.handler", false },
	{ "index.d/x.js", "index.handler", false },
	{ "Index.js", "index.handler", false },
};

START_TEST(test_handler)
{
	struct file file = { .name = handlers[_i].name, .content = "x" };

	ck_files(&file, 1, handlers[_i].handler,
	    handlers[_i].found ? NULL : "NoHandler", "index.js");
}
END_TEST

static const struct {
	struct file file;
	const char *says;
} odd[] = {
	{ { .name = "index.js", .content = "x", .flags = 1 }, "encrypted" },
	{ { .name = "index.js", .content = "x", .method = 12 }, "unusual" },
	{ { .name = "index.js", .content = "x", .unpacked = 262144001 },
	    "larger than" },
};

START_TEST(test_odd)
{
	ck_files(&odd[_i].file, 1, "index.handler", "BadPackage", odd[_i].says);
}
END_TEST

/* A comment at the end is allowed, even one that looks like an end. */
START_TEST(test_comment)
{
	static const char comment[] = "PK\5\6 and so on";
	struct text zip = zip_of(two, 2);

	zip.s[zip.len - 2] = (char)(sizeof(comment) - 1);
	text_add_bytes(&zip, comment, sizeof(comment) - 1);
	ck_package(&zip, "index.handler", NULL, NULL);
	text_release(&zip);
}
END_TEST

/* However much of the end is missing, it is missed. */
START_TEST(test_cut_short)
{
	struct text zip = zip_of(two, 2);

	while (zip.len > 0) {
		zip.len--;
		ck_package(&zip, "index.handler", "BadPackage", "pack it");
	}
	text_release(&zip);
}
END_TEST

/* And of the begin: as when text went in front, or a block was lost. */
START_TEST(test_beheaded)
{
	struct text zip = zip_of(two, 2), rest;
	size_t i;

	for (i = 1; i < zip.len; i++) {
		rest = (struct text){ .s = zip.s + i, .len = zip.len - i };
		ck_package(&rest, "index.handler", "BadPackage", "pack it");
	}
	text_release(&zip);
}
END_TEST

/* Any byte may be any other: refused or not, nothing is read beyond. */
START_TEST(test_any_byte_wrong)
{
	struct text zip = zip_of(two, 2);
	struct error e;
	char *copy;
	size_t i;
	int value;

	for (i = 0; i < zip.len; i++) {
		for (value = 0; value < 256; value += 5) {
			copy = mem_alloc(zip.len);
			memcpy(copy, zip.s, zip.len);
			copy[i] = (char)value;
			(void)package_check(copy, zip.len, "index.handler", &e);
			free(copy);
		}
	}
	text_release(&zip);
}
END_TEST

START_TEST(test_no_files)
{
	struct text zip = TEXT_INIT;

	put_end(&zip, 0, 0, 0);
	ck_package(&zip, "index.handler", "BadPackage", "no files");
	text_clear(&zip);
	put_end(&zip, 0xffff, 0, 0);
	ck_package(&zip, "index.handler", "BadPackage", "65,535");
	text_clear(&zip);
	text_add(&zip, "<html>404 not found, and rather long for that</html>");
	ck_package(&zip, "index.handler", "BadPackage", "no end record");
	text_release(&zip);
}
END_TEST

/* --- Files ------------------------------------------------------------- */

static void
ck_read(const char *bytes, size_t len, off_t size, const char *says)
{
	char path[] = "/tmp/drd-package-XXXXXX";
	struct package package;
	struct error e = { 0 };
	int fd = mkstemp(path), rc;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	ck_assert_int_eq(ftruncate(fd, size), 0);
	close(fd);
	rc = package_read(path, "index.handler", &package, &e);
	unlink(path);
	ck_assert_int_eq(rc, says == NULL ? 0 : -1);
	if (says == NULL) {
		ck_assert_uint_eq(package.size, len);
		ck_assert_uint_eq(strlen(package.sha256), 44);
		return;
	}
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	ck_assert_msg(strstr(e.text, path) != NULL, "%s", e.text);
	ck_assert_msg(strstr(e.text, says) != NULL, "%s", e.text);
}

START_TEST(test_read)
{
	struct text zip = zip_of(two, 2);
	struct package package;
	struct error e = { 0 };

	ck_read(zip.s, zip.len, (off_t)zip.len, NULL);
	ck_read(zip.s, zip.len, (off_t)zip.len - 9, "cut short");
	ck_read("", 0, 0, "empty");
	ck_read(zip.s, zip.len, SIZE_MAX_ZIPPED + 1, "larger than");
	ck_assert_int_eq(
	    package_read("/nonexistent", "index.handler", &package, &e), -1);
	ck_assert_int_eq(e.class, ERROR_BROKEN);
	text_release(&zip);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("daemon_package");
	TCase *t = tcase_create("package");
	SRunner *runner;
	int failed;

	tcase_add_test(t, test_whole);
	tcase_add_loop_test(
	    t, test_handler, 0, sizeof(handlers) / sizeof(handlers[0]));
	tcase_add_loop_test(t, test_odd, 0, sizeof(odd) / sizeof(odd[0]));
	tcase_add_test(t, test_comment);
	tcase_add_test(t, test_cut_short);
	tcase_add_test(t, test_beheaded);
	tcase_add_test(t, test_any_byte_wrong);
	tcase_add_test(t, test_no_files);
	tcase_add_test(t, test_read);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
