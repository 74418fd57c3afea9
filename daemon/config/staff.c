/* Reading of `staff` and `broadcast`. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/staff.h"

#define PEM_BYTES_MAX  ((size_t)256 * 1024)
#define ISSUERS_MAX    50
#define DRILL_MINUTES  60
#define PHRASE_DEFAULT "I alone send this now"

static void wrong(struct problems *problems, const struct node *node, const char *instead,
                  const char *what)
{
    problems_add(problems, node->file, node->line, node->column, instead, "%s", what);
}

static const char *read_file(TALLOC_CTX *context, const struct node *node, const char *directory,
                             struct problems *problems)
{
    const char *path =
        node->text[0] == '/' ? node->text : memory_printf(context, "%s%s", directory, node->text);
    struct buffer *buffer = buffer_new(context, PEM_BYTES_MAX);
    char bytes[4096];
    size_t n;
    FILE *stream = fopen(path, "re");
    if (stream == NULL) {
        wrong(problems, node, "a readable PEM file", "cannot read this file");
        return NULL;
    }
    while ((n = fread(bytes, 1, sizeof(bytes), stream)) > 0) {
        if (buffer_append(buffer, bytes, n) < 0)
            break;
    }
    fclose(stream);
    return buffer->length > 0 ? buffer->bytes : NULL;
}

static const char *read_pem(TALLOC_CTX *context, const struct node *section, const char *key,
                            const char *directory, struct problems *problems)
{
    const struct node *node = node_child(section, key);
    if (node == NULL || node->type != NODE_SCALAR)
        return NULL;
    return read_file(context, node, directory, problems);
}

void staff_settings_read(TALLOC_CTX *context, const struct node *root, const char *directory,
                         struct problems *problems, struct staff_settings *ret_settings)
{
    static const char *const allowed[] = {"address", "port", "certificate", "key", "origin", NULL};
    const struct node *section = node_child(root, "staff");
    *ret_settings = (struct staff_settings){.listens = section != NULL, .address = "127.0.0.1"};
    if (section == NULL)
        return;
    if (section->type != NODE_MAPPING) {
        wrong(problems, section, "indented \"key: value\" lines", "staff must be a group of keys");
        return;
    }
    node_only(section, allowed, problems);
    ret_settings->address =
        memory_text(context, node_text(section, "address", "127.0.0.1", problems));
    ret_settings->port = (unsigned)node_number(section, "port", 0, 65535, 8081, problems);
    ret_settings->origin =
        memory_text_or_null(context, node_text(section, "origin", NULL, problems));
    ret_settings->certificate = read_pem(context, section, "certificate", directory, problems);
    ret_settings->key = read_pem(context, section, "key", directory, problems);
    if ((ret_settings->certificate == NULL) != (ret_settings->key == NULL))
        wrong(problems, section, "both, or neither behind a proxy",
              "a certificate needs its key and the other way round");
}

static bool is_id(const char *text)
{
    return text_given(text) && strlen(text) <= 40 &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

bool broadcast_issuer_read(TALLOC_CTX *context, const struct node *node, struct problems *problems,
                           const struct broadcast_rules *rules, struct broadcast_issuer *ret_issuer)
{
    struct broadcast_issuer *issuer = ret_issuer;
    *issuer = (struct broadcast_issuer){
        .id = memory_text_or_null(context, node_text(node, "id", NULL, problems)),
        .name_ja = memory_text_or_null(context, node_text(node, "name_ja", NULL, problems)),
        .name_en = memory_text_or_null(context, node_text(node, "name_en", NULL, problems)),
        .contact = memory_text_or_null(context, node_text(node, "contact", NULL, problems)),
        .evacuation = node_flag(node, "evacuation", false, problems)};
    if (!is_id(issuer->id) || broadcast_issuer_find(rules, issuer->id) != NULL)
        wrong(problems, node, "id: small letters, digits and -, each once",
              "an authority needs an id of its own");
    else if (!text_given(issuer->name_ja) || !text_given(issuer->name_en) ||
             !text_given(issuer->contact))
        wrong(problems, node, "name_ja, name_en and contact",
              "every broadcast names its authority and its contact");
    else if (text_contains(issuer->name_ja, "気象庁") ||
             strcasestr(issuer->name_en, "meteorological") != NULL)
        wrong(problems, node, "the authority that issues the broadcast",
              "a manual broadcast must not look like one of JMA");
    else
        return true;
    return false;
}

/* Who of it may tell of missiles: people one by one, and two at least, as two are needed. */
static void read_missiles(TALLOC_CTX *context, const struct node *node, struct problems *problems,
                          struct broadcast_issuer *issuer)
{
    size_t count = 0;
    const char **names = node_list(context, node, "missiles", &count, problems);
    const struct node *list = node_child(node, "missiles");
    if (list == NULL)
        return;
    if (!issuer->evacuation)
        wrong(problems, list, "evacuation: yes",
              "only an authority that orders evacuation tells of missiles");
    if (count < 2)
        wrong(problems, list, "missiles: [anna, bert]",
              "missiles names the accounts that may tell of them, two at least");
    for (size_t i = 0; i < count; i++) {
        if (person_name_fault(names[i])[0] != '\0')
            wrong(problems, list, "missiles: [anna, bert]", person_name_fault(names[i]));
    }
    issuer->missiles = names;
}

