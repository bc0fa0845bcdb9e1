import * as z from 'zod'
import { demoTenant } from '../demo-tenants.ts'
import { type Ports, portBlock } from '../ports.ts'
import { StartRefused } from '../settings.ts'
import { httpCall } from './http-call.ts'
import { makePhones } from './phones.ts'
import type { GivenTarget, Target } from './settings.ts'

const thisMachine: readonly string[] = ['127.0.0.1', 'localhost', '[::1]']
const limitMs = 5000
const granted = z.looseObject({ access_token: z.string() })

/**
 * Adds what was not given, from the ports beside the API's: a stack of this machine has its parts
 * in one block. Throws StartRefused with a sentence that names the option to give.
 */
export async function findTarget(given: GivenTarget): Promise<Target> {
  const { api } = given
  return {
    api,
    whatsapp: given.whatsapp ?? (await findPhones(api)),
    token: given.token ?? (await fetchToken(api)),
  }
}

async function findPhones(api: string): Promise<string> {
  const url = beside(api, 'whatsapp')
  await makePhones(url)
    .delays(AbortSignal.timeout(limitMs))
    .catch((error: Error) => notFound(`No phones were found beside ${api}`, error, '--whatsapp'))
  return url
}

async function fetchToken(api: string): Promise<string> {
  const { clientId, clientSecret } = demoTenant
  const answer = await httpCall({
    url: `${beside(api, 'issuer')}/token`,
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }),
    statuses: [200],
    shape: granted,
    limit: AbortSignal.timeout(limitMs),
  }).catch((error: Error) => notFound(`No token was given beside ${api}`, error, '--token'))
  return answer.json.access_token
}

function beside(api: string, place: keyof Ports): string {
  const { hostname, port } = new URL(api)
  if (!thisMachine.includes(hostname)) {
    throw new StartRefused(
      `Only beside a stack of this machine can the rest be found: give --whatsapp and --token too.`,
    )
  }
  return `http://127.0.0.1:${portBlock(Number(port || 80))[place]}`
}

function notFound(what: string, { message }: Error, option: string): never {
  throw new StartRefused(
    `${what} (${message}): give ${option}, as the ready line of the stack shows it.`,
  )
}
