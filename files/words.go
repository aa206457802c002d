package files

// Everything that the pages say, in each language.

import (
	"net/http"
	"strconv"
)

// refusal is why there is no file, in words.
type refusal struct{ Title, Why string }

// words are the texts of one language.
type words struct {
	Lang string // for the lang attribute

	Root, Up, Path    string // the root folder's name, the way up, the label of the path
	Name, Size, Time  string // columns
	Caption, Empty    string // of the table; in place of it
	EmptyHint, Folder string // what to do about it; what screen readers say before a folder's name

	count    func(folders, files int) string
	shownOf  func(shown, total int, atLeast bool) string
	refusals map[int]refusal
}

var english = words{
	Lang: "en",
	Root: "Entrance", Up: "One folder up", Path: "Path",
	Name: "Name", Size: "Size", Time: "Modified",
	Caption: "Folders and files", Empty: "This room is empty.",
	Folder: "folder", EmptyHint: "Put a file into the folder, and reload.",
	count: func(folders, files int) string {
		switch {
		case folders == 0:
			return plural(files, "file")
		case files == 0:
			return plural(folders, "folder")
		}
		return plural(folders, "folder") + ", " + plural(files, "file")
	},
	shownOf: func(shown, total int, atLeast bool) string {
		more := ""
		if atLeast {
			more = "more than "
		}
		return "Showing " + grouped(int64(shown)) + " of " + more + grouped(int64(total)) + " entries: the first by name. The others can be opened by their address."
	},
	refusals: map[int]refusal{
		http.StatusForbidden: {"This may not be read",
			"The file or folder is here, but the server has no permission to read it. Whoever runs the server can give it (chmod a+r, for a folder also a+x)."},
		http.StatusNotFound: {"Nothing is served under this name",
			"There is no such file or folder here, or it is one that is never served: names that begin with a dot, links that lead out of the folder, and what is neither a file nor a folder."},
		http.StatusMethodNotAllowed: {"Files are only read here",
			"The request's method would change something or is unknown. GET fetches a file, HEAD only its description, OPTIONS says so."},
		http.StatusPreconditionFailed: {"The file is another version",
			"If-Match or If-Unmodified-Since asked for a version that is not the present one. Ask again without the condition to get the file as it is now."},
		http.StatusRequestedRangeNotSatisfiable: {"The file ends before that range",
			"Range asked for bytes that begin behind the end of the file. Content-Range in this answer tells its length."},
		http.StatusInternalServerError: {"The file could not be read",
			"The system reported an error. It stands in the server's log."},
		http.StatusServiceUnavailable: {"Not just now",
			"The server has run out of descriptors or memory, or is shutting down. Try again in a moment."},
	},
}

var japanese = words{
	Lang: "ja",
	Root: "玄関", Up: "ひとつ上のフォルダーへ", Path: "現在の場所",
	Name: "名前", Size: "サイズ", Time: "更新日時",
	Caption: "フォルダーとファイルの一覧", Empty: "この部屋には、まだ何もありません。",
	Folder: "フォルダー", EmptyHint: "ファイルを置いて、再読み込みしてください。",
	count: func(folders, files int) string {
		switch {
		case folders == 0:
			return "ファイル " + grouped(int64(files)) + " 個"
		case files == 0:
			return "フォルダー " + grouped(int64(folders)) + " 個"
		}
		return "フォルダー " + grouped(int64(folders)) + " 個、ファイル " + grouped(int64(files)) + " 個"
	},
	shownOf: func(shown, total int, atLeast bool) string {
		more := " 件"
		if atLeast {
			more = " 件以上"
		}
		return grouped(int64(total)) + more + "のうち、名前順に最初の " + grouped(int64(shown)) + " 件を表示しています。残りはアドレスを直接指定すれば開けます。"
	},
	refusals: map[int]refusal{
		http.StatusForbidden: {"読み取りが許可されていません",
			"ファイルまたはフォルダーはありますが、サーバーに読み取り権限がありません。サーバーの管理者が権限を与えれば読めるようになります(chmod a+r、フォルダーなら a+x も)。"},
		http.StatusNotFound: {"この名前では何も公開されていません",
			"該当するファイルやフォルダーがないか、公開の対象外です。ドットで始まる名前、フォルダーの外を指すリンク、ファイルでもフォルダーでもないものは公開されません。"},
		http.StatusMethodNotAllowed: {"ここではファイルの読み取りだけができます",
			"このメソッドは変更を伴うか、未知のものです。GET でファイルを、HEAD でその情報だけを取得できます。OPTIONS は使えるメソッドを答えます。"},
		http.StatusPreconditionFailed: {"ファイルは別の版になっています",
			"If-Match または If-Unmodified-Since が求めた版は、現在の版と異なります。条件を外してもう一度要求すると、現在のファイルを取得できます。"},
		http.StatusRequestedRangeNotSatisfiable: {"その範囲の手前でファイルが終わっています",
			"Range の開始位置がファイルの終わりより後ろです。ファイルの長さは、この応答の Content-Range にあります。"},
		http.StatusInternalServerError: {"ファイルを読み取れませんでした",
			"システムがエラーを返しました。詳細はサーバーのログにあります。"},
		http.StatusServiceUnavailable: {"ただいま応答できません",
			"サーバーの記述子かメモリーが足りないか、終了処理の途中です。少し待ってからもう一度お試しください。"},
	},
}

// plural is "1 file", "2 files".
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return grouped(int64(n)) + " " + noun
}

// grouped is n with a comma between thousands. n is not negative.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// humanSize is n bytes with a unit that keeps the number short, in powers of
// 1024 as IEC names them.
func humanSize(n int64) string {
	if n < 1024 {
		return strconv.FormatInt(n, 10) + " B"
	}
	const units = "KMGTPE"
	value, unit := float64(n)/1024, 0
	for value >= 1023.95 && unit < len(units)-1 {
		value, unit = value/1024, unit+1
	}
	precision := 1
	if value >= 99.95 {
		precision = 0
	}
	return strconv.FormatFloat(value, 'f', precision, 64) + " " + units[unit:unit+1] + "iB"
}
