#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"
#include "ward/people/admin_log.h"
#include "ward/commands.h"

enum { WARDS_MAX = 1024 };

/* The wards that a verb is asked for: all, or the one that is named. 0: there is none. */
static size_t wards_of(struct app *app, int argc, char **argv, const struct ward **out)
{
	if (argc == 1)
		return ward_all(app->places, out, WARDS_MAX);
	if (argc == 3 && strcmp(argv[1], "--ward") == 0) {
		out[0] = ward_by_slug(app->places, str_of(argv[2]));
		if (out[0] != NULL)
			return 1;
		(void)fprintf(stderr, "xom: there is no ward \"%s\"\n", argv[2]);
		return 0;
	}
	(void)fprintf(stderr, "usage: xom %s [--ward SLUG]\n", argv[0]);
	return 0;
}

static void say_line(void *ctx, const char *line)
{
	const struct ward *w = ctx;
	(void)printf("%.*s: %s\n", PSTR(w->slug), line);
}

struct log_check {
	int64_t rows, bad;
};

static enum rc check_log(struct tx *tx, void *ctx, struct fault *f)
{
	struct log_check *c = ctx;
	return admin_log_verify(tx, &c->rows, &c->bad, f);
}

/* The chain of the administrators' log. */
static enum rc verify_log(struct app *app, const struct ward *w, int64_t *faults, struct fault *f)
{
	struct log_check c = {0};
	struct arena a;
	arena_init(&a, (size_t)64 << 20);
	enum rc rc = store_read(app->store, w->id, &a, check_log, &c, f);
	arena_release(&a);
	if (rc != RC_OK)
		return rc;
	*faults += c.bad;
	(void)printf("%.*s: %lld rows of the administrators' log: %lld faults\n", PSTR(w->slug),
	             (long long)c.rows, (long long)c.bad);
	return RC_OK;
}

static enum rc verify_photos(struct app *app, const struct ward *w, int64_t *faults, struct fault *f)
{
	struct photo_report r;
	enum rc rc = photos_verify(&app->flow, w->id, say_line, (void *)(uintptr_t)w, &r, f);
	if (rc != RC_OK)
		return rc;
	*faults += r.faults;
	(void)printf("%.*s: %lld photos: %lld faults\n", PSTR(w->slug), (long long)r.photos,
	             (long long)r.faults);
	return RC_OK;
}

static int verify_run(struct app *app, int argc, char **argv)
{
	const struct ward *wards[WARDS_MAX];
	bool photos = argc < 2 || strcmp(argv[argc - 1], "--no-photos") != 0;
	size_t n = wards_of(app, photos ? argc : argc - 1, argv, wards);
	int64_t faults = 0;
	if (n == 0)
		return 2;
	for (size_t i = 0; i < n; i++) {
		struct verify_report r;
		struct fault f = {0};
		const struct ward *w = wards[i];
		enum rc rc = flow_verify(&app->flow, w->id, say_line, (void *)(uintptr_t)w, &r, &f);
		if (rc != RC_OK) {
			log_fault("verify", "cannot read the ward", &f);
			return 1;
		}
		faults += r.faults;
		(void)printf("%.*s: %lld cases, %lld entries, %lld parts (%lld erased by rule), "
		             "%lld looks, %lld heads: %lld faults\n",
		             PSTR(w->slug), (long long)r.cases, (long long)r.entries, (long long)r.parts,
		             (long long)r.erased, (long long)r.looks, (long long)r.heads,
		             (long long)r.faults);
		struct deletion_report d;
		rc = deletions_verify(&app->flow, w->id, say_line, (void *)(uintptr_t)w, &d, &f);
		if (rc != RC_OK) {
			log_fault("verify", "cannot read the deletion list", &f);
			return 1;
		}
		faults += d.faults;
		if (d.rows + d.lines + d.faults > 0)
			(void)printf("%.*s: %lld deletions, %lld in the file: %lld faults\n", PSTR(w->slug),
			             (long long)d.rows, (long long)d.lines, (long long)d.faults);
		if (verify_log(app, w, &faults, &f) != RC_OK) {
			log_fault("verify", "cannot read the administrators' log", &f);
			return 1;
		}
		if (photos && verify_photos(app, w, &faults, &f) != RC_OK) {
			log_fault("verify", "cannot read the photos", &f);
			return 1;
		}
	}
	struct arena a;
	struct fault f = {0};
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = store_check(app->store, &a, &f);
	arena_release(&a);
	if (rc != RC_OK)
		log_fault("verify", "the database's own check", &f);
	return rc == RC_OK && faults == 0 ? 0 : 1;
}

