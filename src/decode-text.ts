/** Encodings that editors and spreadsheets write. */
type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** A file's text, and how its encoding was determined if that is uncertain. */
export interface DecodedText {
  readonly text: string;
  readonly encoding: Encoding;
  readonly note?: string;
}

/** The number of bytes examined to see whether every second one is zero. */
const SAMPLE = 1024;

/**
 * Decodes a file in the encodings that editors and spreadsheets write: UTF-8 and UTF-16, with or
 * without a byte order mark. Anything else is read as Windows-1252, with a note. O(size).
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe)
    return { text: decoded(bytes, 'utf-16le'), encoding: 'utf-16le' };
  if (first === 0xfe && second === 0xff)
    return { text: decoded(bytes, 'utf-16be'), encoding: 'utf-16be' };
  const wide = wideEncoding(bytes.subarray(0, SAMPLE));
  if (wide !== undefined) {
    const note = `has no byte order mark and looks like ${wide.toUpperCase()}; it is read as that`;
    return { text: decoded(bytes, wide), encoding: wide, note };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'utf-8' };
  } catch {
    return {
      text: decoded(bytes, 'windows-1252'),
      encoding: 'windows-1252',
      note: 'is not UTF-8 and is read as Windows-1252 (Western European)',
    };
  }
}

function decoded(bytes: Uint8Array, encoding: Encoding): string {
  return new TextDecoder(encoding).decode(bytes);
}

/** Latin text in UTF-16 has a zero in every other byte. */
function wideEncoding(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const zeros = [0, 0];
  bytes.forEach((byte, k) => {
    if (byte === 0) zeros[k % 2]!++;
  });
  const [even, odd] = zeros as [number, number];
  const most = bytes.length / 2;
  if (odd > 0.7 * most && even < 0.1 * most) return 'utf-16le';
  if (even > 0.7 * most && odd < 0.1 * most) return 'utf-16be';
  return undefined;
}
