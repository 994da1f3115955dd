/* xom verify: proves what was written, as a whole or the looks alone. */
#include <stdio.h>
#include <string.h>

#include "kit/base/file.h"
#include "kit/base/log.h"
#include "ward/commands.h"
#include "ward/figure/transparency.h"
#include "ward/flow/erase.h"
#include "ward/flow/looks.h"

enum { WARDS_MAX = 1024 };

struct asked {
	const char *ward;             /* NULL: all */
	const char *heads, *transparency; /* files; NULL: none */
	bool no_photos, looks;
};

static void say_line(void *ctx, const char *line)
{
	const struct ward *w = ctx;
	(void)printf("%.*s: %s\n", PSTR(w->slug), line);
}

/* What administrators did, and what the second organisation signed. */
static enum rc verify_acts(struct app *app, const struct ward *w, int64_t *faults, struct fault *f)
{
	struct acts_report r;
	enum rc rc = acts_verify(&app->flow, w->id, say_line, (void *)(uintptr_t)w, &r, f);
	if (rc != RC_OK)
		return rc;
	*faults += r.log_faults + r.second_faults;
	(void)printf("%.*s: %lld rows of the administrators' log: %lld faults\n", PSTR(w->slug), (long long)r.log,
	             (long long)r.log_faults);
	if (r.second + r.second_faults > 0)
		(void)printf("%.*s: %lld acts of the second organisation: %lld faults\n", PSTR(w->slug), (long long)r.second,
		             (long long)r.second_faults);
	return RC_OK;
}

/* `file`: the list outside of the database, too. */
static enum rc verify_deletions(struct app *app, const struct ward *w, bool file, int64_t *faults, struct fault *f)
{
	struct deletion_report d;
	enum rc rc = deletions_verify(&app->flow, w->id, file, say_line, (void *)(uintptr_t)w, &d, f);
	if (rc != RC_OK)
		return rc;
	*faults += d.faults;
	if (file && d.rows + d.lines + d.faults > 0)
		(void)printf("%.*s: %lld deletions, %lld in the file: %lld faults\n", PSTR(w->slug),
		             (long long)d.rows, (long long)d.lines, (long long)d.faults);
	else if (d.rows + d.faults > 0)
		(void)printf("%.*s: %lld deletions: %lld faults\n", PSTR(w->slug), (long long)d.rows, (long long)d.faults);
	return RC_OK;
}

