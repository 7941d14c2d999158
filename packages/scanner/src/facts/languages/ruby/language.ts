import { PLAIN, type Language } from '../Language.ts'

export const language: Language = {
  name: 'ruby',
  fences: ['ruby', 'rb'],
  endings: ['rb', 'rake', 'gemspec'],
  files: ['rakefile', 'gemfile', 'vagrantfile', 'podfile', 'fastfile', 'brewfile'],
  about: 'Ruby.',
  syntax: {
    ...PLAIN,
    lineComments: ['#'],
    blockComments: [['=begin', '=end']],
    backtick: 'command',
    hasPatterns: true,
    percentQuotes: 'ruby',
    chains: ['::', '&.'],
    hasBareCalls: true,
    joins: ['+', '<<'],
  },
  calls: {
    runs: /^(?:Kernel\.)?(?:system|exec|spawn|eval|load|`)$|(?:^|\.)(?:instance_eval|class_eval|module_eval|instance_exec)$|^(?:IO\.popen|Open3\.\w+|PTY\.spawn|Process\.spawn|RubyVM\.InstructionSequence\.\w+|ERB\.new)$|^binding\.eval$/,
    runsOwn: /(?:^|\.)(?:eval|instance_eval|class_eval|module_eval|instance_exec)$|^ERB\.new$|^RubyVM/,
    runsFile: /^(?:Kernel\.)?(?:load|require|require_relative|instance_eval)$/,
    fetches:
      /^(?:URI\.open|OpenURI\.open_uri|open_uri|Net\.HTTP\.(?:get|get_response|start|post|post_form)|Faraday\.get|HTTParty\.get|RestClient\.get|Excon\.get|HTTP\.get|URI\.parse|TCPSocket\.(?:new|open))$|(?:^|\.)URI\.open$/,
    sends:
      /^(?:Net\.HTTP\.(?:post|post_form)|Faraday\.(?:post|put)|HTTParty\.(?:post|put)|RestClient\.(?:post|put)|Excon\.post|HTTP\.post)$/,
    reads:
      /^(?:File|IO)\.(?:read|binread|open|readlines|foreach|new)$|^(?:File|Dir)\.(?:glob|expand_path)$|^YAML\.load_file$/,
    writes: /^(?:File|IO)\.(?:write|binwrite|open|new)$|^FileUtils\.(?:cp|mv|ln_s|install|copy)$/,
    deletes: /^(?:File\.(?:delete|unlink)|FileUtils\.(?:rm\w*|remove\w*))$/,
    decodes: /(?:^|\.)(?:decode64|strict_decode64|urlsafe_decode64|unpack1?|inflate)$/,
    environment: /^ENV$/,
  },
}
