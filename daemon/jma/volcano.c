#include "jma/part.h"

bool volcano_parse(struct parsing *parsing, const char **ret_why)
{
    (void)parsing;
    *ret_why = "no parser of its own";
    return false;
}
