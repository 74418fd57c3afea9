/* Where a latitude and longitude lies: see area_locate in area.h.
 *
 * The table has the coordinates of all points where JMA measures shaking, 4,372 of them, at least
 * one in each municipality and ward. A location gets the municipality of the nearest one. Near a
 * border that may be the neighbour, so that every municipality is taken that is nearly as near. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "area/table.h"
#include "base/memory.h"
#include "base/text.h"

/* Farther from any station than this is sea or another country. */
#define JAPAN_KM 30.0
/* A municipality whose station is at most twice as far, and at most so much farther, may be the
 * right one. With it 9 of 10 stations are found by the others alone (config/areas/README.md). */
#define DOUBT_KM      3.0
#define KM_PER_DEGREE 111.2

static double distance_km(const struct station *station, double latitude, double longitude)
{
    double middle = (station->latitude + latitude) / 2 * (M_PI / 180);
    double north = (station->latitude - latitude) * KM_PER_DEGREE;
    double east = (station->longitude - longitude) * KM_PER_DEGREE * cos(middle);
    return hypot(north, east);
}

static double nearest_km(const struct area_graph *graph, double latitude, double longitude)
{
    double nearest = INFINITY;
    for (size_t i = 0; i < graph->station_count; i++)
        nearest = fmin(nearest, distance_km(&graph->stations[i], latitude, longitude));
    return nearest;
}

static int compare_km(const void *a, const void *b)
{
    double one = ((const struct area_location *)a)->km,
           other = ((const struct area_location *)b)->km;
    return one < other ? -1 : one > other;
}

int area_locate(const struct area_graph *graph, double latitude, double longitude,
                struct area_location ret_locations[static AREA_LOCATIONS], size_t *ret_count)
{
    double nearest = nearest_km(graph, latitude, longitude);
    double doubt = fmin(2 * nearest, nearest + DOUBT_KM);
    size_t count = 0;
    if (nearest > JAPAN_KM)
        return -ERANGE;
    for (size_t i = 0; i < graph->station_count; i++) {
        const struct station *station = &graph->stations[i];
        double km = distance_km(station, latitude, longitude);
        size_t at = 0;
        while (at < count && ret_locations[at].municipality != &station->municipality->area)
            at++;
        if (km > doubt || at == AREA_LOCATIONS)
            continue;
        if (at == count)
            ret_locations[count++] = (struct area_location){&station->municipality->area, km};
        ret_locations[at].km = fmin(km, ret_locations[at].km);
    }
    qsort(ret_locations, count, sizeof(ret_locations[0]), compare_km);
    *ret_count = count;
    return 0;
}

static bool degrees(const char *text, double most, double *ret_value)
{
    size_t digits = strspn(text, "+-.0123456789");
    char *end;
    *ret_value = strtod(text, &end);
    return digits > 0 && digits == strlen(text) && *end == '\0' && fabs(*ret_value) <= most;
}

bool area_is_location(const char *text, double *ret_latitude, double *ret_longitude)
{
    char first[32] = {0};
    text += text[0] == '@' ? 1 : 0;
    size_t length = strcspn(text, ",");
    if (text[length] != ',' || length >= sizeof(first))
        return false;
    memcpy(first, text, length);
    return degrees(first, 90, ret_latitude) && degrees(text + length + 1, 180, ret_longitude);
}

static void station_row(struct area_graph *graph, const struct table *table)
{
    struct station station;
    size_t number = place_number(graph, AREA_QUAKE_CITY, table->cells[0]);
    if (number == graph->place_count) {
        table_fault(table, 0, "a code of places.tsv", "there is no quake-city", table->cells[0]);
        return;
    }
    if (table->cell_count < 3 || !degrees(table->cells[1], 90, &station.latitude) ||
        !degrees(table->cells[2], 180, &station.longitude)) {
        table_fault(table, 1, "degrees such as 43.06", "no latitude and longitude for",
                    table->cells[0]);
        return;
    }
    station.municipality = area_set_first(graph, place_coverage(graph, number));
    if (station.municipality == NULL)
        return;
    graph->stations = memory_grow(graph, graph->stations, graph->station_count, sizeof(station));
    graph->stations[graph->station_count++] = station;
}

int stations_load(struct area_graph *graph, const char *directory, struct problems *problems)
{
    static const char *const header[] = {"quake-city", "latitude", "longitude", NULL};
    struct table table = {.file = memory_printf(graph, "%s/stations.tsv", directory),
                          .problems = problems};
    if (access(table.file, F_OK) < 0)
        return 0;
    int error = table_open(graph, &table, header);
    while (error == 0 && table_next(&table))
        station_row(graph, &table);
    return error;
}
