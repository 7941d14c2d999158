import { PLAIN, type Language } from '../Language.ts'

export const language: Language = {
  name: 'php',
  fences: ['php'],
  endings: ['php', 'phtml', 'phar'],
  files: [],
  about: 'PHP.',
  syntax: {
    ...PLAIN,
    lineComments: ['//', '#'],
    backtick: 'command',
    chains: ['->', '::', '?->'],
    hasBareCalls: true,
    joins: ['.'],
  },
  calls: {
    runs: /^(?:eval|assert|system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec|create_function|call_user_func|include|include_once|require|require_once|`)$/,
    runsOwn: /^(?:eval|assert|create_function)$/,
    runsFile: /^(?:include|include_once|require|require_once)$/,
    fetches: /^(?:curl_exec|fsockopen|stream_socket_client|http_get)$/,
    downloads: /^copy$/,
    sends: /^(?:curl_setopt|curl_setopt_array|stream_context_create|mail|fwrite|http_post_data)$/,
    reads: /^(?:file_get_contents|file|fopen|readfile|parse_ini_file)$/,
    writes: /^(?:file_put_contents|copy|rename|symlink|fputs)$/,
    deletes: /^(?:unlink|rmdir)$/,
    decodes: /^(?:base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|hex2bin|convert_uudecode|strrev)$/,
    environment: /^\$_ENV$/,
  },
}
