/* Words of fire, weapons or people being beaten (rights/emergency-words.yaml): a report that holds them
 * shows the numbers to call once more and, when it is sent all the same, rings at the desk. A hint, never
 * a refusal. web/alarm.js compares in the same way on the phone. */
#ifndef XOM_ROUTER_ALARM_H
#define XOM_ROUTER_ALARM_H

#include "kit/base/yaml.h"
#include "kit/base/text.h"

struct alarm;
enum rc alarm_parse(struct alarm **out, struct yaml_reader *y, const char *file, struct str yaml);
enum rc alarm_load(struct alarm **out, const char *file, struct fault *f);
void alarm_free(struct alarm *l);
/* A text with marks is compared with them; one without any with the phrases that mean nothing else then.
 * Words that belong to an exception ("bình chữa cháy") count for nothing. *line: the name of the line. */
bool alarm_match(const struct alarm *l, struct arena *a, struct str text, struct str *line);
/* For the phone: exceptions and phrases, "-cháy hàng|cháy|=chay nha|…": '-' an exception, '=' one that counts
 * without marks alone, '+' in any text. */
struct str alarm_list(const struct alarm *l);

#endif
