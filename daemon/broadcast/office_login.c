/* Who asks: sessions of people, tokens of machines, the administrator of the machine itself. */
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "broadcast/partner.h"
#include "event/value.h"

#define COOKIE_BYTES 32
#define CSRF_BYTES   32

static const char *asked(const struct turn *turn, const char *key)
{
    return json_string_value(json_object_get(turn->request, key));
}

json_t *person_json(const struct person *person)
{
    return json_pack("{ssssssss}", "name", person->name, "shown_name",
                     person->shown_name != NULL ? person->shown_name : person->name, "role",
                     staff_role_name(person->role), "authority",
                     person->authority != NULL ? person->authority : "");
}

static int take_account(struct turn *turn, const char *name, const char *via, enum reach reach)
{
    struct store_account account;
    int r = store_get_account(turn->store, turn->context, name, &account);
    if (r < 0)
        return r;
    if (account.name == NULL || account.disabled)
        return turn_refuse(turn, REFUSAL_LOGIN);
    turn->person = (struct person){.name = account.name,
                                   .shown_name = account.shown_name,
                                   .authority = account.authority,
                                   .break_glass_until = account.break_glass_until,
                                   .language = account.language,
                                   .reach = reach,
                                   .via = via,
                                   .from = turn->person.from};
    if (!staff_role_from_name(account.role, &turn->person.role))
        turn->person.role = STAFF_NOBODY;
    return 0;
}

static int take_session(struct turn *turn, const char *cookie)
{
    struct store_session session;
    const char *digest = secret_digest(turn->context, cookie);
    int r = store_get_session(turn->store, turn->context, digest, &session);
    if (r < 0 || session.digest == NULL)
        return r;
    if (turn->now < session.created_at || turn->now - session.last_seen > SESSION_IDLE) {
        turn->cookie = "";
        return store_end_session(turn->store, digest);
    }
    r = take_account(turn, session.account, "session", REACH_BOTH);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    turn->session = session;
    if (turn->now - session.last_seen < SESSION_TOUCH)
        return 0;
    session.last_seen = turn->now;
    return store_put_session(turn->store, &session);
}

static int take_token(struct turn *turn, const char *bearer)
{
    struct token token;
    struct store_token row;
    if (!token_read(turn->context, bearer, &token))
        return turn_refuse(turn, REFUSAL_LOGIN);
    int r = store_get_token(turn->store, turn->context, token.id, &row);
    if (r < 0)
        return r;
    if (!digest_equal(row.digest, token.digest) || !text_equal(row.reach, reach_name(token.reach)))
        return turn_refuse(turn, REFUSAL_LOGIN);
    r = take_account(turn, row.account, memory_printf(turn->context, "token %s", row.id),
                     token.reach);
    if (r < 0 || turn->refusal != REFUSAL_NONE || turn->now - row.last_used < SESSION_TOUCH)
        return r;
    row.last_used = turn->now;
    return store_put_token(turn->store, &row);
}

int turn_authenticate(struct turn *turn)
{
    const char *bearer = asked(turn, "bearer"), *cookie = asked(turn, "cookie");
    const char *console = asked(turn, "console"), *from = asked(turn, "from");
    turn->person.from = from != NULL ? from : "";
    int r = 0;
    if (turn->route->right == RIGHT_PARTNER) {
        r = turn_authenticate_partner(turn);
    } else if (text_given(bearer)) {
        r = take_token(turn, bearer);
    } else if (text_given(console)) {
        turn->person = (struct person){.name = memory_printf(turn->context, "system.%s", console),
                                       .role = STAFF_ADMINISTRATOR,
                                       .reach = REACH_BOTH,
                                       .via = "command line",
                                       .from = "this machine"};
    } else if (text_given(cookie)) {
        r = take_session(turn, cookie);
    }
    return r;
}

/* The http thread asks twice: first for what to compare the password with, then with the result. */
static int begin_login(struct turn *turn, const struct store_account *account, usec_t wait)
{
    if (wait > 0) {
        value_set_integer(turn->answer, "wait_seconds",
                          (int)((wait + USEC_PER_SEC - 1) / USEC_PER_SEC));
        return turn_refuse(turn, REFUSAL_WAIT);
    }
    bool usable = account->name != NULL && !account->disabled;
    value_set_text(turn->answer, "password_hash", usable ? account->password : "");
    return 0;
}

