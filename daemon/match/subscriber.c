/* Reads and checks one subscriber; every fault is told, not only the first. */
#include "match/subscriber.h"

#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"
#include "base/text.h"
#include "match/canary.h"
#include "match/subscriber_check.h"

#define SECRET_RANDOM_BYTES 32

const char *const subscriber_columns[COLUMN_COUNT + 1] = {
    "channel", "address", "languages", "areas", "hazards",  "min_level", "drills",
    "name",    "secret",  "fallback",  "staff", "facility", NULL};
/* In YAML also where the secret stands instead; config/ reads that file. */
static const char *const node_keys[] = {
    "channel", "address", "languages",   "areas",    "hazards", "min_level", "drills",
    "name",    "secret",  "secret_file", "fallback", "staff",   "facility",  NULL};

#define HAZARD_BIT(hazard) ((uint64_t)1 << (hazard))
#define HAZARDS_ALL        (HAZARD_BIT(HAZARD_COUNT) - 1)

const uint64_t subscriber_hazards_default =
    HAZARDS_ALL &
    ~(HAZARD_BIT(HAZARD_THUNDER) | HAZARD_BIT(HAZARD_FOG) | HAZARD_BIT(HAZARD_DRY_AIR) |
      HAZARD_BIT(HAZARD_LOW_TEMPERATURE) | HAZARD_BIT(HAZARD_FROST) | HAZARD_BIT(HAZARD_ICING) |
      HAZARD_BIT(HAZARD_SNOW_ACCRETION) | HAZARD_BIT(HAZARD_SNOWMELT) |
      HAZARD_BIT(HAZARD_OTHER_ADVISORY));

const char *channel_name(enum channel channel)
{
    return channel == CHANNEL_EMAIL ? "email" : channel == CHANNEL_WEBHOOK ? "webhook" : "unknown";
}

struct profile subscriber_profile(const struct subscriber *subscriber)
{
    return (struct profile){.channel = subscriber->channel,
                            .languages = subscriber->languages,
                            .language_count = subscriber->language_count,
                            .areas = subscriber->areas,
                            .area_count = subscriber->area_count,
                            .hazards = subscriber->hazards,
                            .min_level = subscriber->min_level,
                            .drills = subscriber->drills,
                            .subscribers = 1};
}

static bool texts_equal(const char *const *a, const char *const *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(a[i], b[i]) != 0)
            return false;
    }
    return true;
}

bool profile_equal(const struct profile *a, const struct profile *b)
{
    return a->channel == b->channel && a->hazards == b->hazards && a->min_level == b->min_level &&
           a->drills == b->drills && a->language_count == b->language_count &&
           a->area_count == b->area_count &&
           texts_equal(a->languages, b->languages, a->language_count) &&
           texts_equal(a->areas, b->areas, a->area_count);
}

static void fault(const struct subscriber_input *input, enum subscriber_column column,
                  const char *instead, const char *what)
{
    const struct subscriber_cell *cell = &input->cells[column];
    problems_add(input->problems, input->file, cell->line, cell->column, instead, "%s", what);
}

static const char *given(const struct subscriber_input *input, enum subscriber_column column)
{
    const char *text = input->cells[column].text;
    return text_given(text) ? text : NULL;
}

/* Splits at blanks and ';'. */
static char **split_list(TALLOC_CTX *context, const char *text, size_t *ret_count)
{
    char *copy = memory_text(context, text != NULL ? text : "");
    for (char *at = strchr(copy, ';'); at != NULL; at = strchr(at, ';'))
        *at = ' ';
    return text_split_blank(context, copy, ret_count);
}

static void read_channel(const struct subscriber_input *input, struct subscriber *subscriber)
{
    char *text = text_trim(subscriber, input->cells[COLUMN_CHANNEL].text);
    if (strcmp(text, "webhook") == 0)
        subscriber->channel = CHANNEL_WEBHOOK;
    else if (strcmp(text, "email") == 0)
        subscriber->channel = CHANNEL_EMAIL;
    else
        fault(input, COLUMN_CHANNEL, "write \"email\" or \"webhook\"",
              text[0] == '\0' ? "the channel is missing" : "the channel is unknown");
}

