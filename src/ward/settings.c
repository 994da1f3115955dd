#include "ward/settings.h"

#include <stddef.h>
#include <string.h>

#include "kit/base/yaml.h"

enum kind { TEXT = 1, NUMBER, LIST };

/* One row a setting: the reader, the documentation and the check all read this table. */
static const struct row {
	const char *name;
	enum kind kind;
	size_t at;                /* offset in struct settings */
	int64_t min, max;         /* of a number */
	const char *otherwise, *help;
} ROWS[] = {
	{"data", TEXT, offsetof(struct settings, data), 0, 0, "var",
	 "Folder of the database, the photos and the keys. Must be the program's own."},
	{"database", TEXT, offsetof(struct settings, database), 0, 0, "",
	 "Address of a PostgreSQL database (15 or newer), as postgresql://xom@db.example.vn/xom: for a city of "
	 "many wards. Empty: the file xom.db in data, which carries a ward. No password in it: name a file "
	 "that holds it (0600, HOST:PORT:DATABASE:USER:PASSWORD) with ?passfile=/etc/xom/database."},
	{"share", TEXT, offsetof(struct settings, share), 0, 0, ".",
	 "Folder that holds templates, po, assets, procedures, calendars and rights."},
	{"media_program", TEXT, offsetof(struct settings, media_program), 0, 0, "xom-media",
	 "Path of xom-media, the program that opens photos."},
	{"attachments", TEXT, offsetof(struct settings, attachments), 0, 0, "",
	 "Where photos are kept: s3://BUCKET or s3://BUCKET/PREFIX on S3-compatible storage, of one "
	 "installation alone. Empty: the folder media in data."},
	{"attachments_endpoint", TEXT, offsetof(struct settings, attachments_endpoint), 0, 0, "",
	 "Address of that storage, as https://s3.example.vn, without the bucket (http on this machine alone)."},
	{"attachments_region", TEXT, offsetof(struct settings, attachments_region), 0, 0, "us-east-1",
	 "Region that requests to it are signed for; most storage of one's own takes the default."},
	{"attachments_credentials", TEXT, offsetof(struct settings, attachments_credentials), 0, 0, "",
	 "File (0600) that holds the key: a line aws_access_key_id = … and a line "
	 "aws_secret_access_key = …; read before each request."},
	{"attachments_ca", TEXT, offsetof(struct settings, attachments_ca), 0, 0, "",
	 "File of the certificates (PEM) that the storage's is checked with; empty: the system's."},
	{"listen", TEXT, offsetof(struct settings, listen), 0, 0, "127.0.0.1",
	 "Address to listen on. TLS is the proxy's work: leave it on loopback."},
	{"port", NUMBER, offsetof(struct settings, port), 0, 65535, "8080",
	 "Port to listen on; 0 takes any free one."},
	{"metrics_port", NUMBER, offsetof(struct settings, metrics_port), 0, 65535, "0",
	 "Port of 127.0.0.1 for /metrics in Prometheus' text form; 0: nowhere."},
	{"base_url", TEXT, offsetof(struct settings, base_url), 0, 0, "http://localhost:8080",
	 "Address that residents use, without a slash at its end. With https cookies are Secure."},
	{"source_url", TEXT, offsetof(struct settings, source_url), 0, 0, "",
	 "Address (https) of the source code of what runs here. AGPL-3.0 section 13: whoever changed the "
	 "program offers it to those who use it over the network. Shown at the foot of every page."},
	{"tile_url", TEXT, offsetof(struct settings, tile_url), 0, 0, "",
	 "Address of a server of map tiles, as https://tiles.example.vn/{z}/{x}/{y}.png (http only on "
	 "this machine). Without it the public map shows the ward's own boundaries, and no browser asks "
	 "anybody else. With it browsers of people who look at the map ask that server for pictures, "
	 "which sees their address, though not the page: choose one that the ward runs or trusts."},
	{"tile_credit", TEXT, offsetof(struct settings, tile_credit), 0, 0, "",
	 "Whose tiles they are, as their licence asks; shown in the map's corner."},
	{"hosts", LIST, offsetof(struct settings, hosts), 0, 0, "[]",
	 "Host names that are answered besides the one in base_url (at most 8)."},
	{"proxies", LIST, offsetof(struct settings, proxies), 0, 0, "[]",
	 "Addresses of proxies whose X-Forwarded-For is believed (at most 8)."},
	{"calendar_months", NUMBER, offsetof(struct settings, calendar_months), 1, 12, "3",
	 "Months before a year's beginning from which it is a fault that its days off are missing, or not "
	 "decided for all of it (`xom doctor`, /admin/health)."},
	{"io_threads", NUMBER, offsetof(struct settings, io_threads), 1, 64, "2",
	 "Threads that parse and send."},
	{"workers", NUMBER, offsetof(struct settings, workers), 1, 256, "16",
	 "Threads that work on requests; so many reports can share one durable commit."},
	{"connections", NUMBER, offsetof(struct settings, connections), 16, 100000, "12000",
	 "Open connections at most."},
	{"backup_dir", TEXT, offsetof(struct settings, backup_dir), 0, 0, "",
	 "Folder that `xom backup` writes into; best on another disk."},
	{"backup_key", TEXT, offsetof(struct settings, backup_key), 0, 0, "",
	 "Public key that backups are sealed to, as `xom backup-key FILE` printed it."},
	{"backup_keys_dir", TEXT, offsetof(struct settings, backup_keys_dir), 0, 0, "",
	 "Folder for the archive of the keys: another place than backup_dir."},
	{"backup_keys_key", TEXT, offsetof(struct settings, backup_keys_key), 0, 0, "",
	 "Public key that the archive of the keys is sealed to: another one than backup_key."},
	{"backup_keep_days", NUMBER, offsetof(struct settings, backup_keep_days), 0, 3650, "30",
	 "Backups older than this are removed after a good one; 0 keeps all. What residents were promised "
	 "to be forgotten lives on in backups for so long."},
	{"deletions", TEXT, offsetof(struct settings, deletions), 0, 0, "",
	 "Folder of the signed lists of what was erased, a file a ward; empty: deletions in the data "
	 "folder. Copy it elsewhere often: a restored database erases again what it names."},
	{"hold_days", NUMBER, offsetof(struct settings, hold_days), 1, 3650, "365",
	 "Days that a legal hold lasts at most, from the day it is entered; after them the order is asked for again."},
	{"paper_list_dir", TEXT, offsetof(struct settings, paper_list_dir), 0, 0, "",
	 "Folder into which the paper list of open work is written at the ward's hour, a PDF (A4) for each "
	 "unit, for a job that prints it (operate.md, \"The paper list\"): a power cut comes before anybody "
	 "prints. The files name cases and places: a folder of the program's own. Those of a week ago are "
	 "removed. Empty: none are written."},
	{"mail_url", TEXT, offsetof(struct settings, mail.url), 0, 0, "",
	 "Mail server, as smtp://mail.example.vn:587 (STARTTLS) or smtps://mail.example.vn:465. Empty: no "
	 "mail is sent, and residents are not asked for an address."},
	{"mail_from", TEXT, offsetof(struct settings, mail.from), 0, 0, "",
	 "Sender of mails, as xom@example.vn. What can't be delivered comes back to xom+…@example.vn."},
	{"mail_user", TEXT, offsetof(struct settings, mail.user), 0, 0, "",
	 "Name to sign in to the mail server with; empty: no signing in."},
	{"mail_password_file", TEXT, offsetof(struct settings, mail.password_file), 0, 0, "",
	 "File (0600) that holds the password of mail_user, read before each mail."},
	{"mail_ca", TEXT, offsetof(struct settings, mail.ca), 0, 0, "",
	 "File of the certificates (PEM) that the mail server's is checked with; empty: the system's."},
	{"mail_tls", TEXT, offsetof(struct settings, mail.tls), 0, 0, "required",
	 "required: a mail server without TLS gets nothing. none: without TLS, on this machine only."},
	{"mail_bounces", TEXT, offsetof(struct settings, mail.bounces), 0, 0, "",
	 "Maildir to which mails that came back are delivered; read each minute and emptied. Empty: none "
	 "(`xom mail bounce` takes one on standard input)."},
};
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

