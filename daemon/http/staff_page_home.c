/* What whoever takes over the shift must see (H-17): in force, held, drilling, waiting, on duty;
 * and the list of all broadcasts. */
#include "http/staff_html.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* What it is in a plan of yearly drills. */
const char *staff_plan_word(const struct staff_document *document, const char *part)
{
    static const char *const words[][3] = {{"drill", "every year", "毎年"},
                                           {"notice", "notice beforehand", "予告"},
                                           {"start", "start", "開始"},
                                           {"end", "end", "終了"}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i][0], part) == 0)
            return staff_word(document, words[i][1], words[i][2]);
    }
    return part;
}

static void add_row(struct staff_document *document, const json_t *row)
{
    const char *kind = staff_text(row, "kind");
    const char *state = staff_text(row, "state");
    bool sent = strcmp(state, "sent") == 0 || strcmp(state, "stopped") == 0;
    bool drill = strcmp(kind, "drill") == 0;
    staff_add(document, "<li>");
    staff_chip(document, drill ? "blue" : staff_colour(row), drill ? 0 : staff_number(row, "level"),
               drill ? staff_word(document, "DRILL", "訓練") : "");
    staff_add(document, " <a href=\"/staff/%s/b/%s%h\">%s%s</a>", drill ? "drill" : "live",
              staff_text(row, "id"), sent ? "" : "/preview",
              drill ? staff_word(document, "Drill: ", "訓練：") : "", staff_text(row, "title"));
    staff_add(document, "<br>%s · %s", staff_state_word(document, row),
              broadcast_word(document->pages->templates, document->view->language, "phase",
                             staff_text(row, "phase")));
    const char *part = staff_text(row, "part");
    if (part[0] != '\0')
        staff_add(document, " · %s", staff_plan_word(document, part));
    const char *time = sent                              ? staff_text(row, "sent_at")
                       : strcmp(state, "scheduled") == 0 ? staff_text(row, "scheduled_at")
                                                         : staff_text(row, "edited_at");
    staff_add(document, " · %s · %s", staff_time(document, time), staff_text(row, "author"));
    size_t index;
    json_t *area;
    json_array_foreach(json_object_get(row, "areas"), index, area)
    {
        if (index < 4)
            staff_add(document, "%h%s", index == 0 ? " · " : ", ",
                      staff_text(area, document->japanese ? "name_ja" : "name"));
    }
    staff_add(document, "</li>");
}

void staff_broadcast_list(struct staff_document *document, const json_t *list, const char *nothing)
{
    size_t index;
    json_t *row;
    if (json_array_size(list) == 0) {
        staff_add(document, "<p>%s</p>", nothing);
        return;
    }
    staff_add(document, "<ul class=\"list\">");
    json_array_foreach(list, index, row)
    {
        add_row(document, row);
    }
    staff_add(document, "</ul>");
}

/* From what is in force to the page that takes it back: one step (H-6). JMA's is JMA's. */
static void add_way_back(struct staff_document *document, const char *broadcast)
{
    if (broadcast[0] != '\0')
        staff_add(document, "<br><a class=\"button\" href=\"/staff/live/b/%h\">%s</a>", broadcast,
                  staff_word(document, "Wrong, changed or over? Correct it here",
                             "誤り・変更・終わり：ここで直す"));
}

static void add_in_force(struct staff_document *document, const json_t *list)
{
    size_t index;
    json_t *alert;
    staff_add(document, "<h2>%s</h2>", staff_word(document, "In force now", "今出ているもの"));
    if (json_array_size(list) == 0) {
        staff_add(document, "<p>%s</p>", staff_word(document, "Nothing.", "ありません。"));
        return;
    }
    staff_add(document, "<ul class=\"list\">");
    json_array_foreach(list, index, alert)
    {
        staff_add(document, "<li>");
        staff_chip(document, staff_text(alert, "colour"), staff_number(alert, "level"), "");
        staff_add(document, " %s<br>%s: %s", staff_text(alert, "headline"),
                  staff_word(document, "until", "期限"),
                  staff_time(document, staff_text(alert, "expires")));
        add_way_back(document, staff_text(alert, "broadcast"));
        staff_add(document, "</li>");
    }
    staff_add(document, "</ul>");
}

