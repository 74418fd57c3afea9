/* Filling in the blanks of a template: areas, facts, who sends it, how long it holds. What is wrong
 * stands at its field; what was typed is kept, also when it is wrong. */
#include "http/staff_html.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define AREA_ROWS 3

struct writing {
    struct staff_document *document;
    const json_t *template, *broadcast, *faults; /* broadcast NULL: a new one */
};

/* The sentence for a field and language, or NULL. */
static const char *fault_of(const struct writing *writing, const char *field, const char *language)
{
    size_t index;
    json_t *fault;
    json_array_foreach(writing->faults, index, fault)
    {
        const char *of = staff_text(fault, "language");
        if (strcmp(staff_text(fault, "field"), field) == 0 &&
            (of[0] == '\0' || language == NULL || strcmp(of, language) == 0))
            return staff_text(fault, "text");
    }
    return NULL;
}

static const char *value_of(const struct writing *writing, const char *blank, const char *language)
{
    const json_t *values = json_object_get(writing->broadcast, "values");
    return staff_text(json_object_get(values, blank), language);
}

static const char *limit_of(const struct writing *writing, const json_t *blank)
{
    struct staff_document *document = writing->document;
    return memory_printf(document->context, "%lld %s", staff_number(blank, "characters"),
                         staff_word(document, "characters at most", "文字まで"));
}

static void add_legend(const struct writing *writing, const json_t *blank)
{
    struct staff_document *document = writing->document;
    staff_add(document, "<fieldset id=\"g-%s\"><legend>%s%s</legend>", staff_text(blank, "name"),
              staff_text(blank, "label"),
              staff_flag(blank, "required") ? staff_word(document, " (needed)", "（必須）") : "");
}

/* Japanese always, the other languages behind one line that says what happens without them. */
static void add_free_text(const struct writing *writing, const json_t *blank)
{
    struct staff_document *document = writing->document;
    const char *const *languages = catalogue_languages(document->pages->texts);
    const char *name = staff_text(blank, "name");
    const char *limit = limit_of(writing, blank);
    add_legend(writing, blank);
    for (size_t i = 0; languages[i] != NULL; i++) {
        bool japanese = strcmp(languages[i], "ja") == 0;
        if (i == 1)
            staff_add(
                document, "<details><summary>%s</summary><p class=\"hint\">%s</p>",
                staff_word(document, "In other languages", "ほかの言語"),
                staff_word(document,
                           "Where it is empty, readers see English if there is any, otherwise "
                           "the Japanese text, marked as original text. Nothing is "
                           "translated by machine.",
                           "空の言語では、英語があれば英語、なければ日本語の原文が「原文」と"
                           "して示されます。機械翻訳はしません。"));
        staff_textarea(document,
                       memory_printf(document->context, "values.%s.%s", name, languages[i]),
                       catalogue_language_name(document->pages->texts, languages[i]),
                       value_of(writing, name, languages[i]),
                       memory_printf(document->context, "lang=\"%s\"", languages[i]),
                       japanese ? limit : NULL, fault_of(writing, name, languages[i]));
    }
    staff_add(document, "</details></fieldset>");
}

static void add_choices(const struct writing *writing, const json_t *blank)
{
    struct staff_document *document = writing->document;
    const char *name = staff_text(blank, "name"), *chosen = value_of(writing, name, "");
    const char *type = staff_flag(blank, "several") ? "checkbox" : "radio";
    const char *fault = fault_of(writing, name, NULL);
    size_t index, count;
    json_t *choice;
    char **keys = text_split(document->context, chosen, ',', &count);
    add_legend(writing, blank);
    if (fault != NULL)
        staff_add(document, "<p class=\"fault\">%s</p>", fault);
    json_array_foreach(json_object_get(blank, "choices"), index, choice)
    {
        bool checked = false;
        for (size_t i = 0; i < count && !checked; i++)
            checked = strcmp(keys[i], staff_text(choice, "key")) == 0;
        staff_checkbox(document, type, memory_printf(document->context, "values.%s.", name),
                       staff_text(choice, "key"), staff_text(choice, "text"), checked);
    }
    staff_add(document, "</fieldset>");
}

static void add_single(const struct writing *writing, const json_t *blank, const char *type,
                       const char *attributes, const char *hint)
{
    const char *name = staff_text(blank, "name");
    struct staff_document *document = writing->document;
    const char *value = value_of(writing, name, "");
    const char *label = memory_printf(
        document->context, "%s%s", staff_text(blank, "label"),
        staff_flag(blank, "required") ? staff_word(document, " (needed)", "（必須）") : "");
    /* A browser empties a field of time that it cannot read; what was typed is shown instead. */
    bool local = strcmp(type, "datetime-local") != 0 || value[0] == '\0' ||
                 (strlen(value) == strlen("2026-11-26T14:30") && value[10] == 'T');
    staff_add(document, "<div id=\"g-%s\">", name);
    staff_input(document, local ? type : "text",
                memory_printf(document->context, "values.%s.", name), label, value, attributes,
                hint, fault_of(writing, name, NULL));
    staff_add(document, "</div>");
}