static void *slot(struct settings *s, const struct row *row) { return (char *)s + row->at; }

static void read_row(struct settings *s, struct yaml_reader *r, const struct ynode *map,
                     const struct row *row)
{
	if (y_get(map, row->name) == NULL)
		return;
	if (row->kind == NUMBER) {
		*(int *)slot(s, row) = (int)y_need_int(r, map, row->name, row->min, row->max);
	} else if (row->kind == TEXT && row->otherwise[0] == '\0' && y_empty(y_get(map, row->name))) {
		*(const char **)slot(s, row) = "";     /* as if it were not there: switched off */
	} else if (row->kind == TEXT) {
		struct str text = y_need_str(r, map, row->name);
		*(const char **)slot(s, row) = arena_z(&s->arena, text);
	} else {
		const struct ynode *list = y_need_list(r, map, row->name);
		const char **out = slot(s, row);
		size_t n = list != NULL ? y_count(list) : 0;
		if (n > SETTINGS_LIST) {
			y_fault(r, list, "at most %d are possible", SETTINGS_LIST);
			n = SETTINGS_LIST;
		}
		for (size_t i = 0; i < n; i++)
			out[i] = arena_z(&s->arena, y_text(r, y_item(list, i)));
	}
}

static void check_base_url(struct settings *s, struct yaml_reader *r, const struct ynode *map)
{
	struct str url = str_of(s->base_url);
	if (!(str_starts(url, STR("http://")) || str_starts(url, STR("https://"))) ||
	    str_ends(url, STR("/")))
		y_fault_at(r, map, "base_url",
		           "must begin with http:// or https:// and not end with a slash");
}

