import type { ReceiptKeyFolder } from '@countersign/simulator'
import type { Store } from './store/openStore.ts'

const PREFIX = 'receipt-keys/'

/** The keys that sign receipts, where instances share them; without a database they are files of the data directory. */
export function sharedReceiptKeys({ sharedKeys }: Pick<Store, 'sharedKeys'>): { folder?: ReceiptKeyFolder } {
  if (sharedKeys === null) return {}
  const names = (): string[] => sharedKeys.names().filter((name) => name.startsWith(PREFIX))
  return {
    folder: {
      where: 'the database',
      // Not asked at every signature: the folder is read again every few seconds, and where a key is not known.
      stamp: () => 'database',
      all: () =>
        names().flatMap((name) => {
          const text = sharedKeys.read(name)
          return text === null ? [] : [{ name: name.slice(PREFIX.length), text }]
        }),
      write: (name, text) => sharedKeys.replace(PREFIX + name, text),
      remove: (name) => sharedKeys.remove(PREFIX + name),
    },
  }
}
