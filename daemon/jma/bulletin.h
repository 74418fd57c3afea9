/* The parsers of bulletins; only for jma/. Each returns false when the telegram cannot be
 * understood, with *ret_why. */
#pragma once

#include "jma/part.h"

bool bulletin_flash(struct parsing *parsing, const char **ret_why);
bool bulletin_typhoon(struct parsing *parsing, const char **ret_why);

/* The place with this code, the first of `systems` (ended by AREA_UNKNOWN) that knows it, becomes
 * one of the report's with its level and grade. False when none does: `degraded` says so. */
bool bulletin_place(struct parsing *parsing, const enum area_system *systems, const char *code,
                    int level, const char *grade);
/* The prefecture, office or region with whose whole name the title begins; NULL when none. */
const struct area *bulletin_place_of_title(struct parsing *parsing);
