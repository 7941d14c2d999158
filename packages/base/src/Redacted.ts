const secrets = new WeakMap<Redacted<unknown>, unknown>()

/** A secret that prints as `[redacted]` wherever it is logged, stringified, inspected or serialised. */
export class Redacted<T> {
  constructor(value: T) {
    secrets.set(this, value)
  }
  toString(): string {
    return '[redacted]'
  }
  toJSON(): string {
    return '[redacted]'
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[redacted]'
  }
}

/** Wraps a secret. */
export function of<T>(value: T): Redacted<T> {
  return new Redacted(value)
}

/** Opens a secret; call it only in the line that needs the plain value. */
export function reveal<T>(secret: Redacted<T>): T {
  return secrets.get(secret as Redacted<unknown>) as T
}

/**
 * A provider URL as people may see it: scheme and host. Path, query and credentials are left out, because
 * providers put API keys in all three.
 */
export function url(text: string): string {
  try {
    const parsed = new URL(text)
    return `${parsed.protocol}//${parsed.host}`
  } catch {
    return '[unreadable URL]'
  }
}
