import manifest from '../package.json' with { type: 'json' }

/** The scanner's own version, for reports. */
export const VERSION: string = manifest.version
