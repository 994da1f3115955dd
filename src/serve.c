#include "serve.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/base/log.h"
#include "kit/view/frame.h"
#include "service.h"
#include "ward/clean.h"
#include "ward/figure/transparency.h"
#include "ward/flow/looks.h"
#include "ward/flow/receipt_session.h"
#include "ward/forget.h"
#include "ward/recalendar_job.h"
#include "ward/guess.h"
#include "ward/page.h"
#include "ward/photo.h"
#include "pulse.h"

/* --- http's hooks --- */

static const struct ward *find_ward(struct app *app, struct str slug, struct str host)
{
	(void)host;
	if (slug.n > 0)
		return ward_by_slug(app->places, slug);
	const struct ward *all[2];
	return ward_all(app->places, all, 2) == 1 ? all[0] : NULL;
}

/* Who is asking: the session's account, and the receipt that this browser has open. */
static enum rc find_actor(struct request *q, struct fault *f)
{
	enum rc rc = people_actor(q->app->people, q, f);
	if (rc != RC_OK)
		return rc;
	struct case_id receipt;
	rc = receipt_session_case(q, q->app->keys, &receipt, f);
	/* One whose case was erased since is told so by the page that it came for. */
	if (rc == RC_OK || rc == RC_ERASED)
		q->actor.perms |= UINT32_C(1) << PERM_receipt;
	return rc == RC_NONE || rc == RC_ERASED ? RC_OK : rc;
}

static uint64_t find_changes(struct app *app, struct ward_id ward)
{
	(void)app;
	return flow_changes(ward);
}

static enum rc find_fresh(struct request *q, struct fault *f)
{
	enum rc rc = pulse_look(q->app->pulse, f);
	if (rc == RC_OK && q->ward != NULL)
		q->ward = ward_by_id(q->app->places, q->ward->id);
	return rc;
}

static bool find_ready(struct app *app) { return app->pulse != NULL && pulse_ready(app->pulse); }

static const struct route *const *all_routes(struct arena *a)
{
	size_t n = 0, k = 0;
	while (ROOMS[n] != NULL)
		n++;
	const struct route **list = arena_array(a, n + 1, sizeof *list);
	for (size_t i = 0; i < n; i++)
		if (ROOMS[i]->routes != NULL)
			list[k++] = ROOMS[i]->routes;
	return list;
}

static const struct job_kind *const *all_jobs(struct arena *a)
{
	size_t n = 0, k = 0;
	while (ROOMS[n] != NULL)
		n++;
	const struct job_kind **list = arena_array(a, n + 9, sizeof *list);
	list[k++] = FLOW_JOBS;
	list[k++] = LOOK_JOBS;
	list[k++] = FIGURE_JOBS;
	list[k++] = TRANSPARENCY_JOBS;
	list[k++] = NOTIFY_JOBS;
	list[k++] = FORGET_JOBS;
	list[k++] = CLEAN_JOBS;
	list[k++] = RECALENDAR_JOBS;
	for (size_t i = 0; i < n; i++)
		if (ROOMS[i]->jobs != NULL)
			list[k++] = ROOMS[i]->jobs;
	return list;
}

static size_t list_wards(struct app *app, struct ward_id *out, size_t max)
{
	enum { WARDS_MAX = 4096 };
	const struct ward *all[WARDS_MAX];
	size_t n = ward_all(app->places, all, max < WARDS_MAX ? max : WARDS_MAX);
	for (size_t i = 0; i < n; i++)
		out[i] = all[i]->id;
	return n;
}

/* --- serve --- */

static void wait_for_end(void)
{
	sigset_t set;
	int which;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigwait(&set, &which);
}

/* Every thread is born with these blocked, so that only wait_for_end takes them. */
static void block_signals(void)
{
	sigset_t set;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGPIPE);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static enum rc load_templates(struct app *app, struct fault *f)
{
	return templates_load(&app->templates,
	                      arena_fmt(&app->settings.arena, "%s/templates", app->settings.share).p,
	                      app->po, f);
}

static enum rc publish_first(struct app *app, struct fault *f)
{
	const struct procedure *any[1];
	int32_t today = day_of(clock_now(&app->clock));
	if (procedures_all(app->procedures, today, any, 1) > 0)
		return RC_OK;
	size_t published;
	return procedures_publish(app->procedures, app->store,
	                          arena_fmt(&app->settings.arena, "%s/procedures", app->settings.share).p,
	                          today, &published, f);
}

/* A machine whose clock has lost its battery believes it is 1970: no deadline would be right, and
 * the years of codes begin with ours. */
static enum rc check_clock(const struct app *app, struct fault *f)
{
	if (clock_now(&app->clock) >= id_at(0))
		return RC_OK;
	return fault_set(f, RC_INVALID, "the machine's clock stands before 2025: set it first");
}

/* Pages kept for hours lie between buffers of milliseconds. With an arena a thread (glibc's way) each of
 * them keeps what it once needed: 199 MiB after a minute of load with 1,000 connections, 106 with two.
 * The thresholds stay glibc's: fixed ones give more back, and packing a page then takes twice as long. */
