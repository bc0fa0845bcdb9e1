import type { EmailContent, MessageContent } from './content.ts'

/** `stop`: the person wants no more messages; `resume`: they do again. */
export type OptOutWord = 'stop' | 'resume'

const words: ReadonlyMap<string, OptOutWord> = new Map([
  ['sair', 'stop'],
  ['parar', 'stop'],
  ['stop', 'stop'],
  ['cancelar', 'stop'],
  ['voltar', 'resume'],
])

const confirmations: Readonly<Record<OptOutWord, string>> = {
  stop: 'Pronto: você não vai mais receber nossas mensagens por aqui. Para voltar a receber, responda VOLTAR.',
  resume: 'Pronto: você voltou a receber nossas mensagens por aqui.',
}

/**
 * The word that a message consists of, in any case, with or without accents, with punctuation,
 * spaces and emoji around it. A sentence that holds the word asks for something else. A reply
 * button counts by its title or its id, a short mail by its first line, an empty one by its subject.
 */
export function optOutWord(content: MessageContent): OptOutWord | undefined {
  if (content.type === 'text') return wordIn(content.text)
  if (content.type === 'email') return wordInMail(content)
  if (content.type !== 'reply' || !buttons.includes(content.kind)) return undefined
  return wordIn(content.title ?? '') ?? wordIn(content.id ?? '')
}

/**
 * What the person is told; undefined: nothing. `ownText` is the tenant's text after a stop: empty
 * means none, undefined the text of the product.
 */
export function optOutConfirmation(
  word: OptOutWord,
  ownText: string | undefined,
): string | undefined {
  const text = word === 'stop' ? (ownText ?? confirmations.stop) : confirmations.resume
  return text === '' ? undefined : text
}

const buttons: readonly string[] = ['button', 'template-button']
const longest = 100
/** A signature below the word; more is a letter. */
const longestMail = 500

function wordInMail({ subject, text }: EmailContent): OptOutWord | undefined {
  const said = text.trim() === '' ? subject : text.trim()
  const [firstLine = ''] = said.split('\n')
  return said.length > longestMail ? undefined : wordIn(firstLine)
}

function wordIn(text: string): OptOutWord | undefined {
  if (text.length > longest) return undefined
  const bare = text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
  return words.get(bare.toLowerCase())
}
