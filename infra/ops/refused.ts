/** What the person who types the command can set right; told in one sentence, without a stack trace. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused'
}
