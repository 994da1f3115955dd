#!/bin/sh
# Played by tools/fresh --package inside a bare Debian where only the package was installed, in a network
# of its own: set up, served over TLS by the recipe, reported to, upgraded, backed up and restored.
#   try.sh OLDER.deb NEWER.deb FOLDER-OF-0.1.0.tar
set -eu
older=$1 newer=$2 before=$3
host=xom.example.vn
client=127.0.0.77
log=/root/xom.log
say() { echo "  try: $*"; }
fail() { echo "  try: FAILED: $*" >&2; tail -30 "$log" >&2 2>/dev/null || true; exit 1; }
ask() { curl -sS --interface $client "$@"; }
start() {
	runuser -u xom -- systemd-socket-activate -l 127.0.0.1:8080 /usr/bin/xom --settings /etc/xom/settings.yaml serve >>"$log" 2>&1 &
	server=$!
	for i in $(seq 100); do ask -o /dev/null https://$host/readyz -f 2>/dev/null && return 0; sleep 0.1; done
	fail "it does not serve"
}
stop() { pkill -TERM -x -u xom xom; wait "$server" || fail "it ended with $?"; }
field() { sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" | head -1; }

# Goes through the pages of the form as a browser without JavaScript does.
report() { # report WORDS: sets code and pin
	words=$1
	page=$(ask -f "https://$host/report")
	for i in 1 2 3 4 5 6 7 8; do
		action=$(printf %s "$page" | grep -o 'action="[^"]*/report/[a-z]*"' | head -1 | cut -d'"' -f2)
		[ -n "$action" ] || break
		s=$(printf %s "$page" | field s)
		go=next; case $action in */check) go=send ;; esac
		set -- -F "s=$s" -F "go=$go"
		printf %s "$page" | grep -q multipart/form-data ||
			set -- --data-urlencode "s=$s" --data-urlencode "go=$go" --data-urlencode kind=lighting --data-urlencode area=unsure --data-urlencode "street=Hẻm 7" --data-urlencode landmark= --data-urlencode lat= --data-urlencode lon= --data-urlencode "text=$words"
		page=$(ask -H "Origin: https://$host" "$@" "https://$host$action")
		code=$(printf %s "$page" | sed -n 's/.*data-x-code>\([^<]*\)<.*/\1/p' | head -1)
		pin=$(printf %s "$page" | sed -n 's/.*data-x-pin>\([^<]*\)<.*/\1/p' | head -1)
		[ -z "$code" ] || [ -z "$pin" ] || return 0
	done
	printf %s "$page" | sed 's/<[^>]*>//g' | grep -v '^ *$' | head -40 >&2
	fail "no receipt"
}
opens() { # opens CODE PIN WORDS
	rm -f /root/jar
	ask -f -o /dev/null -c /root/jar -H "Origin: https://$host" --data-urlencode "code=$1" --data-urlencode "pin=$2" "https://$host/follow" || fail "the receipt $1 does not open"
	ask -f -b /root/jar "https://$host/receipt" | grep -q "$3" || fail "the receipt $1 is empty"
}

command -v cc gcc npm node >/dev/null && fail "this root has a compiler or npm"
say "installed: $(xom version); $(dpkg-query -W -f '${Version}' xom)"
test "$(stat -c '%U %a' /var/lib/xom)" = 'xom 700' || fail "rights of /var/lib/xom"
test -r "$(xom version --sbom)" || fail "no list of what it is made of"

install -d -m 700 -o xom -g xom /mnt/backup /mnt/keys
cat >/root/answers.yaml <<END
name: Phường Thử Nghiệm
prefix: TN
slug: thu-nghiem
code: "31135"
hotline: 0292 000 0101
address: $host
proxy: nginx
mail: "-"
admin: quan-tri
backup: /mnt/backup, /mnt/keys
END
xom setup --lang en --answers /root/answers.yaml >/root/setup.log || { cat /root/setup.log; fail "xom setup"; }
grep -q "https://$host/invite/" /root/setup.log || fail "no link for the administrator"
test "$(stat -c '%U' /etc/xom/settings.yaml /var/lib/xom/xom.db | tr '\n' ' ')" = 'root xom ' || fail "owners"
xom setup --lang en --answers /root/answers.yaml | grep -q 'nothing to change' || fail "a second setup changes something"
say "set up"

