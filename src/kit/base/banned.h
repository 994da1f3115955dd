/* Functions that do not compile in this project; forced into every file by the build.
 * Each line says what to use instead. */
#ifndef XOM_BASE_BANNED_H
#define XOM_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#undef sprintf /* clang's fortified headers make macros of them */
#undef vsprintf
#pragma GCC poison strcpy strcat strncpy strncat /* struct str, struct buf */
#pragma GCC poison sprintf vsprintf gets         /* snprintf, buf_addf */
#pragma GCC poison strtok                        /* str_cut */
#pragma GCC poison localtime gmtime localtime_r asctime ctime mktime /* base/clock */
#pragma GCC poison rand srand                   /* random_bytes, randombytes_uniform */
#pragma GCC poison popen                          /* posix_spawn with an argument vector */
#pragma GCC poison atoi atol atof                /* str_i64, str_f64 */
#pragma GCC poison tmpnam mktemp tempnam         /* O_TMPFILE, mkstemp */
#pragma GCC poison gettimeofday                  /* clock_now */

#endif
