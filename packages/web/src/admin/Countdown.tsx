import { useEffect, useState } from 'react'
import { admin } from '../text/admin.ts'
import { Time } from './Parts.tsx'

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** How long until a time, in the two largest units that say something. */
export function timeLeft(leftMs: number): string {
  let leftS = Math.floor(leftMs / 1_000)
  const words = admin().left
  if (leftS < 0) return words.over
  if (leftS < 60) return words.underOneMinute
  const parts: string[] = []
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(leftS / seconds)
    leftS -= count * seconds
    if (count > 0) parts.push(words[unit](count))
    else if (parts.length > 0) break
  }
  return parts.slice(0, 2).join(' ')
}

/** A time and how long it is until then. Not a live region: it would speak every minute. */
export function Countdown({ iso }: { iso: string }) {
  const [nowMs, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000)
    return () => clearInterval(timer)
  }, [])
  return (
    <>
      {timeLeft(Date.parse(iso) - nowMs)} (<Time iso={iso} />)
    </>
  )
}
