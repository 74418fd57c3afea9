/* A large CSV file in parts, each with the header and whole rows. */
#pragma once

#include <talloc.h>

struct csv_parts;

/* Returns 0; -EFBIG for a row that is longer than any can be; other negative errno. */
__attribute__((warn_unused_result)) int csv_parts_open(TALLOC_CTX *context, const char *path,
                                                       struct csv_parts **ret_parts);
/* 1: the next part, valid until the next call, whose first row stands in `*ret_line` of the file
 * (2: right after the header); 0: no more; negative errno. */
__attribute__((warn_unused_result)) int csv_parts_next(struct csv_parts *parts,
                                                       const char **ret_text, unsigned *ret_line);