const char *subscriber_id(TALLOC_CTX *context, enum channel channel, const char *address)
{
    char *identity = memory_printf(context, "%s|%s", channel_name(channel), address);
    const char *id =
        memory_printf(context, "s_%s", text_hash(identity, identity, strlen(identity), 16));
    talloc_free(identity);
    return id;
}

static void read_address(const struct subscriber_input *input, struct subscriber *subscriber)
{
    const char *raw = given(input, COLUMN_ADDRESS);
    /* Blanks around it are harmless; anything else that is not visible is not. */
    char *address = text_trim(subscriber, raw != NULL ? raw : "");
    subscriber->address = address;
    if (address[0] == '\0') {
        fault(input, COLUMN_ADDRESS, "write a mail address or an https URL",
              "the address is missing");
        return;
    }
    bool mail = subscriber->channel == CHANNEL_EMAIL;
    const char *what = mail ? mail_address_fault(address) : url_fault(address, input->http_allowed);
    if (raw[strcspn(raw, "\r\n")] != '\0')
        what = "the address holds a line break";
    if (what != NULL)
        fault(input, COLUMN_ADDRESS,
              mail ? "write an address like name@example.jp"
                   : "write a URL like https://example.jp/alerts",
              what);
    subscriber->id = subscriber_id(subscriber, subscriber->channel, address);
}

static bool known(const char *const *list, const char *text)
{
    for (; *list != NULL; list++) {
        if (strcmp(*list, text) == 0)
            return true;
    }
    return false;
}

static const char *joined(TALLOC_CTX *context, const char *const *list)
{
    char *text = memory_text(context, "write one of:");
    for (; *list != NULL; list++)
        text = memory_must(talloc_asprintf_append(text, " %s", *list));
    return text;
}

static void read_languages(const struct subscriber_input *input, struct subscriber *subscriber)
{
    size_t count;
    char **parts = split_list(subscriber, given(input, COLUMN_LANGUAGES), &count);
    const char **languages = memory_array(subscriber, const char *, count + 2);
    for (size_t i = 0; i < count; i++) {
        if (!known(input->known_languages, parts[i]))
            fault(input, COLUMN_LANGUAGES, joined(subscriber, input->known_languages),
                  memory_printf(subscriber, "the language \"%s\" is unknown", parts[i]));
        else if (!known(languages, parts[i]))
            languages[subscriber->language_count++] = parts[i];
    }
    if (count == 0)
        languages[subscriber->language_count++] = "en";
    subscriber->languages = languages;
}

static void add_place(struct subscriber *subscriber, const char *text)
{
    for (size_t i = 0; i < subscriber->area_count; i++) {
        if (strcmp(subscriber->areas[i], text) == 0)
            return;
    }
    subscriber->areas = memory_grow(subscriber, (void *)subscriber->areas, subscriber->area_count,
                                    sizeof(*subscriber->areas));
    ((const char **)subscriber->areas)[subscriber->area_count++] = text;
}

static void add_area(struct subscriber *subscriber, const struct area *area)
{
    add_place(subscriber,
              memory_printf(subscriber, "%s:%s", area_system_name(area->system), area->code));
}

static void read_canary(const struct subscriber_input *input, struct subscriber *subscriber,
                        size_t count)
{
    add_place(subscriber, CANARY_PLACE);
    if (count > 1)
        fault(input, COLUMN_AREAS, "a subscriber of its own for the canary",
              "\"canary\" stands beside other places");
}