static void say_kept(const struct ward *w, const struct verify_report *r)
{
	if (r->kept > 0)
		(void)printf("%.*s: %lld legal holds, agencies' requests and requests to look again, compared with their entries\n",
		             PSTR(w->slug), (long long)r->kept);
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

struct erased_work {
	struct erased_rule *rules;
	size_t count;
};

static enum rc erased_tx(struct tx *tx, void *ctx, struct fault *f)
{
	struct erased_work *k = ctx;
	return erased_by_rule(tx, &k->rules, &k->count, f);
}

/* "erased by keep.text: 120 parts of 40 cases, 2027-03-02 to 2027-06-30" */
static enum rc say_erased(struct app *app, const struct ward *w, struct fault *f)
{
	struct erased_work k = {0};
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = store_read(app->store, w->id, &a, erased_tx, &k, f);
	for (size_t i = 0; rc == RC_OK && i < k.count; i++) {
		const struct erased_rule *e = &k.rules[i];
		(void)printf("%.*s: erased by %.*s: %lld parts of %lld cases, %.*s to %.*s\n", PSTR(w->slug),
		             PSTR(e->rule), (long long)e->parts, (long long)e->cases,
		             PSTR(text_day_iso(&a, e->first_day)), PSTR(text_day_iso(&a, e->last_day)));
	}
	arena_release(&a);
	return rc;
}

static enum rc verify_whole(struct app *app, const struct ward *w, bool photos, int64_t *faults,
                            struct fault *f)
{
	struct verify_report r;
	enum rc rc = flow_verify(&app->flow, w->id, say_line, (void *)(uintptr_t)w, &r, f);
	if (rc != RC_OK)
		return rc;
	*faults += r.faults;
	(void)printf("%.*s: %lld cases, %lld entries, %lld parts (%lld erased by rule), "
	             "%lld looks, %lld heads: %lld faults\n",
	             PSTR(w->slug), (long long)r.cases, (long long)r.entries, (long long)r.parts,
	             (long long)r.erased, (long long)r.looks, (long long)r.heads, (long long)r.faults);
	say_kept(w, &r);
	rc = say_erased(app, w, f);
	if (rc == RC_OK)
		rc = verify_deletions(app, w, true, faults, f);
	if (rc == RC_OK)
		rc = verify_acts(app, w, faults, f);
	return rc == RC_OK && photos ? verify_photos(app, w, faults, f) : rc;
}

static enum rc verify_looks(struct app *app, const struct ward *w, int64_t *faults, struct fault *f)
{
	struct verify_report r;
	enum rc rc = looks_verify(&app->flow, w->id, say_line, (void *)(uintptr_t)w, &r, f);
	if (rc != RC_OK)
		return rc;
	*faults += r.faults;
	(void)printf("%.*s: %lld looks, %lld heads: %lld faults\n", PSTR(w->slug), (long long)r.looks,
	             (long long)r.heads, (long long)r.faults);
	say_kept(w, &r);
	rc = verify_deletions(app, w, false, faults, f);
	return rc == RC_OK ? verify_acts(app, w, faults, f) : rc;
}

static bool read_asked(int argc, char **argv, struct asked *out)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--ward") == 0 && i + 1 < argc)
			out->ward = argv[++i];
		else if (strcmp(argv[i], "--heads") == 0 && i + 1 < argc)
			out->heads = argv[++i];
		else if (strcmp(argv[i], "--transparency") == 0 && i + 1 < argc)
			out->transparency = argv[++i];
		else if (strcmp(argv[i], "--no-photos") == 0)
			out->no_photos = true;
		else if (strcmp(argv[i], "--looks") == 0)
			out->looks = true;
		else
			return false;
	}
	return true;
}

enum { FILE_MAX = 16 << 20 };

/* The page of a quarter against the signature beside it, FILE.sig: without any data of the ward. */
static int verify_transparency(const char *path)
{
	struct arena a;
	struct fault f = {0};
	struct str body, file;
	struct transparency t;
	struct ward_signature s;
	arena_init(&a, (size_t)64 << 20);
	enum rc rc = file_read(&a, path, FILE_MAX, &body, &f);
	if (rc == RC_OK)
		rc = transparency_read(&a, body, &t, &f);
	if (rc == RC_OK)
		rc = file_read(&a, arena_fmt(&a, "%s.sig", path).p, FILE_MAX, &file, &f);
	if (rc == RC_OK)
		rc = transparency_signature_read(file, &s, &f);
	if (rc != RC_OK) {
		log_fault("verify", path, &f);
		arena_release(&a);
		return 2;
	}
	struct hash h = transparency_hash(body);
	bool good = sign_verify(s.public_key, &h, s.signature);
	(void)printf("%.*s %.*s, number %d: %s\n", PSTR(t.ward), PSTR(period_name(&a, &t.quarter)), t.number,
	             good ? "signed, and as it was signed: 0 faults" : "NOT what was signed: 1 fault");
	(void)printf("key %s: compare it with that of the daily heads that you keep\n",
	             hex_of(&a, str_n((const char *)s.public_key, sizeof s.public_key)).p);
	for (size_t i = 0; i < t.head_count && good; i++)
		if (!sign_verify(t.heads[i].public_key, &t.heads[i].digest, t.heads[i].signature)) {
			(void)printf("the head of %s in it: the signature is wrong: 1 fault\n",
			             text_day_iso(&a, t.heads[i].day).p);
			good = false;
		}
	arena_release(&a);
	return good ? 0 : 1;
}

