/* The configuration file, walked by one table of keys.
 *
 * Each row says section, key, type, range and where the value goes; unknown keys, wrong types and
 * values out of range become problems with line and column, all in one pass. Lists of things
 * (subscribers, networks) are read by the modules that know them. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/document.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/config.h"
#include "config/partners.h"
#include "config/secret_file.h"
#include "message/broadcast_alert.h"
#include "feed/feed.h"
#include "message/broadcast.h"

enum key_type { KEY_TEXT, KEY_PATH, KEY_NUMBER, KEY_FLAG, KEY_SECRET_FILE };
struct key_row {
    const char *section, *key;
    enum key_type type;
    size_t offset;
    const char *otherwise; /* default, as it would stand in the file; NULL none */
    int64_t least, most;
};

#define AT(member) offsetof(struct config, member)
static const struct key_row keys[] = {
    {"operator", "name", KEY_TEXT, AT(operator_name), "Noroshi", 0, 0},
    {"operator", "page_url", KEY_TEXT, AT(page_url), NULL, 0, 0},
    {"operator", "contact", KEY_TEXT, AT(contact), NULL, 0, 0},
    {"paths", "state", KEY_PATH, AT(state_directory), "../state", 0, 0},
    {"paths", "messages", KEY_PATH, AT(messages_directory), "../messages", 0, 0},
    {"paths", "areas", KEY_PATH, AT(areas_directory), "areas", 0, 0},
    {"feeds", "base_url", KEY_TEXT, AT(feed_base_url),
     "https://www.data.jma.go.jp/developer/xml/feed/", 0, 0},
    {"http", "address", KEY_TEXT, AT(http_address), "127.0.0.1", 0, 0},
    {"http", "port", KEY_NUMBER, AT(http_port), "8080", 0, 65535},
    {"delivery", "plain_http", KEY_FLAG, AT(http_receivers), "no", 0, 0},
    {"delivery", "transfers", KEY_NUMBER, AT(transfers_limit), "1024", 1, 4096},
    {"delivery", "failing_days", KEY_NUMBER, AT(failing_days), "5", 0, 365},
    {"delivery", "drain_seconds", KEY_NUMBER, AT(drain_seconds), "5", 0, 300},
    {"delivery", "ca_file", KEY_PATH, AT(ca_file), NULL, 0, 0},
    {"mail", "relay", KEY_TEXT, AT(email.relay_url), NULL, 0, 0},
    {"mail", "connections", KEY_NUMBER, AT(mail_connections), "4", 1, 64},
    {"mail", "directory", KEY_PATH, AT(email.directory), NULL, 0, 0},
    {"mail", "bounces", KEY_PATH, AT(bounces), NULL, 0, 0},
    {"mail", "user", KEY_TEXT, AT(email.user), NULL, 0, 0},
    {"mail", "password_file", KEY_SECRET_FILE, AT(email.password), NULL, 0, 0},
    {"mail", "from_name", KEY_TEXT, AT(email.from_name), "Noroshi", 0, 0},
    {"mail", "from_address", KEY_TEXT, AT(email.from_address), "noroshi@localhost.localdomain", 0,
     0},
    {"mail", "envelope_from", KEY_TEXT, AT(email.envelope_from), "", 0, 0},
    {"mail", "list_id", KEY_TEXT, AT(email.list_id), NULL, 0, 0},
    {"mail", "unsubscribe_url", KEY_TEXT, AT(email.unsubscribe_url), NULL, 0, 0},
    {"mail", "unsubscribe_mail", KEY_TEXT, AT(email.unsubscribe_mail), NULL, 0, 0},
    {"mail", "host", KEY_TEXT, AT(email.host), "noroshi.localdomain", 0, 0},
    {"canary", "minutes", KEY_NUMBER, AT(canary_minutes), "0", 0, 1440},
    {"chain_test", "day", KEY_NUMBER, AT(chain_test_day), "0", 0, 28},
    {"chain_test", "hour", KEY_NUMBER, AT(chain_test_hour), "10", 0, 23},
    {"drill", "first_start", KEY_PATH, AT(first_drill), NULL, 0, 0},
};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

/* Keys that a table row does not fill by itself, by section. */
static const struct {
    const char *section, *key;
} other_keys[] = {{"feeds", "poll"},
                  {"feeds", "quake_age_minutes"},
                  {"delivery", "allow"},
                  {"mail", "security"},
                  {"coverage", "areas"}};
