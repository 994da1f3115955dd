/* xom deletions: the signed list of what was erased. */
#include <stdio.h>
#include <string.h>

#include "kit/base/log.h"
#include "ward/commands.h"

enum { WARDS_MAX = 1024, SLICE = 200 };

struct listing {
	int64_t after;
	struct deletion *list;
	size_t count;
};

static enum rc slice(struct tx *tx, void *ctx, struct fault *f)
{
	struct listing *l = ctx;
	return deletion_list(tx, l->after, SLICE, &l->list, &l->count, f);
}

static enum rc list_ward(struct app *app, const struct ward *w, struct fault *f)
{
	struct listing l = {.after = 0};
	struct arena a;
	enum rc rc;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	do {
		arena_reset(&a);
		rc = store_read(app->store, w->id, &a, slice, &l, f);
		for (size_t i = 0; rc == RC_OK && i < l.count; i++) {
			const struct deletion *d = &l.list[i];
			(void)printf("%.*s\t%lld\t%.*s\t%.*s\t%.*s\t%.*s\n", PSTR(w->slug), (long long)d->n,
			             PSTR(d->code), PSTR(d->kind), PSTR(d->rule), PSTR(text_day_iso(&a, d->day)));
			l.after = d->n;
		}
	} while (rc == RC_OK && l.count == SLICE);
	arena_release(&a);
	return rc;
}

static void say_line(void *ctx, const char *line)
{
	const struct ward *w = ctx;
	(void)printf("%.*s: %s\n", PSTR(w->slug), line);
}

static enum rc verify_ward(struct app *app, const struct ward *w, int64_t *faults, struct fault *f)
{
	struct deletion_report r;
	enum rc rc = deletions_verify(&app->flow, w->id, true, say_line, (void *)(uintptr_t)w, &r, f);
	if (rc != RC_OK)
		return rc;
	(void)printf("%.*s: %lld deletions in the database, %lld in the file: %lld faults\n",
	             PSTR(w->slug), (long long)r.rows, (long long)r.lines, (long long)r.faults);
	*faults += r.faults;
	return RC_OK;
}

static int deletions_run(struct app *app, int argc, char **argv)
{
	const struct ward *wards[WARDS_MAX];
	size_t n = 0;
	bool list = argc >= 2 && strcmp(argv[1], "list") == 0;
	bool verify = argc >= 2 && strcmp(argv[1], "verify") == 0;
	if ((list || verify) && argc == 2) {
		n = ward_all(app->places, wards, WARDS_MAX);
	} else if ((list || verify) && argc == 4 && strcmp(argv[2], "--ward") == 0) {
		wards[0] = ward_by_slug(app->places, str_of(argv[3]));
		n = wards[0] != NULL ? 1 : 0;
		if (n == 0)
			(void)fprintf(stderr, "xom: there is no ward \"%s\"\n", argv[3]);
	} else {
		(void)fprintf(stderr, "usage: xom deletions list|verify [--ward SLUG]\n");
	}
	int64_t faults = 0;
	for (size_t i = 0; i < n; i++) {
		struct fault f = {0};
		enum rc rc = list ? list_ward(app, wards[i], &f) : verify_ward(app, wards[i], &faults, &f);
		if (rc != RC_OK) {
			log_fault("deletions", "cannot read the list", &f);
			return 1;
		}
	}
	return n == 0 ? 2 : faults == 0 ? 0 : 1;
}

const struct command DELETION_COMMANDS[] = {
	{.name = "deletions",
	 .usage = "deletions list|verify [--ward SLUG]",
	 .help = "list    what was erased: ward, number, code, kind, rule, day, separated by tabs\n"
	         "verify  walks the signed list in the database and in its file, and says where a line does\n"
	         "        not follow, is not signed, or one of the two lacks it. 1 when there is a fault",
	 .needs = NEEDS_store,
	 .run = deletions_run},
	{0},
};