static bool code_fits(struct turn *turn, struct store_account *account)
{
    int64_t step;
    if (!text_given(account->totp))
        return true;
    if (!totp_matches(account->totp, turn_text(turn, "code"), turn->now, account->totp_step, &step))
        return false;
    account->totp_step = step;
    return true;
}

static int open_session(struct turn *turn, struct store_account *account)
{
    const char *cookie = secret_random(turn->context, COOKIE_BYTES);
    turn->session = (struct store_session){.digest = secret_digest(turn->context, cookie),
                                           .account = account->name,
                                           .csrf = secret_random(turn->context, CSRF_BYTES),
                                           .source = turn->person.from,
                                           .created_at = turn->now,
                                           .last_seen = turn->now};
    account->last_login = turn->now;
    int r = store_put_account(turn->store, account);
    if (r >= 0)
        r = store_put_session(turn->store, &turn->session);
    if (r >= 0)
        r = take_account(turn, account->name, "session", REACH_BOTH);
    if (r < 0)
        return r;
    turn->cookie = cookie;
    value_set_text(turn->answer, "csrf", turn->session.csrf);
    json_object_set_new(turn->answer, "person", person_json(&turn->person));
    return 0;
}

static int login(struct turn *turn)
{
    const char *name = turn_text(turn, "name");
    const json_t *verified = json_object_get(turn->request, "verified");
    struct store_account account = {0};
    int r = 0;
    if (person_name_fault(name)[0] != '\0')
        name = "?"; /* as slow and as silent as any other that does not exist */
    else
        r = store_get_account(turn->store, turn->context, name, &account);
    if (r < 0)
        return r;
    const char *source = lockout_source(turn->context, turn->person.from);
    usec_t now = clock_monotonic();
    if (verified == NULL)
        return begin_login(turn, &account, lockout_wait(turn->office->lockout, name, source, now));
    turn->person.name = name;
    turn->person.via = "login";
    turn->object = name;
    bool usable = account.name != NULL && !account.disabled && json_is_true(verified);
    if (!usable || !code_fits(turn, &account)) {
        lockout_failed(turn->office->lockout, name, source, now);
        return turn_refuse(turn, REFUSAL_LOGIN);
    }
    lockout_passed(turn->office->lockout, name, source, now);
    return open_session(turn, &account);
}

static int logout(struct turn *turn)
{
    turn->cookie = "";
    return turn->session.digest != NULL ? store_end_session(turn->store, turn->session.digest) : 0;
}

static int me(struct turn *turn)
{
    struct store_account account;
    int r = store_get_account(turn->store, turn->context, turn->person.name, &account);
    if (r < 0)
        return r;
    json_t *person = person_json(&turn->person);
    value_set_flag(person, "totp", text_given(account.totp));
    json_object_set_new(turn->answer, "person", person);
    value_set_text(turn->answer, "csrf", turn->session.csrf != NULL ? turn->session.csrf : "");
    return 0;
}

/* As with login, the listener compares and hashes; here only what it found is written. */
static int password(struct turn *turn)
{
    struct store_account account;
    const json_t *verified = json_object_get(turn->request, "verified");
    const char *hash = asked(turn, "password_hash");
    int r = store_get_account(turn->store, turn->context, turn->person.name, &account);
    if (r < 0)
        return r;
    if (account.name == NULL || turn->session.digest == NULL)
        return turn_refuse(turn, REFUSAL_ROLE);
    if (verified == NULL) {
        const char *source = lockout_source(turn->context, turn->person.from);
        return begin_login(
            turn, &account,
            lockout_wait(turn->office->lockout, account.name, source, clock_monotonic()));
    }
    const char *fault = password_fault(turn_text(turn, "new"));
    if (fault[0] != '\0')
        return turn_fault(turn, "new", fault);
    if (!json_is_true(verified) || !text_given(hash)) {
        lockout_failed(turn->office->lockout, account.name,
                       lockout_source(turn->context, turn->person.from), clock_monotonic());
        return turn_fault(turn, "old", "this is not the password");
    }
    account.password = hash;
    r = store_put_account(turn->store, &account);
    return r >= 0 ? store_end_sessions(turn->store, account.name, turn->session.digest) : r;
}

