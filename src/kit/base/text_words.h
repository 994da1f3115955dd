/* The words that text_people.c reads by. All written with their marks, lower case. */
#ifndef XOM_BASE_TEXT_WORDS_H
#define XOM_BASE_TEXT_WORDS_H

/* What names a person follows: in any spelling of case. The first eight, which RIGHTS.md names,
 * also without marks. */
enum { TITLES_UNMARKED = 8 };
static const char *const TITLES[] = {
	"tên", "ông", "bà", "anh", "chị", "em", "cô", "chú",
	"bác", "cậu", "mợ", "dì", "thím", "dượng", "cụ", "thằng", "gã", "lão", "mụ", NULL,
};
/* These only before a capital letter: they are too common otherwise. */
static const char *const WEAK_TITLES[] = {
	"con", "cháu", "bạn", "bé", "thầy", "ba", "má", "mẹ", "bố", "a", "c", "ô", "e", "chí",
	"sĩ", "sư", "hộ", "vợ", "chồng", "mr", "mrs", "ms", NULL,
};
/* Between a title and the name. */
static const char *const FILLERS[] = {
	"là", "giáo", "gái", "trai", "bé", "cả", "út", "họ", "thật", "gọi", "của", "tôi", "nó", NULL,
};
static const char *const SURNAMES[] = {
	"nguyễn", "trần", "lê", "phạm", "huỳnh", "hoàng", "phan", "vũ", "võ", "đặng", "bùi", "đỗ",
	"hồ", "ngô", "dương", "lý", "đinh", "trương", "lâm", "mai", "đoàn", "trịnh", "tô", "tạ",
	"thạch", "sơn", "danh", "kim", "châu", "quách", "cao", "lương", "lưu", "hà", "thái", "tăng",
	"diệp", "phùng", "vương", "triệu", "đào", "lại", "từ", "hứa", "mạc", "kiều", NULL,
};
/* A surname after one of these is an address. */
static const char *const PLACE_WORDS[] = {
	"đường", "phố", "hẻm", "ngõ", "ngách", "kiệt", "cầu", "chợ", "trường", "phường", "quận",
	"xã", "công", "viên", "khu", "kênh", "rạch", "sông", "bến", "đại", "lộ", "miếu", "đình",
	"chùa", "thpt", "thcs", "street", "road", NULL,
};
/* Words that end a name written in small letters. '+': also when written without marks; the
 * others are, without marks, names as well (đường is Dương's "duong"), and a name weighs more. */
static const char *const STOPS[] = {
	"+ấy", "+này", "+kia", "đó", "+ta", "+ơi", "+ở", "+và", "+với", "+của", "+có", "bị", "+đang",
	"+đã", "+sẽ", "+không", "+chưa", "rồi", "+cũng", "+thì", "là", "mà", "+nhưng", "+nên", "+vì",
	"đi", "+đến", "+qua", "+lại", "+ra", "+vào", "+lên", "+xuống", "+về", "+trong", "+ngoài",
	"+trước", "+sau", "+trên", "+dưới", "+tại", "+từ", "+cho", "bằng", "+nói", "+báo", "+thấy",
	"+muốn", "+xin", "+nhờ", "+hay", "+thường", "+mở", "đỗ", "đậu", "để", "+đổ", "+vứt", "+đốt",
	"+chạy", "+làm", "+xây", "+chặt", "+hỏi", "+gọi", "+kêu", "+được", "+người", "+nhà", "hàng",
	"xóm", "+chủ", "+bán", "+mua", "+tổ", "khu", "vực", "+phường", "đường", "hẻm", "cầu", "cống",
	"+đèn", "+điện", "+nước", "+rác", "+cây", "+xe", "+chó", "+nhạc", "+ồn", "+lửa", "+cháy",
	"+khói", "+ngập", "+hư", "+hỏng", "+tắt", "+vỡ", "+bể", "+tối", "sáng", "+đêm", "+ngày",
	"+khuya", "+lúc", "+giờ", "+mấy", "+nhiều", "+các", "+những", "+một", "+số", "+gần", "+cạnh",
	"+bên", "+đối", "diện", "+tiệm", "+quán", "chợ", "+trường", "lần", "+tiếng", "ý", "+cán",
	"+bộ", "+con", "+ninh", "+giáo", "+gái", "+trai", "+kỳ", "+toàn", "+công", "+trình", "+hẹn",
	"ai", "bạn", "đơn", "đăng", "ngắn", "miền", "mình", "+tôi", "+nào", "+gì", "+đều", "+rất",
	"+hết", "+giúp", "+giùm", "+phải", "cần", "+biết", "mong", "+nuôi", "+hoặc", "+còn",
	/* what an old woman, a grandfather, a sister-in-law tells, does, is: nobody's name */
	"+kể", "+nhắn", "dặn", "than", "khóc", "+nhìn", "nhớ", "+nghe", "đứng", "+ngồi", "+nằm", "sống",
	"chết", "ngã", "té", "đau", "bệnh", "ốm", "+mệt", "già", "trẻ", "lớn", "nhỏ", "+quét", "dọn",
	"+nhặt", "lượm", "tưới", "trồng", "câu", "+nhậu", "hát", "+chửi", "+mắng", "đánh", "+đập", "cãi",
	"đòi", "+lấy", "bỏ", "quăng", "liệng", "cắt", "phơi", "giặt", "nấu", "ăn", "+uống", "+ngủ",
	"thức", "đọc", "viết", "+gửi", "nhận", "chỉ", "đưa", "+dắt", "chở", "+kéo", "+đẩy", "đón",
	"trông", "coi", "giữ", "mới", "vẫn", "vừa", "luôn", "cứ", "rằng", "thôi", "sợ", "lo", "buồn",
	"mừng", "giận", "trả", "nhắc", "+khuyên", "neo", "+nghèo", "khó", "mù", "điếc", "nội", "ngoại",
	"rể", "dâu", "ruột", "thợ", "lao", "tài", "sĩ", "dân", "trưởng", "phó", "hội", "cháu", "mẹ", "bố",
	"tuổi", "yếu", NULL,
};

#endif