static void add_signed_in(struct staff_document *document, const json_t *list)
{
    size_t index;
    json_t *person;
    staff_add(document, "<h2>%s</h2><ul>", staff_word(document, "Signed in", "ログイン中"));
    json_array_foreach(list, index, person)
    {
        staff_add(document, "<li>%s – %s</li>", staff_text(person, "shown_name"),
                  staff_time(document, staff_text(person, "since")));
    }
    staff_add(document, "</ul>");
}

/* Those in a state that asks for something. */
static json_t *waiting_of(const json_t *list)
{
    static const char *const states[] = {"draft", "approved", "scheduled"};
    json_t *waiting = json_array();
    size_t index;
    json_t *row;
    json_array_foreach(list, index, row)
    {
        bool held = staff_text(row, "held")[0] != '\0';
        for (size_t i = 0; i < sizeof(states) / sizeof(states[0]) && !held; i++)
            held = strcmp(staff_text(row, "state"), states[i]) == 0;
        if (held)
            json_array_append(waiting, row);
    }
    return waiting;
}

static void add_waiting(struct staff_document *document, const json_t *list, const char *heading)
{
    json_t *waiting = waiting_of(list);
    staff_add(document, "<h2>%s</h2>", heading);
    staff_broadcast_list(document, waiting, staff_word(document, "Nothing.", "ありません。"));
    json_decref(waiting);
}

void staff_page_home(struct staff_document *document)
{
    const json_t *data = document->view->data;
    bool drill_only = staff_role_is(document, "drill");
    if (staff_number(data, "held") > 0)
        staff_add(document,
                  "<div class=\"warning\" role=\"status\"><p><strong>%d</strong> %s</p></div>",
                  staff_number(data, "held"),
                  staff_word(document, "held back until somebody releases them. See below.",
                             "件が保留中です。解放するまで送られません。下を見てください。"));
    staff_part_duty(document);
    if (!drill_only) {
        add_in_force(document, json_object_get(data, "in_force"));
        add_waiting(document, json_object_get(data, "live"),
                    staff_word(document, "Live: waiting for you", "本番：対応待ち"));
        staff_add(document, "<p><a class=\"button\" href=\"/staff/live/new\">%s</a></p>",
                  staff_word(document, "Write a LIVE message", "本番のお知らせを書く"));
    }
    add_waiting(document, json_object_get(data, "drills"),
                staff_word(document, "Drills: waiting", "訓練：対応待ち"));
    staff_add(document, "<p><a class=\"button\" href=\"/staff/drill\">%s</a></p>",
              staff_word(document, "To the drills", "訓練のページへ"));
    if (!drill_only)
        staff_part_checks(document);
    add_signed_in(document, json_object_get(data, "signed_in"));
}

void staff_page_list(struct staff_document *document)
{
    const json_t *data = document->view->data;
    const char *kind = staff_kind(document);
    staff_add(document, "<p><a class=\"button\" href=\"/staff/%s/new\">%s</a></p>", kind,
              document->view->drill
                  ? staff_word(document, "Write a drill", "訓練を書く")
                  : staff_word(document, "Write a LIVE message", "本番のお知らせを書く"));
    if (!document->view->drill)
        add_in_force(document, json_object_get(data, "in_force"));
    staff_add(document, "<h2>%s</h2>",
              staff_word(document, "All, newest first", "すべて（新しい順）"));
    staff_broadcast_list(document, json_object_get(data, "broadcasts"),
                         staff_word(document, "None yet.", "まだありません。"));
}
