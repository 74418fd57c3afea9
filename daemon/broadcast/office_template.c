/* The templates that staff may choose from, with their blanks and choices. */
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "event/value.h"

/* What is told of missiles is not even shown to those who may not tell it (H-9). */
bool template_offered(const struct turn *turn, const struct broadcast_template *row)
{
    if (turn->kind == BROADCAST_DRILL)
        return true;
    if (text_equal(row->role, "missile"))
        return broadcast_names(turn->office->options.rules, turn->person.authority,
                               turn->person.name);
    return !row->drill_only;
}

static bool allowed(const struct turn *turn, const struct broadcast_template *row)
{
    const struct broadcast_issuer *issuer =
        broadcast_issuer_find(turn->office->options.rules, turn->person.authority);
    if (turn->kind == BROADCAST_DRILL)
        return true;
    return issuer != NULL && (!text_equal(row->role, "evacuation") || issuer->evacuation);
}

static json_t *template_view(struct turn *turn, const struct broadcast_template *row)
{
    const struct broadcast_catalogue *templates = turn->office->options.templates;
    const char *group = broadcast_group_name(row->group);
    json_t *phases = json_array();
    for (int i = 0; i < BROADCAST_PHASE_COUNT; i++) {
        if (row->phases[i])
            json_array_append_new(phases,
                                  json_string(broadcast_phase_name((enum broadcast_phase)i)));
    }
    return json_pack("{sssssssssisssbsosb}", "id", row->id, "title",
                     broadcast_word(templates, turn->language, "title", row->id), "group", group,
                     "group_title", broadcast_word(templates, turn->language, "group", group),
                     "level", row->level, "colour", row->colour, "evacuation",
                     text_equal(row->role, "evacuation"), "phases", phases, "allowed",
                     allowed(turn, row));
}

int answer_templates(struct turn *turn)
{
    size_t count;
    const struct broadcast_template *rows =
        broadcast_templates(turn->office->options.templates, &count);
    json_t *shown = json_array();
    for (size_t i = 0; i < count; i++) {
        if (template_offered(turn, &rows[i]))
            json_array_append_new(shown, template_view(turn, &rows[i]));
    }
    json_object_set_new(turn->answer, "templates", shown);
    return 0;
}

static const char *type_name(enum blank_type type)
{
    static const char *const names[] = {
        [BLANK_TEXT] = "text",     [BLANK_PLACE] = "place", [BLANK_TIME] = "time",
        [BLANK_PHONE] = "phone",   [BLANK_URL] = "url",     [BLANK_NUMBER] = "number",
        [BLANK_CHOICE] = "choice", [BLANK_STATE] = "state",
    };
    return names[type];
}

static json_t *blank_view(struct turn *turn, const struct broadcast_blank *blank)
{
    const struct broadcast_catalogue *templates_of = turn->office->options.templates;
    json_t *choices = json_array();
    for (const char *const *key = blank->choices; key != NULL && *key != NULL; key++)
        json_array_append_new(
            choices, json_pack("{ssss}", "key", *key, "text",
                               broadcast_word(templates_of, turn->language, "choice", *key)));
    return json_pack("{sssssssbsbsIsIsIso}", "name", blank->name, "label",
                     broadcast_word(templates_of, turn->language, "blank", blank->name), "type",
                     type_name(blank->type), "required", blank->required, "several", blank->several,
                     "characters", (json_int_t)blank->characters, "least", (json_int_t)blank->least,
                     "most", (json_int_t)blank->most, "choices", choices);
}

void turn_put_choices(struct turn *turn)
{
    const struct broadcast_rules *rules = turn->office->options.rules;
    json_t *authorities = json_array(), *languages = json_array();
    for (size_t i = 0; i < rules->issuer_count; i++)
        json_array_append_new(authorities, json_pack("{ssssssss}", "id", rules->issuers[i].id,
                                                     "name_ja", rules->issuers[i].name_ja,
                                                     "name_en", rules->issuers[i].name_en,
                                                     "contact", rules->issuers[i].contact));
    for (const char *const *tag = catalogue_languages(turn->office->options.texts); *tag != NULL;
         tag++)
        json_array_append_new(
            languages, json_pack("{ssss}", "tag", *tag, "name",
                                 catalogue_language_name(turn->office->options.texts, *tag)));
    json_object_set_new(turn->answer, "authorities", authorities);
    json_object_set_new(turn->answer, "languages", languages);
}

json_t *template_whole(struct turn *turn, const struct broadcast_template *row)
{
    json_t *json = template_view(turn, row), *blanks = json_array();
    for (size_t i = 0; i < row->blank_count; i++)
        json_array_append_new(blanks, blank_view(turn, &row->blanks[i]));
    json_object_set_new(json, "blanks", blanks);
    value_set_integer(json, "valid_minutes", row->valid_minutes);
    return json;
}

int answer_template(struct turn *turn)
{
    const struct broadcast_template *row =
        broadcast_template_find(turn->office->options.templates, turn->id);
    if (row == NULL || !template_offered(turn, row))
        return turn_refuse(turn, REFUSAL_UNKNOWN);
    json_object_set_new(turn->answer, "template", template_whole(turn, row));
    turn_put_choices(turn);
    return 0;
}
