import { Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library'
import { PackageURL } from 'packageurl-js'
import { pathOf } from './Line.ts'
import type { ScanReport } from '../ScanReport.ts'
import type { Dependency, Ecosystem } from '../supply/Dependency.ts'
import type { SupplyFacts } from '../supply/SupplyFacts.ts'

/** Package URL types (package-url/purl-spec, "Known purl types"). */
const PURL_TYPE: Readonly<Partial<Record<Ecosystem, string>>> = {
  npm: 'npm',
  PyPI: 'pypi',
  'crates.io': 'cargo',
  Go: 'golang',
  RubyGems: 'gem',
  docker: 'docker',
  github: 'github',
}

/**
 * What the skills would have fetched, as a CycloneDX 1.6 bill of materials: each skill is a component, what it depends on
 * are components below it. The same skills give the same bytes: no serial number, no time.
 *
 * @param supplies - By the skill's path.
 */
export function toCycloneDx(
  report: ScanReport,
  { supplies, version }: { supplies: ReadonlyMap<string, SupplyFacts>; version: string },
): string {
  const bom = new Models.Bom()
  bom.metadata.tools.components.add(new Models.Component(Enums.ComponentType.Application, 'countersign', { version }))
  const shared = new Map<string, Models.Component>()
  const root = new Models.Component(Enums.ComponentType.Application, 'skills', { bomRef: 'skills' })
  bom.metadata.component = root
  for (const skill of report.skills) {
    const component = new Models.Component(Enums.ComponentType.Application, skill.name, {
      bomRef: `skill:${skill.path}`,
      hashes: new Models.HashDictionary([
        [Enums.HashAlgorithm['SHA-256'], skill.content_digest.replace(/^sha256:/, '')],
      ]),
      properties: new Models.PropertyRepository([
        new Models.Property('countersign:path', skill.path),
        new Models.Property('countersign:verdict', skill.verdict),
        new Models.Property('countersign:risk_tier', skill.risk_tier.derived),
      ]),
    })
    bom.components.add(component)
    root.dependencies.add(component.bomRef)
    for (const dependency of supplies.get(skill.path)?.dependencies ?? []) {
      if (dependency.source.kind === 'path') continue
      const reference = refOf(dependency)
      const own = shared.get(reference) ?? componentOf(dependency, reference)
      if (!shared.has(reference)) {
        shared.set(reference, own)
        bom.components.add(own)
      }
      own.properties.add(
        new Models.Property('countersign:from', `${pathOf(skill.path, dependency.file)}:${dependency.line}`),
      )
      component.dependencies.add(own.bomRef)
    }
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6))
  return serializer.serialize(bom, { sortLists: true, space: 2 })
}

function refOf(dependency: Dependency): string {
  return purlOf(dependency) ?? `${dependency.ecosystem}:${dependency.name}:${dependency.spec}`
}

function componentOf(dependency: Dependency, reference: string): Models.Component {
  const { ecosystem, name, version, spec, pin, isDevelopment } = dependency
  const type = ecosystem === 'docker' ? Enums.ComponentType.Container : Enums.ComponentType.Library
  const purl = purlOf(dependency)
  const component = new Models.Component(type, name, {
    bomRef: reference,
    ...(version === null ? {} : { version }),
    ...(purl === null ? {} : { purl }),
    ...(isDevelopment ? { scope: Enums.ComponentScope.Optional } : {}),
    properties: new Models.PropertyRepository([
      new Models.Property('countersign:pin', pin),
      ...(spec === '' ? [] : [new Models.Property('countersign:spec', spec)]),
    ]),
  })
  const url = dependency.source.kind === 'git' || dependency.source.kind === 'url' ? dependency.source.url : null
  if (url !== null)
    component.externalReferences.add(
      new Models.ExternalReference(
        url,
        dependency.source.kind === 'git' ? Enums.ExternalReferenceType.VCS : Enums.ExternalReferenceType.Distribution,
      ),
    )
  return component
}

/** The package URL, or null for what no registry names. */
export function purlOf({ ecosystem, name, version, spec, source }: Dependency): string | null {
  const type = PURL_TYPE[ecosystem]
  if (type === undefined || source.kind !== 'registry') return null
  const at = name.lastIndexOf('/')
  const namespace = at === -1 ? undefined : name.slice(0, at)
  const digest = /sha256:[0-9a-f]{64}/.exec(spec)?.[0]
  const qualifiers =
    ecosystem === 'docker' && namespace !== undefined ? { repository_url: namespace.split('/')[0] ?? '' } : undefined
  const space = ecosystem === 'docker' ? namespace?.split('/').slice(1).join('/') || undefined : namespace
  try {
    return new PackageURL(
      type,
      space,
      name.slice(at + 1),
      digest ?? version ?? undefined,
      qualifiers,
      undefined,
    ).toString()
  } catch {
    return null
  }
}
