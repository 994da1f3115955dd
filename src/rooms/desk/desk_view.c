#include "rooms/desk/desk.h"

static const struct field PHOTO_F[] = {
	[DP_URL] = {"url", V_URL, SEE_HANDLER, "the photo", NULL, NULL},
	[DP_THUMB] = {"thumb", V_URL, SEE_HANDLER, "the small one", NULL, "image"},
	[DP_LABEL] = {"label", V_TEXT, SEE_HANDLER, "words for who does not see it", NULL, NULL},
	[DP_RELEASED] = {"released", V_BOOL, SEE_HANDLER, "the public sees it", NULL, NULL},
	[DP_BY_REPORTER] = {"by_reporter", V_BOOL, SEE_HANDLER, "the reporter sent it", NULL, NULL},
	[DP_ID] = {"id", V_TEXT, SEE_HANDLER, "its id", NULL, NULL},
	[DP_BLUR] = {"blur", V_URL, SEE_HANDLER, "where parts of it can be covered", NULL, NULL},
};
const struct shape DESK_PHOTO = SHAPE("desk_photo", PHOTO_F);

static const struct field PART_F[] = {
	[DPA_LABEL] = {"label", V_TEXT, SEE_HANDLER, "what the words are", NULL, NULL},
	[DPA_TEXT] = {"text", V_TEXT, SEE_HANDLER, "the words", NULL, NULL},
	[DPA_ERASED] = {"erased", V_DAY, SEE_HANDLER, "day on which they were erased", NULL, NULL},
	[DPA_RULE] = {"rule", V_TEXT, SEE_HANDLER, "rule by which they were", NULL, NULL},
	[DPA_OWN] = {"own", V_BOOL, SEE_HANDLER, "the reporter had them erased", NULL, NULL},
	[DPA_HOW] = {"how", V_TEXT, SEE_HANDLER, "by whom they were erased, where it was not their time", NULL, NULL},
};
const struct shape DESK_PART = SHAPE("desk_part", PART_F);

static const struct field AMENDED_F[] = {
	[DAM_AT] = {"at", V_TIME, SEE_HANDLER, "when", NULL, NULL},
	[DAM_TEXT] = {"text", V_TEXT, SEE_HANDLER, "the words", NULL, NULL},
};
static const struct shape DESK_AMENDED = SHAPE("desk_amended", AMENDED_F);

static const struct field ENTRY_F[] = {
	[DE_AT] = {"at", V_TIME, SEE_HANDLER, "when", NULL, NULL},
	[DE_WHAT] = {"what", V_KEY, SEE_HANDLER, "what was done", NULL, NULL},
	[DE_WHO] = {"who", V_TEXT, SEE_HANDLER, "who did it, as colleagues see it", NULL, NULL},
	[DE_PARTS] = {"parts", V_LIST, SEE_HANDLER, "what was said", &DESK_PART, NULL},
	[DE_PHOTOS] = {"photos", V_LIST, SEE_HANDLER, "photos that came with it", &DESK_PHOTO, NULL},
	[DE_NEW] = {"new", V_BOOL, SEE_HANDLER, "came while the officer was typing", NULL, NULL},
	[DE_BY_REPORTER] = {"by_reporter", V_BOOL, SEE_HANDLER, "the reporter did it", NULL, NULL},
};
const struct shape DESK_ENTRY = SHAPE("desk_entry", ENTRY_F);

static const struct field TEMPLATE_F[] = {
	[DT_ID] = {"id", V_TEXT, SEE_HANDLER, "number of the template", NULL, NULL},
	[DT_TITLE] = {"title", V_TEXT, SEE_HANDLER, "its name", NULL, NULL},
	[DT_TEXT] = {"text", V_TEXT, SEE_HANDLER, "its words for this case", NULL, NULL},
};
static const struct shape TEMPLATE = SHAPE("desk_template", TEMPLATE_F);

static const struct field AROUND_F[] = {
	[DAR_CODE] = {"code", V_TEXT, SEE_HANDLER, "the receipt's code", NULL, NULL},
	[DAR_URL] = {"url", V_URL, SEE_HANDLER, "its merge form, with this one's code in it", NULL, NULL},
};
static const struct shape AROUND = SHAPE("desk_around", AROUND_F);

