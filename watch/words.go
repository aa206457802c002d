package watch

// words are the sentences of level 1. Numbers in brackets are the arguments
// that a language puts in another order.
type words struct {
	lost         string // how many
	accepted     string // number, peer
	connected    string // number, peer
	again        string // which request on this connection
	handled      string // time
	handledBy    string // pattern, time
	failed       string // error
	refused      string // error
	keeping      string
	closed       string
	closedFor    string // reason
	body         string // how many bytes
	bodyOf       string // how many bytes of how many
	bodyUnsized  string // how many bytes, in chunks or up to the close
	restNotShown string // how many bytes
}

var english = words{
	lost:         "… %d events lost: the terminal was slower than the traffic",
	accepted:     "accepted connection %d from %s",
	connected:    "connection %d to %s",
	again:        "request %d on this connection",
	handled:      "handled in %s",
	handledBy:    "handled by %s in %s",
	failed:       "the handler failed: %s",
	refused:      "refused: %s",
	keeping:      "keeping it open",
	closed:       "closed",
	closedFor:    "closed: %s",
	body:         "[%d bytes body]",
	bodyOf:       "[%d of %d bytes body]",
	bodyUnsized:  "[%d bytes body, length not announced]",
	restNotShown: "[%d more bytes of the head not shown]",
}

var japanese = words{
	lost:         "… %d 件の出来事を取りこぼしました(端末より通信のほうが速かったため)",
	accepted:     "接続 %d を受け付けました(相手: %s)",
	connected:    "接続 %d(相手: %s)",
	again:        "この接続で %d 番目のリクエスト",
	handled:      "ハンドラーの処理時間 %s",
	handledBy:    "ハンドラー %s の処理時間 %s",
	failed:       "ハンドラーが失敗しました: %s",
	refused:      "拒否しました: %s",
	keeping:      "接続は開いたままにします",
	closed:       "閉じました",
	closedFor:    "閉じました: %s",
	body:         "[ボディ %d バイト]",
	bodyOf:       "[ボディ %[2]d バイトのうち %[1]d バイト]",
	bodyUnsized:  "[ボディ %d バイト(長さの予告なし)]",
	restNotShown: "[ヘッダーの残り %d バイトは省略]",
}
