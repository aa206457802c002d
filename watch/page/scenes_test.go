package page

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/genkan-http/genkan/watch/record"
)

const ms = time.Millisecond

// scenes are the exchanges that the tests walk through: their places in the
// list are their ids.
func scenes() []*made {
	list := []*made{}
	counts := map[int]int{}
	inOff, outOff := map[int]int{}, map[int]int{}
	add := func(m made) {
		counts[m.conn]++
		m.id, m.nth = len(list)+1, counts[m.conn]
		m.inOff, m.outOff = inOff[m.conn], outOff[m.conn]
		inOff[m.conn] += len(m.in)
		outOff[m.conn] += len(m.out)
		m.peer = fmt.Sprintf("127.0.0.1:%d (tcp)", 51_200+m.conn)
		m.opened = m.at - 40*time.Microsecond
		for _, other := range list {
			if other.conn == m.conn {
				m.opened = other.opened
				break
			}
		}
		if m.host == "" {
			m.host = "127.0.0.1:8000"
		}
		if m.state == "" {
			m.state = "done"
		}
		list = append(list, &m)
	}
	browsing(add)
	api(add)
	odd(add)
	return list
}

const client = "Host: 127.0.0.1:8000\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Chromium/148\r\nAccept: */*\r\n"

func get(target, more string) string {
	return "GET " + target + " HTTP/1.1\r\n" + client + more + "\r\n"
}

// reply has a body and its length.
func reply(status, typ, more, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: %s\r\n%sContent-Length: %d\r\nDate: Fri, 27 Nov 2026 07:04:12 GMT\r\n\r\n%s", status, typ, more, len(body), body)
}

func browsing(add func(made)) {
	home := "<!DOCTYPE html>\n<title>ようこそ</title>\n<h1>Welcome</h1>\n<form method=\"post\" action=\"/login\">…</form>\n"
	add(made{
		conn: 1, at: 0, took: 2340 * time.Microsecond, method: "GET", target: "/", status: 200, typ: "text/html; charset=utf-8",
		in: get("/", ""), out: reply("200 OK", "text/html; charset=utf-8", "", home),
		respBody: object{"kind": "text", "media_type": "text/html; charset=utf-8", "text": home, "size": len(home), "wire": len(home)},
	})
	add(made{
		conn: 1, at: 31 * ms, took: 210 * time.Microsecond, method: "GET", target: "/static/app.css", status: 304,
		in: get("/static/app.css", "If-None-Match: \"5f1c\"\r\n"), out: "HTTP/1.1 304 Not Modified\r\nETag: \"5f1c\"\r\nDate: Fri, 27 Nov 2026 07:04:12 GMT\r\n\r\n",
		closed: "idle timeout", connClosed: 75 * time.Second,
	})
	form := "username=hanako&password=%E7%8E%84%E9%96%A2&next=%2Fhome&note=two+words"
	login := "POST /login HTTP/1.1\r\n" + client + "Cookie: csrftoken=Zk3uP9; theme=washi\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " + fmt.Sprint(len(form)) + "\r\n\r\n" + form
	add(made{
		conn: 2, at: 4200 * ms, took: 48 * ms, method: "POST", target: "/login", status: 302, blocked: true, reqtype: "application/x-www-form-urlencoded",
		in: login, recvs: []int{len(login) - len(form), 30},
		out:     "HTTP/1.1 302 Found\r\nLocation: /home\r\nSet-Cookie: sessionid=q8d0f7a6s5; HttpOnly; Path=/; SameSite=Lax\r\nContent-Length: 0\r\nDate: Fri, 27 Nov 2026 07:04:16 GMT\r\n\r\n",
		reqBody: object{"kind": "form", "media_type": "application/x-www-form-urlencoded", "size": len(form), "wire": len(form), "fields": [][2]string{{"username", "hanako"}, {"password", "玄関"}, {"next", "/home"}, {"note", "two words"}}},
	})
	home2 := "<!DOCTYPE html>\n<h1>おかえりなさい、hanako</h1>\n"
	add(made{
		conn: 2, at: 4260 * ms, took: 3 * ms, method: "GET", target: "/home", status: 200, typ: "text/html; charset=utf-8", marked: true,
		in: get("/home", "Cookie: sessionid=q8d0f7a6s5\r\n"), out: reply("200 OK", "text/html; charset=utf-8", "", home2),
		respBody: object{"kind": "text", "media_type": "text/html", "text": home2, "size": len(home2), "wire": len(home2)},
	})
	png, _ := base64.StdEncoding.DecodeString(pixel)
	add(made{
		conn: 3, at: 4300 * ms, took: 640 * time.Microsecond, method: "GET", target: "/static/crest.png", status: 200, typ: "image/png",
		in: get("/static/crest.png", ""), out: reply("200 OK", "image/png", "", string(png)),
		respBody: object{"kind": "image", "media_type": "image/png", "image": "data:image/png;base64," + pixel, "size": len(png), "wire": len(png)},
	})
}

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAHUlEQVR4nGNQcfPFihgGk4SKmy9WxDCoJHAZBQD0Fz3BWq8y8gAAAABJRU5ErkJggg=="

