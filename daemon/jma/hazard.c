/* Hazards, JMA's kinds and their ranking on the scale of five. Tables only.
 *
 * Weather kinds: JMA code table WeatherWarning of 2026-05-28 (R06). JMA numbers levels for rain,
 * landslide and storm surge only; the ranking of the others is ours (docs/architecture.md). */
#include <string.h>

#include "base/text.h"
#include "jma/hazard.h"

static const char *const hazard_names[HAZARD_COUNT] = {
    [HAZARD_EARTHQUAKE] = "earthquake",
    [HAZARD_TSUNAMI] = "tsunami",
    [HAZARD_RAIN] = "rain",
    [HAZARD_LANDSLIDE] = "landslide",
    [HAZARD_STORM_SURGE] = "storm-surge",
    [HAZARD_FLOOD] = "flood",
    [HAZARD_STORM] = "storm",
    [HAZARD_BLIZZARD] = "blizzard",
    [HAZARD_WAVES] = "waves",
    [HAZARD_HEAVY_SNOW] = "heavy-snow",
    [HAZARD_THUNDER] = "thunder",
    [HAZARD_FOG] = "fog",
    [HAZARD_DRY_AIR] = "dry-air",
    [HAZARD_AVALANCHE] = "avalanche",
    [HAZARD_LOW_TEMPERATURE] = "low-temperature",
    [HAZARD_FROST] = "frost",
    [HAZARD_ICING] = "icing",
    [HAZARD_SNOW_ACCRETION] = "snow-accretion",
    [HAZARD_SNOWMELT] = "snowmelt",
    [HAZARD_OTHER_ADVISORY] = "other-advisory",
    [HAZARD_VOLCANO] = "volcano",
    [HAZARD_TORNADO] = "tornado",
    [HAZARD_HEAT] = "heat",
    [HAZARD_INFORMATION] = "information",
    [HAZARD_BROADCAST] = "broadcast",
};

const char *hazard_name(enum hazard hazard)
{
    return hazard_names[hazard];
}

bool hazard_from_name(const char *name, enum hazard *ret_hazard)
{
    for (int hazard = 0; hazard < HAZARD_COUNT; hazard++) {
        if (text_equal(hazard_names[hazard], name)) {
            *ret_hazard = (enum hazard)hazard;
            return true;
        }
    }
    return false;
}

