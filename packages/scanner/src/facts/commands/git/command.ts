import { hostKind, hostOf } from '../../hosts.ts'
import type { Command } from '../Command.ts'

export const command: Command = {
  names: ['git', 'hg', 'svn'],
  about: 'Fetches and sends repositories.',
  run(call, engine) {
    const words = call.own.filter((each) => !each.startsWith('-'))
    const url = words.find((each, i) => i > 0 && /^(?:https?|git|ssh|git\+\w+):\/\/|^[\w.-]+@[\w.-]+:/.test(each))
    if (url !== undefined && /^(?:clone|checkout|co)$/.test(words[0] ?? '')) {
      const given = words[words.indexOf(url) + 1]
      const name =
        given ??
        url
          .replace(/\/$/, '')
          .replace(/\.git$/, '')
          .replace(/^.*[/:]/, '')
      engine.keep(`${name.replace(/\/$/, '')}/`, new Map([['network', `clone of ${url}`]]))
    }
    const module = words[0] === 'submodule' && words[1] === 'add' ? (words[words.indexOf(url ?? '') + 1] ?? '') : ''
    if (url !== undefined && module !== '')
      engine.keep(`${module.replace(/\/$/, '')}/`, new Map([['network', `clone of ${url}`]]))
    // What a remote is called, and where it has moved to: its branches are that address's from then on.
    const remote = words[0] === 'remote' && /^(?:add|set-url)$/.test(words[1] ?? '') ? (words[2] ?? '') : ''
    if (url !== undefined && remote !== '' && hostKind(hostOf(url)) !== 'code') {
      engine.keep(`refs/${remote}`, new Map([['network', url]]))
      engine.keep('FETCH_HEAD', new Map([['network', url]]))
    }
    const moved = words.slice(1).flatMap((each) => /^(\w[\w.-]{0,40})\/\S+$/.exec(each)?.[1] ?? [])
    if (/^(?:reset|merge|checkout|rebase|switch)$/.test(words[0] ?? ''))
      for (const each of moved) engine.into('SKILL.md', engine.fileTaint(`refs/${each}`))
    if (words[0] === 'pull' && engine.fileTaint('refs/origin').has('network'))
      engine.into('SKILL.md', engine.fileTaint('refs/origin'))
    // A history that is fetched from an address and put in place of the own one.
    // A forge keeps what was reviewed beside what is new; an address of somebody's own does not.
    if (url !== undefined && words.includes('fetch') && hostKind(hostOf(url)) !== 'code')
      engine.keep('FETCH_HEAD', new Map([['network', url]]))
    if (words.includes('FETCH_HEAD') && words.some((each) => /^(?:reset|merge|checkout|rebase)$/.test(each)))
      engine.into('SKILL.md', engine.fileTaint('FETCH_HEAD'))
    // What a commit says, and what a push takes from a directory that was filled with it, leaves the machine.
    const isNamed = words[0] === 'config' && /^user\.(?:name|email)$/.test(words[1] ?? '')
    if (words.includes('commit') || isNamed || /^(?:tag|notes)$/.test(words[0] ?? ''))
      engine.send(call.argTaint, 'the history of a repository')
    if (words.includes('push')) {
      const folder = call.own[call.own.indexOf('-C') + 1]
      engine.send(
        call.own.includes('-C') && folder !== undefined ? engine.fileTaint(`${folder}/*`) : engine.fileTaint('./*'),
        url ?? 'a repository',
      )
    }
    // Hooks that lie in what was fetched run with every commit.
    if (words.includes('config') && words.some((each) => /^core\.hooksPath$/i.test(each)))
      engine.execute(engine.fileTaint(`${(words.at(-1) ?? '').replace(/\/$/, '')}/x`), 'core.hooksPath')
    // A store of keys that is added although the repository leaves it out.
    if (words[0] === 'add' && call.own.some((each) => /^(?:-f|--force)$/.test(each)))
      for (const word of words.slice(1)) engine.send(engine.fileTaint(word), 'the history of a repository')
    // What its store of passwords answers.
    const isAsked = words[0] === 'credential' && /^(?:fill|get)$/.test(words[1] ?? '')
    const isStore =
      /^credential-(?:store|cache|osxkeychain|manager|libsecret)$/.test(words[0] ?? '') && words[1] === 'get'
    if (isAsked || isStore) return { taint: new Map([['secret', 'git credential']]), literal: null }
    return { taint: call.argTaint, literal: null }
  },
}