func api(add func(made)) {
	for i, target := range []string{"/api/items?page=1", "/api/items?page=2", "/api/items?page=3"} {
		body := fmt.Sprintf("{\"page\":%d,\"items\":[{\"id\":%d,\"name\":\"wagashi\",\"price\":420.5,\"sold\":false}],\"next\":null}", i+1, 40+i)
		pretty := fmt.Sprintf("{\n  \"page\": %d,\n  \"items\": [\n    {\n      \"id\": %d,\n      \"name\": \"wagashi\",\n      \"price\": 420.5,\n      \"sold\": false\n    }\n  ],\n  \"next\": null\n}\n", i+1, 40+i)
		m := made{
			conn: 4, at: 9*time.Second + time.Duration(i)*200*time.Microsecond, took: time.Duration(1900-100*i) * time.Microsecond, method: "GET", target: target, status: 200, typ: "application/json",
			in: get(target, "Authorization: Bearer eyJhbGciOi.x.y\r\n"), out: reply("200 OK", "application/json", "", body),
			respBody: object{"kind": "json", "media_type": "application/json", "text": pretty, "size": len(body), "wire": len(body)},
		}
		if i == 2 {
			m.closed, m.connClosed = "client asked to close", 9*time.Second+3*ms
		}
		add(m)
	}
	item := "{\"name\":\"どら焼き\",\"price\":260}"
	add(made{
		conn: 5, at: 15 * time.Second, took: 5200 * time.Microsecond, method: "POST", target: "/api/items", status: 201, typ: "application/json", reqtype: "application/json",
		in:       "POST /api/items HTTP/1.1\r\n" + client + "Expect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: " + fmt.Sprint(len(item)) + "\r\n\r\n" + item,
		out:      "HTTP/1.1 100 Continue\r\n\r\n" + reply("201 Created", "application/json", "Location: /api/items/43\r\n", "{\"id\":43}"),
		sends:    []int{25},
		reqBody:  object{"kind": "json", "media_type": "application/json", "text": "{\n  \"name\": \"どら焼き\",\n  \"price\": 260\n}\n", "size": len(item), "wire": len(item)},
		respBody: object{"kind": "json", "media_type": "application/json", "text": "{\n  \"id\": 43\n}\n", "size": 9, "wire": 9},
	})
	parts := "--wall\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n障子\r\n--wall\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"shoji.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0\x00\x10JFIF\r\n--wall--\r\n"
	add(made{
		conn: 5, at: 15100 * ms, took: 12 * ms, method: "POST", target: "/upload", status: 413, typ: "text/plain", reqtype: "multipart/form-data",
		in:      "POST /upload HTTP/1.1\r\n" + client + "Content-Type: multipart/form-data; boundary=wall\r\nContent-Length: " + fmt.Sprint(len(parts)) + "\r\n\r\n" + parts,
		out:     reply("413 Content Too Large", "text/plain", "Connection: close\r\n", "too large\n"),
		reqBody: object{"kind": "multipart", "media_type": "multipart/form-data", "size": len(parts), "wire": len(parts), "parts": []object{{"name": "title", "text": "障子", "size": 6}, {"name": "photo", "filename": "shoji.jpg", "media_type": "image/jpeg", "size": 10}}},
		closed:  "unread body", connClosed: 15112 * ms,
	})
}

