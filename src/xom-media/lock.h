/* The confinement of xom-media. What an image could make a decoder do is refused by two fences; the
 * second must hold alone, since an older kernel's Landlock knows no sockets and signals:
 *   Landlock      no file of any kind may be opened, made, run or removed
 *   seccomp       a list of calls that decoding needs; everything else answers EPERM (a decoder
 *                 tries harmless calls and must not die of them); clone only makes threads, no
 *                 memory becomes executable
 * and by no-new-privs, rlimits (no new descriptor, no file bytes, no core, memory, CPU seconds),
 * and the closing of every descriptor but 0, 1 and 2. */
#ifndef XOM_MEDIA_LOCK_H
#define XOM_MEDIA_LOCK_H

#include <stdbool.h>

/* A sanitizer reserves terabytes of address space and needs a signal stack of its own: such a
 * build has no limit of memory and may call sigaltstack. Nothing else differs. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LOCK_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LOCK_SANITIZER 1
#endif
#endif
#ifndef LOCK_SANITIZER
#define LOCK_SANITIZER 0
#endif

/* Builds of the escape alone leave one fence out, to see what the other holds by itself. */
#ifndef LOCK_LANDLOCK
#define LOCK_LANDLOCK 1
#endif
#ifndef LOCK_SECCOMP
#define LOCK_SECCOMP 1
#endif

/* A photo of 100 megapixels takes its time; a year's holidays do not, and other files wait meanwhile. */
enum { LOCK_PHOTO_S = 15, LOCK_CALENDAR_S = 2 };

/* Locks the process, for good, and gives it so many seconds of CPU. Called first thing in main, before any library starts threads or
 * loads modules. False: something is missing on this machine, and the caller must end. */
bool lock_process(unsigned cpu);

#endif
