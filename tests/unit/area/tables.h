/* Loading of tables for the tests of area/. */
#pragma once

#include <stdlib.h>
#include "area/area.h"
#include "base/memory.h"

static inline const char *tables_root(void)
{
    const char *root = getenv("NOROSHI_ROOT");
    return root != NULL ? root : ".";
}

static inline const char *tables_folder(TALLOC_CTX *context)
{
    return memory_printf(context, "%s/tests/unit/area/tables", tables_root());
}
