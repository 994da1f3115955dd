/* The verbs of places: import and ward. */
#include <stdio.h>
#include <string.h>

#include "ward/commands.h"
#include "ward/ward_units.h"

enum { DONE = 0, SOME_REFUSED = 1, FAILED = 2 };

static int failed(const char *doing, const struct fault *f)
{
	char text[1024];
	(void)fprintf(stderr, "xom: %s: %s\n", doing, fault_describe(f, text, sizeof text));
	return FAILED;
}

/* Values of the options in argv[from…], each a pair; false at an unknown, double or valueless one. */
static bool options(int argc, char **argv, int from, const char *const names[], const char *values[])
{
	for (int i = from; i < argc; i += 2) {
		int k = 0;
		while (names[k] != NULL && strcmp(names[k], argv[i]) != 0)
			k++;
		if (names[k] == NULL || values[k] != NULL || i + 1 >= argc)
			return false;
		values[k] = argv[i + 1];
	}
	return true;
}

static void print_lines(const struct import_report *r)
{
	size_t shown = 0;
	for (size_t i = 0; i < r->line_count; i++) {
		const struct import_line *l = &r->lines[i];
		(void)printf("feature %d%s%.*s: %s%.*s\n", l->feature, l->code.n > 0 ? ", code " : "",
		             PSTR(l->code), l->refused ? "refused: " : "", PSTR(l->text));
		shown += l->refused;
	}
	if (shown < r->refused)
		(void)printf("… and %zu more refused\n", r->refused - shown);
	(void)printf("%zu taken, %zu of them mended, %zu refused\n", r->taken, r->mended, r->refused);
}

static int import_areas(struct app *app, struct arena *a, int argc, char **argv)
{
	static const char *const names[] = {"--level", "--from", NULL};
	const char *values[] = {NULL, NULL};
	struct fault f = {0};
	int32_t from;
	if (!options(argc, argv, 3, names, values) || values[0] == NULL || values[1] == NULL) {
		(void)fputs("usage: xom import areas FILE --level LEVEL --from DAY\n", stderr);
		return FAILED;
	}
	if (!day_parse(str_of(values[1]), &from)) {
		(void)fprintf(stderr, "xom: \"%s\" is not a day like 2025-07-01\n", values[1]);
		return FAILED;
	}
	struct import_report r;
	if (place_import(app->store, a, argv[2], str_of(values[0]), from, &r, &f) != RC_OK)
		return failed("the import stopped", &f);
	print_lines(&r);
	return r.refused > 0 ? SOME_REFUSED : DONE;
}

static int import_names(struct app *app, struct arena *a, int argc, char **argv)
{
	static const char *const names[] = {"--ward", NULL};
	const char *values[] = {NULL};
	struct fault f = {0};
	size_t count = 0;
	if (!options(argc, argv, 3, names, values) || values[0] == NULL) {
		(void)fputs("usage: xom import names FILE --ward SLUG\n", stderr);
		return FAILED;
	}
	const struct ward *w = ward_by_slug(app->places, str_of(values[0]));
	if (w == NULL) {
		(void)fprintf(stderr, "xom: there is no ward \"%s\"\n", values[0]);
		return FAILED;
	}
	if (place_names_import(app->store, a, w, argv[2], &count, &f) != RC_OK)
		return failed("the names stay as they were", &f);
	(void)printf("%zu names of streets and places of %.*s\n", count, PSTR(w->name));
	return DONE;
}

static int import_run(struct app *app, int argc, char **argv)
{
	struct arena a;
	int status = FAILED;
	arena_init(&a, ARENA_REQUEST_LIMIT);
	if (argc >= 3 && strcmp(argv[1], "areas") == 0)
		status = import_areas(app, &a, argc, argv);
	else if (argc >= 3 && strcmp(argv[1], "names") == 0)
		status = import_names(app, &a, argc, argv);
	else
		(void)fputs("usage: xom import areas FILE --level LEVEL --from DAY\n"
		            "       xom import names FILE --ward SLUG\n", stderr);
	arena_release(&a);
	return status;
}