static void spare_memory(void)
{
	enum { ARENAS = 2 };
	(void)mallopt(M_ARENA_MAX, ARENAS);
}

static enum rc start(struct app *app, struct fault *f)
{
	struct arena *a = &app->settings.arena;
	const struct ward *wards[2];
	enum rc rc = check_clock(app, f);
	if (rc == RC_OK)
		rc = load_templates(app, f);
	if (rc == RC_OK)
		rc = publish_first(app, f);
	if (rc == RC_OK)
		rc = deletions_catch_up(app, f);
	if (rc == RC_OK)
		rc = job_start(&app->jobs, app, app->store, all_jobs(a), list_wards, 1, f);
	if (rc != RC_OK)
		return rc;
	int fd = -1;
	rc = service_socket(&fd, f);
	if (rc == RC_OK)
		rc = pulse_start(&app->pulse, app, service_watchdog_us(), f);
	if (rc != RC_OK)
		return rc;
	bool shared = store_is_server(app->settings.database);
	const struct http_config config = {
		.app = app,
		.listen = app->settings.listen,
		.port = app->settings.port,
		.socket = fd,
		.metrics_port = app->settings.metrics_port,
		.base_url = app->settings.base_url,
		.hosts = app->settings.hosts,
		.proxies = app->settings.proxies,
		.io_threads = (size_t)app->settings.io_threads,
		.workers = (size_t)app->settings.workers,
		.connections = (size_t)app->settings.connections,
		.one_ward = ward_all(app->places, wards, 2) == 1,
		.shared = shared,
		.routes = all_routes(a),
		.images = arena_z(a, settings_tile_origin(&app->settings)),
		.assets = arena_fmt(a, "%s/assets", app->settings.share).p,
		.spool_dir = app->settings.data,
		.keys = app->keys,
		.clock = &app->clock,
		.po = app->po,
		.templates = app->templates,
		.hooks = {.ward = find_ward,
		          .actor = find_actor,
		          .frame = page_frame,
		          .changes = find_changes,
		          .fresh = find_fresh,
		          .guess_read = guess_count_read,
		          .guess_write = guess_count_write,
		          .ready = find_ready,
		          .metrics = pulse_metrics,
		          .error = page_error,
		          .error_page = PAGE_ERROR_TEMPLATE,
		          .error_shape = &PAGE_ERROR,
		          .frame_shape = &FRAME},
		.rate_scale = app->settings.rate_scale,
	};
	return http_start(&app->http, &config, f);
}

static int serve(struct app *app, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int64_t port;
		double scale;
		if (strcmp(argv[i], "--port") == 0 && i + 1 < argc &&
		    str_i64(str_of(argv[i + 1]), &port) && port >= 0 && port <= 65535) {
			app->settings.port = (int)port;
			i++;
		} else if (strcmp(argv[i], "--rate-scale") == 0 && i + 1 < argc &&
		           str_f64(str_of(argv[i + 1]), &scale) && scale > 0) {
			app->settings.rate_scale = scale;
			i++;
		} else {
			(void)fprintf(stderr, "usage: xom serve [--port N] [--rate-scale X]\n");
			return 2;
		}
	}
	block_signals();
	spare_memory();
	struct fault f = {0};
	enum rc rc = start(app, &f);
	if (rc == RC_OK) {
		/* One line that scripts and tests wait for. */
		(void)printf("serving on port %d\n", http_port(app->http));
		(void)fflush(stdout);
		service_notify("READY=1");
		wait_for_end();
		service_notify("STOPPING=1");
		log_info("serve", "stopping");
	} else {
		log_fault("serve", "cannot serve", &f);
	}
	/* A handler that still runs has all of the app in its hands. What was acknowledged is on the
	 * disk, and the rest is as after a crash. */
	if (app->http != NULL && http_stop(app->http) != RC_OK)
		_exit(1);
	pulse_stop(app->pulse);
	app->pulse = NULL;
	atomic_store(&app->notify.stopping, true);
	if (app->jobs != NULL)
		job_stop(app->jobs);
	if (app->templates != NULL)
		templates_free(app->templates);
	return rc == RC_OK ? 0 : 1;
}

/* --- routes, templates --- */

static const char *const METHODS[] = {"", "GET", "POST"};
static const char *const CSRF[] = {"", "none", "form", "session"};
static const char *const RATES[] = {"", "page", "form", "guess", "upload"};
static const char *const CACHES[] = {"", "public", "form", "none"};

static void route_line(struct buf *out, const struct room *room, const struct route *r)
{
	buf_addf(out, "%s\t%s\t%s\t%s\t%zu\t%s\t%s\t%s\t%s\n", METHODS[r->method], r->pattern,
	         perm_name(r->may), CSRF[r->csrf], r->body_max, RATES[r->rate], CACHES[r->cache],
	         room->name, r->help);
}