static const char *const sections[] = {
    "operator", "paths",      "feeds",    "http",      "delivery", "mail",        "drill", "canary",
    "staff",    "chain_test", "coverage", "broadcast", "partners", "subscribers", NULL};

struct reading {
    struct config *config;
    const struct node *root;
    struct problems *problems;
};

static const struct node *section_of(const struct reading *reading, const char *name)
{
    return node_child(reading->root, name);
}

/* Relative paths are relative to the file that names them. */
static const char *resolve(struct config *config, const char *path)
{
    const char *slash = strrchr(config->file, '/');
    if (path[0] == '/' || slash == NULL)
        return memory_text(config, path);
    return memory_printf(config, "%.*s/%s", (int)(slash - config->file), config->file, path);
}

static void read_text(struct reading *reading, const struct key_row *row,
                      const struct node *section, const char **target)
{
    struct config *config = reading->config;
    const char *text = node_text(section, row->key, row->otherwise, reading->problems);
    if (text == NULL) {
        *target = NULL;
        return;
    }
    if (row->type == KEY_PATH)
        *target = resolve(config, text);
    else if (row->type == KEY_SECRET_FILE)
        *target = secret_file_read(config, node_child(section, row->key), resolve(config, text),
                                   reading->problems);
    else
        *target = memory_text(config, text);
}

static void read_key(struct reading *reading, const struct key_row *row)
{
    const struct node *section = section_of(reading, row->section);
    void *target = (char *)reading->config + row->offset;
    int64_t number;
    switch (row->type) {
    case KEY_TEXT:
    case KEY_PATH:
    case KEY_SECRET_FILE:
        read_text(reading, row, section, target);
        break;
    case KEY_NUMBER:
        number = node_number(section, row->key, row->least, row->most,
                             strtoll(row->otherwise, NULL, 10), reading->problems);
        if (row->offset == AT(http_port))
            *(unsigned *)target = (unsigned)number;
        else
            *(size_t *)target = (size_t)number;
        break;
    case KEY_FLAG:
        *(bool *)target =
            node_flag(section, row->key, strcmp(row->otherwise, "yes") == 0, reading->problems);
        break;
    }
}

static void check_section(struct reading *reading, const char *name)
{
    const struct node *section = section_of(reading, name);
    const char *allowed[KEY_COUNT + 8];
    size_t count = 0;
    if (section == NULL || strcmp(name, "subscribers") == 0 || strcmp(name, "staff") == 0 ||
        strcmp(name, "broadcast") == 0 || strcmp(name, "partners") == 0)
        return; /* read by the modules that know them */
    if (section->type != NODE_MAPPING) {
        problems_add(reading->problems, section->file, section->line, section->column,
                     "indented \"key: value\" lines", "%s must be a group of keys", name);
        return;
    }
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strcmp(keys[i].section, name) == 0)
            allowed[count++] = keys[i].key;
    }
    for (size_t i = 0; i < sizeof(other_keys) / sizeof(other_keys[0]); i++) {
        if (strcmp(other_keys[i].section, name) == 0)
            allowed[count++] = other_keys[i].key;
    }
    allowed[count] = NULL;
    node_only(section, allowed, reading->problems);
}

static void read_feeds(struct reading *reading)
{
    static const char *const standard[] = {"eqvol", "extra", "regular", "other"};
    struct config *config = reading->config;
    const struct node *section = section_of(reading, "feeds");
    config->feeds = node_list(config, section, "poll", &config->feed_count, reading->problems);
    if (config->feeds == NULL) {
        config->feeds = standard;
        config->feed_count = 4;
    }
    for (size_t i = 0; i < config->feed_count; i++) {
        const struct node *node = node_child(section, "poll");
        if (feed_find(config->feeds[i]) == NULL)
            problems_add(reading->problems, node->file, node->line, node->column,
                         "eqvol, extra, regular or other", "there is no feed \"%s\"",
                         config->feeds[i]);
    }
    config->quake_age_max =
        node_number(section, "quake_age_minutes", 1, 1440, 60, reading->problems) * USEC_PER_MINUTE;
    size_t length = strlen(config->feed_base_url);
    if (strstr(config->feed_base_url, "://") == NULL || config->feed_base_url[length - 1] != '/') {
        const struct node *node = node_child(section, "base_url");
        problems_add(reading->problems, config->file, node != NULL ? node->line : 0,
                     node != NULL ? node->column : 0, "https://host/path/ with a slash at the end",
                     "this is not the address of a feed folder");
    }
}