static void add_blank(const struct writing *writing, const json_t *blank)
{
    struct staff_document *document = writing->document;
    const char *type = staff_text(blank, "type");
    if (strcmp(type, "text") == 0 || strcmp(type, "place") == 0)
        add_free_text(writing, blank);
    else if (strcmp(type, "choice") == 0 || strcmp(type, "state") == 0)
        add_choices(writing, blank);
    else if (strcmp(type, "time") == 0)
        add_single(writing, blank, "datetime-local", "",
                   staff_word(document, "Japan time, such as 2026-11-26 14:30",
                              "日本時間。例：2026-11-26 14:30"));
    else if (strcmp(type, "number") == 0)
        add_single(writing, blank, "text", "inputmode=\"numeric\"",
                   memory_printf(document->context, "%lld – %lld", staff_number(blank, "least"),
                                 staff_number(blank, "most")));
    else if (strcmp(type, "phone") == 0)
        add_single(writing, blank, "tel", "", NULL);
    else
        add_single(writing, blank, "url", "placeholder=\"https://\"",
                   staff_word(document, "Only sites of your own.", "自分の組織のサイトだけ。"));
}

static bool has_area(const json_t *areas, const char *system, const char *code)
{
    size_t index;
    json_t *area;
    json_array_foreach(areas, index, area)
    {
        const char *text = staff_text(area, "area");
        size_t length = strlen(system);
        if (strncmp(text, system, length) == 0 && text[length] == ':' &&
            strcmp(text + length + 1, code) == 0)
            return true;
    }
    return false;
}

static bool in_prefecture(const struct area *area, const char *prefecture)
{
    return strncmp(area->code, prefecture, 2) == 0;
}

/* Boxes for the municipalities or wards of one prefecture. */
static void add_area_boxes(const struct writing *writing, enum area_system system,
                           const char *prefecture)
{
    struct staff_document *document = writing->document;
    const struct area_graph *graph = document->pages->areas;
    const json_t *chosen = json_object_get(writing->broadcast, "areas");
    size_t count;
    const struct area *const *areas = area_list(graph, system, &count);
    for (size_t i = 0; i < count; i++) {
        if (!in_prefecture(areas[i], prefecture) ||
            has_area(chosen, area_system_name(system), areas[i]->code))
            continue; /* those chosen already stand above */
        staff_checkbox(
            document, "checkbox", "areas",
            memory_printf(document->context, "%s:%s", area_system_name(system), areas[i]->code),
            area_name(graph, areas[i], document->view->language, NULL), false);
    }
}

/* "find=01" of the address: which prefecture's places are shown as boxes; NULL: none. */
static const char *listed_prefecture(const struct staff_document *document)
{
    const char *query = document->view->query;
    return strlen(query) == 2 && strspn(query, "0123456789") == 2 ? query : NULL;
}

static void add_area_list(const struct writing *writing, const char *prefecture)
{
    struct staff_document *document = writing->document;
    const struct area_graph *graph = document->pages->areas;
    const struct area *of = area_find(graph, AREA_PREFECTURE, prefecture);
    if (of == NULL)
        return;
    staff_add(document, "<details open><summary>%s</summary><h3>%s</h3>",
              area_name(graph, of, document->view->language, NULL),
              staff_word(document, "Whole prefecture", "都道府県全体"));
    add_area_boxes(writing, AREA_PREFECTURE, prefecture);
    staff_add(document, "<h3>%s</h3>", staff_word(document, "Municipalities", "市町村"));
    add_area_boxes(writing, AREA_MUNICIPALITY, prefecture);
    staff_add(document, "</details>");
}

static void add_chosen_areas(const struct writing *writing)
{
    struct staff_document *document = writing->document;
    size_t index;
    json_t *area;
    json_array_foreach(json_object_get(writing->broadcast, "areas"), index, area)
    {
        staff_checkbox(document, "checkbox", "areas", staff_text(area, "area"),
                       staff_text(area, document->japanese ? "name_ja" : "name"), true);
    }
}

