/* Figures of a period, read from the roll-up, against what is known of the cases. */
#include "flow_env.h"
#include "ward/figure/figure.h"

struct read_work {
	struct period p;
	struct str kind;
	struct area_id area;
	struct figures out;
};

static enum rc do_read(struct tx *tx, void *ctx, struct fault *f)
{
	struct read_work *k = ctx;
	return figures_read(tx, &k->p, k->kind, k->area, day_of(tx_now(tx)), &k->out, f);
}

static struct figures read_at(int ward, const char *period, const char *kind, struct area_id area)
{
	struct fault f = {0};
	struct read_work k = {.kind = str_of(kind), .area = area};
	assert_true(period_parse(str_of(period), &k.p));
	env_ok(env_read(ward, do_read, &k, &f), &f);
	return k.out;
}

static const struct figure_group *kind_of(const struct figures *o, const char *kind)
{
	for (size_t i = 0; i < o->kind_count; i++)
		if (str_is(o->kinds[i].kind, kind))
			return &o->kinds[i];
	fail_msg("no figures of %s", kind);
	return NULL;
}

static const char *day_text(int32_t day) { return text_day_iso(&E.arena, day).p; }

/* A case that is received on a day and, from `days` on, closed so many days later. */
static struct ward_case lasting(const char *kind, int32_t day, int days)
{
	env_at(day_text(day), 9);
	struct ward_case c = env_open(ENV_A, kind, "Việc");
	if (days >= 0) {
		env_at(day_text(day + days), 9);
		env_close(&E.an, &c);
	}
	return c;
}

/* Closed after 1, 2, 2, 4, 7, 10 days, open for 5, 12, 15: seven, not three. */
static void the_median_counts_the_open_ones(void **state)
{
	(void)state;
	static const int CLOSED[] = {1, 2, 2, 4, 7, 10}, OPEN[] = {5, 12, 15};
	int32_t today = day_from_date((struct date){2026, 3, 20});
	for (size_t i = 0; i < 6; i++)
		(void)lasting("lighting", today - 18, CLOSED[i]);
	for (size_t i = 0; i < 3; i++)
		(void)lasting("lighting", today - OPEN[i], -1);
	env_at(day_text(today), 9);
	struct figures o = read_at(ENV_A, "2026-03", "", (struct area_id){0});
	assert_int_equal(o.all.f.median, 7);
	assert_int_equal(o.all.f.received, 9);
	assert_int_equal(o.all.f.closed, 6);
	assert_int_equal(o.all.f.open, 3);
	assert_int_equal(kind_of(&o, "lighting")->f.median, 7);
	assert_int_equal(o.area_count, 1);
	assert_int_equal(o.areas[0].f.median, 7);
	/* The two older ones are past two working days, the other is not. */
	assert_int_equal(o.all.f.overdue, 3);
	/* Tomorrow they have lasted a day more, and nothing was written. */
	assert_int_equal(env_int("SELECT COUNT(*) FROM tally_count"), 0);
	o = read_at(ENV_B, "2026-03", "", (struct area_id){0});
	assert_int_equal(o.all.f.received, 0);
	assert_int_equal(o.all.f.median, -1);
}

static void each_period_has_its_own_cases(void **state)
{
	(void)state;
	struct fault f = {0};
	struct said reason[] = {{"reason", "Vì vậy"}};
	int32_t march = day_from_date((struct date){2026, 3, 31}), april = march + 1;
	struct ward_case a = lasting("lighting", march, 3), b = lasting("road", april, -1);
	(void)lasting("noise", april, -1);
	struct ward_case withdrawn = lasting("road", april, -1), hidden = lasting("road", april, -1);
	env_ok(env_try(ENV_A, NULL, &withdrawn, (struct move){.verb = VERB_withdraw}, NULL, 0, &f), &f);
	env_ok(env_try(ENV_A, &E.an, &hidden, (struct move){.verb = VERB_withhold}, reason, 1, &f), &f);
	struct figures o = read_at(ENV_A, "2026-03", "", (struct area_id){0});
	assert_int_equal(o.all.f.received, 1);
	assert_int_equal(o.all.f.median, 3);
	o = read_at(ENV_A, "2026-04", "", (struct area_id){0});
	assert_int_equal(o.kind_count, 1);         /* neither the noise nor what is withheld */
	assert_int_equal(o.all.f.received, 2);
	assert_int_equal(o.all.f.open, 1);
	assert_int_equal(o.all.f.withdrawn, 1);
	assert_int_equal(o.all.f.median, -1);
	o = read_at(ENV_A, "2026-Q2", "lighting", (struct area_id){0});
	assert_int_equal(o.all.f.received, 0);
	o = read_at(ENV_A, "2026", "", (struct area_id){0});
	assert_int_equal(o.all.f.received, 3);
	assert_int_equal(o.months[FIGURE_MONTHS - 1].f.received, 2);
	assert_int_equal(o.months[FIGURE_MONTHS - 2].f.received, 1);
	assert_int_equal(o.months[FIGURE_MONTHS - 2].f.closed, 1);
	o = read_at(ENV_A, "2026", "", E.area[1]);
	assert_int_equal(o.all.f.received, 0);

	/* Reopened it is open again and late; corrected it changes kind and khu vực. */
	env_at("2026-04-10", 9);
	env_ok(env_try(ENV_A, NULL, &a, (struct move){.verb = VERB_reopen}, NULL, 0, &f), &f);
	o = read_at(ENV_A, "2026-03", "", (struct area_id){0});
	assert_int_equal(o.all.f.closed, 0);
	assert_int_equal(o.all.f.open, 1);
	struct case_place there = {.area = E.area[2], .street = STR_EMPTY, .landmark = STR_EMPTY};
	env_ok(env_try(ENV_A, &E.an, &b,
	               (struct move){.verb = VERB_correct, .kind = STR("water"), .place = &there}, reason,
	               1, &f),
	       &f);
	o = read_at(ENV_A, "2026-04", "water", E.area[2]);
	assert_int_equal(o.all.f.received, 1);
	env_at("2026-05-05", 9);
	o = read_at(ENV_A, "2026-05", "", (struct area_id){0});
	assert_int_equal(o.all.f.received, 0);
	assert_int_equal(o.overdue_before, 2);
	o = read_at(ENV_A, "2026-05", "water", (struct area_id){0});
	assert_int_equal(o.overdue_before, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_median_counts_the_open_ones, env_setup, env_teardown),
		cmocka_unit_test_setup_teardown(each_period_has_its_own_cases, env_setup, env_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
