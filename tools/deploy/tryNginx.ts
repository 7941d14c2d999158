import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../freePort.ts'

/**
 * Starts nginx with the shipped configuration in front of a server, changed only in its ports, certificates and folders.
 *
 * @returns what is wrong, or null.
 */
export async function tryNginx({
  configFile,
  scratch,
  server,
}: {
  configFile: string
  scratch: string
  server: { readonly url: string }
}): Promise<string | null> {
  const folder = join(scratch, 'nginx')
  mkdirSync(folder)
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=agent.example.com',
      '-keyout',
      keyFile,
      '-out',
      certFile,
    ],
    { stdio: 'ignore' },
  )
  const [plainPort, tlsPort] = [await freePort(), await freePort()]
  const { host } = new URL(server.url)
  const config = readFileSync(configFile, 'utf8')
    .replace('127.0.0.1:8080', host)
    .replace('127.0.0.1:8081', host)
    .replace('listen 80;', `listen 127.0.0.1:${plainPort};`)
    .replace('listen 443', `listen 127.0.0.1:${tlsPort}`)
    .replace('/etc/ssl/countersign/fullchain.pem', certFile)
    .replace('/etc/ssl/countersign/privkey.pem', keyFile)
  const main = join(folder, 'nginx.conf')
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  writeFileSync(
    main,
    `daemon off;\npid ${folder}/pid;\nerror_log ${folder}/error.log;\nevents {}\nhttp {\naccess_log off;\n${paths
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join('\n')}\n${config}\n}\n`,
  )
  const nginx = spawn('nginx', ['-p', folder, '-c', main], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  nginx.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  try {
    const status = await statusOf(tlsPort, '/ready')
    if (status !== 200) return `/ready answers ${status ?? 'nothing'} through nginx. ${said}`
    return (await metricsStayInside(tlsPort)) ?? (await addressIsBelieved(tlsPort)) ?? (await streamsArrive(tlsPort))
  } finally {
    if (nginx.exitCode === null) {
      nginx.kill('SIGTERM')
      await once(nginx, 'exit')
    }
  }
}

function get(port: number, path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(
      { host: '127.0.0.1', port, path, headers: { host: 'agent.example.com', ...headers }, rejectUnauthorized: false },
      resolve,
    )
      .once('error', reject)
      .end()
  })
}

/** The status of the first answer that is not nginx's own 502; nginx may take a moment to start. */
async function statusOf(port: number, path: string): Promise<number | null> {
  let status: number | null = null
  for (let i = 0; i < 300; i += 1) {
    status = await get(port, path).then(
      (answer) => answer.resume().statusCode ?? null,
      () => null,
    )
    if (status !== null && status !== 502) break
    await delay(100)
  }
  return status
}

async function metricsStayInside(port: number): Promise<string | null> {
  const { statusCode } = (await get(port, '/metrics')).resume()
  return statusCode === 404 ? null : `/metrics answers ${statusCode} through the proxy.`
}

/** With one proxy believed the server counts what a client does by the client's own address, and says nothing of a proxy. */
async function addressIsBelieved(port: number): Promise<string | null> {
  const text = await textOf(await get(port, '/ready', { 'x-forwarded-for': '203.0.113.9' }))
  return text.includes('warnings') ? `The server does not believe the proxy: ${text}` : null
}

/** The first line of a stream comes before the stream ends. */
async function streamsArrive(port: number): Promise<string | null> {
  const sid = crypto.randomUUID()
  const answer = await get(port, '/api/updates', { accept: 'text/event-stream', 'x-session-id': sid })
  const first = once(answer, 'data').then(() => 'data')
  const outcome = await Promise.race([first, delay(60_000, 'late', { ref: false })])
  answer.destroy()
  return answer.statusCode === 200 && outcome === 'data' ? null : `The stream answers ${answer.statusCode}, ${outcome}.`
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  return text
}
