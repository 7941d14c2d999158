import { createDecipheriv, createECDH, createPublicKey, hkdfSync, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { authorization, encrypt, isService, parseSubscription, vapidKeyFrom, vapidKeyOf } from './WebPush.ts'

/** RFC 8291, section 5 and appendix A. */
const VECTOR = {
  text: 'When I grow up, I want to be a watermelon',
  senderPrivate: 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw',
  receiverPrivate: 'q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94',
  receiverPublic: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  salt: 'DGv6ra1nlYgDCS1FRnbzlw',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  message:
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
}

test('promise: encrypts the example of RFC 8291 to the bytes that it prints', () => {
  const key = createECDH('prime256v1')
  key.setPrivateKey(Buffer.from(VECTOR.senderPrivate, 'base64url'))
  const salt = Buffer.from(VECTOR.salt, 'base64url')
  const message = encrypt(VECTOR.text, { p256dh: VECTOR.receiverPublic, auth: VECTOR.auth }, { salt, key })
  expect(message.toString('base64url')).toBe(VECTOR.message)
})

test('promise: each message has a key and a salt of its own, and only the receiver reads it', () => {
  const receiver = createECDH('prime256v1')
  receiver.generateKeys()
  const [p256dh, auth] = [receiver.getPublicKey().toString('base64url'), Buffer.alloc(16, 7).toString('base64url')]
  const both = ['x', 'x'].map((text) => encrypt(text, { p256dh, auth }))
  expect(both[0]?.subarray(0, 86).equals(both[1]?.subarray(0, 86) ?? Buffer.alloc(0))).toBe(false)
  for (const message of both) expect(decrypt(message, receiver, auth)).toBe('x')
  const cut = decrypt(encrypt('ä'.repeat(4_000), { p256dh, auth }), receiver, auth)
  expect(cut).toBe('ä'.repeat(1_500))
})

/** As a browser does it: the other half of RFC 8291. */
function decrypt(message: Buffer, receiver: ReturnType<typeof createECDH>, auth: string): string {
  const [salt, sender] = [message.subarray(0, 16), message.subarray(21, 86)]
  const hkdf = (secret: Buffer, salted: Buffer, info: Buffer, bytes: number) =>
    Buffer.from(hkdfSync('sha256', secret, salted, info, bytes))
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), receiver.getPublicKey(), sender])
  const material = hkdf(receiver.computeSecret(sender), Buffer.from(auth, 'base64url'), info, 32)
  const key = hkdf(material, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
  const cipher = createDecipheriv(
    'aes-128-gcm',
    key,
    hkdf(material, salt, Buffer.from('Content-Encoding: nonce\0'), 12),
  )
  cipher.setAuthTag(message.subarray(-16))
  const text = Buffer.concat([cipher.update(message.subarray(86, -16)), cipher.final()])
  expect(text.at(-1)).toBe(2)
  return text.subarray(0, -1).toString()
}

test('promise: signs its requests by RFC 8292, for one service and twelve hours', () => {
  const key = vapidKeyFrom(Buffer.from(VECTOR.senderPrivate, 'base64url'))
  const header = authorization(key, {
    endpoint: 'https://push.example.invalid/a/b?c',
    contact: 'mailto:ops@example.invalid',
    nowMs: 1_800_000_000_500,
  })
  const [, head = '', claims = '', signature = '', k = ''] =
    /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(header) ?? []
  expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ typ: 'JWT', alg: 'ES256' })
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
    ...{ aud: 'https://push.example.invalid', exp: 1_800_043_200, sub: 'mailto:ops@example.invalid' },
  })
  const point = Buffer.from(k, 'base64url')
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')]
  const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } })
  const signed = Buffer.from(`${head}.${claims}`)
  const by = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
  expect(verify('sha256', signed, by, Buffer.from(signature, 'base64url'))).toBe(true)
  expect(k).toBe(key.publicKey)
})

test('promise: makes the same key of one secret at every start, and another of another secret', () => {
  const [one, same, other] = [1, 1, 2].map((byte) => vapidKeyOf(Buffer.alloc(32, byte)).publicKey)
  expect(one).toBe(same)
  expect(one).not.toBe(other)
})

test('promise: reads a subscription of a browser, and nothing else', () => {
  const keys = { p256dh: VECTOR.receiverPublic, auth: VECTOR.auth }
  const good = { endpoint: 'https://fcm.googleapis.com/fcm/send/x', expirationTime: null, keys }
  const read = parseSubscription(good)
  expect(read).toEqual({ endpoint: good.endpoint, ...keys })
  expect(parseSubscription(JSON.stringify(read)), 'and its own text').toEqual(read)
  for (const bad of [
    null,
    'x',
    '{',
    [],
    {},
    { ...good, endpoint: 'file:///etc/passwd' },
    { ...good, endpoint: 'https://a:b@fcm.googleapis.com/' },
    { ...good, endpoint: `https://fcm.googleapis.com/${'x'.repeat(1_000)}` },
    { ...good, keys: { ...keys, p256dh: 'AAAA' } },
    { ...good, keys: { ...keys, auth: 'AAAA' } },
    { ...good, keys: { p256dh: keys.p256dh } },
  ])
    expect(parseSubscription(bad), JSON.stringify(bad)).toBeNull()
})

test('promise: messages go to push services of browsers over https, and to those that the operator named', () => {
  for (const [endpoint, is] of [
    ['https://fcm.googleapis.com/fcm/send/x', true],
    ['https://updates.push.services.mozilla.com/wpush/v2/x', true],
    ['https://web.push.apple.com/x', true],
    ['https://wns2-by3p.notify.windows.com/w/?token=x', true],
    ['https://own.example.invalid/x', true],
    ['http://fcm.googleapis.com/x', false],
    ['https://fcm.googleapis.com:8443/x', false],
    ['https://fcm.googleapis.com.evil.invalid/x', false],
    ['https://evilnotify.windows.com/x', false],
    ['https://127.0.0.1/x', false],
    ['https://own.example.invalid:444/x', false],
  ] as const)
    expect(isService(endpoint, ['https://own.example.invalid']), endpoint).toBe(is)
})
