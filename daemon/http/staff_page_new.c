/* Choosing a template: grouped, nothing chosen beforehand; those that make people leave or hide
 * stand in a part of their own, not beside routine ones, and those about missiles in another (H-9).
 */
#include "http/staff_html.h"

#include <string.h>

/* In this order on the page. */
static const char *const routine[] = {"information", "shelter", "transport", "utilities",
                                      "all-clear",   "drill",   NULL};
static const char *const dangerous[] = {"evacuation", "civil", NULL};
static const char *const missiles[] = {"missile", NULL};

static bool has_group(const json_t *templates, const char *group)
{
    size_t index;
    json_t *row;
    json_array_foreach(templates, index, row)
    {
        if (strcmp(staff_text(row, "group"), group) == 0)
            return true;
    }
    return false;
}

static void add_template(struct staff_document *document, const json_t *row)
{
    bool drill = document->view->drill;
    staff_add(document, "<li>");
    staff_chip(document, drill ? "blue" : staff_text(row, "colour"),
               drill ? 0 : staff_number(row, "level"), staff_text(row, "id"));
    if (staff_flag(row, "allowed"))
        staff_add(document, " <a href=\"/staff/%s/new/%s\">%s</a></li>", staff_kind(document),
                  staff_text(row, "id"), staff_text(row, "title"));
    else
        staff_add(document, " %s <span class=\"hint\">– %s</span></li>", staff_text(row, "title"),
                  staff_word(document, "only for the authority that orders evacuation",
                             "避難情報を出す機関の担当者だけが使えます"));
}

static void add_group(struct staff_document *document, const json_t *templates, const char *group)
{
    size_t index;
    json_t *row;
    if (!has_group(templates, group))
        return;
    staff_add(document, "<h2 id=\"g-%s\">%s</h2><ul class=\"list\">", group,
              broadcast_word(document->pages->templates, document->view->language, "group", group));
    json_array_foreach(templates, index, row)
    {
        if (strcmp(staff_text(row, "group"), group) == 0)
            add_template(document, row);
    }
    staff_add(document, "</ul>");
}

static void add_part(struct staff_document *document, const json_t *templates,
                     const char *const *groups)
{
    for (; *groups != NULL; groups++)
        add_group(document, templates, *groups);
}

static void add_danger(struct staff_document *document, const json_t *templates, const char *id,
                       const char *warning, const char *const *groups)
{
    staff_add(document, "<div class=\"danger\" id=\"%s\"><p><strong>%s</strong></p>", id, warning);
    add_part(document, templates, groups);
    staff_add(document, "</div>");
}

void staff_page_new(struct staff_document *document)
{
    const json_t *templates = json_object_get(document->view->data, "templates");
    staff_add(
        document, "<p>%s</p>",
        staff_word(document,
                   "Nothing is sent from this page. You fill in the blanks next, and see "
                   "the finished message before anything leaves.",
                   "このページからは何も送られません。次に空欄を埋め、できあがった文を見てから"
                   "送ります。"));
    staff_add(document, "<p><a href=\"/staff/%s\">%s</a></p>", staff_kind(document),
              staff_word(document,
                         "Something that was sent is wrong, has changed or is over? Open it in the "
                         "list: that reaches those who got it, at once",
                         "送ったものに誤り・変更・終わりがあるときは、一覧からそれを開いてください"
                         "。受け取った人にすぐ届きます"));
    staff_add(document, "<p><a href=\"#dangerous\">%s</a></p>",
              staff_word(document, "Evacuation and danger to people: further down",
                         "避難情報・身の危険のひな形は下にあります"));
    add_part(document, templates, routine);
    add_danger(
        document, templates, "dangerous",
        staff_word(document, "These make people leave or hide. Choose with care.",
                   "人を避難させる、または隠れさせるひな形です。よく確かめて選んでください。"),
        dangerous);
    if (has_group(templates, missiles[0]))
        add_danger(
            document, templates, "missiles",
            staff_word(document,
                       "Missiles: only what J-Alert says. Read the words of the one that you "
                       "choose; you will type them again before it is sent.",
                       "弾道ミサイル：Jアラートが伝えたことだけを送ります。選んだものの題名を"
                       "よく読んでください。送る前にもう一度入力します。"),
            missiles);
}
