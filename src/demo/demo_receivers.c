/* Who receives what the demo's wards hand over: invented, and said to be. */
#include "demo/demo_cases.h"
#include "ward/router/nearby.h"
#include "ward/router/receiver.h"

static const struct {
	const char *door, *name, *address, *phone;
	const char *hours[3], *note[3];          /* vi, en, km */
} ROWS[] = {
#define DAY_AND_NIGHT {"Cả ngày lẫn đêm", "Day and night", "ទាំងយប់ទាំងថ្ងៃ"}
#define OFFICE {"Thứ hai đến thứ sáu, giờ làm việc", "Monday to Friday, office hours", "ច័ន្ទដល់សុក្រ ម៉ោងធ្វើការ"}
#define MORNINGS {"Thứ hai đến thứ sáu, 7:30 đến 11:00", "Monday to Friday, 7:30 to 11:00", "ច័ន្ទដល់សុក្រ 7:30 ដល់ 11:00"}
	{"hurt", "Trạm y tế phường (mẫu)", "12 đường Hàng Dừa", "0292 000 0211",
	 {"Cả ngày, có người trực đêm", "All day, somebody on duty at night", "ពេញមួយថ្ងៃ មានអ្នកយាមពេលយប់"},
	 {"Khám, băng bó và ghi giấy khám.", "Looks after you, dresses wounds and writes the note.", "ពិនិត្យ រុំរបួស និងចេញក្រដាសពិនិត្យ។"}},
	{"hurt", "Địa chỉ tin cậy của Hội Phụ nữ phường (mẫu)", "", "0292 000 0212", DAY_AND_NIGHT,
	 {"Hỏi địa chỉ qua điện thoại, không ghi ở đây. Có chỗ ở lại vài ngày.",
	  "Ask for the address by phone; it is not written here. There is room to stay for some days.",
	  "សួរអាសយដ្ឋានតាមទូរសព្ទ។ មានកន្លែងស្នាក់ពីរបីថ្ងៃ។"}},
	{"crime", "Trực ban công an phường (mẫu)", "5 đường Hàng Dừa", "0292 000 0213", DAY_AND_NIGHT, {"", "", ""}},
	{"denunciation", "Chủ tịch UBND phường, bộ phận tiếp dân (mẫu)", "1 đường Bến Sông", "0292 000 0214",
	 {"Thứ ba, thứ năm, 7:30 đến 11:00", "Tuesday and Thursday, 7:30 to 11:00", "អង្គារ និងព្រហស្បតិ៍ 7:30 ដល់ 11:00"},
	 {"Việc về chủ tịch phường thì gửi thanh tra thành phố.", "What is about the ward's chair goes to the city inspectorate.",
	  "រឿងអំពីប្រធានវួដ ផ្ញើទៅអធិការកិច្ចទីក្រុង។"}},
	{"inspectorate", "Thanh tra thành phố, nơi gặp người dân (mẫu)", "20 đường Bến Xa", "0292 000 0218", MORNINGS,
	 {"Không cần hẹn trước.", "No appointment needed.", "មិនបាច់ណាត់មុនទេ។"}},
	{"complaint", "Bộ phận tiếp dân của phường (mẫu)", "1 đường Bến Sông", "0292 000 0214", MORNINGS, {"", "", ""}},
	{"feedback", "Văn phòng UBND phường (mẫu)", "1 đường Bến Sông", "0292 000 0215", OFFICE, {"", "", ""}},
	{"quarrel", "Tổ hòa giải khu vực, qua văn phòng phường (mẫu)", "1 đường Bến Sông", "0292 000 0216", OFFICE,
	 {"Hòa giải không mất tiền.", "Mediation costs nothing.", "ការសម្រុះសម្រួលមិនអស់លុយទេ។"}},
	{"unsure", "Trung tâm phục vụ hành chính công phường (mẫu)", "1 đường Bến Sông, tầng trệt", "0292 000 0217",
	 {"Thứ hai đến thứ sáu, 7:00 đến 11:30 và 13:30 đến 17:00", "Monday to Friday, 7:00 to 11:30 and 13:30 to 17:00",
	  "ច័ន្ទដល់សុក្រ 7:00 ដល់ 11:30 និង 13:30 ដល់ 17:00"},
	 {"Không cần lấy số để hỏi.", "No queue number is needed to ask.", "មិនបាច់យកលេខដើម្បីសួរទេ។"}},
};

/* Each khu vực has its head's office, so that "who is my …?" answers whole wherever somebody asks. */
static enum rc add_heads(struct tx *tx, struct idgen *ids, int32_t from, const struct area *areas, size_t n,
                         struct fault *f)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		const struct nearby head = {
			.sort = NEARBY_area_head,
			.area = areas[i].id,
			.name = arena_fmt(tx_arena(tx), "Văn phòng %.*s (mẫu)", PSTR(areas[i].name)),
			.hours = STR("Gọi trước 20:00"),
			.phone = arena_fmt(tx_arena(tx), "0292 000 03%02zu", i % 100),
			.valid_from = from,
		};
		rc = nearby_add(tx, ids, (struct account_id){0}, &head, f);
	}
	return rc;
}

enum rc demo_receivers(struct tx *tx, struct idgen *ids, int32_t from, const struct area *areas, size_t area_count,
                       struct fault *f)
{
	enum rc rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < sizeof ROWS / sizeof *ROWS; i++) {
		const struct receiver r = {.door = str_of(ROWS[i].door), .name = str_of(ROWS[i].name),
			.address = str_of(ROWS[i].address), .hours = str_of(ROWS[i].hours[0]), .phone = str_of(ROWS[i].phone),
			.hours_in = {[LANG_en] = str_of(ROWS[i].hours[1]), [LANG_km] = str_of(ROWS[i].hours[2])},
			.note_in = {[LANG_en] = str_of(ROWS[i].note[1]), [LANG_km] = str_of(ROWS[i].note[2])}, .note = str_of(ROWS[i].note[0]), .valid_from = from, .source = STR("dữ liệu mẫu, không có thật")};
		rc = receiver_add(tx, ids, (struct account_id){0}, &r, f);
	}
	const struct nearby NEAR[] = {
		{.sort = NEARBY_beat, .name = STR("Trực ban công an phường (mẫu)"), .phone = STR("0292 000 0113")},
		{.sort = NEARBY_health, .name = STR("Trạm y tế phường (mẫu)"), .address = STR("12 đường Hàng Dừa"),
		 .hours = STR("Cả ngày, có người trực đêm"), .phone = STR("0292 000 0211")},
		{.sort = NEARBY_one_stop, .name = STR("Bộ phận Một cửa (mẫu)"), .address = STR("1 đường Bến Sông"),
		 .hours = STR("Thứ hai đến thứ sáu, 7:00 đến 11:30 và 13:30 đến 17:00"), .phone = STR("0292 000 0104")},
		{.sort = NEARBY_shelter, .name = STR("Trường Tiểu học Bến Sông (mẫu)"), .address = STR("9 đường Bến Sông")},
	};
	for (size_t i = 0; rc == RC_OK && i < sizeof NEAR / sizeof *NEAR; i++) {
		struct nearby n = NEAR[i];
		n.valid_from = from;
		rc = nearby_add(tx, ids, (struct account_id){0}, &n, f);
	}
	return rc == RC_OK ? add_heads(tx, ids, from, areas, area_count, f) : rc;
}