/* Settings are shown to administrators, so a password has no place in them. */
const char *settings_database_fault(const char *address)
{
	struct str url = str_of(address);
	if (!store_is_server(address))
		return "must begin with postgresql://, as postgresql://HOST/DATABASE";
	struct str rest = str_sub(url, str_find(url, STR("://")) + 3, SIZE_MAX);
	struct str host = str_cut(&rest, '/'), query = str_sub(url, str_find(url, STR("?")), SIZE_MAX);
	size_t at = str_find(host, STR("@"));
	bool secret = str_find(query, STR("password=")) != SIZE_MAX ||
	              (at != SIZE_MAX && str_find(str_sub(host, 0, at), STR(":")) != SIZE_MAX);
	return secret ? "holds a password: put it into a file and name that with ?passfile=/etc/xom/database" : NULL;
}

static void check_database(struct settings *s, struct yaml_reader *r, const struct ynode *map)
{
	const char *fault = s->database[0] != '\0' ? settings_database_fault(s->database) : NULL;
	if (fault != NULL)
		y_fault_at(r, map, "database", "%s", fault);
}

static void check_source_url(struct settings *s, struct yaml_reader *r, const struct ynode *map)
{
	struct str url = str_of(s->source_url);
	bool fine = url.n == 0 || str_starts(url, STR("https://"));
	for (size_t i = 0; i < url.n; i++)
		fine = fine && url.p[i] > ' ' && (unsigned char)url.p[i] < 0x7f;
	if (!fine)
		y_fault_at(r, map, "source_url", "must begin with https:// and hold no blanks");
}

/* Its origin goes into a header: letters, digits, dots and hyphens, and a port. */
struct str settings_tile_origin(const struct settings *s)
{
	struct str url = str_of(s->tile_url);
	size_t at = str_find(url, STR("://"));
	struct str rest = at == SIZE_MAX ? STR_EMPTY : str_sub(url, at + 3, url.n);
	struct str host = str_cut(&rest, '/');
	return rest.p != NULL && host.n > 0 ? str_n(url.p, at + 3 + host.n) : STR_EMPTY;
}

static void check_tiles(struct settings *s, struct yaml_reader *r, const struct ynode *map)
{
	static const char *const PARTS[] = {"{z}", "{x}", "{y}"};
	struct str url = str_of(s->tile_url), origin = settings_tile_origin(s);
	if (url.n == 0)
		return;
	bool here = str_starts(url, STR("http://localhost")) || str_starts(url, STR("http://127.0.0.1"));
	bool fine = origin.n > 0 && (str_starts(url, STR("https://")) || here);
	for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++)
		fine = fine && str_find(url, str_of(PARTS[i])) != SIZE_MAX;
	for (size_t i = 0; i < url.n; i++)
		fine = fine && url.p[i] > ' ' && (unsigned char)url.p[i] < 0x7f;
	for (size_t i = str_find(origin, STR("://")) + 3; fine && i < origin.n; i++) {
		char c = origin.p[i];
		fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
	}
	if (!fine)
		y_fault_at(r, map, "tile_url", "must be https://HOST/… with {z}, {x} and {y}, the host in "
		        "lower case");
}

