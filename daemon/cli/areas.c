/* Where the data is: given, in $NOROSHI_DATA, in the working directory, or installed. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "cli/areas.h"

static const char *find_data(TALLOC_CTX *context, const char *given, const char *relative)
{
    if (given != NULL)
        return given;
    const char *root = getenv("NOROSHI_DATA");
    if (root != NULL)
        return memory_printf(context, "%s/%s", root, relative);
    if (access(relative, R_OK) == 0)
        return relative;
    return memory_printf(context, NOROSHI_DATA_DIRECTORY "/%s", relative);
}

struct area_graph *cli_load_areas(TALLOC_CTX *context, const char *directory)
{
    struct problems *problems = problems_new(context);
    struct area_graph *graph = NULL;
    int r =
        area_graph_load(context, find_data(context, directory, "config/areas"), problems, &graph);
    problems_print(problems, stderr);
    return r < 0 ? NULL : graph;
}

struct catalogue *cli_load_catalogue(TALLOC_CTX *context, const char *directory)
{
    struct problems *problems = problems_new(context);
    struct catalogue *catalogue = NULL;
    int r =
        catalogue_load(context, find_data(context, directory, "messages"), problems, &catalogue);
    problems_print(problems, stderr);
    return r < 0 ? NULL : catalogue;
}

struct broadcast_catalogue *cli_load_broadcasts(TALLOC_CTX *context, const char *directory,
                                                const struct catalogue *texts)
{
    struct problems *problems = problems_new(context);
    struct broadcast_catalogue *templates = NULL;
    int r = broadcast_catalogue_load(context, find_data(context, directory, "messages"), texts,
                                     problems, &templates);
    problems_print(problems, stderr);
    return r < 0 ? NULL : templates;
}
