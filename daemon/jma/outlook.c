#include "jma/part.h"

bool outlook_parse(struct parsing *parsing, const char **ret_why)
{
    (void)parsing;
    *ret_why = "no parser of its own";
    return false;
}
