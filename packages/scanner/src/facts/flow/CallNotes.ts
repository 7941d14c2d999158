import type { Call, Path, Place, Sink, Source } from '../../Fact.ts'
import type { Files } from './Files.ts'

/** Who writes down what the calls of one piece of code do. */
export interface CallNotes {
  readonly place: (offset: number) => Place
  readonly files: Files
  addCall(call: Call): void
  addEnv(name: string, place: Place): void
  addPath(path: string, access: Path['access'], shown: string, place: Place): void
  addFlow(source: Source, sink: Sink, from: string, to: string, shown: string, place: Place): void
  /** A line of the shell that code runs. */
  shell(line: string, place: Place): void
  /** Code of the same language that code runs. */
  own(code: string, place: Place): void
}
