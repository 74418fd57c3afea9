/* Broadcasts of staff in the store: drafts, accounts, sessions, requests, silences, the audit log.
 *
 * What must never be is refused by the database itself: an approver who is the author, a drill that
 * becomes live, a sent text that nobody approved, a changed or deleted audit record. Errors as in
 * store.h; -EPERM when a row breaks such a rule. */
#pragma once

#include "store/store.h"

/* ---- broadcasts ---- */
struct store_broadcast {
    const char *id, *thread, *kind, *state;
    const char *author, *last_editor, *approver; /* approver NULL none */
    const char *hash, *approved_hash;            /* approved_hash NULL none */
    const char *alone;                           /* "" unless one person was enough */
    const char *alert_id;                        /* NULL until sent */
    bool held;
    usec_t created_at, lapses_at; /* lapses_at 0: time changes nothing */
    const json_t *json;
};
/* Adds or replaces by id. */
__attribute__((warn_unused_result)) int store_put_broadcast(struct store *store,
                                                            const struct store_broadcast *row);
/* NULL when there is none. New references here and below. */
__attribute__((warn_unused_result)) int store_get_broadcast(struct store *store, const char *id,
                                                            json_t **ret_json);
/* Newest first. `thread` NULL: of every thread. */
__attribute__((warn_unused_result)) int store_list_broadcasts(struct store *store, const char *kind,
                                                              const char *thread, size_t limit,
                                                              json_t **ret_array);
/* Those whose lapses_at is at or before `now`. */
__attribute__((warn_unused_result)) int store_lapsing_broadcasts(struct store *store, usec_t now,
                                                                 json_t **ret_array);
__attribute__((warn_unused_result)) int store_next_lapse(struct store *store, usec_t *ret_at);

/* ---- their deliveries ---- */
/* {"total", "waiting", "sending", "delivered", "failed", "expired", "stopped", "held",
 * "by_channel": {"email": {state: n}}, "by_language": {"vi": {state: n}}, "by_facility": {"hotel":
 * {state: n}}, "first_at", "last_at"} with instants in microseconds, 0 none. */
__attribute__((warn_unused_result)) int
store_broadcast_progress(struct store *store, const char *alert_id, json_t **ret_progress);
/* The instant by which `percent` of an alert's deliveries were delivered; 0: not yet. */
__attribute__((warn_unused_result)) int
store_broadcast_reached_at(struct store *store, const char *alert_id, int percent, usec_t *ret_at);
/* Who was told of an event: {"total", "by_channel": {}, "by_language": {}}. */
__attribute__((warn_unused_result)) int store_count_told(struct store *store, const char *event_id,
                                                         json_t **ret_counts);
/* What has not gone ends: refused when nothing was tried, superseded when an attempt may have
 * arrived. What is under way is let finish. */
__attribute__((warn_unused_result)) int store_stop_alert(struct store *store, const char *alert_id,
                                                         usec_t now, int64_t *ret_stopped);
/* What waits is set aside until release. */
__attribute__((warn_unused_result)) int store_hold_alert(struct store *store, const char *alert_id,
                                                         int64_t *ret_held);
__attribute__((warn_unused_result)) int
store_release_alert(struct store *store, const char *alert_id, usec_t now, int64_t *ret_released);

/* ---- requests ---- */
/* A request that was carried out: its answer again, "" who and fingerprint when it is new. */
struct store_request {
    const char *id, *who, *fingerprint, *answer;
    int status;
    usec_t at;
};
/* ret->id NULL when there is none. */
__attribute__((warn_unused_result)) int store_get_request(struct store *store, TALLOC_CTX *context,
                                                          const char *id,
                                                          struct store_request *ret);
__attribute__((warn_unused_result)) int store_put_request(struct store *store,
                                                          const struct store_request *row);
/* Forgets requests and sessions that are older. */
__attribute__((warn_unused_result)) int
store_forget_staff(struct store *store, usec_t requests_before, usec_t sessions_before);

/* ---- accounts ---- */
struct store_account {
    const char *name, *shown_name, *role, *authority, *language;
    const char *password; /* argon2id; "" none yet */
    const char *totp;     /* secret; "" none */
    int64_t totp_step;    /* last that was used */
    bool disabled;
    usec_t break_glass_until, created_at, last_login;
};
__attribute__((warn_unused_result)) int store_put_account(struct store *store,
                                                          const struct store_account *row);
