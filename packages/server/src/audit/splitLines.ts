/** A file, in pieces of any size. */
export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** No entry is near so long. What is longer is not collected: memory stays flat whatever the file. */
const LINE_BYTES_MAX = 16 * 1024 * 1024
const LINE_FEED = 0x0a

/**
 * The lines of a file without their line feeds, as many at a time as a chunk ends. Only a line feed ends a line: JSON
 * may hold every other character that some call a line break. A last line without one is a line too.
 *
 * A line of more than 16 MiB comes in two: that is no entry then, which is what its reader will say.
 */
export async function* splitLines(chunks: Chunks): AsyncGenerator<Buffer[]> {
  let begun: Buffer[] = []
  let begunBytes = 0
  const ended = (piece: Buffer): Buffer => {
    const line = begunBytes === 0 ? piece : Buffer.concat([...begun, piece])
    begun = []
    begunBytes = 0
    return line
  }
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const lines: Buffer[] = []
    let from = 0
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
      lines.push(ended(bytes.subarray(from, at)))
      from = at + 1
    }
    if (from < bytes.length) {
      // A copy: the chunk may be filled anew.
      begun.push(Buffer.from(bytes.subarray(from)))
      begunBytes += bytes.length - from
    }
    if (begunBytes > LINE_BYTES_MAX) lines.push(ended(Buffer.alloc(0)))
    yield lines
  }
  if (begunBytes > 0) yield [ended(Buffer.alloc(0))]
}
