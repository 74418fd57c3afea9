/* A whole page of the staff console: frame, first words that say live or drill, ways to go. */
#include "http/staff_html.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

struct page_row {
    const char *name; /* of the route table, without "live-" or "drill-" */
    const char *english, *japanese;
    void (*write)(struct staff_document *document);
};

static const struct page_row rows[] = {
    {"login", "Sign in", "ログイン", staff_page_login},
    {"password", "Your account", "あなたのアカウント", staff_page_password},
    {"home", "Duty overview", "当直の概要", staff_page_home},
    {"list", "All broadcasts", "お知らせの一覧", staff_page_list},
    {"new", "Choose a template", "ひな形を選ぶ", staff_page_new},
    {"write", "Fill in", "記入する", staff_page_write},
    {"preview", "Check before sending", "送る前に確かめる", staff_page_preview},
    {"show", "Follow and undo", "経過と取り消し", staff_page_show},
    {"report", "Report", "報告書", staff_page_report},
    {"silence", "Silence", "抑止", staff_page_silence},
    {"people", "People", "担当者", staff_page_people},
    {"audit", "Audit log", "監査記録", staff_page_audit},
    {"config", "Configuration", "設定の変更", staff_page_config},
    {"once", "Shown only now", "今だけ表示します", staff_page_once},
    {"refused", "Not carried out", "実行されませんでした", staff_page_refused},
};

static const struct page_row *find_row(const char *page)
{
    const char *name = text_starts(page, "live-")    ? page + strlen("live-")
                       : text_starts(page, "drill-") ? page + strlen("drill-")
                                                     : page;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return &rows[2];
}

/* Live, drill, or neither (home, people, audit). */
static const char *mode_of(const struct staff_view *view)
{
    if (view->drill || text_starts(view->page, "drill-"))
        return "drill";
    return text_starts(view->page, "live-") ? "live" : "office";
}

static const char *mode_word(const struct staff_document *document, const char *mode)
{
    if (strcmp(mode, "drill") == 0)
        return staff_word(document, "DRILL", "訓練");
    return strcmp(mode, "live") == 0 ? staff_word(document, "LIVE", "本番") : "";
}

static void add_mode(struct staff_document *document, const char *mode)
{
    if (strcmp(mode, "drill") == 0)
        staff_add(document, "<p class=\"mode\"><strong>%s</strong> %s</p>",
                  mode_word(document, mode),
                  staff_word(document, "Practice. Only people who asked for drills receive it.",
                             "練習です。訓練を希望した人だけに届きます。"));
    else if (strcmp(mode, "live") == 0)
        staff_add(document, "<p class=\"mode\"><strong>%s</strong> %s</p>",
                  mode_word(document, mode),
                  staff_word(document, "What is sent here reaches the public.",
                             "ここから送ると、住民に届きます。"));
    else
        staff_add(document, "<p class=\"mode\">%s</p>",
                  staff_word(document, "Noroshi staff console", "Noroshi 職員用画面"));
}

static void add_link(struct staff_document *document, const char *path, const char *label,
                     bool current)
{
    staff_add(document, "<li><a href=\"%s\"%h>%s</a></li>", path,
              current ? " aria-current=\"page\"" : "", label);
}

static void add_ways(struct staff_document *document, const char *mode)
{
    const char *page = document->view->page;
    bool drill_only = staff_role_is(document, "drill");
    bool office = staff_role_is(document, "administrator");
    staff_add(document, "<nav aria-label=\"%s\"><ul>",
              staff_word(document, "Staff console", "職員用画面"));
    add_link(document, "/staff", staff_word(document, "Overview", "概要"),
             strcmp(page, "home") == 0);
    if (!drill_only && !office)
        add_link(document, "/staff/live", staff_word(document, "Live", "本番"),
                 strcmp(mode, "live") == 0);
    if (!office)
        add_link(document, "/staff/drill", staff_word(document, "Drills", "訓練"),
                 strcmp(mode, "drill") == 0);
    if (!drill_only && !office)
        add_link(document, "/staff/silence", staff_word(document, "Silence", "抑止"),
                 strcmp(page, "silence") == 0);
    if (office)
        add_link(document, "/staff/people", staff_word(document, "People", "担当者"),
                 strcmp(page, "people") == 0);
    if (!drill_only)
        add_link(document, "/staff/audit", staff_word(document, "Audit log", "監査記録"),
                 strcmp(page, "audit") == 0);
    if (office || staff_role_is(document, "approver"))
        add_link(document, "/staff/config", staff_word(document, "Configuration", "設定の変更"),
                 strcmp(page, "config") == 0);
    add_link(document, "/staff/password", staff_word(document, "Your account", "アカウント"),
             strcmp(page, "password") == 0);
    staff_add(document, "</ul></nav>");
}

static void add_head(struct staff_document *document, const char *mode, const char *title)
{
    const char *word = mode_word(document, mode);
    staff_add(document,
              "<!doctype html><html lang=\"%s\"><head><meta charset=\"utf-8\">"
              "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
              "<title>%s%h%s – Noroshi</title>"
              "<link rel=\"stylesheet\" href=\"/staff/asset/style.css\"></head>"
              "<body class=\"%s\"><header><a class=\"skip\" href=\"#main\">%s</a>",
              document->japanese ? "ja" : "en", word, word[0] != '\0' ? ": " : "", title, mode,
              staff_word(document, "To the content", "本文へ"));
    add_mode(document, mode);
    const char *maintenance = staff_text(document->view->data, "maintenance");
    if (maintenance[0] != '\0')
        staff_add(document, "<p class=\"warning\" role=\"status\"><strong>%s</strong> %s</p>",
                  staff_word(document,
                             "Maintenance: nothing new goes out but warnings of danger to life.",
                             "保守作業中：命に関わる警報のほかは、新しいお知らせを送りません。"),
                  maintenance);
    if (document->view->person != NULL)
        add_ways(document, mode);
    staff_add(document, "</header><main id=\"main\"><h1>%s%h%s</h1>", word,
              word[0] != '\0' ? ": " : "", title);
}

static void add_foot(struct staff_document *document)
{
    const struct staff_view *view = document->view;
    staff_add(document, "</main><footer>");
    if (view->person != NULL) {
        staff_add(document, "<p>%s: <strong>%s</strong> (%s)</p>",
                  staff_word(document, "Signed in", "ログイン中"),
                  staff_text(view->person, "shown_name"), staff_text(view->person, "role"));
        staff_form_begin(document, "/staff/api/logout", "/staff/login", true);
        staff_button(document, "", staff_word(document, "Sign out", "ログアウト"));
        staff_form_end(document);
    }
    staff_add(document,
              "<p><a href=\"?language=ja\" lang=\"ja\" hreflang=\"ja\">日本語</a> · <a href=\"?"
              "language=en\" lang=\"en\" hreflang=\"en\">English</a></p></footer>"
              "<script nonce=\"%s\" src=\"/staff/asset/console.js\" defer></script></body></html>",
              view->nonce);
}

char *staff_page_render(TALLOC_CTX *context, const struct staff_pages *pages,
                        const struct staff_view *view)
{
    struct staff_document document = {.context = talloc_new(context),
                                      .pages = pages,
                                      .view = view,
                                      .out = memory_text(context, ""),
                                      .japanese = text_starts(view->language, "ja")};
    const struct page_row *row = find_row(view->page);
    add_head(&document, mode_of(view), staff_word(&document, row->english, row->japanese));
    row->write(&document);
    add_foot(&document);
    talloc_free(document.context);
    return document.out;
}
