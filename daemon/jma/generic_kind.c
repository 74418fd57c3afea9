/* What the kinds of a generic telegram say: in force, lifted or nothing, and how grave.
 *
 * Floods and volcanoes are ranked by their codes, all else by JMA's words.
 */
#include <string.h>

#include "base/text.h"
#include "jma/generic.h"

/* The first word that stands in the text decides: the graver and the longer stand first. */
static const struct {
    const char *word;
    int level;
} level_words[] = {
    {"レベル５", 5},     {"大津波警報", 5},   {"特別警戒", 5},   {"特別警報", 5},
    {"氾濫発生", 5},     {"はん濫発生", 5},   {"震度７", 5},     {"震度６強", 5},
    {"レベル４", 4},     {"危険警報", 4},     {"津波警報", 4},   {"氾濫危険", 4},
    {"はん濫危険", 4},   {"居住地域", 4},     {"線状降水帯", 4}, {"記録的短時間", 4},
    {"記録雨", 4},       {"巨大地震警戒", 4}, {"震度６弱", 4},   {"レベル３", 3},
    {"氾濫注意", 2},     {"はん濫注意", 2},   {"津波注意報", 3}, {"氾濫警戒", 3},
    {"はん濫警戒", 3},   {"竜巻目撃", 3},     {"短時間大雪", 3}, {"巨大地震注意", 3},
    {"後発地震注意", 3}, {"噴火速報", 3},     {"入山危険", 3},   {"震度５", 3},
    {"警戒アラート", 3}, {"レベル２", 2},     {"火口周辺", 2},   {"周辺海域", 2},
    {"警報", 3},         {"注意報", 2},       {"竜巻注意", 2},   {"震度４", 2},
    {"津波予報", 1},     {"レベル１", 1},     {"震度３", 1},
};

int generic_level_of_words(const char *text)
{
    for (size_t i = 0; i < sizeof(level_words) / sizeof(level_words[0]); i++) {
        if (text_contains(text, level_words[i].word))
            return level_words[i].level;
    }
    return 0;
}

/* "レベル２氾濫注意報（警報解除）" is an advisory in force: only the warning above it was lifted.
 */
bool generic_says_lifted(const char *text)
{
    return (text_contains(text, "解除") && !text_contains(text, "（警報解除）")) ||
           text_contains(text, "調査終了");
}

/* Kinds of VFVO50 for a volcano or a municipality: volcanoes with and without numbered levels,
 * and the sea. Level 1 is the normal state of an active volcano. */
static const struct {
    const char *code;
    int level;
} volcano_kinds[] = {
    {"01", 4}, {"02", 2}, {"03", 2}, {"04", 1}, {"05", 1}, {"11", 1}, {"12", 2},
    {"13", 3}, {"14", 4}, {"15", 5}, {"21", 1}, {"22", 2}, {"23", 3}, {"25", 4},
    {"31", 1}, {"32", 1}, {"33", 1}, {"34", 1}, {"35", 1}, {"36", 2}, {"45", 1},
};

static int volcano_level(const char *code)
{
    for (size_t i = 0; i < sizeof(volcano_kinds) / sizeof(volcano_kinds[0]); i++) {
        if (text_equal(volcano_kinds[i].code, code))
            return volcano_kinds[i].level;
    }
    return 0;
}

static enum kind_state volcano_kind(const struct element *item, const char *name, const char *code,
                                    const char *condition, int *ret_level)
{
    const char *type = element_attribute(item->parent, "type");
    int level = volcano_level(code);
    bool lowered = text_equal(condition, "解除") || text_equal(condition, "引下げ");
    if (text_equal(condition, "解除") || generic_says_lifted(name))
        return KIND_LIFTED;
    if (level == 1)
        return lowered ? KIND_LIFTED : KIND_NONE;
    /* The response of each municipality is weaker or broader than the state of the volcano. */
    if (!text_contains(type, "市町村"))
        *ret_level = level > 0 ? level : generic_level_of_words(name);
    return KIND_IN_FORCE;
}

/* The first digit of a flood kind is its level: 10 lifted, 20 advisory … 51, 53 level 5. */
static enum kind_state flood_kind(const char *name, const char *code, int *ret_level)
{
    int digit = code != NULL && strlen(code) == 2 ? code[0] - '0' : 0;
    if (text_equal(code, "10") || generic_says_lifted(name))
        return KIND_LIFTED;
    *ret_level = digit >= 2 && digit <= 5 ? digit : generic_level_of_words(name);
    return KIND_IN_FORCE;
}

enum kind_state generic_kind(const struct generic_scan *scan, const struct element *item,
                             const struct element *kind, int *ret_level)
{
    const char *name = element_text(kind, "Name"), *code = element_text(kind, "Code");
    const char *condition = element_text(kind, "Condition");
    const char *status = element_text(kind, "Status");
    if (text_equal(name, "情報タグ"))
        name = condition;
    if (status == NULL)
        status = condition;
    if ((name == NULL && status == NULL) || text_equal(status, "対象地域"))
        return KIND_SILENT;
    if (text_contains(name, "なし") || text_contains(status, "なし"))
        return KIND_NONE;
    if (text_contains(name, "氾濫") || text_contains(name, "はん濫"))
        return flood_kind(name, code, ret_level);
    if (strcmp(scan->parsing->telegram->code, "VFVO50") == 0)
        return volcano_kind(item, name, code, condition, ret_level);
    if (generic_says_lifted(name) || text_equal(status, "解除") || text_equal(status, "取消"))
        return KIND_LIFTED;
    *ret_level = generic_level_of_words(name);
    if (*ret_level == 0)
        *ret_level = generic_level_of_words(condition);
    return KIND_IN_FORCE;
}

const struct element *generic_first_kind(const struct element *item)
{
    const struct element *kind = element_child(item, "Kind");
    return kind != NULL ? kind : element_path(item, "Category/Kind");
}

enum kind_state generic_item(const struct generic_scan *scan, const struct element *item)
{
    enum kind_state worst = KIND_SILENT;
    for (const struct element *k = generic_first_kind(item); k != NULL; k = element_again(k)) {
        int level = 0;
        enum kind_state state = generic_kind(scan, item, k, &level);
        if (state > worst)
            worst = state;
    }
    return worst == KIND_SILENT ? KIND_IN_FORCE : worst;
}

bool generic_nankai_level(const struct element *body, int *ret_level)
{
    static const struct {
        const char *code;
        int level;
    } stages[] = {
        {"111", 2}, {"112", 2}, {"113", 2}, {"120", 4}, {"130", 3}, {"190", 0},
    };
    const char *code = element_text(body, "EarthquakeInfo/InfoSerial/Code");
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        if (text_equal(stages[i].code, code)) {
            *ret_level = stages[i].level;
            return true;
        }
    }
    return false;
}
