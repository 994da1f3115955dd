/* What is wrong with this installation, in words, and what to do about it: `xom doctor` and the
 * administrator's page /admin/health. Each check is a row of the table in doctor.c, or of a room, and what it finds has
 * three messages: "doctor.CHECK" its name, "doctor.CHECK.WHAT" and "doctor.CHECK.WHAT.do". */
#ifndef XOM_WARD_DOCTOR_H
#define XOM_WARD_DOCTOR_H

#include "ward/app.h"
#include "ward/fill.h"

enum level { LEVEL_fine = 1, LEVEL_unknown, LEVEL_soon, LEVEL_wrong };
const char *level_name(enum level l);     /* "fine"; its message is "doctor.level.fine" */

enum { FINDINGS_MAX = 64, FINDING_VALUES = 3 };
struct finding {
	const char *check, *what;
	enum level level;
	struct filling values[FINDING_VALUES];
	size_t value_count;
};
struct doctor {
	struct app *app;              /* open, with its database */
	struct arena *arena;
	int64_t now;
	const char *check;            /* the one that runs */
	struct finding findings[FINDINGS_MAX];
	size_t count;
};
/* Runs every check; those that ask other machines wait three seconds at most each. */
void doctor_look(struct doctor *d, struct app *app, struct arena *a);
enum level doctor_worst(const struct doctor *d);
/* Its words in the arena. doing: what to do, empty when there is nothing. */
void finding_words(const struct doctor *d, const struct finding *x, enum lang l, struct str *name,
                   struct str *text, struct str *doing);

/* For the checks. */
void found(struct doctor *d, enum level level, const char *what);
void found_text(struct doctor *d, enum level level, const char *what, const char *name,
                struct str value);
void found_more(struct doctor *d, const char *name, struct str value);  /* of the last one found */
void found_number(struct doctor *d, enum level level, const char *what, const char *name, int64_t n);

typedef void check_fn(struct doctor *d);
struct doctor_check {
	const char *name;
	check_fn *run;
};
/* doctor_machine.c */
check_fn check_clock, check_disk, check_folders, check_photos;
/* doctor_photo.c */
check_fn check_attachments;
/* doctor_database.c; nothing where the database is a file */
check_fn check_database;
/* doctor_net.c */
check_fn check_server, check_certificate, check_mail, check_proxy;
/* doctor_ward.c */
check_fn check_wards, check_holidays, check_jobs, check_backup;
/* doctor_people.c */
check_fn check_people;

/* doctor_tls.c: the certificate that a server shows. RC_IO: nobody answers. */
struct certificate {
	int64_t until;                /* its last moment */
	bool trusted, named;          /* by this machine's list; for this host */
};
enum rc certificate_of(struct arena *a, struct str host, struct str port, struct certificate *out,
                       struct fault *f);
/* Connects within three seconds; gives the socket. RC_IO. */
enum rc net_connect(struct arena *a, struct str host, struct str port, int *fd, struct fault *f);

#endif
