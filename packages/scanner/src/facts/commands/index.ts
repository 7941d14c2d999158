// Written by tools/lists.ts.
import type { Command } from './Command.ts'
import { command as aria2cCommand } from './aria2c/command.ts'
import { command as atCommand } from './at/command.ts'
import { command as awkCommand } from './awk/command.ts'
import { command as awsCommand } from './aws/command.ts'
import { command as base64Command } from './base64/command.ts'
import { command as catCommand } from './cat/command.ts'
import { command as cdCommand } from './cd/command.ts'
import { command as certutilCommand } from './certutil/command.ts'
import { command as chmodCommand } from './chmod/command.ts'
import { command as cpCommand } from './cp/command.ts'
import { command as curlCommand } from './curl/command.ts'
import { command as ddCommand } from './dd/command.ts'
import { command as digCommand } from './dig/command.ts'
import { command as echoCommand } from './echo/command.ts'
import { command as envCommand } from './env/command.ts'
import { command as evalCommand } from './eval/command.ts'
import { command as findCommand } from './find/command.ts'
import { command as getChilditemCommand } from './get-childitem/command.ts'
import { command as ghCommand } from './gh/command.ts'
import { command as gitCommand } from './git/command.ts'
import { command as grepCommand } from './grep/command.ts'
import { command as historyCommand } from './history/command.ts'
import { command as httpieCommand } from './httpie/command.ts'
import { command as iexCommand } from './iex/command.ts'
import { command as invokeWebrequestCommand } from './invoke-webrequest/command.ts'
import { command as mailCommand } from './mail/command.ts'
import { command as makeCommand } from './make/command.ts'
import { command as mapfileCommand } from './mapfile/command.ts'
import { command as mshtaCommand } from './mshta/command.ts'
import { command as ncCommand } from './nc/command.ts'
import { command as nodeCommand } from './node/command.ts'
import { command as npxCommand } from './npx/command.ts'
import { command as openCommand } from './open/command.ts'
import { command as osascriptCommand } from './osascript/command.ts'
import { command as pbpasteCommand } from './pbpaste/command.ts'
import { command as perlCommand } from './perl/command.ts'
import { command as powershellCommand } from './powershell/command.ts'
import { command as psqlCommand } from './psql/command.ts'
import { command as pythonCommand } from './python/command.ts'
import { command as readCommand } from './read/command.ts'
import { command as resticCommand } from './restic/command.ts'
import { command as rmCommand } from './rm/command.ts'
import { command as rubyCommand } from './ruby/command.ts'
import { command as schtasksCommand } from './schtasks/command.ts'
import { command as scpCommand } from './scp/command.ts'
import { command as sedCommand } from './sed/command.ts'
import { command as shCommand } from './sh/command.ts'
import { command as sha256sumCommand } from './sha256sum/command.ts'
import { command as socatCommand } from './socat/command.ts'
import { command as sshCommand } from './ssh/command.ts'
import { command as suCommand } from './su/command.ts'
import { command as tarCommand } from './tar/command.ts'
import { command as teeCommand } from './tee/command.ts'
import { command as unameCommand } from './uname/command.ts'
import { command as wgetCommand } from './wget/command.ts'
import { command as zipCommand } from './zip/command.ts'

/** Every program that is described, by its folder. */
export const COMMANDS: readonly Command[] = [
  aria2cCommand,
  atCommand,
  awkCommand,
  awsCommand,
  base64Command,
  catCommand,
  cdCommand,
  certutilCommand,
  chmodCommand,
  cpCommand,
  curlCommand,
  ddCommand,
  digCommand,
  echoCommand,
  envCommand,
  evalCommand,
  findCommand,
  getChilditemCommand,
  ghCommand,
  gitCommand,
  grepCommand,
  historyCommand,
  httpieCommand,
  iexCommand,
  invokeWebrequestCommand,
  mailCommand,
  makeCommand,
  mapfileCommand,
  mshtaCommand,
  ncCommand,
  nodeCommand,
  npxCommand,
  openCommand,
  osascriptCommand,
  pbpasteCommand,
  perlCommand,
  powershellCommand,
  psqlCommand,
  pythonCommand,
  readCommand,
  resticCommand,
  rmCommand,
  rubyCommand,
  schtasksCommand,
  scpCommand,
  sedCommand,
  shCommand,
  sha256sumCommand,
  socatCommand,
  sshCommand,
  suCommand,
  tarCommand,
  teeCommand,
  unameCommand,
  wgetCommand,
  zipCommand,
]
