/* What kind of facility a subscriber is, for reports. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "match/subscriber_check.h"

#define KIND_BYTES_MOST 32

const char *const facility_kinds[] = {
    "airport",    "care-home", "childcare", "event-venue", "factory", "government",
    "hospital",   "hotel",     "house",     "museum",      "office",  "port",
    "restaurant", "school",    "shelter",   "shop",        "station", "tourist-information",
    "university", "other",     NULL};

static bool is_word(const char *text)
{
    size_t length = strlen(text);
    return length <= KIND_BYTES_MOST && text[0] != '-' &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static bool is_known(const char *text)
{
    for (const char *const *kind = facility_kinds; *kind != NULL; kind++) {
        if (strcmp(*kind, text) == 0)
            return true;
    }
    return false;
}

const char *facility_read(TALLOC_CTX *context, const struct subscriber_input *input)
{
    static const char instead[] =
        "write hotel, school, station, hospital, … (noroshi(1) lists them)";
    const struct subscriber_cell *cell = &input->cells[COLUMN_FACILITY];
    const char *text = text_trim(context, cell->text != NULL ? cell->text : "");
    if (text[0] == '\0')
        return "";
    if (!is_word(text)) {
        problems_add(input->problems, input->file, cell->line, cell->column, instead,
                     "the facility is not one word of small letters");
        return "";
    }
    if (!is_known(text))
        problems_warn(input->problems, input->file, cell->line, cell->column, instead,
                      "the facility \"%s\" is not a kind that we know; it is kept as it is", text);
    return text;
}
