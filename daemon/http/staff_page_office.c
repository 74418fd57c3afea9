/* The rest of the console: silences, people, the audit log, and forms that were not carried out. */
#include "http/staff_html.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/hazard.h"

/* One button that posts to `path`/`what`. */
static void add_act(struct staff_document *document, const char *path, const char *next,
                    const char *class, const char *label)
{
    staff_form_begin(document, path, next, false);
    staff_button(document, class, label);
    staff_form_end(document);
}

static void add_silence_row(struct staff_document *document, const json_t *row)
{
    const char *id = staff_text(row, "id"), *state = staff_text(row, "state");
    size_t index;
    json_t *area;
    staff_add(
        document, "<li><strong>%s</strong> · %s · %s %s<br>%s – %s",
        catalogue_word(document->pages->texts, document->view->language,
                       memory_printf(document->context, "hazard.%s", staff_text(row, "hazard"))),
        strcmp(state, "waiting") == 0
            ? staff_word(document, "waits for a second person", "二人目の承認待ち")
        : strcmp(state, "on") == 0 ? staff_word(document, "on", "有効")
                                   : staff_word(document, "ended", "終了"),
        staff_word(document, "until", "期限"), staff_time(document, staff_text(row, "until")),
        staff_text(row, "reason"), staff_text(row, "author"));
    json_array_foreach(json_object_get(row, "areas"), index, area)
    {
        staff_add(document, "%h%s", index == 0 ? " · " : ", ",
                  staff_place_name(document, json_string_value(area)));
    }
    if (strcmp(state, "waiting") == 0)
        add_act(document, memory_printf(document->context, "/staff/api/silence/%s/approve", id),
                "/staff/silence", "main", staff_word(document, "Approve", "承認する"));
    if (strcmp(state, "ended") != 0)
        add_act(document, memory_printf(document->context, "/staff/api/silence/%s/end", id),
                "/staff/silence", "stop", staff_word(document, "End it", "終わらせる"));
    staff_add(document, "</li>");
}

static void add_hazards(struct staff_document *document)
{
    staff_add(document,
              "<div class=\"field\"><label for=\"f-hazard\">%s</label><select "
              "id=\"f-hazard\" name=\"hazard\" required><option value=\"\">%s</option>",
              staff_word(document, "What is not told", "知らせない災害"),
              staff_word(document, "Choose", "選んでください"));
    for (int hazard = 0; hazard < HAZARD_COUNT; hazard++) {
        const char *name = hazard_name((enum hazard)hazard);
        staff_add(document, "<option value=\"%s\">%s</option>", name,
                  catalogue_word(document->pages->texts, document->view->language,
                                 memory_printf(document->context, "hazard.%s", name)));
    }
    staff_add(document, "</select></div>");
}

static void add_silence_form(struct staff_document *document)
{
    staff_add(document, "<div class=\"box\"><h2>%s</h2>",
              staff_word(document, "Add a silence", "抑止を加える"));
    staff_form_begin(document, "/staff/api/silence", "/staff/silence", false);
    add_hazards(document);
    staff_input(document, "text", "areas",
                staff_word(document, "Where (name or code)", "地域（名前かコード）"), "",
                "required autocomplete=\"off\"", NULL, NULL);
    staff_input(document, "datetime-local", "until", staff_word(document, "Until", "いつまで"), "",
                "required", NULL, NULL);
    staff_input(document, "number", "level_max",
                staff_word(document, "Up to danger level", "どの危険度まで"), "2",
                "min=\"1\" max=\"5\" required",
                staff_word(document, "Levels 4 and 5 need a second person.",
                           "4と5は二人目の承認が必要です。"),
                NULL);
    staff_textarea(document, "reason", staff_word(document, "Why", "理由"), "", "required", NULL,
                   NULL);
    staff_button(document, "main", staff_word(document, "Add", "加える"));
    staff_form_end(document);
    staff_add(document, "</div>");
}

void staff_page_silence(struct staff_document *document)
{
    const json_t *data = document->view->data;
    size_t index;
    json_t *row;
    staff_add(document, "<p class=\"warning\">%s</p>",
              staff_word(document,
                         "A silence keeps warnings of one kind from people. Warnings that save "
                         "lives cannot be silenced.",
                         "抑止すると、その種類の警報は届かなくなります。命にかかわる警報は抑止"
                         "できません。"));
    staff_add(document, "<h2>%s</h2><ul class=\"list\">",
              staff_word(document, "Silences", "抑止の一覧"));
    json_array_foreach(json_object_get(data, "silences"), index, row)
    {
        add_silence_row(document, row);
    }
    staff_add(document, "</ul>");
    if (!staff_role_is(document, "viewer"))
        add_silence_form(document);
    staff_add(document, "<h2>%s</h2><ul class=\"list\">",
              staff_word(document, "What was not told", "知らせなかったもの"));
    json_array_foreach(json_object_get(data, "muted"), index, row)
    {
        staff_add(document, "<li>%s – %s</li>", staff_text(row, "headline"),
                  staff_time(document, staff_text(row, "at")));
    }
    staff_add(document, "</ul>");
}