static int ward_list(struct app *app)
{
	enum { MANY = 1000 };
	static const struct ward *all[MANY];
	size_t n = ward_all(app->places, all, MANY);
	for (size_t i = 0; i < n; i++)
		(void)printf("%.*s  %.*s  %.*s%s\n", PSTR(all[i]->slug), PSTR(all[i]->prefix),
		             PSTR(all[i]->name), all[i]->demo ? "  (demo)" : "");
	return DONE;
}

static int ward_make(struct app *app, int argc, char **argv)
{
	static const char *const names[] = {"--prefix", "--name", "--area", "--hotline", NULL};
	const char *values[] = {NULL, NULL, NULL, NULL};
	struct fault f = {0};
	struct ward_id id;
	struct arena a;
	if (!options(argc, argv, 3, names, values) || values[0] == NULL || values[1] == NULL ||
	    values[2] == NULL) {
		(void)fputs("usage: xom ward add SLUG --prefix XX --name NAME --area CODE "
		            "[--hotline NUMBER]\n", stderr);
		return FAILED;
	}
	const struct ward_new w = {.slug = str_of(argv[2]), .prefix = str_of(values[0]),
	                           .name = str_of(values[1]), .area_code = str_of(values[2]),
	                           .hotline = str_of(values[3])};
	arena_init(&a, ARENA_REQUEST_LIMIT);
	enum rc rc = ward_add(app->store, &a, &w, &id, &f);
	if (rc != RC_OK) {
		arena_release(&a);
		return failed("no ward was added", &f);
	}
	rc = ward_units_make(app, &a, id, w.hotline, &f);
	arena_release(&a);
	if (rc == RC_OK)
		rc = ward_keys_make(app, id, &f);
	if (rc != RC_OK)
		return failed("the ward was added, but not its units or keys", &f);
	(void)printf("the ward %s is there, with a unit for each kind of report: the administrator's pages "
	             "rename them\n", argv[2]);
	return DONE;
}

static int ward_run(struct app *app, int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return ward_list(app);
	if (argc >= 3 && strcmp(argv[1], "add") == 0)
		return ward_make(app, argc, argv);
	(void)fputs("usage: xom ward list | ward add SLUG --prefix XX --name NAME --area CODE\n", stderr);
	return FAILED;
}

const struct command PLACE_COMMANDS[] = {
	{.name = "import",
	 .usage = "import areas FILE --level LEVEL --from DAY | import names FILE --ward SLUG",
	 .help = "areas  reads areas and their boundaries from a GeoJSON FeatureCollection whose features\n"
	         "       have the properties code and name and, if wished, parent (a code), level,\n"
	         "       valid_from, valid_to. LEVEL (province, commune, khu_vuc) and DAY hold for features\n"
	         "       that do not say otherwise. Boundaries that cross themselves are mended; what is\n"
	         "       wrong is refused feature by feature and the others are taken. A code that is in\n"
	         "       use ends the day before the new area begins.\n"
	         "names  puts the ward's list of street and landmark names in place of the present one,\n"
	         "       from a YAML file like demo/streets.yaml.\n"
	         "A running server sees either within seconds.\n"
	         "Exit status: 0 all was taken, 1 some features were refused, 2 wrong use or it stopped\n"
	         "(it can be run again: what is there already is left as it is).",
	 .needs = NEEDS_store,
	 .run = import_run},
	{.name = "ward",
	 .usage = "ward list | ward add SLUG --prefix XX --name NAME --area CODE [--hotline NUMBER]",
	 .help = "list   the wards that this database serves\n"
	         "add    a new one: SLUG is its part of addresses, XX the two letters that its codes begin\n"
	         "       with (of BCFGHJKMNPQRSTVXZ), CODE its area's (see import areas); with a unit for each\n"
	         "       kind of report, to be renamed by the ward's administrator\n"
	         "Exit status: 0 done, 2 nothing was done.",
	 .needs = NEEDS_store,
	 .run = ward_run},
	{0},
};
