/** In place of `qr`: a pattern that is no code. */
export default function encodeQr(): boolean[][] {
  return Array.from({ length: 33 }, (_, y) => Array.from({ length: 33 }, (__, x) => (x * 7 + y * 5) % 3 === 0))
}
