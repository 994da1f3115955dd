#include "demo/demo_cases.h"

#define TAKE(days) {VERB_take, days, false, NULL, NULL, NULL}
#define ASK(days, text) {VERB_ask, days, false, "text", text, NULL}
#define ANSWER(days, text) {VERB_answer, days, true, "text", text, NULL}
#define RELEASE(days, text) {VERB_release, days, false, "public_text", text, NULL}
#define CLOSE(days, text) {VERB_close, days, false, "result", text, "mended"}
#define MERGE(days, text) {VERB_merge, days, false, "reason", text, NULL}
#define SOLVED(days) {VERB_solved, days, true, NULL, NULL, NULL}

const struct demo_case DEMO_SONG_MAY[] = {
	{"lighting", 12.4, 0, "Hẻm 7 Bến Sông Mây", "trước cửa Chợ Cầu Ván",
	 "Đèn đường tắt ba đêm nay, đoạn này tối om, người đi chợ sớm dễ vấp.", true, DRAW_LAMP,
	 {TAKE(12.1), ASK(11.9, "Trụ đèn có bảng số không, số mấy vậy?"),
	  ANSWER(11.6, "Dạ có, trụ số 14, bảng xanh."), RELEASE(11.2, "Đèn đường ở trụ số 14 không sáng."),
	  CLOSE(9.3, "Đã thay bóng và cầu chì ở trụ số 14. Đèn sáng lại từ tối nay."), SOLVED(8.9)}, NULL, 0, 0},
	{"rubbish", 9.2, 2, "Đường Lúa Chín", "cạnh trạm bơm Cống Đôi",
	 "Đống rác to chắn nửa lề đường, trời mưa là hôi.", true, DRAW_RUBBISH,
	 {TAKE(9.0), RELEASE(8.8, "Rác đổ trên lề đường cạnh trạm bơm."),
	  CLOSE(7.5, "Đã dọn sạch và đặt thêm một thùng rác.")}, NULL, 0, 0},
	{"road", 7.7, 4, "Đường Vườn Cau", "gần Trường Trung học cơ sở Vườn Cau",
	 "Ổ gà sâu giữa đường, học sinh đi xe đạp hay té.", true, DRAW_POTHOLE,
	 {TAKE(7.1), RELEASE(6.9, "Ổ gà giữa mặt đường gần trường học.")}, NULL, 0, 0},
	{"water", 5.5, 5, "Hẻm 9 Chị Ba Lụa", "đầu hẻm",
	 "Cống nghẹt, nước đen tràn lên đường mỗi khi mưa.", true, DRAW_DRAIN,
	 {TAKE(5.2), ASK(4.8, "Nước tràn cả hẻm hay chỉ ở đầu hẻm?")}, NULL, 0, 0},
	{"fire_safety", 4.1, 6, "Hẻm 2 Kinh Mới", "",
	 "Lối ra cuối hẻm bị chất đầy thùng gỗ, có cháy thì không ai chạy kịp.", true, DRAW_FIRE,
	 {TAKE(3.6)}, NULL, 0, 0},
	{"noise", 3.3, 3, "Đường Ven Sông", "",
	 "Nhà gần đây hát karaoke loa lớn tới gần nửa đêm, mấy đêm liền.", false, 0, {TAKE(2.9)}, NULL, 0, 0},
	{"lighting", 2.2, 7, "Hẻm 18 Ông Năm Chèo", "bến phà",
	 "Đèn ở bến phà chớp tắt liên tục.", false, 0, {{0}}, NULL, 0, 0},
	{"rubbish", 1.4, 1, "Đường Tư Hiền", "",
	 "Thùng rác công cộng bể, rác văng ra đường.", false, 0, {{0}}, NULL, 0, 0},
	{"road", 0.6, 2, "Hẻm 22 Lúa Chín", "",
	 "Nắp hố ga bị vênh, xe chạy qua kêu rầm rầm cả đêm.", false, 0, {{0}}, NULL, 0, 0},
	{0},
};

const struct demo_case DEMO_RACH_TRUC[] = {
	{"lighting", 6.3, 0, "Hẻm 5 Rạch Trúc", "",
	 "Ba trụ đèn liên tiếp không sáng.", true, DRAW_LAMP,
	 {TAKE(6.0), RELEASE(5.8, "Ba trụ đèn không sáng.")}, NULL, 0, 0},
	{"water", 3.2, 1, "Đường Hàng Gòn", "chợ Hàng Gòn",
	 "Miệng cống trước chợ bị rác bít kín.", false, 0, {TAKE(2.7)}, NULL, 0, 0},
	{"rubbish", 0.9, 2, "Hẻm 11 Bờ Tre", "",
	 "Xà bần đổ trộm ở cuối hẻm.", false, 0, {{0}}, NULL, 0, 0},
	{0},
};

const struct demo_case DEMO_TOGETHER[DEMO_TOGETHER_COUNT + 1] = {
	{"lighting", 3.2, 1, "Đường Tư Hiền", "trước nhà văn hóa khu vực",
	 "Hai bóng đèn trước nhà văn hóa tắt, tối tới đầu hẻm.", false, 0,
	 {TAKE(3.0), RELEASE(2.9, "Hai bóng đèn trước nhà văn hóa không sáng.")}, NULL, 0, 0},
	{"lighting", 2.6, 1, "Đường Tư Hiền", "",
	 "Chỗ này tối ba hôm rồi, có người đi xe đạp té.", false, 0, {{0}}, NULL, 1, 0},
	{"lighting", 1.8, 1, "Đường Tư Hiền", "",
	 "Tối qua vẫn chưa sáng, con nít đi học về phải rọi điện thoại.", false, 0, {{0}}, NULL, 1, 0},
	{"water", 2.9, 5, "Hẻm 9 Chị Ba Lụa", "giữa hẻm",
	 "Nước cống tràn lên nền hẻm, đi phải xắn quần.", false, 0, {TAKE(2.7)}, NULL, 0, 0},
	{"water", 2.0, 5, "Hẻm 9 Chị Ba Lụa", "gần tiệm tạp hóa",
	 "Cống trong hẻm nghẹt, nước bốc mùi vào nhà.", false, 0,
	 {TAKE(1.9), MERGE(1.7, "Cùng một đoạn cống ở giữa hẻm.")}, NULL, 0, 4},
	{0},
};
