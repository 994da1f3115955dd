#include "rooms/desk/desk_templates.h"

#define COLUMNS \
	"t.id, t.version, t.unit_id, t.kind, t.uses, t.title, t.body, t.dropped, t.made_at, a.name"
#define TYPES "iiititt" "iit"

static struct reply_template read_row(struct rows *r)
{
	return (struct reply_template){
		.id = row_int(r, 0), .version = row_int(r, 1), .unit = {row_int(r, 2)},
		.kind = row_str(r, 3), .uses = (int)row_int(r, 4), .title = row_str(r, 5),
		.body = row_str(r, 6), .dropped = row_int(r, 7) != 0, .made_at = row_int(r, 8),
		.officer = row_str(r, 9)};
}

static enum rc unit_templates(struct tx *tx, struct unit_id unit, struct reply_template *out,
                              size_t *n, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT " COLUMNS " FROM reply_template t JOIN account a ON a.id = t.account_id"
		" WHERE t.ward_id = ?1 AND t.unit_id = ?2 AND t.dropped = 0 AND t.version ="
		" (SELECT MAX(n.version) FROM reply_template n WHERE n.ward_id = ?1 AND n.id = t.id)"
		" ORDER BY t.title, t.id LIMIT ?3",
		"ii", TYPES);
	struct rows r;
	size_t first = *n;
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(unit.v), v_int(TEMPLATES_MAX)), f);
	while (rc == RC_OK && *n < first + TEMPLATES_MAX && (rc = rows_next(&r, f)) == RC_OK)
		out[(*n)++] = read_row(&r);
	rows_end(&r);
	return rc == RC_NONE ? RC_OK : rc;
}

enum rc template_list(struct tx *tx, const struct actor *who, struct reply_template **out,
                      size_t *count, struct fault *f)
{
	enum rc rc = RC_OK;
	*count = 0;
	*out = arena_array(tx_arena(tx), TEMPLATES_MAX * (who->unit_count + 1), sizeof **out);
	for (size_t i = 0; rc == RC_OK && i < who->unit_count; i++)
		rc = unit_templates(tx, who->units[i], *out, count, f);
	return rc;
}

enum rc template_versions(struct tx *tx, const struct actor *who, int64_t id,
                          struct reply_template **out, size_t *count, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"SELECT " COLUMNS " FROM reply_template t JOIN account a ON a.id = t.account_id"
		" WHERE t.ward_id = ?1 AND t.id = ?2 ORDER BY t.version DESC LIMIT ?3",
		"ii", TYPES);
	struct rows r;
	*count = 0;
	*out = arena_array(tx_arena(tx), TEMPLATES_MAX, sizeof **out);
	enum rc rc = sql_rows(tx, &Q, &r, BIND(v_int(id), v_int(TEMPLATES_MAX)), f);
	while (rc == RC_OK && *count < TEMPLATES_MAX && (rc = rows_next(&r, f)) == RC_OK)
		(*out)[(*count)++] = read_row(&r);
	rows_end(&r);
	if (rc != RC_OK && rc != RC_NONE)
		return rc;
	return *count > 0 && actor_in_unit(who, (*out)[0].unit) ? RC_OK : RC_NONE;
}

static enum rc has_room(struct tx *tx, const struct reply_template *t, struct fault *f)
{
	struct reply_template *all = arena_array(tx_arena(tx), TEMPLATES_MAX, sizeof *all);
	size_t n = 0;
	enum rc rc = unit_templates(tx, t->unit, all, &n, f);
	return rc == RC_OK && n >= TEMPLATES_MAX ? RC_LIMIT : rc;
}

