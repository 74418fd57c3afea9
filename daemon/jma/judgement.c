/* The codes of JMA's sentences on a tsunami, see judgement.h. */
#include "jma/judgement.h"

#include <string.h>

#include "base/text.h"

/* The weightiest first: the first that a telegram holds counts. No effect on Japan stands before
 * dangers elsewhere, since our readers are in Japan; but it is less grave than they are. */
static const struct {
    const char *code, *judgement;
    int gravity;
} rows[] = {
    {"0211", "in-force", 8},
    {"0217", "wait", 7},
    {"0230", "no-effect", 2},
    {"0221", "possible-pacific", 6},
    {"0222", "possible-pacific", 6},
    {"0229", "under-investigation", 5},
    {"0223", "possible-region", 4},
    {"0224", "possible-region", 4},
    {"0225", "possible-region", 4},
    {"0226", "possible-region", 4},
    {"0227", "possible-region", 4},
    {"0228", "possible-region", 4},
    {"0212", "slight", 3},
    {"0213", "slight", 3},
    {"0214", "slight", 3},
    {"0215", "none", 1},
    {"0203", "none", 1},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

const char *judgement_of_codes(const char *const *codes, size_t count)
{
    for (size_t row = 0; row < ROW_COUNT; row++) {
        for (size_t i = 0; i < count; i++) {
            if (strcmp(codes[i], rows[row].code) == 0)
                return rows[row].judgement;
        }
    }
    return NULL;
}

int judgement_gravity(const char *judgement)
{
    for (size_t row = 0; row < ROW_COUNT; row++) {
        if (text_equal(judgement, rows[row].judgement))
            return rows[row].gravity;
    }
    return 0;
}