static const struct field ACTION_F[] = {
	[DA_ID] = {"id", V_TEXT, SEE_HANDLER, "name of the step", NULL, NULL},
	[DA_TITLE] = {"title", V_TEXT, SEE_HANDLER, "what it does", NULL, NULL},
	[DA_BUTTON] = {"button", V_TEXT, SEE_HANDLER, "words of the button", NULL, NULL},
	[DA_URL] = {"url", V_URL, SEE_HANDLER, "where it is sent", NULL, NULL},
	[DA_FORM_FIELDS] = {"fields", V_LIST, SEE_HANDLER, "what it asks", &FORM_FIELD, NULL},
	[DA_VERSION] = {"version", V_TEXT, SEE_HANDLER, "version of the case that was seen", NULL, NULL},
	[DA_SEEN] = {"seen", V_TEXT, SEE_HANDLER, "last entry that was seen", NULL, NULL},
	[DA_OPEN] = {"open", V_BOOL, SEE_HANDLER, "unfolded", NULL, NULL},
	[DA_PLAIN] = {"plain", V_BOOL, SEE_HANDLER, "one button, nothing to fill in", NULL, NULL},
	[DA_FILES] = {"files", V_BOOL, SEE_HANDLER, "takes photos", NULL, NULL},
	[DA_WARN] = {"warn", V_BOOL, SEE_HANDLER, "takes something away", NULL, NULL},
	[DA_RELEASE] = {"release", V_LIST, SEE_HANDLER, "photos to tick", &DESK_PHOTO, NULL},
	[DA_DRAFT] = {"draft", V_TEXT, SEE_HANDLER, "the draft that is sent again", NULL, NULL},
	[DA_KEPT] = {"kept", V_INT, SEE_HANDLER, "photos that stay with it", NULL, "photos"},
	[DA_ORIGINAL] = {"original", V_TEXT, SEE_HANDLER, "the reporter's words, beside", NULL, NULL},
	[DA_TEMPLATES] = {"templates", V_LIST, SEE_HANDLER, "ready words to put in", &TEMPLATE, NULL},
	[DA_NOTE] = {"note", V_TEXT, SEE_HANDLER, "what to know before it is sent", NULL, NULL},
	[DA_AROUND_WHY] = {"around_why", V_TEXT, SEE_HANDLER, "why these are better merged into this one", NULL, NULL},
	[DA_AROUND] = {"around", V_LIST, SEE_HANDLER, "cases that are better merged into this one", &AROUND, NULL},
	[DA_MANAGE] = {"manage", V_URL, SEE_HANDLER, "where templates are written", NULL, NULL},
};
const struct shape DESK_ACTION = SHAPE("desk_action", ACTION_F);

static const struct field WAIT_F[] = {
	[DW_ID] = {"id", V_TEXT, SEE_HANDLER, "its id", NULL, NULL},
	[DW_CODE] = {"code", V_TEXT, SEE_HANDLER, "code of its case", NULL, NULL},
	[DW_WHAT] = {"what", V_KEY, SEE_HANDLER, "what will be done", NULL, NULL},
	[DW_WHO] = {"who", V_TEXT, SEE_HANDLER, "the officer who asked for it", NULL, NULL},
	[DW_AT] = {"at", V_TIME, SEE_HANDLER, "when it will be done, or was given back", NULL, NULL},
	[DW_CLOCK] = {"clock", V_TEXT, SEE_HANDLER, "the same, to the second", NULL, NULL},
	[DW_LEFT] = {"left", V_TEXT, SEE_HANDLER, "seconds left to take it back", NULL, "s"},
	[DW_WORDS] = {"words", V_TEXT, SEE_HANDLER, "question, public words or result", NULL, NULL},
	[DW_OUTCOME] = {"outcome", V_TEXT, SEE_HANDLER, "how it will end", NULL, NULL},
	[DW_PHOTOS] = {"photos", V_INT, SEE_HANDLER, "photos that go with it", NULL, "photos"},
	[DW_MINE] = {"mine", V_BOOL, SEE_HANDLER, "the reader asked for it", NULL, NULL},
	[DW_URL] = {"url", V_URL, SEE_HANDLER, "takes it back, or throws it away", NULL, NULL},
	[DW_WHY] = {"why", V_TEXT, SEE_HANDLER, "why it was given back", NULL, NULL},
};
const struct shape DESK_WAIT = SHAPE("desk_wait", WAIT_F);

static const struct field PAPER_F[] = {
	[DPP_OPENED] = {"opened", V_TIME, SEE_OFFICE, "when it was opened first", NULL, NULL},
	[DPP_PRINTED] = {"printed", V_DAY, SEE_OFFICE, "day on which the paper was printed", NULL, NULL},
	[DPP_PRINTER] = {"printer", V_TEXT, SEE_OFFICE, "who printed it", NULL, NULL},
};
static const struct shape DESK_PAPER = SHAPE("desk_paper", PAPER_F);

