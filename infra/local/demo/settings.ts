import { parseArgs } from 'node:util'
import { StartRefused } from '../settings.ts'
import type { Ready } from '../stack.ts'

/** A running Recado whose phones are simulated. */
export type Target = Pick<Ready, 'api' | 'whatsapp' | 'token'>

/** What was given of a target. */
export type GivenTarget = Pick<Target, 'api'> & Partial<Target>

export const usage = `npm run demo
    plays the story against a stack of its own
npm run demo -- --api URL [--whatsapp URL] [--token JWT]
    plays it against a running stack; its ready line shows all three. Beside a stack of this
    machine that has a block of ports (not --port 0), phones and token are found by themselves.
    Its dunning policy stays as it is: what only a schedule sends is left out, and said so`

/** Undefined: a stack of its own. Throws StartRefused with a sentence that names the option. */
export function readTarget(argv: readonly string[]): GivenTarget | 'help' | undefined {
  const { api, whatsapp, token, help } = parse(argv)
  if (help) return 'help'
  if (api === undefined) {
    if (whatsapp === undefined && token === undefined) return undefined
    throw new StartRefused('--whatsapp and --token go with --api.')
  }
  return {
    api: baseUrl('--api', api),
    ...(whatsapp !== undefined && { whatsapp: baseUrl('--whatsapp', whatsapp) }),
    ...(token !== undefined && { token }),
  }
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