static int propose_totp(struct turn *turn)
{
    const char *secret = totp_secret(turn->context);
    value_set_text(turn->answer, "secret", secret);
    value_set_text(turn->answer, "uri",
                   memory_printf(turn->context,
                                 "otpauth://totp/Noroshi:%s?secret=%s&issuer=Noroshi",
                                 turn->person.name, secret));
    return 0;
}

/* {} proposes a secret; {"secret", "code"} takes it once a code of it was shown. */
static int totp(struct turn *turn)
{
    struct store_account account;
    int64_t step;
    const char *secret = turn_text(turn, "secret"), *code = turn_text(turn, "code");
    int r = store_get_account(turn->store, turn->context, turn->person.name, &account);
    if (r < 0)
        return r;
    if (account.name == NULL || turn->session.digest == NULL)
        return turn_refuse(turn, REFUSAL_ROLE);
    if (text_given(account.totp)) /* an administrator takes it away, by a reset */
        return turn_refuse(turn, REFUSAL_STATE);
    if (secret == NULL)
        return propose_totp(turn);
    if (!totp_matches(secret, code, turn->now, 0, &step))
        return turn_fault(turn, "code", "this is not the code of now");
    account.totp = secret;
    account.totp_step = step;
    return store_put_account(turn->store, &account);
}

static json_t *account_json(const struct store_account *account, const struct store_token *tokens,
                            size_t count)
{
    json_t *list = json_array();
    json_t *json =
        json_pack("{sssssssssssb}", "name", account->name, "shown_name", account->shown_name,
                  "role", account->role, "authority", account->authority, "language",
                  account->language, "disabled", account->disabled);
    for (size_t i = 0; i < count; i++) {
        if (!text_equal(tokens[i].account, account->name))
            continue;
        json_t *token = json_pack("{ssss}", "id", tokens[i].id, "reach", tokens[i].reach);
        value_set_time(token, "created_at", tokens[i].created_at);
        value_set_time(token, "last_used", tokens[i].last_used);
        json_array_append_new(list, token);
    }
    value_set_flag(json, "totp", text_given(account->totp));
    value_set_time(json, "break_glass_until", account->break_glass_until);
    value_set_time(json, "last_login", account->last_login);
    json_object_set_new(json, "tokens", list);
    return json;
}

static int people_list(struct turn *turn)
{
    struct store_account *accounts;
    struct store_token *tokens;
    size_t count, token_count;
    int r = store_list_accounts(turn->store, turn->context, &accounts, &count);
    if (r >= 0)
        r = store_list_tokens(turn->store, turn->context, NULL, &tokens, &token_count);
    if (r < 0)
        return r;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, account_json(&accounts[i], tokens, token_count));
    json_object_set_new(turn->answer, "people", list);
    return 0;
}

/* The account of the path, or of the body for a new one. */
static int load_account(struct turn *turn, struct store_account *ret)
{
    int r = store_get_account(turn->store, turn->context, turn->id, ret);
    turn->object = turn->id;
    if (r >= 0 && ret->name == NULL)
        return turn_refuse(turn, REFUSAL_UNKNOWN);
    return r;
}

static int read_new_account(struct turn *turn, struct store_account *ret)
{
    enum staff_role role;
    const char *name = turn_text(turn, "name"), *fault = person_name_fault(name);
    const char *shown = turn_text(turn, "shown_name"), *authority = turn_text(turn, "authority");
    const char *until = turn_text(turn, "break_glass_until");
    usec_t break_glass = 0;
    if (fault[0] != '\0')
        return turn_fault(turn, "name", fault);
    if (!staff_role_from_name(turn_text(turn, "role"), &role))
        return turn_fault(turn, "role", "viewer, author, approver, administrator or drill");
    const struct broadcast_rules *rules = turn->office->options.rules;
    if (text_given(authority) &&
        (broadcast_issuer_find(rules, authority) == NULL || partner_find(rules, authority) != NULL))
        return turn_fault(turn, "authority", "the configuration has no such authority");
    if (text_given(until) && broadcast_time_read(until, &break_glass) < 0)
        return turn_fault(turn, "break_glass_until",
                          "a date and time such as "
                          "2026-12-31T00:00:00+09:00");
    *ret = (struct store_account){
        .name = name,
        .shown_name = text_clean(turn->context, text_given(shown) ? shown : name, false),
        .role = staff_role_name(role),
        .authority = authority != NULL ? authority : "",
        .language = text_equal(turn_text(turn, "language"), "en") ? "en" : "ja",
        .password = asked(turn, "password_hash"),
        .totp = "",
        .break_glass_until = break_glass,
        .created_at = turn->now};
    return 0;
}

