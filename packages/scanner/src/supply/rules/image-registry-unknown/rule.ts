import { readImage } from '../../Dependency.ts'
import type { Rule } from '../../../Rule.ts'
import { at, firsts } from '../shared.ts'

/** Registries with an owner that is known and accounts that can be looked up. */
const KNOWN =
  /(?:^|\.)(?:docker\.io|ghcr\.io|gcr\.io|pkg\.dev|quay\.io|mcr\.microsoft\.com|amazonaws\.com|public\.ecr\.aws|k8s\.io|gitlab\.com|nvcr\.io|redhat\.com|redhat\.io|azurecr\.io|elastic\.co|fedoraproject\.org|cgr\.dev|opensuse\.org|digitalocean\.com|hf\.space|huggingface\.co)$/

export const imageRegistryUnknown: Rule = {
  name: 'image-registry-unknown',
  check: 'supply',
  ast: 'AST02',
  item: '2.2',
  about: 'A container image from a registry that is not a well-known one.',
  severity: 'high',
  because: 'An image is a whole machine of somebody else’s making; its registry decides who gets which.',
  remediation: 'Use an image from a well-known registry by digest, or build it from a Dockerfile in the skill.',
  *find({ supply }) {
    for (const each of firsts(supply.dependencies, ({ file, name }) => `${file}\0${name}`)) {
      if (each.ecosystem !== 'docker') continue
      const host = readImage(each.name)?.host ?? ''
      if (KNOWN.test(host) || /^localhost(?::|$)|^127\./.test(host)) continue
      yield at(
        each,
        each.pin === 'hash' ? 'medium' : 'high',
        `The image comes from ${host}, which is no well-known registry.`,
      )
    }
  },
}