/* As a resident's address; a machine that sends to itself alone may have no domain. */
static bool sender_ok(struct arena *a, struct str from)
{
	struct str address;
	if (str_ends(from, STR("@localhost")))
		from = arena_fmt(a, "%.*s.localdomain", PSTR(from));
	return address_read(a, from, &address) == RC_OK &&
	       str_find(address, STR("@")) <= ADDRESS_LOCAL_MAX - 33;
}

static void check_mail(struct settings *s, struct yaml_reader *r, const struct ynode *map)
{
	const struct mail_settings *m = &s->mail;
	const struct ynode *url = y_get(map, "mail_url"), *from = y_get(map, "mail_from");
	bool loopback = false;
	if (m->url[0] != '\0' && !mail_url_read(str_of(m->url), &loopback))
		y_fault(r, url, "must be smtp:// or smtps:// with a host and, if wished, a port");
	if (m->url[0] != '\0' && from == NULL)
		y_fault(r, url, "needs mail_from, too");
	if (m->from[0] != '\0' && !sender_ok(&s->arena, str_of(m->from)))
		y_fault(r, from, "must be an address whose name has at most 31 characters");
	if (strcmp(m->tls, "required") != 0 && strcmp(m->tls, "none") != 0)
		y_fault_at(r, map, "mail_tls", "must be required or none");
	else if (strcmp(m->tls, "none") == 0 && !loopback)
		y_fault_at(r, map, "mail_tls", "none is for a mail server on this machine");
}

/* A name that needs no encoding anywhere: letters, digits, dots, hyphens and low lines; of parts
 * between single slashes, none of them "." or "..". */
static bool plain_path(struct str s)
{
	while (s.p != NULL) {
		struct str part = str_cut(&s, '/');
		if (part.n == 0 || part.p[0] == '.')
			return false;
		for (size_t i = 0; i < part.n; i++) {
			char c = part.p[i];
			if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
			      c == '-' || c == '_'))
				return false;
		}
	}
	return true;
}

bool settings_s3(struct settings *s, struct s3_config *out)
{
	struct str rest = str_of(s->attachments);
	if (!str_starts(rest, STR("s3://")))
		return false;
	rest = str_sub(rest, 5, rest.n);
	struct str bucket = str_cut(&rest, '/');
	size_t calls = (size_t)s->workers / 4;
	*out = (struct s3_config){.endpoint = s->attachments_endpoint,
	                          .bucket = arena_z(&s->arena, bucket),
	                          .prefix = arena_z(&s->arena, rest),
	                          .region = s->attachments_region,
	                          .credentials = s->attachments_credentials,
	                          .ca = s->attachments_ca,
	                          .calls = calls < 1 ? 1 : calls > 8 ? 8 : calls};
	return true;
}

/* Whoever is on the way to the storage must not see photos: TLS, but on this machine. */
static bool endpoint_ok(struct str url)
{
	bool tls = str_starts(url, STR("https://"));
	if (!tls && !str_starts(url, STR("http://")))
		return false;
	struct str port = str_sub(url, tls ? 8 : 7, url.n), name = str_cut(&port, ':');
	int64_t n;
	bool here = str_is(name, "localhost") || str_is(name, "127.0.0.1");
	return plain_path(name) && str_find(name, STR("/")) == SIZE_MAX && (tls || here) &&
	       (port.p == NULL || (str_i64(port, &n) && n > 0 && n < 65536));
}