func odd(add func(made)) {
	chunked := "7\r\nHello, \r\nd\r\n玄関の皆\r\n0\r\n\r\n"
	chunked = strings.Replace(chunked, "d\r\n", "c\r\n", 1)
	add(made{
		conn: 6, at: 20 * time.Second, took: 900 * ms, method: "GET", target: "/stream", status: 200, typ: "text/plain; charset=utf-8",
		in: get("/stream", ""), out: "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked, sends: []int{128, 17},
		respBody: object{"kind": "text", "media_type": "text/plain", "encoding": "gzip", "text": "Hello, 玄関の皆", "size": 456, "wire": 190, "truncated": true},
	})
	bad := "GET /a\x1b[2Jb HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n"
	add(made{
		conn: 7, at: 22 * time.Second, took: 90 * time.Microsecond, status: 400, state: "refused", rule: "target-byte", reason: "a target holds \"\\x1b\"; it must be percent-encoded",
		in: bad, out: reply("400 Bad Request", "text/plain; charset=utf-8", "Connection: close\r\n", "400 Bad Request\n"),
		refused: object{"status": 400, "rule": "target-byte", "section": "RFC 3986 2", "url": "https://www.rfc-editor.org/rfc/rfc3986#section-2", "sentence": "A target holds visible ASCII, without \", #, < and >.", "offset": 6, "reason": "a target holds \"\\x1b\"; it must be percent-encoded"},
		closed:  "request refused", connClosed: 22*time.Second + ms,
	})
	add(made{
		conn: 8, at: 25 * time.Second, took: 3 * time.Second, method: "GET", target: "/ws", status: 101, state: "upgraded",
		in: get("/ws", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n") + "\x81\x85\x01\x02\x03\x04iglho", out: "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x81\x05hello\x89\x00",
		reqBody:  object{"kind": "websocket", "size": 11, "wire": 11, "frames": []object{{"off": 0, "len": 11, "dir": "in", "kind": "text", "text": "hello"}}},
		respBody: object{"kind": "websocket", "size": 9, "wire": 9, "frames": []object{{"off": 0, "len": 7, "dir": "out", "kind": "text", "text": "hello"}, {"off": 7, "len": 2, "dir": "out", "kind": "ping", "text": ""}}},
	})
	attack := "<img src=x onerror=\"window.attacked=1\"><script>window.attacked=1</script>\u202egnp"
	add(made{
		conn: 9, at: 26 * time.Second, took: 41 * ms, method: "GET", target: "/q?x=%3Cimg%3E" + "'><img/src=x/onerror=window.attacked=1>", status: 500, typ: "text/html",
		in: get("/q?x=%3Cimg%3E'><img/src=x/onerror=window.attacked=1>", "X-Attack: "+attack+"\r\n"), out: reply("500 Internal Server Error", "text/html", "X-Echo: "+attack+"\r\n", attack),
		respBody: object{"kind": "text", "media_type": attack, "text": attack, "size": len(attack), "wire": len(attack)},
	})
	add(made{
		conn: 10, at: 28 * time.Second, took: 0, method: "GET", target: "/slow/report.csv?" + strings.Repeat("column=amount&", 12), state: "open",
		in: get("/slow/report.csv?"+strings.Repeat("column=amount&", 12), ""),
	})
}

func (m *made) body(side string) object {
	b := m.respBody
	if side == "request" {
		b = m.reqBody
	}
	if b == nil {
		return object{"kind": "empty"}
	}
	return b
}

// words are some sentences of pieces, shorter than those that package watch
// has, and its own for all else.
func words(lang string) object {
	all := object{}
	for key, sentence := range record.Words(lang) {
		all[key] = sentence
	}
	maps.Copy(all, pieceWords(lang))
	return all
}

func pieceWords(lang string) object {
	say := func(section, fragment, en, ja string) object {
		text := en
		if lang == "ja" {
			text = ja
		}
		rfc, part, _ := strings.Cut(section, " ")
		number, where, _ := strings.Cut(part, " ")
		return object{"text": text, "section": section, "url": "https://www.rfc-editor.org/" + strings.ToLower(rfc) + "/rfc" + number + "#section-" + where + fragment}
	}
	return object{
		"method.GET":              say("RFC 9110 9.3.1", "", "GET asks for a representation of the target; it changes nothing.", "GET はターゲットの表現を求めます。何も変更しません。"),
		"method.POST":             say("RFC 9110 9.3.3", "", "POST hands the target something to process.", "POST はターゲットに処理してもらうデータを渡します。"),
		"target.origin":           say("RFC 9112 3.2.1", "", "The target is a path and maybe a query on this host.", "ターゲットは、このホスト上のパスとクエリーです。"),
		"version.1.1":             say("RFC 9112 2.3", "", "The sender speaks HTTP/1.1.", "送り手は HTTP/1.1 を話します。"),
		"crlf.line":               say("RFC 9112 2.2", "", "CR LF ends a line.", "CR LF が行を終えます。"),
		"crlf.end":                say("RFC 9112 2.1", "", "An empty line ends the head; what follows is the body.", "空行でヘッダーが終わり、続くのがボディです。"),
		"colon":                   say("RFC 9112 5", "", "A colon, with no space before it, ends a field's name.", "コロンがフィールド名を終えます。前に空白は置けません。"),
		"field.host":              say("RFC 9110 7.2", "", "Host names the site that is meant; each request of HTTP/1.1 has exactly one.", "Host は宛先のサイトを示します。HTTP/1.1 のリクエストに必ず一つあります。"),
		"field.user-agent":        say("RFC 9110 10.1.5", "", "User-Agent says which program asks.", "User-Agent は問い合わせているプログラムの名前です。"),
		"field.accept":            say("RFC 9110 12.5.1", "", "Accept lists the media types that are welcome.", "Accept は受け取れるメディアタイプの一覧です。"),
		"field.cookie":            say("RFC 6265 4.2", "", "Cookie gives back what Set-Cookie asked the client to keep.", "Cookie は、Set-Cookie で預けられた値を返します。"),
		"field.set-cookie":        say("RFC 6265 4.1", "", "Set-Cookie asks the client to keep a value and to send it along from now on.", "Set-Cookie は、値を覚えて以後送り返すよう求めます。"),
		"field.content-type":      say("RFC 9110 8.3", "", "Content-Type is the media type of the content.", "Content-Type は内容のメディアタイプです。"),
		"field.content-length":    say("RFC 9110 8.6", "", "Content-Length says how many bytes the body has: that is how its end is known.", "Content-Length はボディのバイト数です。これでボディの終わりが分かります。"),
		"field.transfer-encoding": say("RFC 9112 6.1", "", "Transfer-Encoding: chunked sends the body in pieces, each with its size before it.", "Transfer-Encoding: chunked は、長さを前に付けた小片でボディを送ります。"),
		"field.location":          say("RFC 9110 10.2.2", "", "Location names where to go next.", "Location は次に行くべき場所です。"),
		"field.date":              say("RFC 9110 6.6.1", "", "Date is when the answer was made.", "Date は応答が作られた時刻です。"),
		"body.length":             say("RFC 9112 6.3", "", "The body: as many bytes as Content-Length said.", "ボディです。Content-Length の言うバイト数だけあります。"),
		"chunk.size":              say("RFC 9112 7.1", "", "The size of the chunk that follows, in hexadecimal.", "続くチャンクの長さ(16 進)です。"),
		"chunk.data":              say("RFC 9112 7.1", "", "The chunk's bytes.", "チャンクの中身です。"),
		"chunk.last":              say("RFC 9112 7.1", "", "A chunk of size 0 ends the body.", "長さ 0 のチャンクがボディを終えます。"),
		"status.200":              say("RFC 9110 15.3.1", "", "200: the request succeeded.", "200: リクエストは成功しました。"),
		"status.302":              say("RFC 9110 15.4.3", "", "302: the target is elsewhere for now; Location says where.", "302: 対象は一時的に別の場所にあります。Location が示します。"),
		"reason":                  say("RFC 9112 4", "", "The reason is for people; programs go by the number.", "理由句は人のためのもので、プログラムは数字を見ます。"),
	}
}
