/* Requests become jobs for the desk; passwords are compared and hashed here, off the desk. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "http/staff_inside.h"

#define RATES_MAX 10000

bool staff_rate_allows(struct staff_server *server, const struct route *route, const char *from)
{
    struct staff_rate *rate;
    usec_t minute = clock_monotonic() / USEC_PER_MINUTE;
    pthread_mutex_lock(&server->lock);
    if (minute != server->rate_minute || HASH_COUNT(server->rates) > RATES_MAX) {
        HASH_CLEAR(hh, server->rates);
        talloc_free(server->rate_memory);
        server->rate_memory = talloc_new(NULL);
        server->rate_minute = minute;
    }
    char *key = memory_printf(server->rate_memory, "%s|%zu", from, (size_t)(route - routes));
    HASH_FIND_STR(server->rates, key, rate);
    if (rate == NULL) {
        rate = memory_new(server->rate_memory, struct staff_rate);
        rate->key = key;
        HASH_ADD_KEYPTR(hh, server->rates, rate->key, strlen(rate->key), rate);
    }
    bool allowed = ++rate->count <= route->per_minute;
    pthread_mutex_unlock(&server->lock);
    return allowed;
}

void staff_reply(struct staff_server *server, uint64_t ticket, const char *answer)
{
    struct staff_waiting *waiting;
    pthread_mutex_lock(&server->lock);
    HASH_FIND(hh, server->waiting, &ticket, sizeof(ticket), waiting);
    if (waiting != NULL && waiting->answer == NULL) {
        waiting->answer = memory_must(strdup(answer));
        pthread_cond_broadcast(&server->answered);
    }
    pthread_mutex_unlock(&server->lock);
}

static void wait_for(struct staff_server *server, struct staff_waiting *waiting)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += STAFF_ANSWER_DEADLINE / USEC_PER_SEC;
    while (waiting->answer == NULL && !server->stopping) {
        if (pthread_cond_timedwait(&server->answered, &server->lock, &until) == ETIMEDOUT)
            return;
    }
}

json_t *staff_ask(struct staff_server *server, const json_t *request)
{
    struct staff_waiting waiting = {0};
    char *text = json_dumps(request, JSON_COMPACT);
    json_t *answer = NULL;
    if (text == NULL)
        return NULL;
    pthread_mutex_lock(&server->lock);
    waiting.ticket = ++server->next_ticket;
    HASH_ADD(hh, server->waiting, ticket, sizeof(waiting.ticket), &waiting);
    pthread_mutex_unlock(&server->lock);
    int r = server->options.ask(server->options.userdata, waiting.ticket, text);
    pthread_mutex_lock(&server->lock);
    if (r >= 0)
        wait_for(server, &waiting);
    HASH_DEL(server->waiting, &waiting);
    pthread_mutex_unlock(&server->lock);
    if (waiting.answer != NULL)
        answer = json_loads(waiting.answer, 0, NULL);
    sodium_memzero(text, strlen(text));
    free(text);
    free(waiting.answer);
    return answer;
}

static const char *body_text(const json_t *request, const char *key)
{
    return json_string_value(json_object_get(json_object_get(request, "body"), key));
}

/* Asks what to compare with, compares, asks again with the result. */
static json_t *ask_with_password(struct staff_server *server, json_t *request, const char *given)
{
    json_t *first = staff_ask(server, request);
    const json_t *answer = json_object_get(first, "answer");
    const char *hash = json_string_value(json_object_get(answer, "password_hash"));
    if (first == NULL || !json_is_true(json_object_get(answer, "ok")))
        return first;
    pthread_mutex_lock(&server->hashing);
    bool same = password_matches(hash, given);
    pthread_mutex_unlock(&server->hashing);
    json_object_set_new(request, "verified", json_boolean(same));
    json_decref(first);
    return staff_ask(server, request);
}

static void put_hash(struct staff_exchange *exchange, json_t *request, const char *password)
{
    pthread_mutex_lock(&exchange->server->hashing);
    char *hash = password_hash(exchange->context, password);
    pthread_mutex_unlock(&exchange->server->hashing);
    if (hash != NULL)
        json_object_set_new(request, "password_hash", json_string(hash));
}

json_t *staff_ask_all(struct staff_exchange *exchange, json_t *request)
{
    const char *command = exchange->route->command;
    if (strcmp(command, "login") == 0)
        return ask_with_password(exchange->server, request, body_text(request, "password"));
    if (strcmp(command, "password") == 0) {
        const char *fresh = body_text(request, "new");
        if (password_fault(fresh)[0] == '\0')
            put_hash(exchange, request, fresh);
        return ask_with_password(exchange->server, request, body_text(request, "old"));
    }
    if (strcmp(command, "people-add") == 0 || strcmp(command, "people-reset") == 0) {
        char *made = password_random(exchange->context);
        json_object_set_new(request, "password", json_string(made));
        put_hash(exchange, request, made);
    }
    return staff_ask(exchange->server, request);
}
