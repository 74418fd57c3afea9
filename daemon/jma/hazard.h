/* The hazards that Noroshi tells apart, and their ranking on the scale of five. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum hazard {
    HAZARD_EARTHQUAKE,
    HAZARD_TSUNAMI,
    HAZARD_RAIN,
    HAZARD_LANDSLIDE,
    HAZARD_STORM_SURGE,
    HAZARD_FLOOD,
    HAZARD_STORM,
    HAZARD_BLIZZARD,
    HAZARD_WAVES,
    HAZARD_HEAVY_SNOW,
    HAZARD_THUNDER,
    HAZARD_FOG,
    HAZARD_DRY_AIR,
    HAZARD_AVALANCHE,
    HAZARD_LOW_TEMPERATURE,
    HAZARD_FROST,
    HAZARD_ICING,
    HAZARD_SNOW_ACCRETION,
    HAZARD_SNOWMELT,
    HAZARD_OTHER_ADVISORY,
    HAZARD_VOLCANO,
    HAZARD_TORNADO,
    HAZARD_HEAT,
    HAZARD_INFORMATION, /* any other telegram */
    HAZARD_BROADCAST,   /* said by disaster staff, never by JMA */
    HAZARD_COUNT
};

/* "earthquake", "tsunami", "rain", "landslide", "storm-surge", "flood", "storm", "blizzard",
 * "waves", "heavy-snow", "thunder", "fog", "dry-air", "avalanche", "low-temperature", "frost",
 * "icing", "snow-accretion", "snowmelt", "other-advisory", "volcano", "tornado", "heat",
 * "information", "broadcast". */
const char *hazard_name(enum hazard hazard);
/* Returns false for an unknown name. */
bool hazard_from_name(const char *name, enum hazard *ret_hazard);

/* Weather kinds in force since 2026-05-28 (JMA code table WeatherWarning). Their numbers are not
 * ordered by severity, so this is a table. */
struct weather_kind {
    const char *code; /* "43" */
    const char *name; /* "レベル４大雨危険警報" */
    enum hazard hazard;
    int level;         /* our scale of five (docs/architecture.md); 0 for 解除 */
    bool numbered;     /* true: JMA prints a level number for it */
    const char *grade; /* "emergency", "urgent", "warning", "advisory" */
};
const struct weather_kind *weather_kind_find(const char *code); /* NULL when unknown */

/* Tsunami kinds 00, 50-53, 60, 62, 71-73 (JMA code table TsunamiWarning). */
struct tsunami_kind {
    const char *code;
    const char *grade; /* "major-warning", "warning", "advisory", "forecast", "none" */
    int level;         /* 5, 4, 3, 1, 0 */
    bool lifted;       /* 50, 60: says that something was lifted */
};
const struct tsunami_kind *tsunami_kind_find(const char *code);

/* Seismic intensity "1".."7", "5-", "5+", "6-", "6+", and "5-?" for 震度５弱以上未入電. */
int intensity_rank(const char *intensity); /* 0 unknown, 1..9 in order; "5-?" ranks as 5- */
int intensity_level(const char *intensity); /* scale of five: 3→1 4→2 5-,5+→3 6-→4 6+,7→5; else 0 */
