// Tokens that come piece by piece, as text: what is certain is given out, and a rest is kept back that later tokens may
// change.

/** The text of tokens that come piece by piece. */
export interface TextDecoding {
  /** What has become certain of the text, behind what was given out before. */
  add(ids: Iterable<number>): string;
  /** The rest, when no more come. */
  end(): string;
}

/** The text of all of them. */
export function decodeAll(decoding: TextDecoding, ids: Iterable<number>): string {
  const text = decoding.add(ids);
  return text + decoding.end();
}

/** The text where every token's stands by itself. */
export const tokenByToken = (textOf: (ids: Iterable<number>) => string): TextDecoding => ({
  add: textOf,
  end: () => '',
});

/** The text where a line depends on all its tokens, and on no others: it is given out when it ends, with `lineEnd`. */
export function lineByLine(textOf: (ids: Iterable<number>) => string, lineEnd: number): TextDecoding {
  let open: number[] = [];
  return {
    add(ids) {
      const all = [...open, ...ids];
      const end = all.lastIndexOf(lineEnd) + 1;
      open = all.slice(end);
      return end ? textOf(all.slice(0, end)) : '';
    },
    end: () => textOf(open.splice(0)),
  };
}

/** The text where tokens are bytes of UTF-8; what is none becomes U+FFFD. */
export function byBytes(bytesOf: (id: number) => Uint8Array): TextDecoding {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    add(ids) {
      let text = '';
      for (const id of ids) text += decoder.decode(bytesOf(id), { stream: true });
      return text;
    },
    end: () => decoder.decode(),
  };
}
