import { expect, test } from 'vitest'
import { parseAuthorization } from '../signatures/readAuthorization.ts'
import { parseOverrides } from './parseOverrides.ts'
import { parseCall } from './parseRequest.ts'

const ADDRESS = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'

test('promise: a name that every object has is no type, no field and no spelling', () => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    const named = (entry: unknown): unknown => JSON.parse(`{"${name}":${JSON.stringify(entry)}}`)
    expect(() => parseCall({ to: ADDRESS, type: name }, 'transaction 1'), name).toThrow(/"type" is none of/)
    expect(() => parseOverrides({ [ADDRESS]: named('0x1') }), name).toThrow(/is not known/)
    const authorization = { chain_id: '1', address: ADDRESS, nonce: '0' }
    expect(() => parseAuthorization({ ...authorization, ...Object.fromEntries([[name, 1]]) }), name).toThrow(
      /is not known/,
    )
  }
})
