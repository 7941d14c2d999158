/** One app's documents hold up no other app's, and none fills the memory. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createDeflate, deflateSync } from 'node:zlib'
import { Clock } from '@countersign/base'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAppendAudit } from '../../audit/appendAudit.ts'
import { openStore, type Store } from '../../store/openStore.ts'
import { fromName } from '../App.ts'
import { AppDocuments } from './AppDocuments.ts'
import { PDF_PREFIX } from './Document.ts'
import { reviewInThread } from './reviewInThread.ts'
import { unread } from './review/reviewText.ts'
import { pdfFile } from './testPdf.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'countersign-documents-'))
const clock = Clock.fixed(1_700_000_000_000)
let store: Store
beforeAll(async () => {
  store = await openStore({ clock }, { dataDir })
})
afterAll(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true, force: true })
})

test('promise: documents of one app that never end hold up no other app', async () => {
  let release = (): void => undefined
  const held = new Promise<null>((resolve) => (release = () => resolve(null)))
  const documents = new AppDocuments({
    ...{ store, clock, audit: createAppendAudit({ clock }), reviewer: async () => 'test', onChange: () => undefined },
    review: ({ path }) => (path.startsWith('slow') ? held : Promise.resolve(unread('it was looked at'))),
    onError: (error) => {
      throw error
    },
  })
  const load = (name: string, paths: readonly string[]) =>
    documents.load({ ...fromName(name), documents: paths }, new Map(paths.map((path) => [path, `# ${path}`])))
  // Nobody waits for them.
  const slow = load('slow', ['slow-1.md', 'slow-2.md', 'slow-3.md'])
  await load('other', ['good.md'])
  await expect
    .poll(() => documents.list('other').map(({ findings }) => findings[0]?.because), { timeout: 120_000 })
    .toEqual(['It could not be reviewed: it was looked at.'])
  expect(documents.list('slow')[0]?.findings[0]?.because).toBe('It has not been reviewed yet.')
  release()
  await slow
  await documents.close()
})

test('promise: while a long document is put into the index, others write; it is found when all of it is there', async () => {
  const text = Array.from({ length: 40_000 }, (_, i) => `w${i.toString(36)}`).join(' ')
  const reviewed = { ...unread(''), text, findings: [], unread: null }
  const documents = new AppDocuments({
    ...{ store, clock, audit: createAppendAudit({ clock }), reviewer: async () => 'test', onChange: () => undefined },
    review: async () => reviewed,
    onError: (error) => {
      throw error
    },
  })
  let between = 0
  await Promise.all([
    documents.load({ ...fromName('long'), documents: ['a.md'] }, new Map([['a.md', text]])),
    // A load waits for a review for some seconds only: what is waited for here is the review.
    (async () => {
      while (documents.list('long')[0]?.findings.length !== 0) {
        const { rows } = await store.write((write) =>
          write.run("select count(*) as n from document_terms where app = 'long'", []),
        )
        const isReviewed = documents.list('long')[0]?.findings.length === 0
        if ((rows as { n: number }[])[0]?.n !== 0 && !isReviewed) between += 1
      }
    })(),
  ])
  expect(between).toBeGreaterThan(1)
  const { sha256, id } = documents.list('long')[0] ?? {}
  await documents.decide({
    ...{ app: 'long', id: id ?? '', sha256: sha256 ?? '', state: 'released', by: 'key', because: null },
  })
  for (const query of ['w0', `w${(39_999).toString(36)}`])
    expect((await documents.search('long', { query, limit: 1 })).length).toBe(1)
  await documents.close()
})

/** A PDF of one page whose content unpacks twice: 2 KB become a gigabyte. */
async function bomb(): Promise<Buffer> {
  const block = Buffer.alloc(1024 * 1024, ' ')
  const once = Readable.from(Array.from({ length: 1_024 }, () => block)).compose(createDeflate())
  const content = deflateSync(Buffer.concat(await once.toArray()))
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << >> >>',
    `<< /Length ${content.length} /Filter [/FlateDecode /FlateDecode] >>\nstream\n${content.toString('latin1')}\nendstream`,
  ]
  return pdfFile(objects)
}

test('promise: a small PDF that unpacks without end is cut off before it is there, and stays in quarantine', async () => {
  const pdf = await bomb()
  expect(pdf.length).toBeLessThan(4_000)
  // Without the deadline, which a busy machine may reach before the memory is filled.
  const reviewed = await reviewInThread({ path: 'a.pdf', text: PDF_PREFIX + pdf.toString('base64') }, clock.nowMs(), {
    deadlineMs: 280_000,
    maxOutsideBytes: 48 * 1024 * 1024,
  })
  expect(reviewed?.unread).toBe('It could not be reviewed: it takes too much memory to read.')
})