/* What somebody kept outside against what the database has. */
static enum rc verify_held(struct app *app, const struct ward *w, const char *path, int64_t *faults,
                           struct fault *f)
{
	struct arena a;
	struct str file;
	struct held_head *held;
	size_t count = 0;
	int64_t wrong = 0;
	arena_init(&a, (size_t)64 << 20);
	enum rc rc = file_read(&a, path, FILE_MAX, &file, f);
	if (rc == RC_OK)
		rc = heads_held_read(&a, file, w->slug, &held, &count, f);
	if (rc == RC_OK)
		rc = heads_held_verify(&app->flow, w->id, held, count, say_line, (void *)(uintptr_t)w, &wrong, f);
	if (rc == RC_OK)
		(void)printf("%.*s: %zu heads that were kept outside: %lld faults\n", PSTR(w->slug), count,
		             (long long)wrong);
	*faults += wrong;
	arena_release(&a);
	return rc;
}

static size_t wards_of(struct app *app, const struct asked *k, const struct ward **out)
{
	if (k->ward == NULL)
		return ward_all(app->places, out, WARDS_MAX);
	out[0] = ward_by_slug(app->places, str_of(k->ward));
	if (out[0] != NULL)
		return 1;
	(void)fprintf(stderr, "xom: there is no ward \"%s\"\n", k->ward);
	return 0;
}

static int verify_run(struct app *app, int argc, char **argv)
{
	const struct ward *wards[WARDS_MAX];
	struct asked k = {0};
	struct fault f = {0};
	int64_t faults = 0;
	if (!read_asked(argc, argv, &k)) {
		(void)fprintf(stderr, "usage: xom verify [--ward SLUG] [--no-photos] [--looks] [--heads FILE]"
		                      " | --transparency FILE\n");
		return 2;
	}
	if (k.transparency != NULL)
		return verify_transparency(k.transparency);
	if (app_open(app, NEEDS_store, &f) != RC_OK) {
		log_fault("verify", "cannot start", &f);
		return 1;
	}
	size_t n = wards_of(app, &k, wards);
	if (n == 0)
		return 2;
	for (size_t i = 0; i < n; i++) {
		enum rc rc = k.looks ? verify_looks(app, wards[i], &faults, &f)
		                     : verify_whole(app, wards[i], !k.no_photos, &faults, &f);
		if (rc != RC_OK) {
			log_fault("verify", "cannot read the ward", &f);
			return 1;
		}
		if (k.heads != NULL && verify_held(app, wards[i], k.heads, &faults, &f) != RC_OK) {
			log_fault("verify", k.heads, &f);
			return 1;
		}
	}
	struct arena a;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = k.looks ? RC_OK : store_check(app->store, &a, &f);
	arena_release(&a);
	if (rc != RC_OK) {
		log_fault("verify", "the database's own check", &f);
		faults++;
	}
	(void)printf("in all: %lld faults\n", (long long)faults);
	return faults == 0 ? 0 : 1;
}

const struct command VERIFY_COMMANDS[] = {
	{.name = "verify",
	 .usage = "verify [--ward SLUG] [--no-photos] [--looks] [--heads FILE] | --transparency FILE",
	 .help = "Walks the timeline of every case, the looks and the signed daily heads, and names\n"
	         "whatever was changed, removed or put in between since. A part that was erased by rule\n"
	         "is counted, not a fault. So it does with the administrators' log, the list of what was erased\n"
	         "and the second organisation's acts, which prove who holds oversight. Legal holds, agencies'\n"
	         "requests and requests to look again are compared with the entries that made them. Reads every\n"
	         "photo, too, and names those that are missing, short or altered, unless --no-photos is given.\n"
	         "The last line says how many faults in all; ends with 1 when there is one.\n"
	         "--looks              no case's timeline: the chain of looks (who opened, searched, listed,\n"
	         "                     downloaded what), what those who are watched did, and the daily heads, as\n"
	         "                     oversight proves them on its page\n"
	         "--heads FILE         besides, daily heads that somebody kept outside (the weekly mail, or\n"
	         "                     /transparency/heads): what was rewritten since is noticed, even where\n"
	         "                     the server's own key signed it. A line whose signature is wrong is named\n"
	         "--transparency FILE  a quarter's page (JSON) against FILE.sig beside it; needs no data",
	 .needs = NEEDS_settings,
	 .run = verify_run},
	{0},
};
