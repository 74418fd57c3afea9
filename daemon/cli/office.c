/* One request of staff over the control socket. A machine token says who asks: it is read from a
 * file or from NOROSHI_TOKEN, never from an argument, which others on the machine could see. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/secret.h"
#include "cli/cli.h"
#include "cli/office.h"

#define TOKEN_BYTES 256

static const char *read_token(TALLOC_CTX *context, const char *file)
{
    char line[TOKEN_BYTES] = "";
    const char *environment = getenv("NOROSHI_TOKEN");
    if (file == NULL)
        return environment;
    FILE *stream = fopen(file, "re");
    if (stream == NULL || fgets(line, sizeof(line), stream) == NULL)
        fprintf(stderr, "noroshi: %s cannot be read\n", file);
    if (stream != NULL)
        fclose(stream);
    line[strcspn(line, "\r\n")] = '\0';
    return line[0] != '\0' ? memory_text(context, line) : NULL;
}

const char *office_request_id(TALLOC_CTX *context)
{
    return secret_random(context, 16);
}

bool office_has_token(const char *file)
{
    return file != NULL || text_given(getenv("NOROSHI_TOKEN"));
}

static bool put_asker(TALLOC_CTX *context, const struct office_call *call, json_t *request)
{
    char user[32];
    if (call->as_administrator) {
        snprintf(user, sizeof(user), "%u", (unsigned)getuid());
        json_object_set_new(request, "console", json_string(user));
        return true;
    }
    const char *token = read_token(context, call->token_file);
    if (token == NULL) {
        fprintf(stderr, "noroshi: a token is needed: --token-file FILE, or NOROSHI_TOKEN; make one"
                        " by `noroshi staff token`\n");
        return false;
    }
    json_object_set_new(request, "bearer", json_string(token));
    return true;
}

static void put_password(TALLOC_CTX *context, json_t *request)
{
    const char *password = password_random(context);
    const char *hash = password_hash(context, password);
    json_object_set_new(request, "password", json_string(password));
    if (hash != NULL)
        json_object_set_new(request, "password_hash", json_string(hash));
}

static void print_refusal(const json_t *answer)
{
    size_t i;
    json_t *fault;
    fprintf(stderr, "noroshi: refused (%s): %s\n",
            json_string_value(json_object_get(answer, "refusal")),
            json_string_value(json_object_get(answer, "text")));
    json_array_foreach(json_object_get(answer, "faults"), i, fault)
        fprintf(stderr, "  %s: %s\n", json_string_value(json_object_get(fault, "field")),
                json_string_value(json_object_get(fault, "text")));
}

bool office_ok(const json_t *answer)
{
    return json_is_true(json_object_get(answer, "ok"));
}

json_t *office_call(TALLOC_CTX *context, const struct office_call *call)
{
    struct config *config = cli_load_paths(context, call->config);
    if (config == NULL || secret_setup() < 0)
        return NULL;
    const char *id = call->request != NULL ? call->request : office_request_id(context);
    json_t *request = json_pack("{ssssssssss}", "method", call->method, "path", call->path, "from",
                                "this machine", "language",
                                call->language != NULL ? call->language : "en", "request", id);
    if (call->body != NULL)
        json_object_set(request, "body", call->body);
    if (call->query != NULL)
        json_object_set(request, "query", call->query);
    if (call->makes_password)
        put_password(context, request);
    if (!put_asker(context, call, request)) {
        json_decref(request);
        return NULL;
    }
    json_t *whole = json_pack("{ssso}", "command", "staff", "request", request);
    json_t *reply = cli_request(context, config, whole);
    json_decref(whole);
    if (reply == NULL || !cli_answer_ok(reply)) {
        json_decref(reply);
        return NULL;
    }
    json_t *answer = json_incref(json_object_get(json_object_get(reply, "staff"), "answer"));
    json_decref(reply);
    if (answer != NULL && !office_ok(answer))
        print_refusal(answer);
    return answer;
}
