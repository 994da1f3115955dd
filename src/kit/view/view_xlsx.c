/* A list as a spreadsheet, through libxlsxwriter in its constant-memory mode. Texts are written as
 * texts, never as what a spreadsheet would reckon with; days and times are real ones, in the ward's
 * zone. Nothing of it touches a disk: the library's file is memory, and so are its temporary ones
 * where the machine has /dev/shm. */
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "kit/view/view_obj.h"

enum { CELL_MAX = 32767 };        /* characters a cell holds, by the format */

struct sheet {
	lxw_workbook *book;
	lxw_worksheet *page;
	lxw_format *head, *day, *time, *text;
	struct arena *arena;
	lxw_row_t row;
	lxw_col_t column;
	lxw_error error;
};

static void note(struct sheet *s, lxw_error e)
{
	if (s->error == LXW_NO_ERROR)
		s->error = e;
}

static lxw_datetime when(int64_t at)
{
	struct moment m = moment_of(at);
	return (lxw_datetime){.year = m.date.year, .month = m.date.month, .day = m.date.day,
	                      .hour = m.hour, .min = m.minute, .sec = m.second};
}

/* Shortened to what a cell holds, in bytes, which are never fewer than characters. */
static void write_text(struct sheet *s, struct str text, lxw_format *look)
{
	if (text_length(text) > CELL_MAX) {
		size_t n = CELL_MAX;
		while (n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80)
			n--;
		text.n = n;
	}
	note(s, worksheet_write_string(s->page, s->row, s->column, arena_z(s->arena, text), look));
}

/* Local addresses mean nothing outside of the browser; lists have no place in a table. */
static bool is_column(const struct vobj *seer, const struct field *f)
{
	return (f->see & seer->view->sights) != 0 && f->type != V_LIST && f->type != V_URL;
}

static double width_of(const struct field *f)
{
	switch (f->type) {
	case V_TIME: return 17;
	case V_DAY: return 12;
	case V_KEY: return 18;
	case V_TEXT: return 24;
	default: return 10;
	}
}

static void header(struct sheet *s, const struct vobj *seer, const struct shape *shape,
                   struct str prefix)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *f = &shape->fields[i];
		if (!is_column(seer, f))
			continue;
		struct str name = arena_fmt(s->arena, "%.*s%s", PSTR(prefix), f->name);
		if (f->type == V_OBJ) {
			header(s, seer, f->sub, arena_fmt(s->arena, "%.*s.", PSTR(name)));
			continue;
		}
		note(s, worksheet_set_column(s->page, s->column, s->column, width_of(f), NULL));
		struct str label = seer->view->po == NULL
		                           ? STR_EMPTY
		                           : po_find(seer->view->po, seer->view->lang,
		                                     arena_fmt(s->arena, "column.%.*s", PSTR(name)));
		write_text(s, label.n > 0 ? label : name, s->head);
		s->column++;
	}
}

static void cell(struct sheet *s, const struct vobj *o, size_t i)
{
	const struct slot *slot = &o->slots[i];
	lxw_datetime t;
	switch (o->shape->fields[i].type) {
	case V_TEXT:
		write_text(s, slot->text, s->text);
		break;
	case V_INT:
		note(s, worksheet_write_number(s->page, s->row, s->column, (double)slot->n, NULL));
		break;
	case V_BOOL:
		note(s, worksheet_write_boolean(s->page, s->row, s->column, slot->n != 0, NULL));
		break;
	case V_TIME:
		t = when(slot->n);
		note(s, worksheet_write_datetime(s->page, s->row, s->column, &t, s->time));
		break;
	case V_DAY:
		t = when(day_start((int32_t)slot->n));
		note(s, worksheet_write_datetime(s->page, s->row, s->column, &t, s->day));
		break;
	case V_KEY:
		write_text(s, slot->key.label.n > 0 ? slot->key.label : slot->key.key, s->text);
		break;
	case V_URL:
	case V_OBJ:
	case V_LIST:
		break;
	}
}

/* `o` may be NULL where an object is not set: its columns stay empty. */
static void cells(struct sheet *s, const struct vobj *seer, const struct shape *shape,
                  const struct vobj *o)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *f = &shape->fields[i];
		if (!is_column(seer, f))
			continue;
		bool set = o != NULL && o->slots[i].set;
		if (f->type == V_OBJ) {
			cells(s, seer, f->sub, set ? o->slots[i].obj : NULL);
			continue;
		}
		if (set)
			cell(s, o, i);
		s->column++;
	}
}

static void fill(struct sheet *s, const struct vobj *o, size_t list)
{
	const struct shape *shape = o->shape->fields[list].sub;
	s->head = workbook_add_format(s->book);
	s->day = workbook_add_format(s->book);
	s->time = workbook_add_format(s->book);
	s->text = workbook_add_format(s->book);
	format_set_bold(s->head);
	format_set_bottom(s->head, LXW_BORDER_THIN);
	format_set_num_format(s->day, "dd/mm/yyyy");
	format_set_num_format(s->time, "dd/mm/yyyy hh:mm");
	format_set_num_format(s->text, "@");
	header(s, o, shape, STR_EMPTY);
	lxw_col_t columns = s->column;
	worksheet_freeze_panes(s->page, 1, 0);
	for (size_t i = 0; i < o->slots[list].list.n; i++) {
		s->row++;
		s->column = 0;
		cells(s, o, shape, o->slots[list].list.items[i]);
	}
	if (columns > 0)
		note(s, worksheet_autofilter(s->page, 0, 0, s->row, (lxw_col_t)(columns - 1)));
	worksheet_set_landscape(s->page);
	worksheet_set_paper(s->page, 9);                       /* A4 */
	worksheet_fit_to_pages(s->page, 1, 0);
	note(s, worksheet_repeat_rows(s->page, 0, 0));
}

static enum rc read_back(int fd, struct buf *out, struct fault *f)
{
	off_t size = lseek(fd, 0, SEEK_END);
	if (size <= 0)
		return fault_set(f, RC_FAIL, "the spreadsheet is empty");
	const char *bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return fault_set(f, RC_NOMEM, "no memory for the spreadsheet");
	buf_add(out, str_n(bytes, (size_t)size));
	(void)munmap((void *)bytes, (size_t)size);
	return RC_OK;
}

enum rc view_xlsx(struct buf *out, const struct vobj *o, int list, struct fault *f)
{
	size_t at = view_list(o, list, "a spreadsheet");
	int fd = memfd_create("xlsx", MFD_CLOEXEC);
	if (fd < 0)
		return fault_set(f, RC_NOMEM, "no memory file for the spreadsheet");
	struct str file = arena_fmt(o->view->arena, "/proc/self/fd/%d", fd);
	char memory[] = "/dev/shm";
	lxw_workbook_options options = {
		.constant_memory = LXW_TRUE, .tmpdir = access(memory, W_OK) == 0 ? memory : NULL};
	struct sheet s = {.arena = o->view->arena};
	enum rc rc = RC_OK;
	s.book = workbook_new_opt(file.p, &options);
	s.page = s.book != NULL ? workbook_add_worksheet(s.book, "Xom") : NULL;
	if (s.page == NULL) {
		rc = fault_set(f, RC_NOMEM, "no memory for the spreadsheet");
	} else {
		if (view_sees(o, at))
			fill(&s, o, at);
		note(&s, workbook_close(s.book));
		if (s.error != LXW_NO_ERROR)
			rc = fault_set(f, RC_FAIL, "the spreadsheet: %s", lxw_strerror(s.error));
	}
	if (rc == RC_OK)
		rc = read_back(fd, out, f);
	(void)close(fd);
	return rc;
}
