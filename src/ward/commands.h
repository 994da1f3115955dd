/* The verbs of the ward floor, each table in the file of its subject. */
#ifndef XOM_WARD_COMMANDS_H
#define XOM_WARD_COMMANDS_H

#include "ward/room.h"

extern const struct command PLACE_COMMANDS[];      /* import areas */
extern const struct command PEOPLE_COMMANDS[];     /* user */
extern const struct command OVERSIGHT_COMMANDS[];  /* oversight */
extern const struct command PROCEDURE_COMMANDS[];  /* procedures */
extern const struct command CALENDAR_COMMANDS[];   /* calendar */
extern const struct command RULE_COMMANDS[];       /* rules */
extern const struct command PRIVACY_COMMANDS[];    /* privacy */
extern const struct command FLOW_COMMANDS[];       /* rebuild, keys */
extern const struct command VERIFY_COMMANDS[];     /* verify */
extern const struct command BACKUP_COMMANDS[];     /* backup, restore */
extern const struct command DELETION_COMMANDS[];   /* deletions */
extern const struct command AGENCY_COMMANDS[];       /* agency */
extern const struct command ATTACHMENT_COMMANDS[];  /* attachments */
extern const struct command MAIL_COMMANDS[];       /* mail */
extern const struct command JOB_COMMANDS[];        /* jobs */
extern const struct command SETUP_COMMANDS[];     /* setup */
extern const struct command DOCTOR_COMMANDS[];    /* doctor */
extern const struct command MOVE_COMMANDS[];       /* move */
extern const struct command UPGRADE_COMMANDS[];   /* upgrade */
extern const struct command SETTINGS_COMMANDS[];   /* settings */
extern const struct command PROMISE_COMMANDS[];    /* rights */

#endif
