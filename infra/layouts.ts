import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import compile from 'mjml'

const directory = resolve(import.meta.dirname, '../shared/adapters/email/layout')

/** Where the source marks that a piece begins. */
const cut = /<!-- cut ([a-z]+) -->/
const spaces = /\s*\n\s*/g

/** The pieces of the mail's layout as JSON: HTML with `[[slots]]` by the block that it is for. */
export async function layoutPieces(): Promise<string> {
  const source = await readFile(join(directory, 'mail.mjml'), 'utf8')
  const { html, errors } = await compile(source, { validationLevel: 'strict', minify: false })
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'))
  const [head = '', ...pieces] = html.split(cut)
  const known: Record<string, string> = { head: tight(head) }
  let block = ''
  for (let at = 0; at < pieces.length; at += 2) {
    const [name = '', piece = ''] = pieces.slice(at, at + 2)
    if (name !== 'row' && name !== 'end') block = name
    known[name === block ? block : `${block}.${name}`] = tight(piece)
  }
  return `${JSON.stringify(known, null, 2)}\n`
}

/** Without indentation; line ends stay, so that a change can be read. */
function tight(html: string): string {
  return html.replace(spaces, '\n').trim()
}

if (import.meta.main) {
  await writeFile(join(directory, 'pieces.json'), await layoutPieces())
}