/* Says which municipalities were taken, so that whoever knows better can name the right one. */
static void read_location(const struct subscriber_input *input, struct subscriber *subscriber,
                          const char *text, double latitude, double longitude)
{
    struct area_location found[AREA_LOCATIONS];
    size_t count;
    if (area_locate(input->graph, latitude, longitude, found, &count) < 0) {
        fault(input, COLUMN_AREAS, "write @latitude,longitude in degrees, such as @43.06,141.35",
              memory_printf(subscriber, "the location \"%s\" is not in Japan", text));
        return;
    }
    char *names = memory_text(subscriber, "");
    for (size_t i = 0; i < count; i++) {
        const struct area *area = found[i].municipality;
        add_area(subscriber, area);
        names = memory_must(talloc_asprintf_append(names, "%s%s (%s, station at %.0f km)",
                                                   i > 0 ? ", " : "", area->name_ja, area->code,
                                                   found[i].km));
    }
    const struct subscriber_cell *cell = &input->cells[COLUMN_AREAS];
    problems_warn(input->problems, input->file, cell->line, cell->column,
                  count > 1 ? "the code of the municipality, if you know it" : NULL,
                  "this location is taken as %s", names);
}

static void read_areas(const struct subscriber_input *input, struct subscriber *subscriber)
{
    size_t count;
    char **parts = split_list(subscriber, given(input, COLUMN_AREAS), &count);
    for (size_t i = 0; i < count; i++) {
        const struct area *area;
        const char *advice = NULL;
        double latitude, longitude;
        if (strcmp(parts[i], CANARY_WORD) == 0 || strcmp(parts[i], CANARY_PLACE) == 0)
            read_canary(input, subscriber, count);
        else if (area_is_location(parts[i], &latitude, &longitude))
            read_location(input, subscriber, parts[i], latitude, longitude);
        else if (area_read(subscriber, input->graph, parts[i], &area, &advice) < 0)
            fault(input, COLUMN_AREAS, advice,
                  memory_printf(subscriber, "the place \"%s\" is not known", parts[i]));
        else
            add_area(subscriber, area);
    }
    if (count == 0)
        fault(input, COLUMN_AREAS, "write at least one place, for example 01100 or 札幌市",
              "the place is missing, and no place means nobody, not everyone");
}

static void read_hazards(const struct subscriber_input *input, struct subscriber *subscriber)
{
    size_t count;
    char **parts = split_list(subscriber, given(input, COLUMN_HAZARDS), &count);
    if (count == 0)
        subscriber->hazards = subscriber_hazards_default;
    for (size_t i = 0; i < count; i++) {
        enum hazard hazard;
        if (strcmp(parts[i], "all") == 0)
            subscriber->hazards |= HAZARDS_ALL;
        else if (strcmp(parts[i], "default") == 0)
            subscriber->hazards |= subscriber_hazards_default;
        else if (hazard_from_name(parts[i], &hazard))
            subscriber->hazards |= HAZARD_BIT(hazard);
        else
            fault(input, COLUMN_HAZARDS,
                  "write \"default\", \"all\" or names such as earthquake, tsunami, rain",
                  memory_printf(subscriber, "the hazard \"%s\" is unknown", parts[i]));
    }
}

static void read_min_level(const struct subscriber_input *input, struct subscriber *subscriber)
{
    const char *text = text_trim(
        subscriber, given(input, COLUMN_MIN_LEVEL) != NULL ? given(input, COLUMN_MIN_LEVEL) : "");
    subscriber->min_level = SUBSCRIBER_MIN_LEVEL_DEFAULT;
    if (text[0] == '\0')
        return;
    if (text[0] >= '1' && text[0] <= '5' && text[1] == '\0')
        subscriber->min_level = text[0] - '0';
    else
        fault(input, COLUMN_MIN_LEVEL, "write a level from 1 to 5", "the level is not known");
}

