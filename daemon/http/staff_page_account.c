/* Signing in, the own password, the second factor. */
#include "http/staff_html.h"

void staff_page_login(struct staff_document *document)
{
    const json_t *data = document->view->data;
    const char *text = staff_text(data, "text");
    if (text[0] != '\0')
        staff_add(document, "<div class=\"faults\" role=\"alert\"><p>%s</p></div>", text);
    staff_form_begin(document, "/staff/api/login", "/staff", true);
    staff_input(document, "text", "name", staff_word(document, "Account", "アカウント名"), "",
                "required autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\"",
                NULL, NULL);
    staff_input(document, "password", "password", staff_word(document, "Password", "パスワード"),
                "", "required autocomplete=\"current-password\"", NULL, NULL);
    staff_input(document, "text", "code",
                staff_word(document, "Six digits of your app", "認証アプリの6桁の数字"), "",
                "inputmode=\"numeric\" autocomplete=\"one-time-code\" maxlength=\"8\"",
                staff_word(document, "Leave it empty if you have not set this up.",
                           "設定していなければ空のままにしてください。"),
                NULL);
    staff_button(document, "main", staff_word(document, "Sign in", "ログイン"));
    staff_form_end(document);
}

static void add_password(struct staff_document *document)
{
    staff_add(document, "<h2>%s</h2>",
              staff_word(document, "Change the password", "パスワードを変える"));
    staff_form_begin(document, "/staff/api/password", "/staff/password", true);
    staff_input(document, "password", "old", staff_word(document, "Old password", "今のパスワード"),
                "", "required autocomplete=\"current-password\"", NULL, NULL);
    staff_input(document, "password", "new",
                staff_word(document, "New password", "新しいパスワード"), "",
                "required autocomplete=\"new-password\" minlength=\"12\"",
                staff_word(document, "At least 12 characters.", "12文字以上。"), NULL);
    staff_button(document, "main", staff_word(document, "Change", "変える"));
    staff_form_end(document);
}

static void add_code(struct staff_document *document, const char *secret)
{
    staff_add(document, "<p>%s</p><p class=\"hash\">%s</p>",
              staff_word(document,
                         "Type this key into your authenticator app, then its six digits:",
                         "このキーを認証アプリに入れ、6桁の数字を入力してください："),
              secret);
    staff_form_begin(document, "/staff/api/totp", "/staff/password", true);
    staff_hidden(document, "secret", secret);
    staff_input(document, "text", "code", staff_word(document, "Six digits", "6桁の数字"), "",
                "required inputmode=\"numeric\" autocomplete=\"one-time-code\"", NULL, NULL);
    staff_button(document, "main", staff_word(document, "Switch on", "有効にする"));
    staff_form_end(document);
}

static void add_second_factor(struct staff_document *document)
{
    const json_t *data = document->view->data;
    const json_t *person = json_object_get(data, "person");
    staff_add(document, "<h2>%s</h2>",
              staff_word(document, "Second factor (six digits)", "二段階の確認（6桁の数字）"));
    if (staff_flag(person, "totp")) {
        staff_add(document, "<p>%s</p>",
                  staff_word(document,
                             "It is on. An administrator takes it away with a new password.",
                             "有効です。外すときは、管理者が新しいパスワードを出します。"));
        return;
    }
    staff_form_begin(document, "/staff/api/totp", NULL, true);
    staff_button(document, "", staff_word(document, "Set it up", "設定する"));
    staff_form_end(document);
}

void staff_page_password(struct staff_document *document)
{
    add_password(document);
    add_second_factor(document);
}

/* What an answer made and nobody can see again: a password, a token, the key of a second factor. */
void staff_page_once(struct staff_document *document)
{
    const json_t *data = document->view->data;
    static const char *const keys[] = {"password", "token"};
    if (staff_text(data, "secret")[0] != '\0')
        add_code(document, staff_text(data, "secret"));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (staff_text(data, keys[i])[0] != '\0')
            staff_add(document, "<div class=\"note\"><p>%s</p><p class=\"hash\">%s</p></div>",
                      staff_word(document, "Write it down now and hand it over safely:",
                                 "今すぐ控えて、安全に渡してください："),
                      staff_text(data, keys[i]));
    }
    staff_add(document, "<p><a class=\"button\" href=\"/staff\">%s</a></p>",
              staff_word(document, "To the overview", "概要へ"));
}
