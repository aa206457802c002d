// The bytes of one direction, cut where something begins or ends. Pure.
//
// Offsets are counted from the connection's beginning, as everywhere in the
// API. Chunks are what single system calls moved; pieces are what the bytes
// were parsed into; hidden ranges are masked secrets.

// runs joins chunks that follow one another: [{off, bytes, chunks, hidden}],
// in order. Between two runs bytes are missing. chunks are {off, len, seq} and
// hidden [from, to], both in absolute offsets. What two chunks both hold is
// taken once.
export function runs(chunks, decode) {
  const list = [];
  for (const chunk of [...(chunks ?? [])].sort((a, b) => a.off - b.off)) {
    let bytes = decode(chunk.data);
    let off = chunk.off;
    const last = list.at(-1);
    const end = last ? last.off + last.length : -1;
    if (last && off < end) {
      bytes = bytes.subarray(Math.min(end - off, bytes.length));
      off = end;
    }
    if (bytes.length === 0) continue;
    const part = { off, len: bytes.length, full: chunk.len, seq: chunk.seq };
    const hidden = (chunk.hidden ?? []).map(([from, to]) => [chunk.off + from, chunk.off + to]);
    if (last && off === end) {
      last.parts.push(bytes);
      last.length += bytes.length;
      last.chunks.push(part);
      last.hidden.push(...hidden);
    } else {
      list.push({ off, length: bytes.length, parts: [bytes], chunks: [part], hidden });
    }
  }
  return list.map(({ off, length, parts, chunks: moved, hidden }) => ({
    off,
    bytes: joined(parts, length),
    chunks: moved,
    hidden: merged(hidden),
  }));
}

function joined(parts, length) {
  if (parts.length === 1) return parts[0];
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function merged(ranges) {
  const list = [];
  for (const [from, to] of ranges.sort((a, b) => a[0] - b[0])) {
    const last = list.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else list.push([from, to]);
  }
  return list;
}

// clip keeps of the runs what lies in [from, to).
export function clip(list, from, to) {
  const kept = [];
  for (const run of list) {
    const start = Math.max(from, run.off);
    const end = Math.min(to, run.off + run.bytes.length);
    if (start >= end) continue;
    kept.push({
      off: start,
      bytes: run.bytes.subarray(start - run.off, end - run.off),
      chunks: run.chunks.filter((chunk) => chunk.off < end && chunk.off + chunk.len > start),
      hidden: run.hidden.filter(([a, b]) => a < end && b > start),
    });
  }
  return kept;
}

// segments cuts a run wherever a piece, a chunk or a secret begins or ends:
// [{from, to, piece, chunk, hidden, begins}], without gaps. piece is the index
// of the innermost piece, -1 between pieces; chunk the index of the run's
// chunk, and begins says that it begins here.
export function segments(run, pieces) {
  const end = run.off + run.bytes.length;
  const cuts = new Set([run.off, end]);
  const cut = (at) => {
    if (at > run.off && at < end) cuts.add(at);
  };
  for (const piece of pieces) {
    cut(piece.off);
    cut(piece.off + piece.len);
  }
  for (const chunk of run.chunks) cut(chunk.off);
  for (const range of run.hidden) range.forEach(cut);
  const places = [...cuts].sort((a, b) => a - b);

  const byStart = pieces.map((piece, index) => ({ ...piece, index })).sort((a, b) => a.off - b.off || b.len - a.len);
  const list = [];
  let next = 0;
  let chunk = -1;
  let open = [];
  for (let i = 0; i + 1 < places.length; i++) {
    const [from, to] = [places[i], places[i + 1]];
    while (next < byStart.length && byStart[next].off <= from) open.push(byStart[next++]);
    open = open.filter((piece) => piece.off + piece.len > from);
    const inner = open.reduce((best, piece) => (!best || piece.len <= best.len ? piece : best), null);
    const before = chunk;
    while (chunk + 1 < run.chunks.length && run.chunks[chunk + 1].off <= from) chunk++;
    list.push({
      from,
      to,
      piece: inner ? inner.index : -1,
      chunk,
      begins: chunk !== before,
      hidden: run.hidden.some(([a, b]) => a <= from && to <= b),
    });
  }
  return list;
}