static void add_areas(const struct writing *writing)
{
    struct staff_document *document = writing->document;
    const char *fault = fault_of(writing, "areas", NULL);
    const char *prefecture = listed_prefecture(document);
    staff_add(document, "<fieldset id=\"g-areas\"><legend>%s</legend>",
              staff_word(document, "Where (needed)", "地域（必須）"));
    if (fault != NULL)
        staff_add(document, "<p class=\"fault\">%s</p>", fault);
    add_chosen_areas(writing);
    for (int i = 0; i < AREA_ROWS; i++)
        staff_add(document,
                  "<div class=\"field\"><label for=\"f-area-%d\">%s %d</label><input type=\"text\" "
                  "id=\"f-area-%d\" name=\"areas\" autocomplete=\"off\"></div>",
                  (long long)i,
                  staff_word(document, "Name or code, one in each field:",
                             "名前かコード（一つの欄に一つ）："),
                  (long long)i + 1, (long long)i);
    if (prefecture != NULL)
        add_area_list(writing, prefecture);
    staff_add(document, "<details><summary>%s</summary><p>%s</p>",
              staff_word(document, "Everyone", "全員"),
              staff_word(document,
                         "Instead of an area: everyone who gets our messages, wherever they are. "
                         "You will be asked again.",
                         "地域の代わりに、お知らせを受け取る全員に送ります。もう一度確認します。"));
    staff_checkbox(document, "checkbox", "everyone", "true",
                   staff_word(document, "Everyone, without limit of place", "場所を限らず全員に"),
                   staff_flag(writing->broadcast, "everyone"));
    staff_add(document, "</details></fieldset>");
}

static void add_audience(const struct writing *writing)
{
    struct staff_document *document = writing->document;
    const json_t *channels = json_object_get(writing->broadcast, "channels");
    const json_t *chosen = json_object_get(writing->broadcast, "languages");
    const char *const *languages = catalogue_languages(document->pages->texts);
    staff_add(document, "<details%h><summary>%s</summary><p>%s</p><fieldset><legend>%s</legend>",
              json_array_size(channels) + json_array_size(chosen) > 0 ? " open" : "",
              staff_word(document, "Only a part of the receivers", "一部の受信者だけ"),
              staff_word(document, "Nothing ticked: everybody in the area.",
                         "何も選ばなければ、地域の全員に送ります。"),
              staff_word(document, "Channels", "経路"));
    staff_checkbox(document, "checkbox", "channels", "email",
                   staff_word(document, "Mail", "メール"), staff_lists(channels, "email"));
    staff_checkbox(document, "checkbox", "channels", "webhook",
                   staff_word(document, "Facilities (webhook)", "施設（webhook）"),
                   staff_lists(channels, "webhook"));
    staff_add(document, "</fieldset><fieldset><legend>%s</legend>",
              staff_word(document, "Readers of", "読む言語"));
    for (size_t i = 0; languages[i] != NULL; i++)
        staff_checkbox(document, "checkbox", "languages", languages[i],
                       catalogue_language_name(document->pages->texts, languages[i]),
                       staff_lists(chosen, languages[i]));
    staff_add(document, "</fieldset></details>");
}

static void add_authority(const struct writing *writing)
{
    struct staff_document *document = writing->document;
    const json_t *authorities = json_object_get(document->view->data, "authorities");
    const json_t *own = json_object_get(writing->broadcast, "authority");
    const char *fault = fault_of(writing, "authority", NULL);
    size_t index;
    json_t *row;
    staff_add(
        document, "<fieldset id=\"g-authority\"><legend>%s</legend>",
        staff_word(document, "Who sends it (printed in the message)", "発信者（文に載ります）"));
    if (fault != NULL)
        staff_add(document, "<p class=\"fault\">%s</p>", fault);
    if (json_array_size(authorities) == 0 && own != NULL)
        staff_checkbox(document, "radio", "authority", staff_text(own, "id"),
                       staff_text(own, document->japanese ? "name_ja" : "name_en"), true);
    json_array_foreach(authorities, index, row)
    {
        bool chosen = strcmp(staff_text(row, "id"), staff_text(own, "id")) == 0 ||
                      json_array_size(authorities) == 1;
        staff_checkbox(document, "radio", "authority", staff_text(row, "id"),
                       staff_text(row, document->japanese ? "name_ja" : "name_en"), chosen);
    }
    staff_add(document, "</fieldset>");
}

