/* How grave an observed tsunami wave is, for deciding whether it is news. */
#pragma once

#include <stdbool.h>

/* 0 not important; 1 JMA marks it 重要, 1 m, or `risen` (alert_observation); 2 from 3 m; 3 from 5
 * m; 4 from 10 m. */
int wave_class(double height_m, const char *condition, bool risen);