live=/etc/letsencrypt/live/$host
mkdir -p "$live"
openssl req -x509 -newkey rsa:2048 -nodes -days 60 -subj "/CN=$host" -addext "subjectAltName=DNS:$host" -keyout "$live/privkey.pem" -out "$live/fullchain.pem" 2>/dev/null
cp "$live/fullchain.pem" /usr/local/share/ca-certificates/xom-test.crt && update-ca-certificates >/dev/null 2>&1
echo "127.0.0.1 $host" >>/etc/hosts
rm -f /etc/nginx/sites-enabled/default
cp /usr/share/doc/xom/recipes/nginx-xom.conf /etc/nginx/conf.d/xom.conf
nginx -t 2>/dev/null || { nginx -t; fail "the recipe for nginx"; }
nginx
start
test "$(ask -o /dev/null -w '%{http_code} %{redirect_url}' http://$host/report)" = "301 https://$host/report" || fail "http is not led to https"
ask -f -D - -o /dev/null https://$host/ | grep -qi '^strict-transport-security:' || fail "no HSTS"
link=$(sed -n "s|.*https://$host\(/invite/[^ ]*\).*|\1|p" /root/setup.log | head -1)
ask -f -o /dev/null "https://$host$link" || fail "the administrator's link does not open"
report 'Đèn đường tắt từ tối qua.'
first=$code firstpin=$pin
opens "$first" "$firstpin" 'Đèn đường tắt từ tối qua'
say "served over TLS; a report was made: $first"

xom doctor --lang en >/root/doctor.log || true
grep -q 'https certificate: Good for 5[0-9] more days' /root/doctor.log || { cat /root/doctor.log; fail "doctor does not see the certificate"; }
grep -q "files keep nobody's address" /root/doctor.log || { cat /root/doctor.log; fail "doctor does not see the proxy"; }
grep -q 'Opening photos: Photos are opened in a locked cell' /root/doctor.log || fail "photos are not confined here"

# However its folder is written in the settings, the package's scripts find it.
sed -i '/^data:/d' /etc/xom/settings.yaml && echo 'data: "/var/lib/xom"  # the ward' >>/etc/xom/settings.yaml
xom settings check >/dev/null || fail "quoted settings"
# A database of a newer program: nothing is unpacked, what is there goes on.
cp -p /var/lib/xom/schema /root/schema
echo zzz-9999 >>/var/lib/xom/schema
if dpkg -i "$newer" >/root/refused.log 2>&1; then fail "a newer database was not refused"; fi
grep -q 'was made by a newer' /root/refused.log || { cat /root/refused.log; fail "the refusal has no words"; }
test "$(dpkg-query -W -f '${Version} ${db:Status-Status}' xom)" = "$(dpkg-deb -f "$older" Version) installed" || fail "after the refusal: $(dpkg-query -W -f '${Version} ${Status}' xom)"
ask -f -o /dev/null https://$host/ || fail "it stopped when the new package was refused"
cp -p /root/schema /var/lib/xom/schema
say "a newer database is refused"

dpkg -i "$newer" >/root/upgrade.log 2>&1 || { cat /root/upgrade.log; fail "the upgrade"; }
ask -f -o /dev/null https://$host/ || fail "the older program ended while the newer was installed"
stop; start
opens "$first" "$firstpin" 'Đèn đường tắt từ tối qua'
report 'Sau khi nâng cấp.'
say "upgraded to $(dpkg-query -W -f '${Version}' xom); reported again: $code"

mkdir /var/lib/xom-0.1.0 && tar -xf "$before" -C /var/lib/xom-0.1.0 && chown -R xom:xom /var/lib/xom-0.1.0 && chmod 700 /var/lib/xom-0.1.0
xom --settings /etc/xom/settings.yaml --data /var/lib/xom-0.1.0 upgrade || fail "the data of 0.1.0 are not upgraded"
xom --settings /etc/xom/settings.yaml --data /var/lib/xom-0.1.0 verify >/dev/null || fail "the data of 0.1.0 are not whole"
say "the data of 0.1.0 were upgraded, and verify"

data_key=$(xom backup-key /root/data.key | tail -1) keys_key=$(xom backup-key /root/keys.key | tail -1)
printf 'backup_key: "%s"\nbackup_keys_key: "%s"\n' "$(echo "$data_key" | grep -o '[^ ]*$')" "$(echo "$keys_key" | grep -o '[^ ]*$')" >>/etc/xom/settings.yaml
xom settings check >/dev/null || fail "the settings with the backups' keys"
xom backup >/root/backup.log 2>&1 || { cat /root/backup.log; fail "the backup"; }
stop
mv /var/lib/xom /root/lost
xom restore /mnt/backup/*.data.box /mnt/keys/*.keys.box --secret /root/data.key --keys-secret /root/keys.key --deletions /root/lost/deletions >/root/restore.log 2>&1 || { cat /root/restore.log; fail "the restore"; }
chown -R xom:xom /var/lib/xom
start
opens "$first" "$firstpin" 'Đèn đường tắt từ tối qua'
opens "$code" "$pin" 'Sau khi nâng cấp'
xom verify >/dev/null || fail "what was restored is not whole"
say "backed up, lost, restored: both receipts open"

stop
nginx -s stop
if grep -rlF "$client" /var/log /var/lib /tmp "$log" 2>/dev/null; then fail "a client's address was kept"; fi
say "no client's address is kept anywhere"

dpkg -P xom >/root/purge.log 2>&1 || { cat /root/purge.log; fail "purge"; }
test -s /var/lib/xom/xom.db && test -s /etc/xom/settings.yaml || fail "purge took the data"
grep -q 'was kept' /root/purge.log || fail "purge does not say what it kept"
say "purge keeps the ward's data, and says so"
