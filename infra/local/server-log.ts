/** The log of a server: its last words are kept, the rest is for who listens. */
export interface ServerLog {
  readonly write: (text: string) => void
  lastWords(): string
}

export function makeServerLog(onLog?: (text: string) => void): ServerLog {
  const maxCharacters = 4000
  let text = ''
  return {
    write(more) {
      text = (text + more).slice(-maxCharacters)
      onLog?.(more)
    },
    lastWords: () => text.trim() || 'it said nothing',
  }
}
