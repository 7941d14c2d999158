/**
 * What a sentence of a skill says beside the act itself. Each is said by honest skills every day; what they say together, in one
 * section, is what an attack cannot leave unsaid: whose words are done, that nobody looks, and that nobody hears of it.
 */
export type Signal =
  /** Text or people that the user did not choose. */
  | 'outside'
  /** It holds something to do: commands, steps, requests. */
  | 'task'
  /** It is carried out, as it stands. */
  | 'done'
  /** Nobody is asked, nothing is shown before; or why that is not needed. */
  | 'unchecked'
  /** Something is kept out of what the user reads. */
  | 'unsaid'
  /** People are told something else than what is so. */
  | 'untrue'
  /** Doubts are talked away, or time is short. */
  | 'soothed'
  /** Words, codes or money that open an account are asked for. */
  | 'code'
  /** Histories, logs and records are cleaned. */
  | 'traces'
  /** Keys, money, shells and files of the user are touched. */
  | 'power'
  /** Something leaves for an address. */
  | 'leaves'
  /** The user comes second, or a text that came later counts. */
  | 'demoted'
  /** The opposite of all that: the user is asked, outside text is data, the source is checked. */
  | 'careful'

export type SignalWords = Readonly<Partial<Record<Signal, RegExp>>>