static int rebuild_run(struct app *app, int argc, char **argv)
{
	const struct ward *wards[WARDS_MAX];
	size_t n = wards_of(app, argc, argv, wards);
	if (n == 0)
		return 2;
	for (size_t i = 0; i < n; i++) {
		struct fault f = {0};
		if (flow_rebuild(&app->flow, wards[i]->id, &f) != RC_OK) {
			log_fault("rebuild", "stopped", &f);
			return 1;
		}
		(void)printf("%.*s: counters and search are made again\n", PSTR(wards[i]->slug));
	}
	return 0;
}

static int keys_show(const struct key_info *list, size_t n)
{
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	for (size_t i = 0; i < n; i++)
		(void)printf("%s %d, made %s\n", list[i].name, list[i].number,
		             text_iso(&a, list[i].made_at).p);
	arena_release(&a);
	return 0;
}

static int keys_turn(struct app *app, const struct key_info *list, size_t n, const char *name)
{
	struct fault f = {0};
	int number;
	size_t i = 0;
	while (i < n && strcmp(list[i].name, name) != 0)
		i++;
	if (i == n) {                          /* a misspelt name would make a key that nobody uses */
		(void)fprintf(stderr, "xom: there is no key \"%s\"; xom keys list names them\n", name);
		return 2;
	}
	if (keys_rotate(app->keys, name, &number, &f) != RC_OK) {
		log_fault("keys", "cannot rotate", &f);
		return 1;
	}
	(void)printf("%s %d is the current key\n", name, number);
	return 0;
}

static int keys_run(struct app *app, int argc, char **argv)
{
	struct arena a;
	struct fault f = {0};
	struct key_info *list;
	size_t n;
	int status = 2;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	if (keys_list(app->keys, &a, &list, &n, &f) != RC_OK) {
		log_fault("keys", "cannot read the keys", &f);
		status = 1;
	} else if (argc == 2 && strcmp(argv[1], "list") == 0) {
		status = keys_show(list, n);
	} else if (argc == 3 && strcmp(argv[1], "rotate") == 0) {
		status = keys_turn(app, list, n, argv[2]);
	} else {
		(void)fprintf(stderr, "usage: xom keys list|rotate NAME\n");
	}
	arena_release(&a);
	return status;
}

const struct command FLOW_COMMANDS[] = {
	{.name = "verify",
	 .usage = "verify [--ward SLUG] [--no-photos]",
	 .help = "Walks the timeline of every case, the looks and the signed daily heads, and names\n"
	         "whatever was changed, removed or put in between since. A part that was erased by rule\n"
	         "is counted, not a fault. Reads every photo, too, and names those that are missing,\n"
	         "short or altered, unless --no-photos is given. Ends with 1 when a fault was found.",
	 .needs = NEEDS_store,
	 .run = verify_run},
	{.name = "rebuild",
	 .usage = "rebuild [--ward SLUG]",
	 .help = "Drops what is derived from the cases (counts of the queues, the roll-up of\n"
	         "figures, the search index) and makes it again.",
	 .needs = NEEDS_store,
	 .run = rebuild_run},
	{.name = "keys",
	 .usage = "keys list|rotate NAME",
	 .help = "list         names the keys with their numbers; never the keys themselves\n"
	         "rotate NAME  makes a new current key. The older ones stay for what was made with\n"
	         "             them; a form that is open meanwhile stays good for 24 hours.",
	 .needs = NEEDS_store,
	 .run = keys_run},
	{0},
};