static const struct field CASE_F[] = {
	[DC_CODE] = {"code", V_TEXT, SEE_OFFICE, "the receipt's code", NULL, NULL},
	[DC_PUBLIC_CODE] = {"public_code", V_TEXT, SEE_OFFICE, "public code", NULL, NULL},
	[DC_PUBLIC_URL] = {"public_url", V_URL, SEE_OFFICE, "its public page", NULL, NULL},
	[DC_KIND] = {"kind", V_KEY, SEE_OFFICE, "kind, by its procedure", NULL, NULL},
	[DC_STATE] = {"state", V_KEY, SEE_OFFICE, "where it stands", NULL, NULL},
	[DC_OPEN] = {"open", V_BOOL, SEE_OFFICE, "it is being worked on", NULL, NULL},
	[DC_RECEIVED] = {"received", V_TIME, SEE_OFFICE, "when it was received", NULL, NULL},
	[DC_DUE] = {"due", V_DAY, SEE_OFFICE, "last day of the next deadline", NULL, NULL},
	[DC_LATEST] = {"latest", V_TEXT, SEE_OFFICE, "at the latest: its clock stands", NULL, NULL},
	[DC_LATE] = {"late", V_BOOL, SEE_OFFICE, "that day is over", NULL, NULL},
	[DC_RULE] = {"rule", V_TEXT, SEE_OFFICE, "which deadline it is", NULL, NULL},
	[DC_UNIT] = {"unit", V_TEXT, SEE_OFFICE, "unit that has it", NULL, NULL},
	[DC_OFFICER] = {"officer", V_TEXT, SEE_OFFICE, "officer who took it", NULL, NULL},
	[DC_MINE] = {"mine", V_BOOL, SEE_OFFICE, "that is the reader", NULL, NULL},
	[DC_AREA] = {"area", V_TEXT, SEE_OFFICE, "khu vực", NULL, NULL},
	[DC_STREET] = {"street", V_TEXT, SEE_HANDLER, "street", NULL, NULL},
	[DC_LANDMARK] = {"landmark", V_TEXT, SEE_HANDLER, "landmark", NULL, NULL},
	[DC_LAT] = {"lat", V_TEXT, SEE_HANDLER, "latitude", NULL, "degrees"},
	[DC_LON] = {"lon", V_TEXT, SEE_HANDLER, "longitude", NULL, "degrees"},
	[DC_CELL] = {"cell", V_TEXT, SEE_OFFICE, "square of the 100 m grid", NULL, NULL},
	[DC_UNSURE] = {"unsure", V_BOOL, SEE_HANDLER, "the reporter did not know exactly", NULL, NULL},
	[DC_TEXT] = {"text", V_TEXT, SEE_HANDLER, "the reporter's words", NULL, NULL},
	[DC_WORDS_ERASED] = {"words_erased", V_DAY, SEE_HANDLER, "day on which they were erased before their time", NULL, NULL},
	[DC_WORDS_HOW] = {"words_how", V_TEXT, SEE_HANDLER, "by whom, where not by the reporter", NULL, NULL},
	[DC_AMENDED] = {"amended", V_LIST, SEE_HANDLER, "how the reporter put them right since", &DESK_AMENDED, NULL},
	[DC_RELEASED] = {"released", V_TEXT, SEE_OFFICE, "words as released", NULL, NULL},
	[DC_LISTED] = {"listed", V_BOOL, SEE_OFFICE, "has a public page", NULL, NULL},
	[DC_WITHHELD] = {"withheld", V_BOOL, SEE_OFFICE, "taken back whole", NULL, NULL},
	[DC_OUTCOME] = {"outcome", V_KEY, SEE_OFFICE, "how it ended", NULL, NULL},
	[DC_TIMELINE] = {"timeline", V_LIST, SEE_HANDLER, "what happened", &DESK_ENTRY, NULL},
	[DC_PHOTOS] = {"photos", V_LIST, SEE_HANDLER, "all photos", &DESK_PHOTO, NULL},
	[DC_ACTIONS] = {"actions", V_LIST, SEE_HANDLER, "what can be done now", &DESK_ACTION, NULL},
	[DC_ERRORS] = {"errors", V_LIST, SEE_HANDLER, "what is wrong", &FORM_ERROR, NULL},
	[DC_CHANGED] = {"changed", V_BOOL, SEE_HANDLER, "somebody was quicker", NULL, NULL},
	[DC_NOTICE] = {"notice", V_TEXT, SEE_HANDLER, "what has just been done", NULL, NULL},
	[DC_BACK] = {"back", V_URL, SEE_OFFICE, "the queues", NULL, NULL},
	[DC_MEDIATORS] = {"mediators", V_TEXT, SEE_HANDLER, "the two that are named", NULL, NULL},
	[DC_QUARREL] = {"quarrel", V_BOOL, SEE_HANDLER, "one place, told of again and again", NULL, NULL},
	[DC_SUBJECT] = {"subject", V_TEXT, SEE_HANDLER, "which part of the ward, or post, it is about", NULL, NULL},
	[DC_CONDUCT] = {"conduct", V_BOOL, SEE_OFFICE, "about neighbours' behaviour", NULL, NULL},
	[DC_SOLVED] = {"solved", V_BOOL, SEE_OFFICE, "the reporter confirmed", NULL, NULL},
	[DC_WAIT] = {"wait", V_OBJ, SEE_HANDLER, "a step that can still be taken back", &DESK_WAIT, NULL},
	[DC_DRAFTS] = {"drafts", V_LIST, SEE_HANDLER, "steps that were given back to the reader", &DESK_WAIT, NULL},
	[DC_CHANNEL] = {"channel", V_TEXT, SEE_OFFICE, "how it came, when not over the web", NULL, NULL},
	[DC_PAPER] = {"paper", V_OBJ, SEE_OFFICE, "the folded receipt that was handed over", &DESK_PAPER, NULL},
	[DC_EVENT] = {"event", V_TIME, SEE_OFFICE, "when it happened, as told at the counter", NULL, NULL},
	[DC_LOST_URL] = {"lost_url", V_URL, SEE_HANDLER, "the receipt was lost", NULL, NULL},
	[DC_WHY_LATE] = {"why_late", V_TEXT, SEE_OFFICE, "why it is late, as people were told", NULL, NULL},
	[DC_CARD] = {"card", V_URL, SEE_HANDLER, "a card for whoever is visited because of it", NULL, NULL},
	[DC_APOLOGY] = {"apology", V_URL, SEE_HANDLER, "the letter of apology for a missed deadline", NULL, NULL},
	[DC_UNTOLD] = {"untold", V_BOOL, SEE_HANDLER, "late, and nobody was told why", NULL, NULL},
	[DC_CLOCK] = {"clock", V_OBJ, SEE_OFFICE, "both dates, and why they are so", &CLOCK, NULL},
	[DC_REPORTS] = {"reports", V_INT, SEE_OFFICE, "reports of the matter", NULL, "reports"},
	[DC_SEVERAL] = {"several", V_BOOL, SEE_OFFICE, "more than one", NULL, NULL},
	[DC_DANGER] = {"danger", V_TIME, SEE_HANDLER, "open, and when its words last spoke of danger", NULL, NULL},
	[DC_LEAD_URL] = {"lead_url", V_URL, SEE_OFFICE, "the case that it is handled with", NULL, NULL},
	[DC_LEAD_CODE] = {"lead_code", V_TEXT, SEE_OFFICE, "that one's receipt code", NULL, NULL},
	[DC_LEAD_BEHIND] = {"lead_behind", V_BOOL, SEE_OFFICE, "nobody looked at that one yet, and this was worked on", NULL, NULL},
	[DC_LEAD_STATE] = {"lead_state", V_KEY, SEE_OFFICE, "where that one stands", NULL, NULL},
	[DC_FOLLOWERS] = {"followers", V_LIST, SEE_OFFICE, "reports that are handled with this case", &DESK_FOLLOWER, NULL},
	[DC_FLOOD] = {"flood", V_URL, SEE_OFFICE, "the flood's group that it stands in", NULL, NULL},
	[DC_FOLLOWERS_MORE] = {"followers_more", V_BOOL, SEE_OFFICE, "there are more than are shown", NULL, NULL},
	[DC_CROSSED] = {"crossed", V_BOOL, SEE_HANDLER, "refused because a step waits", NULL, NULL},
	[DC_TYPED] = {"typed", V_TEXT, SEE_HANDLER, "words for a step that is no longer there", NULL, NULL},
};
const struct shape DESK_CASE = SHAPE("desk_case", CASE_F);
