import { createReadStream, createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

/** What was said somewhere, line by line, in a file: a campaign says more than memory should hold. */
export interface Transcript {
  write(text: string): void
  /** All that was written, in pieces of whole lines. What is written afterwards is not kept. */
  read(): AsyncIterable<string>
}

export function openTranscript(file: string): Transcript {
  const stream = createWriteStream(file)
  let isOpen = true
  return {
    write: (text) => {
      if (isOpen) stream.write(`${text}\n`)
    },
    async *read() {
      isOpen = false
      stream.end()
      await finished(stream)
      let rest = ''
      for await (const piece of createReadStream(file, 'utf8')) {
        const text = `${rest}${piece}`
        const end = text.lastIndexOf('\n') + 1
        rest = text.slice(end)
        if (end > 0) yield text.slice(0, end)
      }
    },
  }
}