static bool read_flag(const struct subscriber_input *input, enum subscriber_column column,
                      struct subscriber *subscriber, const char *what)
{
    static const char *const yes[] = {"yes", "true", NULL};
    static const char *const no[] = {"no", "false", "", NULL};
    const char *text = given(input, column);
    const char *word = text_trim(subscriber, text != NULL ? text : "");
    bool flag = known(yes, word);
    if (!flag && !known(no, word))
        fault(input, column, "write \"yes\" or \"no\"", what);
    return flag;
}

/* The other channel: a mail address for a webhook, a URL for mail. */
static void read_fallback(const struct subscriber_input *input, struct subscriber *subscriber)
{
    const char *text = given(input, COLUMN_FALLBACK);
    if (text == NULL)
        return;
    bool mail = subscriber->channel == CHANNEL_WEBHOOK;
    char *trimmed = text_trim(subscriber, text);
    const char *address =
        mail && text_starts(trimmed, "mailto:") ? trimmed + strlen("mailto:") : trimmed;
    const char *what = mail ? mail_address_fault(address) : url_fault(address, input->http_allowed);
    if (text[strcspn(text, "\r\n")] != '\0')
        what = "the fallback holds a line break";
    if (what != NULL)
        fault(input, COLUMN_FALLBACK,
              mail ? "write a mail address: the fallback of a webhook is mail"
                   : "write an https URL: the fallback of mail is a webhook",
              what);
    subscriber->fallback = address;
}

/* Random bytes are the one thing here that does not come from the input. */
static const char *new_secret(TALLOC_CTX *context)
{
    unsigned char bytes[SECRET_RANDOM_BYTES];
    unsigned char base64[SECRET_RANDOM_BYTES * 2];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        memory_must(NULL);
    EVP_EncodeBlock(base64, bytes, sizeof(bytes));
    return memory_printf(context, "whsec_%s", base64);
}

static void read_secret(const struct subscriber_input *input, struct subscriber *subscriber)
{
    const char *secret = given(input, COLUMN_SECRET);
    if (subscriber->channel == CHANNEL_EMAIL && subscriber->fallback == NULL) {
        if (secret != NULL)
            fault(input, COLUMN_SECRET, "leave it empty", "a secret is for webhooks only");
        return;
    }
    if (secret == NULL) {
        subscriber->secret = new_secret(subscriber);
        subscriber->secret_made = true;
        return;
    }
    size_t count;
    char **parts = text_split_blank(subscriber, secret, &count);
    const char *what = count > 2 ? "there are more than two secrets" : secret_fault(parts[0]);
    if (what == NULL && count == 2)
        what = secret_fault(parts[1]);
    if (what != NULL)
        fault(input, COLUMN_SECRET, "leave it empty to get a new one", what);
    subscriber->secret =
        count == 2 ? memory_printf(subscriber, "%s %s", parts[0], parts[1]) : parts[0];
}

/* What a profile has beside the channel. */
static void read_wishes(const struct subscriber_input *input, struct subscriber *subscriber)
{
    read_languages(input, subscriber);
    read_areas(input, subscriber);
    read_hazards(input, subscriber);
    read_min_level(input, subscriber);
    subscriber->drills =
        read_flag(input, COLUMN_DRILLS, subscriber, "drills is neither yes nor no");
}

struct subscriber *subscriber_check(TALLOC_CTX *context, const struct subscriber_input *input)
{
    size_t errors = input->problems->errors;
    struct subscriber *subscriber = memory_new(context, struct subscriber);
    read_channel(input, subscriber);
    if (input->problems->errors == errors) { /* an address means nothing without its channel */
        read_address(input, subscriber);
        read_fallback(input, subscriber);
        read_secret(input, subscriber);
    }
    read_wishes(input, subscriber);
    subscriber->staff = read_flag(input, COLUMN_STAFF, subscriber, "staff is neither yes nor no");
    subscriber->facility = facility_read(subscriber, input);
    const char *name = given(input, COLUMN_NAME);
    subscriber->name =
        text_trim(subscriber, text_clean(subscriber, name != NULL ? name : "", false));
    if (input->problems->errors == errors)
        return subscriber;
    talloc_free(subscriber);
    return NULL;
}

