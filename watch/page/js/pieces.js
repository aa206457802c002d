// What a message was parsed into, as rows for reading. Pure.

// rows gathers the pieces of one message: each part of the start line, each
// field (name and value together), each chunk, each trailer, the body. A row
// is {kind, label, text, pieces, explain}: pieces are indices, label is a
// field's name or "", explain the keys of its sentences. Punctuation has no
// row: it is explained where it stands among the bytes.
export function rows(pieces) {
  const list = [];
  let open = null;
  const start = (kind, index, label, text) => {
    open = { kind, label, text, pieces: [index], explain: keys(pieces[index]) };
    list.push(open);
  };
  const join = (index) => {
    open.pieces.push(index);
    for (const key of keys(pieces[index])) if (!open.explain.includes(key)) open.explain.push(key);
  };
  pieces.forEach((piece, index) => {
    switch (piece.kind) {
      case "colon":
      case "crlf":
        if (piece.kind === "crlf" && open?.kind === "chunk") open.pieces.push(index);
        else if (piece.kind === "crlf") open = null;
        break;
      case "hpack": // how the field before it is written
        if (open?.kind === "field") join(index);
        break;
      case "name":
        start("field", index, piece.text || piece.name, "");
        break;
      case "value":
        if (open?.kind === "field") {
          open.text = piece.text;
          join(index);
        } else start("field", index, piece.name, piece.text);
        break;
      case "chunk-size":
        start("chunk", index, "", piece.text);
        break;
      case "chunk-ext":
      case "chunk-data":
      case "chunk-end":
        if (open?.kind === "chunk" && !(piece.kind === "chunk-end" && /[^\r\n]/.test(piece.text))) join(index);
        else start(piece.kind, index, "", piece.text);
        break;
      default:
        start(piece.kind, index, piece.name ?? "", piece.text);
    }
  });
  return list;
}

function keys(piece) {
  return piece.explain ? [piece.explain] : [];
}

// extent is the range of bytes [from, to) of a message, its body included.
export function extent(message) {
  let to = message.off + message.len;
  if (message.body) to = Math.max(to, message.body.off + message.body.len);
  for (const piece of message.pieces ?? []) to = Math.max(to, piece.off + piece.len);
  return [message.off, to];
}