static void add_times(const struct writing *writing)
{
    struct staff_document *document = writing->document;
    const json_t *of = json_object_get(writing->broadcast, "valid_minutes") != NULL
                           ? writing->broadcast
                           : writing->template;
    const char *next = staff_text(writing->broadcast, "next_update");
    staff_add(document, "<div id=\"g-expires\">");
    staff_input(document, "number", "valid_minutes",
                staff_word(document, "Valid for (minutes)", "有効な時間（分）"),
                memory_printf(document->context, "%lld", staff_number(of, "valid_minutes")),
                "min=\"10\" max=\"10080\" required",
                staff_word(document, "After this it is no longer sent or shown as in force.",
                           "この後は送らず、出ているとも示しません。"),
                fault_of(writing, "expires", NULL));
    staff_add(document, "</div><div id=\"g-next-update\">");
    staff_input(document, "datetime-local", "next_update",
                staff_word(document, "Next information at", "次のお知らせの時刻"),
                memory_must(talloc_strndup(document->context, next, strlen("2026-11-26T14:30"))),
                "", staff_word(document, "If you promise one.", "約束できる場合だけ。"),
                fault_of(writing, "next-update", NULL));
    staff_add(document, "</div>");
}

static void add_buttons(const struct writing *writing)
{
    struct staff_document *document = writing->document;
    const char *kind = staff_kind(document);
    staff_add(
        document,
        "<p><button type=\"submit\" class=\"main\" name=\"next\" "
        "value=\"/staff/%s/b/{id}/preview\">%s</button></p>",
        kind,
        staff_word(document, "Keep the draft and see the message", "下書きを残して、文を見る"));
    staff_add(document,
              "<p><button type=\"submit\" name=\"next\" "
              "value=\"/staff/%s/b/{id}/edit?find=01\">%s</button></p><p class=\"hint\">%s</p>",
              kind,
              staff_word(document, "Keep the draft and choose places from a list",
                         "下書きを残して、一覧から地域を選ぶ"),
              staff_word(document, "Nothing is sent yet.", "まだ何も送られません。"));
}

/* The list of another prefecture; a form of its own, above: what is not kept yet would be lost. */
static void add_prefectures(const struct writing *writing)
{
    struct staff_document *document = writing->document;
    const char *listed = listed_prefecture(document);
    size_t count;
    if (writing->broadcast == NULL || listed == NULL)
        return;
    const struct area *const *areas = area_list(document->pages->areas, AREA_PREFECTURE, &count);
    staff_add(document,
              "<form method=\"get\"><div class=\"field\"><label for=\"f-list\">%s</label><select "
              "id=\"f-list\" name=\"find\">",
              staff_word(document, "List the places of", "地域の一覧を出す都道府県"));
    for (size_t i = 0; i < count; i++)
        staff_add(document, "<option value=\"%s\"%h>%s</option>", areas[i]->code,
                  strcmp(areas[i]->code, listed) == 0 ? " selected" : "",
                  area_name(document->pages->areas, areas[i], document->view->language, NULL));
    staff_add(document, "</select><button type=\"submit\">%s</button></div></form>",
              staff_word(document, "Show", "表示"));
}

static void add_heading(const struct writing *writing)
{
    struct staff_document *document = writing->document;
    const json_t *row = writing->template;
    bool drill = document->view->drill;
    staff_add(document, "<p>");
    staff_chip(document, drill ? "blue" : staff_text(row, "colour"),
               drill ? 0 : staff_number(row, "level"), staff_text(row, "id"));
    staff_add(document, " <strong>%s</strong>", staff_text(row, "title"));
    if (writing->broadcast != NULL)
        staff_add(document, " – %s",
                  broadcast_word(document->pages->templates, document->view->language, "phase",
                                 staff_text(writing->broadcast, "phase")));
    staff_add(document, "</p>");
}

void staff_page_write(struct staff_document *document)
{
    const json_t *data = document->view->data;
    const struct writing writing = {.document = document,
                                    .template = json_object_get(data, "template"),
                                    .broadcast = json_object_get(data, "broadcast"),
                                    .faults = json_object_get(data, "faults")};
    const char *kind = staff_kind(document);
    size_t index;
    json_t *blank;
    add_heading(&writing);
    staff_faults(document, writing.faults, "");
    add_prefectures(&writing);
    const char *action = writing.broadcast == NULL
                             ? memory_printf(document->context, "/staff/api/%s", kind)
                             : memory_printf(document->context, "/staff/api/%s/b/%s/edit", kind,
                                             staff_text(writing.broadcast, "id"));
    staff_form_begin(document, action, NULL, true);
    staff_hidden(document, "template", staff_text(writing.template, "id"));
    if (writing.broadcast != NULL)
        staff_hidden(document, "hash", staff_text(writing.broadcast, "hash"));
    add_areas(&writing);
    json_array_foreach(json_object_get(writing.template, "blanks"), index, blank)
    {
        add_blank(&writing, blank);
    }
    add_times(&writing);
    add_authority(&writing);
    add_audience(&writing);
    add_buttons(&writing);
    staff_form_end(document);
}
