/* The one mutable state of the process, made in main and passed down. */
#ifndef XOM_WARD_APP_H
#define XOM_WARD_APP_H

#include "ward/notify/notify.h"
#include "ward/promises.h"
#include "ward/router/alarm.h"
#include "ward/router/router.h"
#include "ward/settings.h"

struct app {
	struct settings settings;
	struct clock clock;
	struct idgen ids;
	struct po *po;
	struct templates *templates;
	struct store *store;
	struct keys *keys;
	struct media *media;
	struct places *places;
	struct people *people;
	struct calendar *calendar;
	struct rules *rules;
	int64_t calendars_seen[2];   /* calendars_refresh's */
	struct refused *refused;
	struct promises promises;
	struct router *router;
	struct alarm *alarm;
	struct procedures *procedures;
	struct flow flow;
	struct flood_watch *flood;   /* what comes in a flood (flow/flood.h) */
	struct notify notify;
	struct job_runner *jobs;
	struct http *http;
	struct pulse *pulse;         /* while it serves */
};

#endif
