/* The one settings file (YAML), each with its default, what it means and its bounds in
 * docs/settings.md, which is made from this table by `xom settings describe`. */
#ifndef XOM_WARD_SETTINGS_H
#define XOM_WARD_SETTINGS_H

#include "ward/notify/notify.h"

enum { SETTINGS_LIST = 8 };
struct settings {
	struct arena arena;
	const char *file;          /* where they were read from; NULL: nowhere */
	const char *data;          /* folder of database, attachments, keys, waiting photos */
	const char *share;         /* folder of templates, po, assets, procedures, calendars, rights */
	const char *database;      /* postgresql://…; empty: the file xom.db in data */
	const char *media_program; /* path of xom-media */
	/* Where photos are kept: "s3://BUCKET/PREFIX", or empty: in data/media. */
	const char *attachments, *attachments_endpoint, *attachments_region, *attachments_credentials;
	const char *attachments_ca;
	const char *listen;        /* address */
	int port, metrics_port;
	const char *base_url;
	const char *source_url;    /* empty: not shown */
	const char *tile_url, *tile_credit;  /* empty: maps load nothing from elsewhere */
	const char *hosts[SETTINGS_LIST + 1], *proxies[SETTINGS_LIST + 1];
	int calendar_months;
	int io_threads, workers, connections;
	/* Where backups go and to which public keys; empty: none are set up. */
	const char *backup_dir, *backup_key, *backup_keys_dir, *backup_keys_key;
	int backup_keep_days, hold_days;
	const char *paper_list_dir; /* folder of the paper lists' files; empty: none are written */
	const char *deletions;     /* folder of the deletion lists; empty: data/deletions */
	struct mail_settings mail;
	double rate_scale;         /* 1; only tests and bench raise it */
	const char *test_clock;    /* NULL but in tests */
};

/* Defaults, then the file (NULL: none), unknown keys refused with file and line. */
enum rc settings_load(struct settings *s, const char *file, struct fault *f);
/* Why an address of a PostgreSQL database is refused, in words; NULL: it is fine. */
const char *settings_database_fault(const char *url);
/* The value of a setting of text, by its name; NULL: there is none of that name. */
const char *settings_text(const struct settings *s, const char *name);
void settings_release(struct settings *s);
/* Each setting as it is now, for the administrator's page; nothing in them is secret. Borrowed from the
 * settings and the arena; returns how many. */
struct setting_shown {
	const char *name, *otherwise, *help;
	struct str value;
};
size_t settings_list(const struct settings *s, struct arena *a, struct setting_shown **out);
/* Of attachments: false when it is empty. The texts are the settings'. */
bool settings_s3(struct settings *s, struct s3_config *out);
/* "https://tiles.example.vn" of tile_url; empty: none. */
struct str settings_tile_origin(const struct settings *s);
/* Writes every setting with type, default, bounds and help, as Markdown. */
void settings_describe(struct buf *out);

#endif