static void add_tokens(struct staff_document *document, const json_t *person, const char *base)
{
    size_t index;
    json_t *token;
    json_array_foreach(json_object_get(person, "tokens"), index, token)
    {
        staff_add(document, "<div>%s · %s %s", staff_text(token, "reach"),
                  staff_word(document, "last used", "最後の使用"),
                  staff_time(document, staff_text(token, "last_used")));
        staff_form_begin(document, memory_printf(document->context, "%s/revoke", base),
                         "/staff/people", false);
        staff_hidden(document, "id", staff_text(token, "id"));
        staff_button(document, "stop",
                     staff_word(document, "Revoke the token", "トークンを無効にする"));
        staff_form_end(document);
        staff_add(document, "</div>");
    }
    staff_form_begin(document, memory_printf(document->context, "%s/token", base), NULL, false);
    staff_checkbox(document, "radio", "reach", "drill", staff_word(document, "drills", "訓練"),
                   false);
    staff_checkbox(document, "radio", "reach", "live", staff_word(document, "LIVE", "本番"), false);
    staff_button(document, "", staff_word(document, "New token", "新しいトークン"));
    staff_form_end(document);
}

static void add_person(struct staff_document *document, const json_t *person)
{
    const char *base =
        memory_printf(document->context, "/staff/api/people/%s", staff_text(person, "name"));
    bool disabled = staff_flag(person, "disabled");
    staff_add(document, "<li><strong>%s</strong> (%s) · %s · %s%s<br>%s: %s",
              staff_text(person, "shown_name"), staff_text(person, "name"),
              staff_text(person, "role"), staff_text(person, "authority"),
              disabled ? staff_word(document, " · DISABLED", " · 無効") : "",
              staff_word(document, "last signed in", "最後のログイン"),
              staff_time(document, staff_text(person, "last_login")));
    staff_add(document, "<details><summary>%s</summary>", staff_word(document, "Change", "変更"));
    add_act(document,
            memory_printf(document->context, "%s/%s", base, disabled ? "enable" : "disable"),
            "/staff/people", "stop",
            disabled ? staff_word(document, "Enable", "有効にする")
                     : staff_word(document, "Disable", "無効にする"));
    add_act(document, memory_printf(document->context, "%s/reset", base), NULL, "stop",
            staff_word(document, "New password (ends all sessions)",
                       "新しいパスワード（ログインはすべて終わります）"));
    add_tokens(document, person, base);
    staff_add(document, "</details></li>");
}

static void add_person_form(struct staff_document *document)
{
    static const char *const roles[][3] = {
        {"viewer", "Viewer: sees", "閲覧：見る"},
        {"author", "Author: writes", "作成：書く"},
        {"approver", "Approver: approves and sends", "承認：承認し、送る"},
        {"administrator", "Administrator: people only", "管理：担当者だけ"},
        {"drill", "Drills only", "訓練だけ"}};
    staff_add(document, "<div class=\"box\"><h2>%s</h2>",
              staff_word(document, "Add a person", "担当者を加える"));
    staff_form_begin(document, "/staff/api/people", NULL, false);
    staff_input(document, "text", "name", staff_word(document, "Account", "アカウント名"), "",
                "required maxlength=\"40\" autocapitalize=\"none\" autocomplete=\"off\"",
                staff_word(document, "Letters, digits, . _ -", "英字、数字、. _ -"), NULL);
    staff_input(document, "text", "shown_name", staff_word(document, "Name", "名前"), "",
                "required", NULL, NULL);
    staff_add(document, "<fieldset><legend>%s</legend>", staff_word(document, "Role", "役割"));
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        staff_checkbox(document, "radio", "role", roles[i][0],
                       staff_word(document, roles[i][1], roles[i][2]), false);
    staff_add(document, "</fieldset>");
    staff_input(
        document, "text", "authority",
        staff_word(document, "Authority (name in the configuration)", "機関（設定ファイルの名前）"),
        "", "autocomplete=\"off\"", NULL, NULL);
    staff_add(document, "<fieldset><legend>%s</legend>", staff_word(document, "Language", "言語"));
    staff_checkbox(document, "radio", "language", "ja", "日本語", document->japanese);
    staff_checkbox(document, "radio", "language", "en", "English", !document->japanese);
    staff_add(document, "</fieldset>");
    staff_button(document, "main", staff_word(document, "Add", "加える"));
    staff_form_end(document);
    staff_add(document, "</div>");
}

