/**
 * Text that a contract chose, made fit for people and for logs: control, bidirectional, zero-width and other
 * invisible characters are written as `\u{…}`, and the length is capped. It is data, never markup and never an
 * instruction.
 *
 * @param maxLength - Characters kept; the rest is replaced by an ellipsis.
 */
export function safeText(text: string, maxLength = 64): string {
  // Format, control, surrogate, private-use, unassigned, and line or paragraph separators (Unicode categories C*, Zl, Zp),
  // plus variation selectors, which hide bytes.
  const escaped = text.replace(
    /[\p{C}\p{Zl}\p{Zp}\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  )
  const points = [...escaped]
  return points.length > maxLength ? `${points.slice(0, maxLength - 1).join('')}…` : escaped
}