static void read_networks(struct reading *reading)
{
    struct config *config = reading->config;
    const struct node *section = section_of(reading, "delivery");
    size_t count = 0;
    const char **texts = node_list(config, section, "allow", &count, reading->problems);
    struct address_rule **rules = memory_array(config, struct address_rule *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct node *node = node_child(section, "allow");
        if (address_rule_read(config, texts[i], &rules[config->allowed_count]) < 0)
            problems_add(reading->problems, node->file, node->line, node->column,
                         "an address with a prefix length, such as 10.1.0.0/16",
                         "\"%s\" is not a network", texts[i]);
        else
            config->allowed_count++;
    }
    config->allowed = rules;
}

/* What stands before "://" of the relay, when it stands there. */
static bool is_relay(const char *url)
{
    return text_starts(url, "smtp://") || text_starts(url, "smtps://") ||
           text_starts(url, "lmtp://");
}

static void read_security(struct reading *reading)
{
    static const struct {
        const char *name;
        enum mail_security security;
    } names[] = {{"starttls", MAIL_STARTTLS}, {"tls", MAIL_TLS}, {"none", MAIL_PLAIN}};
    const struct node *section = section_of(reading, "mail");
    const char *text = node_text(section, "security", "starttls", reading->problems);
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(names[i].name, text) == 0) {
            reading->config->email.security = names[i].security;
            return;
        }
    }
    const struct node *node = node_child(section, "security");
    problems_add(reading->problems, node->file, node->line, node->column, "starttls, tls or none",
                 "\"%s\" is not a kind of security", text);
}

static void read_mail(struct reading *reading)
{
    const char *relay = reading->config->email.relay_url;
    const struct node *node = node_child(section_of(reading, "mail"), "relay");
    read_security(reading);
    if (relay != NULL && !is_relay(relay))
        problems_add(reading->problems, node->file, node->line, node->column,
                     "smtp://host:587, smtps://host or lmtp://host:24",
                     "this is not the address of a mail relay");
    if (reading->config->bounces != NULL &&
        strchr(reading->config->email.envelope_from, '@') == NULL) {
        node = node_child(section_of(reading, "mail"), "bounces");
        problems_add(reading->problems, node->file, node->line, node->column,
                     "envelope_from: bounces@example.org beside it",
                     "mail that comes back has no address to come back to");
    }
}

static bool mail_possible(const struct config *config)
{
    return config->email.relay_url != NULL || config->email.directory != NULL;
}

static void read_coverage(struct reading *reading)
{
    struct config *config = reading->config;
    const struct node *section = section_of(reading, "coverage");
    const struct node *node = section != NULL ? node_child(section, "areas") : NULL;
    size_t count = 0;
    const char *const *texts =
        section != NULL ? node_list(config, section, "areas", &count, reading->problems) : NULL;
    const struct area **served = memory_array(config, const struct area *, count + 1);
    for (size_t i = 0; texts != NULL && i < count; i++) {
        const char *advice = NULL;
        if (area_read(config, config->areas, texts[i], &served[config->served_count], &advice) >= 0)
            config->served_count++;
        else
            problems_add(reading->problems, node->file, node->line, node->column, advice,
                         "\"%s\" is no place", texts[i]);
    }
    config->served = served;
}

static void read_subscribers(struct reading *reading)
{
    struct config *config = reading->config;
    const struct node *list = section_of(reading, "subscribers");
    if (list == NULL)
        return;
    if (list->type != NODE_SEQUENCE) {
        problems_add(reading->problems, list->file, list->line, list->column,
                     "\"- channel: email\" and so on, one item a subscriber",
                     "subscribers must be a list");
        return;
    }
    struct subscriber **subscribers = memory_array(config, struct subscriber *, list->count + 1);
    for (const struct node *node = list->first_child; node != NULL; node = node->next) {
        struct subscriber *subscriber =
            subscriber_from_node(config, config->areas, catalogue_languages(config->catalogue),
                                 config->http_receivers, node, reading->problems);
        if (subscriber == NULL)
            continue;
        subscriber->from_config = true;
        /* A secret in a file of its own can stay out of the configuration and its backups. */
        const struct node *secret = node_child(node, "secret_file");
        if (secret != NULL && secret->type == NODE_SCALAR) {
            subscriber->secret_made = false;
            subscriber->secret =
                secret_file_read(config, secret, resolve(config, secret->text), reading->problems);
        }
        bool mail = subscriber->channel == CHANNEL_EMAIL || subscriber->fallback != NULL;
        if (mail && !mail_possible(config))
            problems_add(reading->problems, node->file, node->line, node->column,
                         "mail: relay: smtp://host:port (or mail: directory: for files)",
                         "a subscriber by mail, but no mail relay is set");
        subscribers[config->subscriber_count++] = subscriber;
    }
    config->subscribers = subscribers;
}