static void read_issuer(TALLOC_CTX *context, const struct node *node, struct problems *problems,
                        struct broadcast_rules *rules)
{
    static const char *const allowed[] = {"id",         "name_ja",  "name_en", "contact",
                                          "evacuation", "missiles", NULL};
    struct broadcast_issuer *issuer = &rules->issuers[rules->issuer_count];
    node_only(node, allowed, problems);
    bool sound = broadcast_issuer_read(context, node, problems, rules, issuer);
    read_missiles(context, node, problems, issuer);
    rules->issuer_count += sound;
}

static void read_issuers(TALLOC_CTX *context, const struct node *section, struct problems *problems,
                         struct broadcast_rules *rules)
{
    const struct node *list = node_child(section, "authorities");
    if (list == NULL)
        return;
    if (list->type != NODE_SEQUENCE || list->count > ISSUERS_MAX) {
        wrong(problems, list, "\"- id: city\" and so on, at most 50 items",
              "authorities must be a list");
        return;
    }
    rules->issuers = memory_array(context, struct broadcast_issuer, list->count + 1);
    for (const struct node *node = list->first_child; node != NULL; node = node->next) {
        if (node->type == NODE_MAPPING)
            read_issuer(context, node, problems, rules);
        else
            wrong(problems, node, "\"- id: city\" and so on", "an authority is a group of keys");
    }
}

static void read_approval(TALLOC_CTX *context, const struct node *section,
                          struct problems *problems, struct broadcast_rules *rules)
{
    size_t count = 0;
    const char **levels = node_list(context, section, "approval", &count, problems);
    for (int level = 1; level <= 5; level++)
        rules->approval[level] = levels == NULL;
    for (size_t i = 0; i < count; i++) {
        if (strlen(levels[i]) == 1 && levels[i][0] >= '1' && levels[i][0] <= '5')
            rules->approval[levels[i][0] - '0'] = true;
        else
            wrong(problems, node_child(section, "approval"), "levels 1 to 5, such as [3, 4, 5]",
                  "approval names the levels that need a second person");
    }
}

void broadcast_rules_read(TALLOC_CTX *context, const struct node *root, struct problems *problems,
                          struct broadcast_rules *ret_rules)
{
    static const char *const allowed[] = {
        "authorities",        "approval", "drill_approval", "break_glass_level",
        "break_glass_phrase", "hosts",    "drill_minutes",  NULL};
    static const char *const no_hosts[] = {NULL};
    const struct node *section = node_child(root, "broadcast");
    *ret_rules = (struct broadcast_rules){.break_glass_level = 5,
                                          .break_glass_phrase = PHRASE_DEFAULT,
                                          .hosts = no_hosts,
                                          .approval = {true, true, true, true, true, true},
                                          .drill_lasts = DRILL_MINUTES * USEC_PER_MINUTE};
    if (section == NULL)
        return;
    if (section->type != NODE_MAPPING) {
        wrong(problems, section, "indented \"key: value\" lines",
              "broadcast must be a group of keys");
        return;
    }
    node_only(section, allowed, problems);
    read_issuers(context, section, problems, ret_rules);
    read_approval(context, section, problems, ret_rules);
    ret_rules->drill_approval = node_flag(section, "drill_approval", false, problems);
    ret_rules->break_glass_level =
        (int)node_number(section, "break_glass_level", 4, 5, 5, problems);
    ret_rules->break_glass_phrase =
        memory_text(context, node_text(section, "break_glass_phrase", PHRASE_DEFAULT, problems));
    if (strlen(ret_rules->break_glass_phrase) < 10)
        wrong(problems, section, "at least ten characters",
              "break_glass_phrase must not be typed by mistake");
    size_t count;
    const char **hosts = node_list(context, section, "hosts", &count, problems);
    if (hosts != NULL)
        ret_rules->hosts = hosts;
    ret_rules->drill_lasts =
        node_number(section, "drill_minutes", 10, 1440, DRILL_MINUTES, problems) * USEC_PER_MINUTE;
}