enum rc template_put(struct tx *tx, struct idgen *ids, const struct actor *who,
                     const struct reply_template *t, int64_t *id, struct fault *f)
{
	static const struct sql Q = SQL_WARD(
		"INSERT INTO reply_template (ward_id, id, version, unit_id, kind, uses, title, body, dropped,"
		" made_at, account_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
		"iiititt" "iii", "");
	struct reply_template *versions;
	size_t n;
	enum rc rc = RC_OK;
	*id = t->id;
	if (t->version == 0) {
		rc = has_room(tx, t, f);
		*id = idgen_next(ids);
	} else {
		rc = template_versions(tx, who, t->id, &versions, &n, f);
		if (rc == RC_OK && (versions[0].version != t->version || versions[0].dropped))
			rc = RC_CHANGED;
	}
	if (rc != RC_OK)
		return rc;
	rc = sql_run(tx, &Q,
	             BIND(v_int(*id), v_int(t->version + 1), v_int(t->unit.v), v_text(t->kind),
	                  v_int(t->uses), v_text(t->title), v_text(t->body), v_int(t->dropped ? 1 : 0),
	                  v_int(tx_now(tx)), v_int(who->account.v)),
	             NULL, f);
	return rc == RC_EXISTS ? RC_CHANGED : rc;
}

/* ---------------------------------------------------------------- fields */

const char *const TEMPLATE_FIELDS[] = {"code", "kind", "received", "due", "street", "area", "unit",
	"office", "today", NULL};

static bool known(struct str name)
{
	for (size_t i = 0; TEMPLATE_FIELDS[i] != NULL; i++)
		if (str_is(name, TEMPLATE_FIELDS[i]))
			return true;
	return false;
}

/* From the brace at `at`: the name in braces, without them, and where they close. A brace that closes nowhere in the line,
 * or around nothing, is a brace. */
static bool field_at(struct str body, size_t at, struct str *name, size_t *end)
{
	size_t i = at + 1;
	while (i < body.n && body.p[i] != '}' && body.p[i] != '{' && body.p[i] != '\n')
		i++;
	*name = str_trim(str_sub(body, at + 1, i - at - 1));
	*end = i;
	return i < body.n && body.p[i] == '}' && name->n > 0;
}

struct str template_unknown(struct str body)
{
	struct str name;
	size_t end;
	for (size_t i = 0; i < body.n; i++)
		if (body.p[i] == '{' && field_at(body, i, &name, &end) && !known(name))
			return str_sub(body, i, end + 1 - i);
	return STR_EMPTY;
}

static struct str value_of(struct request *q, const struct desk_data *d, struct str name, int use)
{
	const struct ward_case *c = &d->c;
	if (str_is(name, "code"))
		return use == USE_release ? arena_copy(q->arena, str_of(c->public_code))
		                          : arena_copy(q->arena, str_of(c->code));
	if (str_is(name, "kind"))
		return label_kind(q, c->kind);
	if (str_is(name, "received"))
		return text_date(q->arena, q->lang, day_of(c->received_at));
	if (str_is(name, "due"))
		return c->due_at > 0 ? text_date(q->arena, q->lang, day_of(c->due_at - 1)) : STR_EMPTY;
	if (str_is(name, "street"))
		return c->place.street;
	if (str_is(name, "area"))
		return label_area(q, c->place.area);
	if (str_is(name, "unit"))
		return d->unit.name;
	if (str_is(name, "office"))
		return d->unit.phone.n > 0 ? d->unit.phone : q->ward->hotline;
	return text_date(q->arena, q->lang, day_of(q->now));
}

struct str template_fill(struct request *q, const struct desk_data *d, struct str body, int use)
{
	struct buf b = {0};
	for (size_t i = 0; i < body.n; i++) {
		struct str name;
		size_t end;
		if (body.p[i] != '{' || !field_at(body, i, &name, &end) || !known(name)) {
			buf_addc(&b, body.p[i]);
			continue;
		}
		struct str value = value_of(q, d, name, use);
		buf_add(&b, value.n > 0 ? value : STR("…"));
		i = end;
	}
	return arena_take(q->arena, &b);
}