/* ret->name NULL when there is none. */
__attribute__((warn_unused_result)) int store_get_account(struct store *store, TALLOC_CTX *context,
                                                          const char *name,
                                                          struct store_account *ret);
__attribute__((warn_unused_result)) int store_list_accounts(struct store *store,
                                                            TALLOC_CTX *context,
                                                            struct store_account **ret,
                                                            size_t *ret_count);

struct store_token {
    const char *id, *account, *reach, *digest;
    usec_t created_at, last_used;
};
__attribute__((warn_unused_result)) int store_put_token(struct store *store,
                                                        const struct store_token *row);
__attribute__((warn_unused_result)) int store_get_token(struct store *store, TALLOC_CTX *context,
                                                        const char *id, struct store_token *ret);
/* `account` NULL: of all. */
__attribute__((warn_unused_result)) int store_list_tokens(struct store *store, TALLOC_CTX *context,
                                                          const char *account,
                                                          struct store_token **ret,
                                                          size_t *ret_count);
/* -ENOENT when the account has no such token. */
__attribute__((warn_unused_result)) int store_remove_token(struct store *store, const char *account,
                                                           const char *id);

struct store_session {
    const char *digest; /* of the cookie */
    const char *account, *csrf, *source;
    usec_t created_at, last_seen;
};
__attribute__((warn_unused_result)) int store_put_session(struct store *store,
                                                          const struct store_session *row);
__attribute__((warn_unused_result)) int store_get_session(struct store *store, TALLOC_CTX *context,
                                                          const char *digest,
                                                          struct store_session *ret);
/* Those that were seen after `since`, the oldest first. */
__attribute__((warn_unused_result)) int store_list_sessions(struct store *store,
                                                            TALLOC_CTX *context, usec_t since,
                                                            struct store_session **ret,
                                                            size_t *ret_count);
/* One session, or all of an account but `digest` (either may be NULL). */
__attribute__((warn_unused_result)) int store_end_session(struct store *store, const char *digest);
__attribute__((warn_unused_result)) int store_end_sessions(struct store *store, const char *account,
                                                           const char *but_digest);

/* ---- audit ---- */
struct store_audit {
    int64_t number;
    usec_t at;
    const char *who, *via, *source, *what, *object, *why, *detail, *hash;
};
/* Appends. -EEXIST when the number is taken (another daemon wrote first: read the last again). */
__attribute__((warn_unused_result)) int store_add_audit(struct store *store,
                                                        const struct store_audit *row);
/* With numbers above `after`, in order, at most `limit`. */
__attribute__((warn_unused_result)) int store_page_audit(struct store *store, TALLOC_CTX *context,
                                                         int64_t after, size_t limit,
                                                         struct store_audit **ret,
                                                         size_t *ret_count);
/* The last: number 0 when there is none. */
__attribute__((warn_unused_result)) int store_last_audit(struct store *store, TALLOC_CTX *context,
                                                         struct store_audit *ret);

/* ---- silences ---- */
struct store_silence {
    const char *id, *author, *approver; /* approver NULL none */
    bool needs_approval;
    usec_t from, until, ended_at;
    const json_t *json;
};
__attribute__((warn_unused_result)) int store_put_silence(struct store *store,
                                                          const struct store_silence *row);
__attribute__((warn_unused_result)) int store_get_silence(struct store *store, const char *id,
                                                          json_t **ret_json);
/* `now` 0: all; otherwise those that are on then. Newest first. */
__attribute__((warn_unused_result)) int store_list_silences(struct store *store, usec_t now,
                                                            json_t **ret_array);
/* An alert that a silence kept from people. */
__attribute__((warn_unused_result)) int store_put_muted(struct store *store, const char *alert_id,
                                                        const char *silence_id, usec_t at);
/* [{"alert_id", "silence", "at", "alert": as stored}], newest first. */
__attribute__((warn_unused_result)) int store_list_muted(struct store *store, size_t limit,
                                                         json_t **ret_array);
