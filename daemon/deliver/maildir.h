/* Mail that arrives for us, as any mail server can leave it: a Maildir.
 *
 * Does: hands over the files of DIRECTORY/new and moves each to DIRECTORY/cur as seen, so that it
 * is read once and a person can still look at it. Never: deletes mail; follows a link; reads more
 * than MAILDIR_BYTES_MAX of a file. */
#pragma once

#include <stddef.h>
#include <talloc.h>

#define MAILDIR_BYTES_MAX ((size_t)256 * 1024)

/* Negative errno ends the reading; the mail is then read again next time. */
typedef int maildir_mail(void *userdata, const char *bytes, size_t length);

/* At most `limit` files, in the order of their names. A file that cannot be read is moved all the
 * same. *ret_count: how many were handed over. Returns 0, -ENOENT when it is no Maildir, or another
 * negative errno. */
__attribute__((warn_unused_result)) int maildir_read(TALLOC_CTX *context, const char *directory,
                                                     size_t limit, maildir_mail *mail,
                                                     void *userdata, size_t *ret_count);
