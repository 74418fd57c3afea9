/* noroshi preview: the messages that a telegram would make, in every language. */
#include <stdio.h>
#include <string.h>

#include "cli/alerts.h"
#include "cli/areas.h"
#include "cli/cli.h"
#include "cli/options.h"

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
            printf("==== %s\n%s\n\n---- short: %s\n\n", languages[i], message->plain,
                   message->short_text);
    }
}

int cli_preview(int argc, char **argv)
{
    struct preview preview = {.operator_name = "Noroshi"};
    const struct option_row rows[] = {
        {"language", "TAG", "only this language, such as vi", &preview.language, NULL},
        {"operator", "NAME", "who edits, for the source line", &preview.operator_name, NULL},
        {"html", NULL, "the HTML form", NULL, &preview.html}};
    int first =
        options_read(argc, argv, "noroshi preview [--language TAG] [--html] FILE…", rows, 3);
    if (first < 0)
        return options_exit(first);
    if (first == argc) {
        fprintf(stderr, "noroshi preview: name a telegram file\n");
        return EXIT_USAGE;
    }
    TALLOC_CTX *context = talloc_new(NULL);
    preview.graph = cli_load_areas(context, NULL);
    preview.catalogue = cli_load_catalogue(context, NULL);
    bool fine = preview.graph != NULL && preview.catalogue != NULL;
    if (fine && preview.language != NULL &&
        catalogue_language_name(preview.catalogue, preview.language) == NULL) {
        fprintf(stderr, "noroshi preview: there is no language \"%s\"\n", preview.language);
        fine = false;
    }
    for (int i = first; fine && i < argc; i++)
        fine = cli_each_alert(context, preview.graph, argv[i], show_alert, &preview) >= 0;
    talloc_free(context);
    return fine ? EXIT_FINE : EXIT_FAILED;
}