static void read_staff(struct reading *reading)
{
    struct config *config = reading->config;
    staff_settings_read(config, reading->root, resolve(config, ""), reading->problems,
                        &config->staff);
    broadcast_rules_read(config, reading->root, reading->problems, &config->broadcast);
}

/* Once areas and templates are there. */
static void read_partners(struct reading *reading)
{
    struct config *config = reading->config;
    const struct partner_sources sources = {
        .areas = config->areas, .templates = config->broadcasts, .directory = resolve(config, "")};
    partners_read(config, reading->root, &sources, reading->problems, &config->broadcast);
    if (config->broadcast.partner_count > 0 && !config->staff.listens) {
        const struct node *node = section_of(reading, "partners");
        problems_add(reading->problems, node->file, node->line, node->column,
                     "staff: with address and port",
                     "partners hand in at the listener of staff, and there is none");
    }
}

static void read_all(struct reading *reading)
{
    if (reading->root->type != NODE_MAPPING) {
        problems_add(reading->problems, reading->config->file, 1, 1, "sections such as \"http:\"",
                     "the configuration must be a group of sections");
        return;
    }
    node_only(reading->root, sections, reading->problems);
    for (size_t i = 0; sections[i] != NULL; i++)
        check_section(reading, sections[i]);
    for (size_t i = 0; i < KEY_COUNT; i++)
        read_key(reading, &keys[i]);
    read_feeds(reading);
    read_networks(reading);
    read_mail(reading);
    read_staff(reading);
}

int config_load_paths(TALLOC_CTX *context, const char *file, struct problems *problems,
                      struct config **ret_config)
{
    struct config *config = memory_new(context, struct config);
    struct problems *elsewhere = problems_new(config);
    config->file = memory_text(config, file);
    struct reading reading = {.config = config, .problems = elsewhere};
    int r = document_load(config, file, problems, &reading.root);
    for (size_t i = 0; r >= 0 && i < KEY_COUNT; i++) {
        reading.problems = strcmp(keys[i].section, "paths") == 0 ? problems : elsewhere;
        read_key(&reading, &keys[i]);
    }
    if (r < 0 || config->state_directory == NULL) {
        talloc_free(config);
        return -EINVAL;
    }
    *ret_config = config;
    return 0;
}

int config_load(TALLOC_CTX *context, const char *file, struct problems *problems,
                struct config **ret_config)
{
    struct config *config = memory_new(context, struct config);
    config->file = memory_text(config, file);
    struct reading reading = {.config = config, .problems = problems};
    int r = document_load(config, file, problems, &reading.root);
    if (r >= 0)
        read_all(&reading);
    /* Areas and messages are loaded even when the rest has faults, so that all problems show. */
    if (config->areas_directory != NULL && r >= 0) {
        int areas = area_graph_load(config, config->areas_directory, problems, &config->areas);
        int messages =
            catalogue_load(config, config->messages_directory, problems, &config->catalogue);
        if (messages >= 0)
            messages = broadcast_catalogue_load(config, config->messages_directory,
                                                config->catalogue, problems, &config->broadcasts);
        if (messages >= 0)
            catalogue_take_broadcasts(config->catalogue, config->broadcasts);
        if (areas >= 0)
            read_coverage(&reading);
        if (areas >= 0 && messages >= 0)
            read_subscribers(&reading);
        if (areas >= 0 && messages >= 0)
            read_partners(&reading);
    }
    if (r < 0 || problems->errors > 0 || config->areas == NULL || config->catalogue == NULL) {
        talloc_free(config);
        return -EINVAL;
    }
    *ret_config = config;
    return 0;
}