static void check_attachments(struct settings *s, struct yaml_reader *r, const struct ynode *map)
{
	struct str at = str_of(s->attachments), rest = str_sub(at, 5, at.n), region = str_of(s->attachments_region);
	if (at.n == 0)
		return;
	struct str path = rest, bucket = str_cut(&path, '/');
	if (!str_starts(at, STR("s3://")) || !plain_path(rest) || bucket.n < 3 || bucket.n > 63 || rest.n > 200)
		y_fault_at(r, map, "attachments", "must be s3://BUCKET or s3://BUCKET/PREFIX, of letters, digits, "
		        "dots, hyphens and low lines");
	if (!endpoint_ok(str_of(s->attachments_endpoint)))
		y_fault_at(r, map, "attachments", "needs attachments_endpoint: https://HOST or https://HOST:PORT, "
		        "nothing behind it (http for localhost alone)");
	if (!plain_path(region) || str_find(region, STR("/")) != SIZE_MAX)
		y_fault_at(r, map, "attachments_region", "must be a region's name");
	if (s->attachments_credentials[0] == '\0')
		y_fault_at(r, map, "attachments", "needs attachments_credentials: the file of the key");
}

static void set_defaults(struct settings *s)
{
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct row *row = &ROWS[i];
		int64_t number = 0;
		if (row->kind == TEXT)
			*(const char **)slot(s, row) = row->otherwise;
		else if (row->kind == NUMBER && str_i64(str_of(row->otherwise), &number))
			*(int *)slot(s, row) = (int)number;
	}
	s->rate_scale = 1;
}

enum rc settings_load(struct settings *s, const char *file, struct fault *f)
{
	*s = (struct settings){0};
	arena_init(&s->arena, (size_t)1 << 20);
	set_defaults(s);
	if (file == NULL)
		return RC_OK;
	s->file = arena_z(&s->arena, str_of(file));
	struct str bytes;
	enum rc rc = file_read(&s->arena, file, 256 << 10, &bytes, f);
	if (rc != RC_OK)
		return rc == RC_NONE ? fault_set(f, RC_NONE, "there is no settings file %s", file) : rc;
	struct yaml_reader r = {0};
	const struct ynode *map = yaml_parse(&r, &s->arena, file, bytes);
	if (map != NULL) {
		const char *names[ROW_COUNT + 1] = {NULL};
		for (size_t i = 0; i < ROW_COUNT; i++)
			names[i] = ROWS[i].name;
		y_only(&r, map, names);
		for (size_t i = 0; i < ROW_COUNT; i++)
			read_row(s, &r, map, &ROWS[i]);
		check_base_url(s, &r, map);
		check_source_url(s, &r, map);
		check_database(s, &r, map);
		check_tiles(s, &r, map);
		check_mail(s, &r, map);
		check_attachments(s, &r, map);
	}
	if (r.fault_count > 0) {
		if (f != NULL)
			*f = r.faults[0];
		return RC_SYNTAX;
	}
	return RC_OK;
}

const char *settings_text(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (ROWS[i].kind == TEXT && strcmp(ROWS[i].name, name) == 0)
			return *(const char *const *)((const char *)s + ROWS[i].at);
	return NULL;
}

void settings_release(struct settings *s) { arena_release(&s->arena); }

void settings_describe(struct buf *out)
{
	buf_addz(out, "| setting | default | bounds | what it is |\n| --- | --- | --- | --- |\n");
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct row *row = &ROWS[i];
		buf_addf(out, "| `%s` | `%s` | ", row->name, row->otherwise);
		if (row->kind == NUMBER)
			buf_addf(out, "%lld to %lld", (long long)row->min, (long long)row->max);
		else
			buf_addz(out, row->kind == LIST ? "list of texts" : "text");
		buf_addf(out, " | %s |\n", row->help);
	}
}

size_t settings_list(const struct settings *s, struct arena *a, struct setting_shown **out)
{
	*out = arena_array(a, ROW_COUNT, sizeof **out);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		const struct row *row = &ROWS[i];
		const void *at = (const char *)s + row->at;
		struct buf list = {0};
		struct setting_shown *x = &(*out)[i];
		*x = (struct setting_shown){.name = row->name, .otherwise = row->otherwise,
		                            .help = row->help};
		if (row->kind == TEXT)
			x->value = str_of(*(const char *const *)at);
		else if (row->kind == NUMBER)
			x->value = arena_fmt(a, "%d", *(const int *)at);
		else {
			for (const char *const *p = at; *p != NULL; p++)
				buf_addf(&list, "%s%s", list.n > 0 ? ", " : "", *p);
			x->value = arena_take(a, &list);
		}
	}
	return ROW_COUNT;
}
