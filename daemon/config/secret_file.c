/* See secret_file.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "config/secret_file.h"

const char *secret_file_read(TALLOC_CTX *context, const struct node *node, const char *path,
                             struct problems *problems)
{
    char line[1024];
    FILE *stream = fopen(path, "re");
    if (stream == NULL) {
        problems_add(problems, node->file, node->line, node->column,
                     "a readable file whose first line is the secret", "cannot read this file: %s",
                     strerror(errno));
        return NULL;
    }
    char *got = fgets(line, sizeof(line), stream);
    fclose(stream);
    if (got == NULL)
        return NULL;
    line[strcspn(line, "\r\n")] = '\0';
    return memory_text(context, line);
}
