export interface Language {
  readonly name: 'shell' | 'python' | 'javascript' | 'ruby' | 'perl' | 'php' | 'lua'
}
