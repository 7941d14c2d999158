/** `countersign`: the command line, and `launch` for whoever wants the whole house in one process. */
export { terminal, type Io } from './io.ts'
export { defaultDataDir } from './defaultDataDir.ts'
export { launch, type Launched, type LaunchOptions } from './launch.ts'
export { run } from './main.ts'