static const struct weather_kind weather_kinds[] = {
    {"02", "暴風雪警報", HAZARD_BLIZZARD, 3, false, "warning"},
    {"03", "レベル３大雨警報", HAZARD_RAIN, 3, true, "warning"},
    {"05", "暴風警報", HAZARD_STORM, 3, false, "warning"},
    {"06", "大雪警報", HAZARD_HEAVY_SNOW, 3, false, "warning"},
    {"07", "波浪警報", HAZARD_WAVES, 3, false, "warning"},
    {"08", "レベル３高潮警報", HAZARD_STORM_SURGE, 3, true, "warning"},
    {"09", "レベル３土砂災害警報", HAZARD_LANDSLIDE, 3, true, "warning"},
    {"10", "レベル２大雨注意報", HAZARD_RAIN, 2, true, "advisory"},
    {"12", "大雪注意報", HAZARD_HEAVY_SNOW, 2, false, "advisory"},
    {"13", "風雪注意報", HAZARD_BLIZZARD, 2, false, "advisory"},
    {"14", "雷注意報", HAZARD_THUNDER, 2, false, "advisory"},
    {"15", "強風注意報", HAZARD_STORM, 2, false, "advisory"},
    {"16", "波浪注意報", HAZARD_WAVES, 2, false, "advisory"},
    {"17", "融雪注意報", HAZARD_SNOWMELT, 2, false, "advisory"},
    {"19", "レベル２高潮注意報", HAZARD_STORM_SURGE, 2, true, "advisory"},
    {"20", "濃霧注意報", HAZARD_FOG, 2, false, "advisory"},
    {"21", "乾燥注意報", HAZARD_DRY_AIR, 2, false, "advisory"},
    {"22", "なだれ注意報", HAZARD_AVALANCHE, 2, false, "advisory"},
    {"23", "低温注意報", HAZARD_LOW_TEMPERATURE, 2, false, "advisory"},
    {"24", "霜注意報", HAZARD_FROST, 2, false, "advisory"},
    {"25", "着氷注意報", HAZARD_ICING, 2, false, "advisory"},
    {"26", "着雪注意報", HAZARD_SNOW_ACCRETION, 2, false, "advisory"},
    {"27", "その他の注意報", HAZARD_OTHER_ADVISORY, 2, false, "advisory"},
    {"29", "レベル２土砂災害注意報", HAZARD_LANDSLIDE, 2, true, "advisory"},
    {"32", "暴風雪特別警報", HAZARD_BLIZZARD, 5, false, "emergency"},
    {"33", "レベル５大雨特別警報", HAZARD_RAIN, 5, true, "emergency"},
    {"35", "暴風特別警報", HAZARD_STORM, 5, false, "emergency"},
    {"36", "大雪特別警報", HAZARD_HEAVY_SNOW, 5, false, "emergency"},
    {"37", "波浪特別警報", HAZARD_WAVES, 5, false, "emergency"},
    {"38", "レベル５高潮特別警報", HAZARD_STORM_SURGE, 5, true, "emergency"},
    {"39", "レベル５土砂災害特別警報", HAZARD_LANDSLIDE, 5, true, "emergency"},
    {"43", "レベル４大雨危険警報", HAZARD_RAIN, 4, true, "urgent"},
    {"48", "レベル４高潮危険警報", HAZARD_STORM_SURGE, 4, true, "urgent"},
    {"49", "レベル４土砂災害危険警報", HAZARD_LANDSLIDE, 4, true, "urgent"},
};

const struct weather_kind *weather_kind_find(const char *code)
{
    for (size_t i = 0; code != NULL && i < sizeof(weather_kinds) / sizeof(weather_kinds[0]); i++) {
        if (strcmp(weather_kinds[i].code, code) == 0)
            return &weather_kinds[i];
    }
    return NULL;
}

static const struct tsunami_kind tsunami_kinds[] = {
    {"00", "none", 0, false},          {"50", "none", 0, true},
    {"51", "warning", 4, false},       {"52", "major-warning", 5, false},
    {"53", "major-warning", 5, false}, {"60", "none", 0, true},
    {"62", "advisory", 3, false},      {"71", "forecast", 1, false},
    {"72", "forecast", 1, false},      {"73", "forecast", 1, false},
};

const struct tsunami_kind *tsunami_kind_find(const char *code)
{
    for (size_t i = 0; code != NULL && i < sizeof(tsunami_kinds) / sizeof(tsunami_kinds[0]); i++) {
        if (strcmp(tsunami_kinds[i].code, code) == 0)
            return &tsunami_kinds[i];
    }
    return NULL;
}

static const struct {
    const char *text;
    int rank, level;
} intensities[] = {
    {"1", 1, 0},   {"2", 2, 0},  {"3", 3, 1},  {"4", 4, 2},  {"5-", 5, 3},
    {"5-?", 5, 3}, {"5+", 6, 3}, {"6-", 7, 4}, {"6+", 8, 5}, {"7", 9, 5},
};

int intensity_rank(const char *intensity)
{
    for (size_t i = 0; i < sizeof(intensities) / sizeof(intensities[0]); i++) {
        if (text_equal(intensities[i].text, intensity))
            return intensities[i].rank;
    }
    return 0;
}

int intensity_level(const char *intensity)
{
    for (size_t i = 0; i < sizeof(intensities) / sizeof(intensities[0]); i++) {
        if (text_equal(intensities[i].text, intensity))
            return intensities[i].level;
    }
    return 0;
}