static int people_add(struct turn *turn)
{
    struct store_account account, before;
    int r = read_new_account(turn, &account);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    turn->object = account.name;
    r = store_get_account(turn->store, turn->context, account.name, &before);
    if (r < 0)
        return r;
    if (before.name != NULL)
        return turn_fault(turn, "name", "this name is taken");
    if (!text_given(account.password))
        return turn_refuse(turn, REFUSAL_FORM);
    turn->detail = memory_printf(turn->context, "{\"role\":\"%s\"}", account.role);
    r = store_put_account(turn->store, &account);
    json_object_set_new(turn->answer, "person", account_json(&account, NULL, 0));
    value_set_text(turn->answer, "password", asked(turn, "password"));
    return r;
}

static int set_disabled(struct turn *turn, bool disabled)
{
    struct store_account account;
    int r = load_account(turn, &account);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    /* The last way in must not be closed by oneself. */
    if (disabled && text_equal(account.name, turn->person.name))
        return turn_refuse(turn, REFUSAL_SAME_PERSON);
    account.disabled = disabled;
    r = store_put_account(turn->store, &account);
    if (r >= 0 && disabled)
        r = store_end_sessions(turn->store, account.name, NULL);
    json_object_set_new(turn->answer, "person", account_json(&account, NULL, 0));
    return r;
}

static int people_disable(struct turn *turn)
{
    return set_disabled(turn, true);
}

static int people_enable(struct turn *turn)
{
    return set_disabled(turn, false);
}

static int people_reset(struct turn *turn)
{
    struct store_account account;
    int r = load_account(turn, &account);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    account.password = asked(turn, "password_hash");
    account.totp = "";
    account.totp_step = 0;
    if (!text_given(account.password))
        return turn_refuse(turn, REFUSAL_FORM);
    r = store_put_account(turn->store, &account);
    if (r >= 0)
        r = store_end_sessions(turn->store, account.name, NULL);
    value_set_text(turn->answer, "password", asked(turn, "password"));
    return r;
}

static int people_token(struct turn *turn)
{
    struct store_account account;
    int r = load_account(turn, &account);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    const char *reach = turn_text(turn, "reach");
    bool drill = text_equal(reach, "drill");
    if (!drill && !text_equal(reach, "live"))
        return turn_fault(turn, "reach", "live or drill");
    struct token token = token_make(turn->context, drill ? REACH_DRILL : REACH_LIVE);
    const struct store_token row = {.id = token.id,
                                    .account = account.name,
                                    .reach = reach,
                                    .digest = token.digest,
                                    .created_at = turn->now};
    value_set_text(turn->answer, "token", token.text);
    value_set_text(turn->answer, "id", token.id);
    turn->detail = memory_printf(turn->context, "{\"token\":\"%s\",\"reach\":\"%s\"}", token.id,
                                 reach_name(token.reach));
    return store_put_token(turn->store, &row);
}

static int people_revoke(struct turn *turn)
{
    const char *id = turn_text(turn, "id");
    turn->object = turn->id;
    turn->detail = id;
    int r = id != NULL ? store_remove_token(turn->store, turn->id, id) : -ENOENT;
    return r == -ENOENT ? turn_refuse(turn, REFUSAL_UNKNOWN) : r;
}

const struct command office_people_commands[] = {
    {"login", login, false},
    {"logout", logout, false},
    {"me", me, false},
    {"password", password, false},
    {"totp", totp, false},
    {"people-list", people_list, true},
    {"people-add", people_add, false},
    {"people-disable", people_disable, false},
    {"people-enable", people_enable, false},
    {"people-reset", people_reset, false},
    {"people-token", people_token, false},
    {"people-revoke", people_revoke, false},
    {NULL, NULL, false},
};