void staff_page_people(struct staff_document *document)
{
    const json_t *data = document->view->data;
    size_t index;
    json_t *person;
    staff_add(document, "<ul class=\"list\">");
    json_array_foreach(json_object_get(data, "people"), index, person)
    {
        add_person(document, person);
    }
    staff_add(document, "</ul>");
    add_person_form(document);
}

void staff_page_audit(struct staff_document *document)
{
    const json_t *data = document->view->data;
    size_t index;
    json_t *record;
    staff_add(document, "<p>%s</p>",
              staff_word(document, "Newest first. Nothing can be changed or removed here.",
                         "新しい順。ここでは何も変えたり消したりできません。"));
    staff_wide_begin(document, staff_word(document, "Audit log", "監査記録"));
    staff_add(document, "<table><thead><tr>");
    static const char *const heads[][2] = {{"No.", "番号"},  {"When", "時刻"}, {"Who", "だれ"},
                                           {"What", "何を"}, {"Of", "対象"},   {"Why", "理由"},
                                           {"From", "経路"}, {"Mark", "照合"}};
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
        staff_add(document, "<th scope=\"col\">%s</th>",
                  staff_word(document, heads[i][0], heads[i][1]));
    staff_add(document, "</tr></thead><tbody>");
    json_array_foreach(json_object_get(data, "records"), index, record)
    {
        staff_add(document,
                  "<tr><td>%d</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s "
                  "%s</td><td class=\"hash\">%s</td></tr>",
                  staff_number(record, "number"), staff_time(document, staff_text(record, "at")),
                  staff_text(record, "who"), staff_text(record, "what"),
                  staff_text(record, "object"), staff_text(record, "why"),
                  staff_text(record, "via"), staff_text(record, "from"),
                  memory_must(talloc_strndup(document->context, staff_text(record, "hash"), 10)));
    }
    staff_add(document, "</tbody></table></div>");
    if (staff_number(data, "next") > 0)
        staff_add(document, "<p><a href=\"/staff/audit?before=%d\">%s</a></p>",
                  staff_number(data, "next"), staff_word(document, "Older", "前の記録"));
}

static void add_kept_field(struct staff_document *document, const char *name, const json_t *value)
{
    size_t index;
    json_t *item;
    if (json_is_array(value)) {
        json_array_foreach(value, index, item)
        {
            add_kept_field(document, name, item);
        }
        return;
    }
    if (json_is_string(value) && strcmp(name, "csrf") != 0)
        staff_hidden(document, name, json_string_value(value));
}

/* The form once more, with the same request id, so that nothing can happen twice. */
static void add_again(struct staff_document *document, const json_t *data)
{
    const char *action = staff_text(data, "action"), *name;
    const json_t *form = json_object_get(data, "form");
    json_t *value;
    if (action[0] == '\0' || json_object_size(form) == 0)
        return;
    staff_add(document, "<form method=\"post\" action=\"%s\">", action);
    staff_hidden(document, "csrf", document->view->csrf);
    json_object_foreach((json_t *)form, name, value)
    {
        add_kept_field(document, name, value);
    }
    staff_button(document, "main",
                 staff_word(document, "Try again with what I typed", "入力したままでもう一度"));
    staff_form_end(document);
}

void staff_page_refused(struct staff_document *document)
{
    const json_t *data = document->view->data;
    const char *refusal = staff_text(data, "refusal"), *back = staff_text(data, "back");
    bool login = strcmp(refusal, "login") == 0;
    staff_add(document, "<div class=\"faults\" role=\"alert\"><p><strong>%s</strong></p></div>",
              staff_text(data, "text"));
    staff_faults(document, json_object_get(data, "faults"), back);
    if (login)
        staff_add(document,
                  "<p>%s</p><p><a class=\"button\" href=\"/staff/login\" target=\"_blank\" "
                  "rel=\"noopener\">%s</a></p>",
                  staff_word(document,
                             "What you typed is kept on this page. Sign in in another tab, come "
                             "back, and try again.",
                             "入力した内容はこのページに残っています。別のタブでログインし、ここに"
                             "戻って、もう一度送ってください。"),
                  staff_word(document, "Sign in (new tab)", "ログイン（新しいタブ）"));
    if (login || strcmp(refusal, "forged") == 0 || strcmp(refusal, "busy") == 0)
        add_again(document, data);
    if (back[0] == '/')
        staff_add(document, "<p><a class=\"button\" href=\"%s\">%s</a></p>", back,
                  staff_word(document, "Back", "戻る"));
    staff_add(document, "<p><a href=\"/staff\">%s</a></p>",
              staff_word(document, "To the overview", "概要へ"));
}