static void route_json(struct buf *out, const struct room *room, const struct route *r)
{
	const struct pair texts[] = {
		{STR("method"), str_of(METHODS[r->method])}, {STR("pattern"), str_of(r->pattern)},
		{STR("may"), str_of(perm_name(r->may))},     {STR("csrf"), str_of(CSRF[r->csrf])},
		{STR("rate"), str_of(RATES[r->rate])},       {STR("cache"), str_of(CACHES[r->cache])},
		{STR("room"), str_of(room->name)},           {STR("help"), str_of(r->help)},
	};
	buf_addz(out, out->n > 1 ? ",\n{" : "{");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		text_json(out, texts[i].name);
		buf_addc(out, ':');
		text_json(out, texts[i].value);
		buf_addc(out, ',');
	}
	buf_addf(out, "\"body_max\":%zu,\"shape\":", r->body_max);
	if (r->shape != NULL)
		shape_describe(out, r->shape);
	else
		buf_addz(out, "null");
	buf_addc(out, '}');
}

static int print_routes(struct app *app, int argc, char **argv)
{
	(void)app;
	bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
	if (argc > 1 && !json) {
		(void)fprintf(stderr, "usage: xom routes [--json]\n");
		return 2;
	}
	struct buf out = {0};
	if (json)
		buf_addc(&out, '[');
	for (size_t i = 0; ROOMS[i] != NULL; i++)
		for (const struct route *r = ROOMS[i]->routes; r != NULL && r->run != NULL; r++)
			(json ? route_json : route_line)(&out, ROOMS[i], r);
	if (json)
		buf_addz(&out, "]\n");
	(void)fwrite(out.p, 1, out.n, stdout);
	buf_release(&out);
	return 0;
}

/* Every page of every room, with the shape that its template must fit. */
static const struct template_page *all_pages(struct arena *a, size_t *count)
{
	enum { MOST = 512 };
	struct template_page *list = arena_array(a, MOST, sizeof *list);
	size_t n = 0;
	list[n++] = (struct template_page){PAGE_ERROR_TEMPLATE, &PAGE_ERROR};
	list[n++] = (struct template_page){PHOTO_GONE_TEMPLATE, &PHOTO_GONE};
	for (size_t i = 0; ROOMS[i] != NULL; i++) {
		for (const struct route *r = ROOMS[i]->routes; r != NULL && r->run != NULL; r++)
			if (r->page != NULL && n < MOST)
				list[n++] = (struct template_page){r->page, r->shape};
		for (const struct template_page *p = ROOMS[i]->pages; p != NULL && p->name != NULL; p++)
			if (n < MOST)
				list[n++] = *p;
	}
	*count = n;
	return list;
}

/* The build runs this: a template that names a field its shape does not have does not build. */
static int check_templates(struct app *app, int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[1], "check") != 0) {
		(void)fprintf(stderr, "usage: xom templates check\n");
		return 2;
	}
	struct arena *a = &app->settings.arena;
	struct fault f = {0};
	size_t n;
	const struct template_page *pages = all_pages(a, &n);
	enum rc rc = po_load(&app->po, arena_fmt(a, "%s/po", app->settings.share).p, &f);
	if (rc == RC_OK)
		rc = load_templates(app, &f);
	if (rc == RC_OK)
		rc = templates_check_all(app->templates, pages, n, &FRAME, &f);
	templates_free(app->templates);
	if (rc != RC_OK) {
		char text[800];
		(void)fprintf(stderr, "%s\n", fault_describe(&f, text, sizeof text));
		return 1;
	}
	(void)printf("%zu pages fit their shapes\n", n);
	return 0;
}

const struct command SERVE_COMMANDS[] = {
	{.name = "serve",
	 .usage = "serve [--port N] [--rate-scale X]",
	 .help = "Serves the ward's pages until SIGTERM or SIGINT; running requests are finished.\n"
	         "A socket that systemd holds (LISTEN_FDS) is used instead of the settings' port: what\n"
	         "comes while the program is restarted waits in it. /healthz answers while it runs,\n"
	         "/readyz while requests may be sent here; metrics_port is where Prometheus reads.\n\n"
	         "--port N        listens there instead of the settings' port; 0 takes a free one\n"
	         "--rate-scale X  multiplies the limits of requests per address (tests, measurements)",
	 .needs = NEEDS_store,
	 .run = serve},
	{.name = "routes",
	 .usage = "routes [--json]",
	 .help = "Prints every route: method, pattern, who may, CSRF class, body limit in bytes, rate\n"
	         "class, cache class, room, and a line of help, separated by tabs.\n\n"
	         "--json  the same with the fields of each page: name, type, unit, who sees it, help",
	 .needs = NEEDS_nothing,
	 .run = print_routes},
	{.name = "templates",
	 .usage = "templates check",
	 .help = "Checks every template against the shape of its page: names, addresses, escaping.",
	 .needs = NEEDS_settings,
	 .run = check_templates},
	{0},
};
