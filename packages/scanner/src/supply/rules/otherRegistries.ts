import type { Place } from '../../Fact.ts'
import { hostKind, hostOf } from '../../facts/hosts.ts'
import { liner, type View } from '../../View.ts'

/** Where the files of each tool name the place that packages are taken from: by the file's name, with the address as first group. */
const FILES: readonly (readonly [string, RegExp, RegExp])[] = [
  [
    'Maven',
    /(?:^|\/)(?:pom|settings)\.xml$/i,
    /<(?:repository|pluginRepository|mirror)>[^]{0,400}?<url>\s{0,4}(https?:[^<\s]{4,200})/g,
  ],
  [
    'Gradle',
    /\.gradle(?:\.kts)?$/i,
    /\bmaven\b[^{}]{0,20}\{[^}]{0,200}?\burl\b[^"'\n]{0,20}["'](https?:[^"'\s]{4,200})/g,
  ],
  ['NuGet', /(?:^|\/)nuget\.config$/i, /<add\s[^>]{0,80}\bvalue="(https?:[^"\s]{4,200})"/gi],
  ['Ruby', /(?:^|\/)Gemfile$/, /^\s{0,8}source[ (]+["'](https?:[^"'\s]{4,200})/gm],
  [
    'Composer',
    /(?:^|\/)composer\.json$/,
    /"type"\s{0,4}:\s{0,4}"composer"[^}]{0,200}?"url"\s{0,4}:\s{0,4}"(https?:[^"\s]{4,200})"/g,
  ],
  [
    'Go',
    /(?:^|\/)go\.(?:mod|work)(?:\.(?:txt|tmpl|template|example|sample))?$/,
    /^\s{0,8}(?:replace\s{1,4})?\S{1,120}(?: v\S{1,40})?\s{1,4}=>\s{1,4}((?!\.)[a-z][\w-]*(?:\.[\w-]+)+\/\S{1,160})/gm,
  ],
  [
    'npm',
    /(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$|(?:^|\/)(?:yarn|pnpm-lock)\.(?:lock|yaml)$/,
    /["']?(?:resolved|tarball)["']?\s{0,3}:?\s{0,3}["']?(https?:[^"'\s,}]{4,240})/g,
  ],
]
/** Settings of the environment that say so. */
const SETTINGS =
  /\b(?:PIP_(?:EXTRA_)?INDEX_URL|UV_(?:DEFAULT_|EXTRA_)?INDEX(?:_URL)?|NPM_CONFIG_REGISTRY|npm_config_registry|YARN_(?:NPM_)?REGISTRY\w*|GOPROXY|CARGO_REGISTRIES_\w{1,30}_INDEX|BUNDLE_MIRROR\w*|HOMEBREW_(?:BOTTLE|ARTIFACT)_DOMAIN)\s{0,2}[:=]\s{0,2}["']?(https?:[^"'\s,]{4,200})|\bpip3? config set \S{0,20}index-url ["']?(https?:[^"'\s]{4,200})|\bpublish\b[^\n|;]{0,80}--registry[= ]["']?(https?:[^"'\s]{4,200})/g
/** A line of the settings of pip, uv or npm that a command or a program writes. */
const WRITTEN =
  /(?:^|[\s"'`\\n])(?:(?:extra-)?index-url|default-index|(?:@[\w-]{1,40}:)?registry)\s{0,2}[=:]\s{0,2}["']?(https?:\/\/[^\s"'`\\,]{4,200})/g
/** Packages of a system that are taken whether or not they are signed. */
const UNSIGNED =
  /\bdeb(?:-src)?\s{1,3}\[[^\]\n]{0,80}\b(?:trusted=yes|allow-insecure=yes)[^\]\n]{0,80}\]\s{1,3}(https?:\/\/[^\s"']{4,200})|\bbaseurl\s{0,2}=\s{0,2}(https?:\/\/[^\s"']{4,200})(?=[^[]{0,200}\bgpgcheck\s{0,2}=\s{0,2}0)/g
export const KNOWN =
  /(?:^|\.)(?:maven\.org|apache\.org|gradle\.org|jitpack\.io|packagist\.org|nuget\.org|rubygems\.org|golang\.org|sonatype\.org|sonatype\.com|spring\.io|confluent\.io|jetbrains\.(?:space|com)|kotlinlang\.org|clojars\.org|jcenter\.bintray\.com|yarnpkg\.com|npmmirror\.com|taobao\.org|aliyun\.com|aliyuncs\.com|tencent\.com|tuna\.tsinghua\.edu\.cn|ustc\.edu\.cn|goproxy\.(?:cn|io)|gopkg\.in|k8s\.io|sigs\.k8s\.io|pkg\.dev|azure\.com|visualstudio\.com|jfrog\.io|cloudsmith\.io|repository\.\w+\.com|nvidia\.com|pytorch\.org|anaconda\.org|wolfi\.dev|corp|intranet|lan)$/

export interface OtherRegistry extends Place {
  readonly ecosystem: string
  readonly url: string
  readonly evidence: string
}

/** Places that packages are taken from and that no table of a package manager is read for: an address of nobody that is known. */
export function otherRegistries(views: readonly View[]): OtherRegistry[] {
  const out: OtherRegistry[] = []
  const seen = new Set<string>()
  let file = ''
  let readers: (readonly [string, RegExp])[] = []
  for (const view of views) {
    if (view.role === 'fixture') continue
    if (view.file !== file) {
      file = view.file
      readers = FILES.filter(([, name]) => name.test(file)).map(([tool, , pattern]) => [tool, pattern] as const)
    }
    if (view.name !== 'code' && readers.length === 0) continue
    const isWritten = view.name === 'code' && view.holder !== 'data'
    const settings = [
      ['Python, npm or Go', SETTINGS],
      ...(isWritten && /index|registry/.test(view.text) ? ([['Python or npm', WRITTEN]] as const) : []),
      ...(/\bdeb\b|baseurl/.test(view.text) ? ([['System', UNSIGNED]] as const) : []),
    ] as const
    for (const [ecosystem, pattern] of [...readers, ...settings])
      for (const found of view.text.matchAll(pattern)) {
        const url = found[1] ?? found[2] ?? found[3] ?? ''
        const host = hostOf(/^[a-z]+:\/\//.test(url) ? url : `https://${url}`)
        const kind = hostKind(host)
        if (kind === 'code' || kind === 'installer' || kind === 'local' || kind === 'placeholder' || KNOWN.test(host))
          continue
        if (host === '' || seen.has(`${view.file}\0${host}`)) continue
        seen.add(`${view.file}\0${host}`)
        out.push({
          ecosystem,
          url,
          file: view.file,
          line: liner(view)(found.index),
          view: view.name,
          role: view.role,
          evidence: found[0].slice(0, 160),
        })
      }
  }
  return out
}
