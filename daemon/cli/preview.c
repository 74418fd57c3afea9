/* noroshi preview: the messages that a telegram or a manual template would make, in every language.
 */
#include <stdio.h>
#include <string.h>

#include "cli/alerts.h"
#include "cli/areas.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/preview_broadcast.h"

struct preview {
    const struct area_graph *graph;
    const struct catalogue *catalogue;
    const char *language; /* NULL: all */
    const char *operator_name;
    bool html;
};

static void show_alert(void *userdata, TALLOC_CTX *context, const struct alert *alert)
{
    const struct preview *preview = userdata;
    const char *const *languages = catalogue_languages(preview->catalogue);
    const struct message_scope scope = {
        .alert = alert, .phase = alert->phase, .level = alert->level, .now = alert->issued_at};
    for (size_t i = 0; languages[i] != NULL; i++) {
        if (preview->language != NULL && strcmp(languages[i], preview->language) != 0)
            continue;
        const struct message *message =
            message_render(context, preview->catalogue, preview->graph, languages[i], &scope,
                           preview->operator_name);
        if (preview->html)
            printf("%s\n", message->html);
        else
            printf("==== %s\n%s\n\n---- short: %s\n---- aloud:\n%s\n", languages[i], message->plain,
                   message->short_text,
                   message_aloud(context, preview->catalogue, preview->graph, languages[i], &scope,
                                 preview->operator_name));
    }
}

struct preview_wish {
    const char *broadcast, *phase; /* NULL: a telegram; all phases */
    bool drill;
};

static bool known_language(const struct preview *preview)
{
    if (preview->language == NULL ||
        catalogue_language_name(preview->catalogue, preview->language) != NULL)
        return true;
    fprintf(stderr, "noroshi preview: there is no language \"%s\"\n", preview->language);
    return false;
}

static bool show_broadcast(TALLOC_CTX *context, const struct preview *preview,
                           const struct preview_wish *wish, char **values)
{
    const struct broadcast_preview broadcast = {
        .graph = preview->graph,
        .texts = preview->catalogue,
        .templates = cli_load_broadcasts(context, NULL, preview->catalogue),
        .language = preview->language,
        .phase = wish->phase,
        .drill = wish->drill,
        .html = preview->html};
    return broadcast.templates != NULL &&
           broadcast_preview_show(context, &broadcast, wish->broadcast, values) >= 0;
}

int cli_preview(int argc, char **argv)
{
    struct preview preview = {.operator_name = "Noroshi"};
    struct preview_wish wish = {0};
    const struct option_row rows[] = {
        {"language", "TAG", "only this language, such as vi", &preview.language, NULL},
        {"operator", "NAME", "who edits, for the source line", &preview.operator_name, NULL},
        {"broadcast", "ID", "a manual template, or all; arguments are BLANK=TEXT", &wish.broadcast,
         NULL},
        {"phase", "PHASE", "of the manual template: issue, correction, …", &wish.phase, NULL},
        {"drill", NULL, "the manual template as a drill", NULL, &wish.drill},
        {"html", NULL, "the HTML form", NULL, &preview.html}};
    int first = options_read(argc, argv,
                             "noroshi preview [--language TAG] [--html] FILE… | --broadcast ID "
                             "[--phase PHASE] [--drill] [BLANK=TEXT…]",
                             rows, sizeof(rows) / sizeof(rows[0]));
    if (first < 0)
        return options_exit(first);
    if (first == argc && wish.broadcast == NULL) {
        fprintf(stderr, "noroshi preview: name a telegram file\n");
        return EXIT_USAGE;
    }
    TALLOC_CTX *context = talloc_new(NULL);
    preview.graph = cli_load_areas(context, NULL);
    preview.catalogue = cli_load_catalogue(context, NULL);
    bool fine = preview.graph != NULL && preview.catalogue != NULL && known_language(&preview);
    if (wish.broadcast != NULL)
        fine = fine && show_broadcast(context, &preview, &wish, argv + first);
    for (int i = first; wish.broadcast == NULL && fine && i < argc; i++)
        fine = cli_each_alert(context, preview.graph, argv[i], show_alert, &preview) >= 0;
    talloc_free(context);
    return fine ? EXIT_FINE : EXIT_FAILED;
}