static struct subscriber_input input_of(const struct area_graph *graph,
                                        const char *const *known_languages,
                                        const struct subscriber_fields *fields,
                                        struct problems *problems)
{
    const char *const texts[COLUMN_COUNT] = {fields->channel,  fields->address, fields->languages,
                                             fields->areas,    fields->hazards, fields->min_level,
                                             fields->drills,   fields->name,    fields->secret,
                                             fields->fallback, fields->staff,   fields->facility};
    struct subscriber_input input = {.file = fields->file,
                                     .graph = graph,
                                     .known_languages = known_languages,
                                     .problems = problems};
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        input.cells[i] = (struct subscriber_cell){texts[i], fields->line, fields->column};
    return input;
}

struct subscriber *subscriber_read(TALLOC_CTX *context, const struct area_graph *graph,
                                   const char *const *known_languages, bool http_allowed,
                                   const struct subscriber_fields *fields,
                                   struct problems *problems)
{
    struct subscriber_input input = input_of(graph, known_languages, fields, problems);
    input.http_allowed = http_allowed;
    return subscriber_check(context, &input);
}

bool profile_read(TALLOC_CTX *context, const struct area_graph *graph,
                  const char *const *known_languages, const struct subscriber_fields *fields,
                  struct problems *problems, struct profile *ret)
{
    const struct subscriber_input input = input_of(graph, known_languages, fields, problems);
    size_t errors = problems->errors;
    struct subscriber *subscriber = memory_new(context, struct subscriber);
    read_channel(&input, subscriber);
    read_wishes(&input, subscriber);
    *ret = subscriber_profile(subscriber);
    return problems->errors == errors;
}

/* A scalar, or a sequence joined as one list. */
static const char *node_joined(TALLOC_CTX *context, const struct node *node)
{
    if (node->type == NODE_SCALAR)
        return node->text;
    char *text = memory_text(context, "");
    for (const struct node *child = node->first_child; child != NULL; child = child->next)
        text = memory_must(
            talloc_asprintf_append(text, "%s;", child->type == NODE_SCALAR ? child->text : "?"));
    return text;
}

struct subscriber *subscriber_from_node(TALLOC_CTX *context, const struct area_graph *graph,
                                        const char *const *known_languages, bool http_allowed,
                                        const struct node *node, struct problems *problems)
{
    if (node->type != NODE_MAPPING) {
        problems_add(problems, node->file, node->line, node->column,
                     "write keys such as channel, address, areas", "a subscriber is not a mapping");
        return NULL;
    }
    size_t errors = problems->errors;
    node_only(node, node_keys, problems);
    struct subscriber_input input = {.file = node->file,
                                     .graph = graph,
                                     .known_languages = known_languages,
                                     .http_allowed = http_allowed,
                                     .problems = problems};
    TALLOC_CTX *scratch = talloc_new(context);
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        const struct node *child = node_child(node, subscriber_columns[i]);
        bool list = i == COLUMN_LANGUAGES || i == COLUMN_AREAS || i == COLUMN_HAZARDS;
        input.cells[i] = (struct subscriber_cell){NULL, node->line, node->column};
        if (child == NULL)
            continue;
        input.cells[i].line = child->line;
        input.cells[i].column = child->column;
        if (child->type == NODE_SCALAR || (list && child->type == NODE_SEQUENCE))
            input.cells[i].text = node_joined(scratch, child);
        else
            problems_add(problems, node->file, child->line, child->column, "write one value",
                         "\"%s\" is not a single value", subscriber_columns[i]);
    }
    struct subscriber *subscriber = subscriber_check(context, &input);
    talloc_free(scratch);
    if (subscriber == NULL || problems->errors > errors)
        return NULL;
    subscriber->from_config = true;
    return subscriber;
}
