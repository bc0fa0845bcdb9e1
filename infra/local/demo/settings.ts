import { parseArgs } from 'node:util'
import { StartRefused } from '../settings.ts'
import type { Ready } from '../stack.ts'

/** A running Recado whose phones are simulated. */
export type Target = Pick<Ready, 'api' | 'whatsapp' | 'token'>

export const usage = `npm run demo
    plays the story against a stack of its own
npm run demo -- --api URL --whatsapp URL --token JWT
    plays it against a running stack; its ready line shows all three`

/** Undefined: a stack of its own. Throws StartRefused with a sentence that names the option. */
export function readTarget(argv: readonly string[]): Target | 'help' | undefined {
  const { api, whatsapp, token, help } = parse(argv)
  if (help) return 'help'
  if (api === undefined && whatsapp === undefined && token === undefined) return undefined
  if (api === undefined || whatsapp === undefined || token === undefined) {
    throw new StartRefused('--api, --whatsapp and --token are given together or not at all.')
  }
  return { api: baseUrl('--api', api), whatsapp: baseUrl('--whatsapp', whatsapp), token }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        api: { type: 'string' },
        whatsapp: { type: 'string' },
        token: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new StartRefused(error instanceof Error ? error.message : String(error))
  }
}

function baseUrl(option: string, text: string): string {
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? '')) {
    throw new StartRefused(`${option} takes an http or https address, not ${text}.`)
  }
  return text.replace(/\/+$/, '')
}
